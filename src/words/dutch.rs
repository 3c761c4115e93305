//! Dutch: the catalogue, and how numbers are written.
use super::Language;
use std::borrow::Cow;
use std::collections::HashMap;
use tr::Translator;

/// The catalogue, as `build.rs` makes it of `languages/nl.po`.
const CATALOGUE: &str = include_str!(concat!(env!("OUT_DIR"), "/nl.words"));

/// Dutch.
pub fn dutch() -> Language {
    let mut words = CATALOGUE.split_terminator('\0');
    let mut catalogue = HashMap::new();
    while let (Some(english), Some(dutch)) = (words.next(), words.next()) {
        catalogue.insert(english, dutch);
    }
    Language { words: Box::new(Words(catalogue)), marks: [',', '.'] }
}

/// English to Dutch.
struct Words(HashMap<&'static str, &'static str>);

impl Translator for Words {
    fn translate<'a>(&'a self, words: &'a str, _: Option<&'a str>) -> Cow<'a, str> {
        self.0.get(words).copied().unwrap_or(words).into()
    }

    // One and many are messages of their own here, as they are in the source.
    fn ntranslate<'a>(&'a self, n: u64, one: &'a str, many: &'a str, context: Option<&'a str>) -> Cow<'a, str> {
        self.translate(if n == 1 { one } else { many }, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        let dutch = dutch();
        assert_eq!(dutch.words.translate("Draw a digit", None), "Teken een cijfer");
        assert_eq!(dutch.words.translate("Nobody says this", None), "Nobody says this");
    }
}
