//! What a link says beside the recipe: what its readers cannot change and do not see, how the page is laid out for
//! them, and a drawing.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::fields::FIELDS;
use super::{Notice, short};
use crate::lessons::draw::SIDE;
use crate::lessons::recipe::Recipe;
use crate::words::Tongue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Parts of the page that a link can hide: their name in links, and on the page.
pub const PARTS: &[(&str, &str)] = &[
    ("recipe", "the recipe"),
    ("tries", "what to try"),
    ("side", "the whole right side"),
    ("training", "the training"),
    ("strip", "digits it has never seen"),
    ("codes", "the sliders of z"),
    ("seen", "what the network sees"),
    ("menu", "the other lessons"),
    ("status", "device and status"),
    ("copy", "“Copy link”"),
];

/// How the page is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Keys of the recipe's fields that stay as the link sets them.
    pub lock: Vec<&'static str>,
    /// Names of [`PARTS`] that are not shown.
    pub hide: Vec<&'static str>,
    /// For a projector: large type, strong contrast, keys for the lessons.
    pub present: bool,
    /// In a frame of another page: the lesson alone.
    pub embed: bool,
    /// The language of the page; none is the reader's own.
    pub lang: Option<Tongue>,
}

impl View {
    /// The recipe with what is locked as it was before.
    pub fn held(&self, before: &Recipe, mut wished: Recipe) -> Recipe {
        for field in FIELDS.iter().filter(|field| self.lock.contains(&field.key)) {
            // What a recipe holds can be read back; where it could not, it would stay as it is.
            let _ = (field.read)(&mut wished, &(field.write)(before));
        }
        wished
    }

    /// As a part of a link, with the drawing.
    pub fn write(&self, drawing: Option<&Drawing>) -> String {
        let mut text = String::new();
        for (key, list) in [("&lock=", &self.lock), ("&hide=", &self.hide)] {
            if !list.is_empty() {
                text.push_str(key);
                text.push_str(&list.join(","));
            }
        }
        for (words, on) in [("&present=1", self.present), ("&embed=1", self.embed)] {
            text.push_str(if on { words } else { "" });
        }
        if let Some(tongue) = self.lang {
            text.push_str("&lang=");
            text.push_str(tongue.code());
        }
        if let Some(drawing) = drawing {
            text.push_str("&draw=");
            text.push_str(&drawing.to_text());
        }
        text
    }
}

/// A recipe's fields by key and name, in the order of links.
pub fn fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    FIELDS.iter().map(|field| (field.key, field.name))
}

/// The keys that are read here, with their names in sentences.
const KEYS: [(&str, &str); 6] = [
    ("lock", "list of what is locked"),
    ("hide", "list of what is hidden"),
    ("present", "presenter mode"),
    ("embed", "mode for frames"),
    ("lang", "language"),
    ("draw", "drawing"),
];

/// The key and its name, if it is one of those that are read here.
pub fn known(key: &str) -> Option<(&'static str, &'static str)> {
    KEYS.into_iter().find(|(known, _)| *known == key)
}

/// Takes the value of one of [`KEYS`], and says what was not taken as it stood.
#[inline(never)]
pub fn take(
    view: &mut View,
    drawing: &mut Option<Drawing>,
    (key, name): (&'static str, &'static str),
    value: &str,
) -> Vec<Notice> {
    let unreadable = |wanted| vec![Notice::Unreadable { name, value: short(value), wanted }];
    match key {
        "lock" => list(&mut view.lock, fields().collect(), "locks", value),
        "hide" => list(&mut view.hide, PARTS.to_vec(), "hides", value),
        "lang" => match Tongue::of(value) {
            Some(tongue) => {
                view.lang = Some(tongue);
                Vec::new()
            }
            None => unreadable("en or nl"),
        },
        "draw" => match Drawing::from_text(value) {
            Some(read) => {
                *drawing = Some(read);
                Vec::new()
            }
            None => unreadable("a picture of 28 × 28 pixels"),
        },
        _ => {
            let place = if key == "present" { &mut view.present } else { &mut view.embed };
            match value {
                "0" | "1" => {
                    *place = value == "1";
                    Vec::new()
                }
                _ => unreadable("0 or 1"),
            }
        }
    }
}

/// Names between commas, each of them once.
#[inline(never)]
fn list(
    place: &mut Vec<&'static str>,
    all: Vec<(&'static str, &'static str)>,
    does: &'static str,
    value: &str,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    place.clear();
    for wished in value.split(',').filter(|name| !name.is_empty()) {
        match all.iter().find(|(known, _)| *known == wished) {
            Some((known, _)) if place.contains(known) => {}
            Some((known, _)) => place.push(known),
            None => notices.push(Notice::NotThere { does, name: short(wished) }),
        }
    }
    notices
}

/// Bytes of a drawing: a bit for each pixel.
const BYTES: usize = SIDE * SIDE / 8;

/// A digit as a link carries it: ink or paper, pixel by pixel, row by row, the first pixel in the highest bit; in base64url,
/// which needs no percent signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing([u8; BYTES]);

impl Drawing {
    /// Of values from 0 to 1; `None` of anything but a digit.
    pub fn of(values: &[f32]) -> Option<Self> {
        let mut bytes = [0; BYTES];
        for (i, _) in values.iter().enumerate().filter(|(_, value)| **value >= 0.5) {
            *bytes.get_mut(i / 8)? |= 0x80 >> (i % 8);
        }
        (values.len() == SIDE * SIDE).then_some(Self(bytes))
    }

    /// As the network sees it.
    pub fn values(&self) -> Vec<f32> {
        let value = |bit: u8| if bit == 0 { 0.0 } else { 1.0 };
        self.0.iter().flat_map(|byte| (0..8).map(move |i| value(byte & (0x80 >> i)))).collect()
    }

    fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn from_text(text: &str) -> Option<Self> {
        // Bits that are left over have to be nothing, so that a drawing is written in one way.
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}
