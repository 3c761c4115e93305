//! A recipe as the part of an address after `#`, so that a link opens exactly this page:
//! `#/studio?v=1&enc=250,100&z=2&noise=gauss:0.5&seed=7`. Flat, versioned, and only what differs from the
//! lesson's own recipe. Links come from strangers: every number is brought into the page's range, whatever is not
//! understood is named, and no string makes this panic.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
mod fields;
#[cfg(test)]
mod tests;
mod view;

use super::recipe::Recipe;
use super::{LESSONS, Lesson};
use crate::words;
use fields::{FIELDS, Field};
use std::fmt;
pub use view::{Drawing, PARTS, View};

/// The version that is written, and the only one that is read.
pub const VERSION: &str = "1";
/// A longer link is not read.
pub const MOST_BYTES: usize = 2048;
/// Keys that speak to the page and not of the recipe: the device to take.
const FOR_THE_PAGE: [&str; 1] = ["gpu"];

/// What a link says.
#[derive(Clone, Debug)]
pub struct Link {
    /// The lesson that it opens.
    pub lesson: &'static Lesson,
    /// Its recipe: the lesson's own, with what the link sets.
    pub recipe: Recipe,
    /// How it shows the page.
    pub view: View,
    /// What it lays on the pad.
    pub drawing: Option<Drawing>,
    /// What was not done as it was written, in the order of the link.
    pub notices: Vec<Notice>,
}

/// One part of a recipe, as a link writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key in links.
    pub key: &'static str,
    /// Its name on the page.
    pub name: &'static str,
    /// The value, as links write it.
    pub value: String,
}

impl Setting {
    /// The value for people: 250,100 are two widths, and no number.
    pub fn shown(&self) -> String {
        self.value.replace(',', ", ")
    }
}

/// Something in a link that could not be taken as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Longer than [`MOST_BYTES`].
    TooLong {
        /// How long.
        bytes: usize,
    },
    /// Written by another version of the page.
    Version {
        /// Which.
        version: String,
    },
    /// No lesson has this name.
    UnknownLesson {
        /// The name.
        slug: String,
    },
    /// No setting has this name.
    UnknownKey {
        /// The name.
        key: String,
    },
    /// A setting that is there twice: the last one counts.
    Repeated {
        /// Its name on the page.
        name: &'static str,
    },
    /// Something in a list that is not on this page.
    NotThere {
        /// What the link does to it: locks, hides.
        does: &'static str,
        /// What it says.
        name: String,
    },
    /// A value that is none.
    Unreadable {
        /// Its name on the page.
        name: &'static str,
        /// What the link says.
        value: String,
        /// What would be a value.
        wanted: &'static str,
    },
    /// A value outside the page's range.
    Clamped {
        /// Its name on the page.
        name: &'static str,
        /// What the link says.
        value: String,
        /// What it became.
        to: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => f.write_str(&words!(
                "This link has {bytes} bytes and at most {MOST_BYTES} are read, so it was left alone."
            )),
            Self::Version { version } => f.write_str(&words!(
                "This link is of version “{version}” and this page reads version {VERSION}, so its settings were left \
                 alone."
            )),
            Self::UnknownLesson { slug } => {
                f.write_str(&words!("There is no lesson “{slug}” here, so this is the first one."))
            }
            Self::UnknownKey { key } => f.write_str(&words!("The link sets “{key}”, which this page does not know.")),
            Self::Repeated { name } => {
                f.write_str(&words!("The link sets {name} more than once: the last one counts."))
            }
            Self::NotThere { does, name } => {
                f.write_str(&words!("The link {does} “{name}”, which is not on this page."))
            }
            Self::Unreadable { name, value, wanted } => {
                f.write_str(&words!("The link's {name} is “{value}”, which is not {wanted}: it stayed as it was."))
            }
            Self::Clamped { name, value, to } => {
                f.write_str(&words!("The link's {name} is {value}, outside of this page's range: it became {to}."))
            }
        }
    }
}

/// The link that opens `lesson` with `recipe`.
pub fn write(lesson: &Lesson, recipe: &Recipe) -> String {
    let mut link = format!("#/{}?v={VERSION}", lesson.slug);
    for setting in settings(lesson, recipe) {
        link.push_str(&format!("&{}={}", setting.key, setting.value));
    }
    link
}

