//! Dutch: the catalogue, and how numbers are written.
use super::Language;
use tr::PoTranslator;

/// The catalogue, as translators keep it.
pub const CATALOGUE: &str = include_str!("../../languages/nl.po");

/// Dutch; an error where the catalogue is not in gettext's format.
pub fn dutch() -> Result<Language, String> {
    let words = PoTranslator::from_vec_u8(CATALOGUE.into()).map_err(|error| error.to_string())?;
    Ok(Language { words: Box::new(words), marks: [',', '.'] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        let dutch = dutch().unwrap();
        assert_eq!(dutch.words.translate("Draw a digit", None), "Teken een cijfer");
    }
}
