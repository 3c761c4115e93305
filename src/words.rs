//! What visitors read, in their language. The source is in English; another language is a catalogue in gettext's format
//! (`languages/`), looked up where words are shown. Words with numbers in them are written with [`words!`](crate::words!).
pub mod dutch;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

#[doc(hidden)]
pub use hourglass_macros as macros;

/// Like `format!`, in the visitor's language: what stands in the holes is looked up as well.
#[macro_export]
macro_rules! words {
    ($($words:tt)*) => { $crate::words::macros::filled!($crate::words; $($words)*) };
}

/// The languages there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Tongue {
    /// As the source.
    #[default]
    English,
    /// Nederlands.
    Dutch,
}

impl Tongue {
    /// All of them, with their codes (ISO 639-1) and what they call themselves.
    pub const ALL: [(Self, &str, &str); 2] = [(Self::English, "en", "English"), (Self::Dutch, "nl", "Nederlands")];

    /// Its code.
    pub fn code(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What `nl`, `nl-BE` or `EN` stand for.
    pub fn of(code: &str) -> Option<Self> {
        let first = code.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|(_, known, _)| first.eq_ignore_ascii_case(known)).map(|(tongue, ..)| tongue)
    }
}

/// A language's words, and how it writes numbers.
pub struct Language {
    /// Which one.
    pub tongue: Tongue,
    /// English to that language.
    pub words: HashMap<&'static str, &'static str>,
    /// What stands before the decimals, and between groups of three digits.
    pub marks: [char; 2],
}

static CHOSEN: RwLock<Option<Language>> = RwLock::new(None);

/// From now on everything is said in this language; none is English.
pub fn choose(language: Option<Language>) {
    *CHOSEN.write().unwrap_or_else(PoisonError::into_inner) = language;
}

/// The language that everything is said in.
pub fn tongue() -> Tongue {
    chosen().as_ref().map_or(Tongue::English, |language| language.tongue)
}

fn chosen() -> RwLockReadGuard<'static, Option<Language>> {
    CHOSEN.read().unwrap_or_else(PoisonError::into_inner)
}

/// These words as they are said in the chosen language; as they are where it has none for them.
#[inline(never)]
pub fn said<'a>(words: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    looked_up(words.into())
}

#[inline(never)]
fn looked_up(words: Cow<'_, str>) -> Cow<'_, str> {
    match chosen().as_ref().and_then(|language| language.words.get(&*words).copied()) {
        Some(found) => Cow::Borrowed(found),
        None => words,
    }
}

/// What [`words!`](crate::words!) without holes becomes.
#[doc(hidden)]
#[inline(never)]
pub fn said_owned(words: &str) -> String {
    said(words).into_owned()
}

/// What [`words!`](crate::words!) becomes: words with `{}` for every hole, and what stands in them. A catalogue may write
/// `{0}` and `{1}` to put them elsewhere.
#[doc(hidden)]
#[inline(never)]
pub fn filled(words: &str, holes: &[&dyn Display]) -> String {
    let said_holes: Vec<_> = holes.iter().map(|hole| said(hole.to_string())).collect();
    let holes: Vec<(&str, &dyn Display)> = said_holes.iter().map(|hole| ("", hole as &dyn Display)).collect();
    tr::runtime_format::display_string(&said(words), &holes)
}

/// Words on their way to the visitor: looked up, with numbers as the language writes them.
#[inline(never)]
pub fn shown(words: Cow<'_, str>) -> Cow<'_, str> {
    let words = looked_up(words);
    match chosen().as_ref() {
        Some(language) => Cow::Owned(numbers(&words, language.marks)),
        None => words,
    }
}

/// A number as the language writes it, for a field.
pub fn written(number: String) -> String {
    match chosen().as_ref() {
        Some(language) => numbers(&number, language.marks),
        None => number,
    }
}

/// A number that somebody typed, with a point before the decimals. Who types a point means a point in every language.
pub fn typed(number: &str) -> String {
    let mark = chosen().as_ref().map_or('.', |language| language.marks[0]);
    if number.contains('.') { number.to_owned() } else { number.replace(mark, ".") }
}

/// Numbers written with a point before the decimals and commas between groups, in another language's marks. What is quoted
/// (names, addresses, what somebody typed) stays as it is.
fn numbers(words: &str, [decimal, group]: [char; 2]) -> String {
    let signs: Vec<char> = words.chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| signs.get(at)).is_some_and(char::is_ascii_digit);
    let mut quoted = false;
    let mark = |(at, &sign): (usize, &char)| {
        quoted = sign == '“' || quoted && sign != '”';
        let within = digit(at.checked_sub(1)) && digit(Some(at + 1));
        match sign {
            _ if quoted => sign,
            '.' if within => decimal,
            ',' if within && digit(Some(at + 2)) && digit(Some(at + 3)) && !digit(Some(at + 4)) => group,
            _ => sign,
        }
    };
    signs.iter().enumerate().map(mark).collect()
}

/// An error's words as a sentence.
pub fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    // A symbol stays as it is written: z, not Z.
    let first = if words.starts_with("z ") { "z".into() } else { first };
    format!("{first}{}.", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_said_as_it_is_written() {
        let loss = 0.25f32;
        assert_eq!(words!("nothing to fill"), "nothing to fill");
        assert_eq!(words!("{} of {all}, {loss:.4}", 3, all = 12), "3 of 12, 0.2500");
        assert_eq!(words!("{0} {0} {}", 'a'), "a a a");
    }

    #[test]
    fn english_numbers_are_typed_as_they_are() {
        assert_eq!((typed("0.5"), typed("1,5"), written("0.5".into())), ("0.5".into(), "1,5".into(), "0.5".into()));
    }

    #[test]
    fn numbers_are_written_in_the_marks_of_the_language() {
        let dutch = |words| numbers(words, [',', '.']);
        assert_eq!(dutch("60,000 digits, loss 0.0139."), "60.000 digits, loss 0,0139.");
        assert_eq!(dutch("1, 2, 3.5 and [0,1]"), "1, 2, 3,5 and [0,1]");
        assert_eq!(dutch("1,234,567.8"), "1.234.567,8");
        assert_eq!(
            dutch("1.5: “http://10.0.0.1/#/studio?lr=0.1” and 2.5"),
            "1,5: “http://10.0.0.1/#/studio?lr=0.1” and 2,5"
        );
    }
}
