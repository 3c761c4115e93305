//! Dutch: the catalogue, and how numbers are written.
use super::{Language, Tongue};
use std::collections::HashMap;

/// The catalogue, as `build.rs` makes it of `languages/nl.po`.
const CATALOGUE: &str = include_str!(concat!(env!("OUT_DIR"), "/nl.words"));

/// Dutch.
pub fn dutch() -> Language {
    let mut words = CATALOGUE.split_terminator('\0');
    let mut catalogue = HashMap::new();
    while let (Some(english), Some(dutch)) = (words.next(), words.next()) {
        catalogue.insert(english, dutch);
    }
    Language { tongue: Tongue::Dutch, words: catalogue, marks: [',', '.'] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        let dutch = dutch();
        let said = |words| dutch.words.get(words).copied().unwrap_or(words);
        assert_eq!(said("Draw a digit"), "Teken een cijfer");
        assert_eq!(said("Nobody says this"), "Nobody says this");
    }
}
