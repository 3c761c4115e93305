//! A visitor's own files as a data set: what they hold, what was decided about it, and which inputs are learned from.
//!
//! [`read`] takes all files of one choice together: pictures as IDX, CSV or PNG, series as CSV or UCR text. It refuses
//! what it would have to guess, and says of everything that it decides what that is and how it could be otherwise.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
mod files;
mod pictures;
mod series;

pub use files::{Named, read, shown, whole};
pub(super) use pictures::edge;

use super::choose::shuffled;
use super::error::grouped;
use super::{DataError, Dataset, Shape, Split, Values};
use crate::words;
use serde::{Deserialize, Serialize};

/// The names of such sets start with this. They live in the page alone, so links that name one open other data elsewhere.
const PREFIX: &str = "own-";
/// So much of a file's name goes into the set's: links take names of 32 letters.
const NAME: usize = 19;

/// Whether this is the name of a visitor's own data.
pub fn is_own(slug: &str) -> bool {
    slug.starts_with(PREFIX)
}

/// What the file was called, as far as the name of the set says it: the set itself may be gone.
pub fn file_of(slug: &str) -> Option<&str> {
    let (file, _) = slug.strip_prefix(PREFIX)?.rsplit_once('-')?;
    Some(file)
}

/// By file and content, so that what was learned on one set never goes on on another.
fn slug(title: &str, set: &Dataset) -> String {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&(set.shape().rows as u64).to_le_bytes());
    match set.values() {
        Values::Bytes(bytes) => sum.update(bytes),
        Values::Floats(floats) => floats.iter().for_each(|value| sum.update(&value.to_le_bytes())),
    }
    sum.update(set.labels());
    let stem = title.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = stem.chars().map(plain).take(NAME).collect();
    format!("{PREFIX}{}-{:08x}", name.trim_matches('-'), sum.finalize())
}

/// A set from a file of this name under the slug that it has wherever somebody brings it.
pub fn named(file: &str, set: Dataset) -> Dataset {
    let slug = slug(file, &set);
    set.renamed(slug)
}

/// What can be taken one way or another. As a wish: `None` leaves it to the reader. As an answer: how it was taken, and
/// `None` where there is no choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Rows and columns of the tiles that one PNG is cut into.
    pub tile: Option<[u32; 2]>,
    /// Whole numbers that could be pictures are series.
    pub series: Option<bool>,
    /// Light and dark are swapped.
    pub invert: Option<bool>,
}

/// A visitor's data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// It.
    pub split: Split,
    /// Least and largest value, as the files have them.
    pub range: [f32; 2],
    /// What was found and decided, a sentence each.
    pub facts: Vec<String>,
    /// How it was taken.
    pub taken: Wishes,
}

impl Own {
    /// The classes with how many of each there are to learn from, and to test with.
    pub fn classes(&self) -> Vec<(String, u32, u32)> {
        let count = |set: &Dataset, class: usize| {
            set.labels().iter().filter(|&&label| usize::from(label) == class).count() as u32
        };
        let Split { train, test } = &self.split;
        let of = |(class, name): (usize, &String)| (name.clone(), count(train, class), count(test, class));
        train.classes().iter().enumerate().map(of).collect()
    }
}

/// Inputs as files have them, before some are set apart to test with.
#[derive(Debug)]
struct Inputs {
    title: String,
    shape: Shape,
    values: Values,
    labels: Vec<u8>,
    classes: Vec<String>,
    /// So many of the first ones are learned from; where files do not say it, chance does.
    train: Option<usize>,
}

/// So many inputs of each class in ten are learned from.
const TRAIN: usize = 7;
/// The same file is always split alike.
const SEED: u64 = 1;

/// Rows to learn from and rows to test with, each in the order of the file; and in a sentence, why these.
fn divide(rows: usize, labels: &[u8], train: Option<usize>) -> Result<([Vec<usize>; 2], String), DataError> {
    let (learned, tested) = match train {
        Some(train) => ((0..train).collect(), (train..rows).collect()),
        None => by_chance(rows, labels),
    };
    if learned.len() < 2 || tested.is_empty() {
        return Err(DataError::TooFew { got: rows as u64, least: 4 });
    }
    let why = match (train, labels.is_empty()) {
        (Some(_), _) => ", as the files are named",
        (None, true) => ", chosen by chance",
        (None, false) => ", chosen by chance, each class alike",
    };
    let [of, to] = [&learned, &tested].map(|rows: &Vec<usize>| grouped(rows.len() as u64));
    Ok(([learned, tested], words!("{of} to learn from and {to} to test with{why}.")))
}

/// A class of one row is tested; the first one always has one to learn from.
fn by_chance(rows: usize, labels: &[u8]) -> (Vec<usize>, Vec<usize>) {
    let class = |row: usize| labels.get(row).copied().map_or(0, usize::from);
    let mut counts = [0; 256];
    for row in 0..rows {
        if let Some(count) = counts.get_mut(class(row)) {
            *count += 1;
        }
    }
    // How many of each class are still to be learned from: the first ones of a shuffled file.
    let mut wanted = counts.map(|count| count * TRAIN / 10);
    wanted[0] = wanted[0].max(1);
    let mut learned = vec![false; rows];
    for row in shuffled((0..rows).collect(), SEED, 0) {
        if let (Some(wanted), Some(learned)) = (wanted.get_mut(class(row)), learned.get_mut(row))
            && *wanted > 0
        {
            *wanted -= 1;
            *learned = true;
        }
    }
    (0..rows).partition(|&row| learned.get(row).copied().unwrap_or_default())
}

impl Inputs {
    /// The data set of these inputs, whose rows were divided.
    fn split(self, [train, test]: [Vec<usize>; 2]) -> Result<Split, DataError> {
        let Self { title, shape, values, labels, classes, .. } = self;
        let title: String = title.chars().take(40).collect();
        let whole = named(&title, Dataset::new("", title.clone(), shape, values, labels, classes)?);
        Split::new(whole.select(&train)?, whole.select(&test)?)
    }
}
