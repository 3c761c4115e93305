//! Dutch: the catalogue, and how numbers are written.
use super::Language;
use std::borrow::Cow;
use std::collections::HashMap;
use tr::Translator;

/// The catalogue, as translators keep it.
const CATALOGUE: &str = include_str!("../../languages/nl.po");

/// Dutch; an error where the catalogue is not in gettext's format.
pub fn dutch() -> Result<Language, String> {
    let file = rspolib::pofile(CATALOGUE).map_err(|error| error.to_string())?;
    let pair = |entry: rspolib::POEntry| entry.msgstr.map(|dutch| (entry.msgid, dutch));
    let words = Words(file.entries.into_iter().filter_map(pair).collect());
    Ok(Language { words: Box::new(words), marks: [',', '.'] })
}

/// English to Dutch. `tr::PoTranslator` reads files only, and a browser has none.
struct Words(HashMap<String, String>);

impl Translator for Words {
    fn translate<'a>(&'a self, words: &'a str, _: Option<&'a str>) -> Cow<'a, str> {
        self.0.get(words).map_or(words, String::as_str).into()
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
        let dutch = dutch().unwrap();
        assert_eq!(dutch.words.translate("Draw a digit", None), "Teken een cijfer");
        assert_eq!(dutch.words.translate("Nobody says this", None), "Nobody says this");
    }
}
