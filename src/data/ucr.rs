//! UCR text, the format of the UCR Time Series Archive: one series per line, its class first.
//!
//! Values are separated by blanks or tabs, or by commas. Blank lines are skipped, and so is a byte order mark.
//!
//! What to know of ECG5000, which comes in it:
//! - The order is kept. `ECG5000_TRAIN.txt` is sorted by class; `ECG5000_TEST.txt` has all 2,627 normal beats first,
//!   then the 1,873 others, mixed. A slice off the front is no sample: shuffle.
//! - The official split is upside down (500 to learn from, 4,500 to test with); we keep it, because published figures
//!   and our own baselines mean this split.
//! - Every beat is z-normalised on its own: mean 0, standard deviation 1 with n - 1 = 139. Amplitude is gone.
//! - Beats were stretched to 140 samples: there is no sampling rate, and the axis is "sample 0 to 139".
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::DataError;
use crate::words;

/// Bytes of a line, its end not counted.
pub const MOST_LINE: usize = 64 << 10;
/// Columns, the class counted.
pub const MOST_COLUMNS: usize = 4096;
/// Series.
pub const MOST_ROWS: usize = 200_000;
/// Values in all: 256 MiB of floats.
pub const MOST_VALUES: usize = 64 << 20;

/// Series of equal length with their classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Values per series.
    pub cols: usize,
    /// \[rows, cols\]
    pub values: Vec<f32>,
    /// \[rows\], as they stand in the file.
    pub classes: Vec<i32>,
}

/// Reads UCR text.
///
/// # Errors
/// With the row and column (from 1, as an editor counts them) of the first thing wrong: something that is no finite
/// number, a class that is no whole number, a row of another length than the first, a limit of this module.
pub fn parse(text: &[u8]) -> Result<Series, DataError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut series = Series { cols: 0, values: Vec::new(), classes: Vec::new() };
    // The first line with anything in it decides for all.
    let commas = text
        .split(|&byte| byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())
        .is_some_and(|line| line.contains(&b','));
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let row = number as u64 + 1;
        let wrong = |column: usize, reason: String| DataError::Text { row, column: column as u64, reason };
        if line.len() > MOST_LINE {
            return Err(wrong(1, words!("the line has {} bytes, and at most {MOST_LINE} are read", line.len())));
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if series.classes.len() == MOST_ROWS {
            return Err(wrong(1, words!("at most {MOST_ROWS} rows are read: make the file shorter")));
        }
        let before = series.values.len();
        let mut columns = 0;
        let mut take = |field: &[u8]| {
            columns += 1;
            if columns > MOST_COLUMNS {
                return Err(wrong(columns, words!("at most {MOST_COLUMNS} columns are read")));
            }
            let value = number_in(field).map_err(|reason| wrong(columns, reason))?;
            if columns == 1 {
                series.classes.push(class_of(value).map_err(|reason| wrong(1, reason))?);
            } else if series.values.len() == MOST_VALUES {
                return Err(wrong(columns, words!("at most {MOST_VALUES} values are read: make the file shorter")));
            } else {
                series.values.push(value);
            }
            Ok(())
        };
        if commas {
            line.split(|&byte| byte == b',').try_for_each(|field| take(field.trim_ascii()))?;
        } else {
            line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).try_for_each(&mut take)?;
        }
        let cols = series.values.len() - before;
        if cols == 0 {
            return Err(wrong(1, "there is a class and no value after it".into()));
        }
        if series.classes.len() == 1 {
            series.cols = cols;
            // Memory once, at a guess from the first line; never more than the text itself could fill.
            let lines = text.len() / line.len() + 1;
            series.values.reserve(lines.saturating_mul(cols).min(text.len() / 2).min(MOST_VALUES));
        } else if cols != series.cols {
            return Err(wrong(
                columns,
                words!("the row has {cols} values after its class, and the first row has {}", series.cols),
            ));
        }
    }
    if series.classes.is_empty() {
        return Err(DataError::Empty("row"));
    }
    Ok(series)
}

/// The field as a finite number, or what is wrong with it.
fn number_in(field: &[u8]) -> Result<f32, String> {
    let text = std::str::from_utf8(field).ok();
    let value = text.and_then(|text| text.parse::<f32>().ok()).ok_or_else(|| {
        // Names from files stay short: they end up on a page.
        let start: String = String::from_utf8_lossy(field).chars().take(20).collect();
        words!("{start:?} is not a number")
    })?;
    if value.is_finite() { Ok(value) } else { Err(words!("{value} is not a finite number")) }
}

fn class_of(value: f32) -> Result<i32, String> {
    // Beyond 2^24 an f32 no longer tells whole numbers apart.
    if value.fract() == 0.0 && value.abs() <= 16_777_216.0 {
        return Ok(value as i32);
    }
    Err(words!("the class is {value}, and should be a whole number: is the class the first column?"))
}

impl Series {
    /// The classes as labels from 0, where the file's first class is `first`.
    ///
    /// # Errors
    /// If a class is less than `first`, or more than 255 above it.
    pub fn labels(&self, first: i32) -> Result<Vec<u8>, DataError> {
        let label = |(row, &class): (usize, &i32)| {
            u8::try_from(i64::from(class) - i64::from(first)).map_err(|_| DataError::Text {
                row: row as u64 + 1,
                column: 1,
                reason: words!("the class is {class}, and should be from {first} to {}", i64::from(first) + 255),
            })
        };
        self.classes.iter().enumerate().map(label).collect()
    }

    /// Labels from 0 in the order of the file's classes, and the classes' names: for a file of unknown classes.
    ///
    /// # Errors
    /// If there are more than 256 classes.
    pub fn labels_by_order(&self) -> Result<(Vec<u8>, Vec<String>), DataError> {
        let mut distinct = self.classes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() > 256 {
            return Err(DataError::TooLarge { what: "the number of classes", got: distinct.len() as u64, most: 256 });
        }
        let label = |class: &i32| distinct.binary_search(class).unwrap_or_default() as u8;
        Ok((self.classes.iter().map(label).collect(), distinct.iter().map(i32::to_string).collect()))
    }
}