/// The link that shows it so, with a drawing.
pub fn write_shown(lesson: &Lesson, recipe: &Recipe, view: &View, drawing: Option<&Drawing>) -> String {
    write(lesson, recipe) + &view.write(drawing)
}

/// What in `recipe` differs from the lesson's own.
pub fn settings(lesson: &Lesson, recipe: &Recipe) -> Vec<Setting> {
    differences(recipe, &(lesson.recipe)())
}

/// What in `recipe` differs from another one.
pub fn differences(recipe: &Recipe, other: &Recipe) -> Vec<Setting> {
    FIELDS
        .iter()
        .map(|field| (field, (field.write)(recipe)))
        .filter(|(field, value)| *value != (field.write)(other))
        .map(|(field, value)| Setting { key: field.key, name: field.name, value })
        .collect()
}

/// Every part of a recipe that can be locked: its key in links, and its name on the page.
pub fn lockable() -> impl Iterator<Item = (&'static str, &'static str)> {
    view::fields()
}

/// What `hash` (with or without its `#`) says. Nothing, or nothing that can be understood, is the first lesson.
pub fn read(hash: &str) -> Link {
    #[expect(clippy::indexing_slicing, reason = "of a constant: without lessons this does not compile")]
    const FIRST: &Lesson = &LESSONS[0];
    if hash.len() > MOST_BYTES {
        let notices = vec![Notice::TooLong { bytes: hash.len() }];
        return Link { notices, ..plain(FIRST) };
    }
    let path = hash.trim_start_matches('#').trim_start_matches('/');
    let (slug, query) = path.split_once('?').unwrap_or((path, ""));
    let slug = decoded(slug);
    let mut notices = Vec::new();
    let lesson = LESSONS.iter().find(|lesson| lesson.slug == slug).unwrap_or_else(|| {
        if !slug.is_empty() {
            notices.push(Notice::UnknownLesson { slug: short(&slug) });
        }
        FIRST
    });

    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    let mut recipe = (lesson.recipe)();
    // In another version the same words may mean something else, so none of them is read.
    if let Some((_, version)) = pairs.iter().find(|(key, version)| key == "v" && version != VERSION) {
        notices.push(Notice::Version { version: short(version) });
        return Link { notices, ..plain(lesson) };
    }
    let (mut view, mut drawing) = (View::default(), None);
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &pairs {
        if key == "v" || FOR_THE_PAGE.contains(&key.as_str()) {
            continue;
        }
        let field = FIELDS.iter().find(|field| field.key == key);
        let Some((known, name)) = field.map(|field| (field.key, field.name)).or_else(|| view::known(key)) else {
            notices.push(Notice::UnknownKey { key: short(key) });
            continue;
        };
        if seen.contains(&known) {
            notices.push(Notice::Repeated { name });
        }
        seen.push(known);
        match field {
            Some(field) => notices.extend(set(field, &mut recipe, value)),
            None => notices.extend(view::take(&mut view, &mut drawing, (known, name), value)),
        }
    }
    Link { lesson, recipe, view, drawing, notices }
}

/// The lesson as it is.
fn plain(lesson: &'static Lesson) -> Link {
    let recipe = (lesson.recipe)();
    Link { lesson, recipe, view: View::default(), drawing: None, notices: Vec::new() }
}

/// Takes one value into the recipe, and says what was not taken as it stood.
fn set(field: &Field, recipe: &mut Recipe, value: &str) -> Option<Notice> {
    match (field.read)(recipe, value) {
        Ok(()) => None,
        Err(fields::Odd::Clamped) => {
            Some(Notice::Clamped { name: field.name, value: short(value), to: (field.write)(recipe) })
        }
        Err(fields::Odd::Unreadable(wanted)) => {
            Some(Notice::Unreadable { name: field.name, value: short(value), wanted })
        }
    }
}

/// `%2C` and the like, which mail programs put into links, as the characters they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        // `from_str_radix` would take a sign: `%+1` is no byte.
        let code = pair.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// As much of a stranger's words as fits into a sentence.
fn short(text: &str) -> String {
    at_most(40, text)
}

/// So many characters of a stranger's words at most, and none that control.
pub(crate) fn at_most(most: usize, text: &str) -> String {
    let clean = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", clean(&text[..end])),
        None => clean(text),
    }
}
