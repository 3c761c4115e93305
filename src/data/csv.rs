//! Series as CSV: one per row, with a class or without. Read as far as it can be read without guessing, and else refused
//! with the row and column of the first thing wrong.
//!
//! - The first line with anything in it decides what separates columns: semicolons, else tabs, else commas, else blanks.
//! - Numbers have a decimal point. With semicolons or tabs they may have a decimal comma instead, all of them.
//! - A first line of names is a header. A column called `label` or `class` is then the class (whole numbers or words), and
//!   one called `index`, `id` or nothing is left out.
//! - Without a header the first column is the class if it holds whole numbers only, and other columns do not. Where all are
//!   whole and from 0 to 255, it is the class if the others are as many as make a square picture, and a pixel if it is one
//!   of so many.
//! - A byte order mark, blank lines, `\r\n` and quotes around fields are taken as they are meant.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::DataError;
use super::own::edge;
use super::ucr::{MOST_COLUMNS, MOST_LINE, MOST_ROWS, MOST_VALUES};
use crate::words;

/// So many rows tell how long a file's rows are.
const SAMPLE: usize = 64;
/// Classes at most.
const MOST_CLASSES: usize = 256;

/// Series of equal length, and their classes where the file has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Values per series.
    pub cols: usize,
    /// \[rows, cols\]
    pub values: Vec<f32>,
    /// \[rows\], as indices into `classes`; or empty.
    pub labels: Vec<u8>,
    /// The classes' names in the order of the file; or empty.
    pub classes: Vec<String>,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Value,
    Class,
    LeftOut,
}

/// A file being read, as many bytes at a time as the caller has time for.
#[derive(Debug)]
pub struct Reading {
    text: Vec<u8>,
    /// Where the next line starts, and its number, from 0.
    at: usize,
    line: u64,
    separator: u8,
    /// `.` or `,`, once one was met.
    decimal: Option<u8>,
    columns: Vec<Column>,
    header: bool,
    /// Without a header: the first column, as it may yet turn out to be the classes; and whether any other value has
    /// a fraction.
    first: Vec<f32>,
    fractions: bool,
    table: Table,
    rows: usize,
}

impl Table {
    /// The rows of another table after these. Classes are the same by their names.
    ///
    /// # Errors
    /// If the other table has rows of another length, or only one of the two has classes.
    pub fn append(&mut self, other: Self) -> Result<(), DataError> {
        if other.cols != self.cols {
            return Err(DataError::Disagree {
                what: "the number of values in a row",
                got: other.cols as u64,
                other: "that of the other file",
                expected: self.cols as u64,
            });
        }
        if other.classes.is_empty() != self.classes.is_empty() {
            return Err(DataError::Unfit("only one of the two files has classes: both need them, or none".into()));
        }
        let mut places = Vec::new();
        for class in other.classes {
            let place = self.classes.iter().position(|own| *own == class).unwrap_or(self.classes.len());
            if place == self.classes.len() {
                self.classes.push(class);
            }
            places.push(place as u8);
        }
        if self.classes.len() > MOST_CLASSES {
            let got = self.classes.len() as u64;
            return Err(DataError::TooLarge { what: "the number of classes", got, most: MOST_CLASSES as u64 });
        }
        self.values.extend(other.values);
        self.labels.extend(other.labels.iter().filter_map(|&label| places.get(usize::from(label))));
        Ok(())
    }
}

impl Reading {
    /// Begins, with nothing read yet.
    pub fn new(text: Vec<u8>) -> Self {
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self {
            text,
            at,
            line: 0,
            separator: 0,
            decimal: None,
            columns: Vec::new(),
            header: false,
            first: Vec::new(),
            fractions: false,
            table: Table::default(),
            rows: 0,
        }
    }

    /// Bytes read, and in all.
    pub fn progress(&self) -> (usize, usize) {
        (self.at.min(self.text.len()), self.text.len())
    }

    /// Reads whole lines of some `bytes` in all, at least one. True: there are no more.
    ///
    /// # Errors
    /// With row and column, counted from 1 as an editor counts lines.
    pub fn step(&mut self, bytes: usize) -> Result<bool, DataError> {
        let until = self.at.saturating_add(bytes.max(1));
        let text = std::mem::take(&mut self.text);
        let mut result = Ok(());
        while self.at < until && result.is_ok() {
            let Some(rest) = text.get(self.at..).filter(|rest| !rest.is_empty()) else { break };
            let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
            self.at += line.len() + 1;
            self.line += 1;
            let rows = self.rows;
            result = self.take(line);
            if rows < SAMPLE && self.rows == SAMPLE {
                self.make_room(text.len());
            }
        }
        self.text = text;
        result.map(|()| self.at >= self.text.len())
    }

    /// Room for as many values as the file has by the rows so far, and a twentieth: what grows is there twice while it does.
    fn make_room(&mut self, bytes: usize) {
        let values = 1.05 * bytes as f64 / self.at as f64 * self.table.values.len() as f64;
        let more = (values as usize).min(MOST_VALUES).saturating_sub(self.table.values.len());
        // Without room for all of them, it grows as far as it can.
        let _ = self.table.values.try_reserve_exact(more);
    }

    /// Reads what is left, and hands it over.
    ///
    /// # Errors
    /// As [`Self::step`]; and if there is no row, or if it can't be told whether the first column is the class.
    pub fn finish(mut self) -> Result<Table, DataError> {
        while !self.step(1 << 20)? {}
        if self.rows == 0 {
            return Err(DataError::Empty("row of numbers"));
        }
        if !self.header {
            self.settle_first_column()?;
        }
        self.check_width()?;
        Ok(self.table)
    }

    fn wrong(&self, column: usize, reason: impl Into<String>) -> DataError {
        DataError::Text { row: self.line, column: column as u64, reason: reason.into() }
    }

    fn take(&mut self, line: &[u8]) -> Result<(), DataError> {
        if line.len() > MOST_LINE {
            let reason = words!("the line has {} bytes, and at most {MOST_LINE} are read", line.len());
            return Err(self.wrong(1, reason));
        }
        if line.starts_with(b"\xff\xfe") || line.contains(&0) {
            return Err(self.wrong(1, "this is not text in UTF-8: save it as CSV, UTF-8"));
        }
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let begins = self.columns.is_empty();
        if begins {
            self.separator = *b";\t,".iter().find(|separator| line.contains(separator)).unwrap_or(&b' ');
        }
        let fields = self.fields(line)?;
        // One more may be the class; without a header that is known when all is read.
        if fields.len() > MOST_COLUMNS + 1 {
            return Err(self.wrong(MOST_COLUMNS + 1, words!("at most {MOST_COLUMNS} columns are read")));
        }
        if begins {
            self.header = is_header(&fields);
            self.columns = fields.iter().map(|field| if self.header { named(field) } else { Column::Value }).collect();
            let of = |kind| self.columns.iter().filter(|column| **column == kind).count();
            if of(Column::Class) > 1 {
                return Err(self.wrong(1, "more than one column is called label or class"));
            }
            if of(Column::Value) < 2 {
                return Err(self.wrong(1, "a series needs at least two values, all on one line"));
            }
            self.table.cols = of(Column::Value);
            if self.header {
                return self.check_width();
            }
        }
        self.row(&fields)
    }

    fn check_width(&self) -> Result<(), DataError> {
        if self.table.cols > MOST_COLUMNS {
            let (row, column) = (1, MOST_COLUMNS as u64 + 1);
            return Err(DataError::Text { row, column, reason: words!("at most {MOST_COLUMNS} columns are read") });
        }
        Ok(())
    }

    /// The fields of a line: without blanks around them, and without quotes.
    fn fields<'a>(&self, line: &'a [u8]) -> Result<Vec<&'a [u8]>, DataError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.separator == b' ' {
            return Ok(line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).collect());
        }
        let mut fields = Vec::new();
        for field in line.split(|&byte| byte == self.separator) {
            let field = field.trim_ascii();
            let inside = match field.strip_prefix(b"\"") {
                Some(opened) => opened.strip_suffix(b"\"").ok_or_else(|| {
                    self.wrong(fields.len() + 1, "a quote is not closed before the next separator or the line's end")
                })?,
                None => field,
            };
            fields.push(inside.trim_ascii());
        }
        Ok(fields)
    }

    fn row(&mut self, fields: &[&[u8]]) -> Result<(), DataError> {
        if fields.len() != self.columns.len() {
            let (got, expected) = (fields.len(), self.columns.len());
            // The first column too many, or the first that is missing.
            let column = got.min(expected) + 1;
            return Err(self.wrong(column, words!("this row has {got} columns, and the first one has {expected}")));
        }
        if self.rows == MOST_ROWS {
            return Err(self.wrong(1, words!("at most {MOST_ROWS} rows are read: make the file shorter")));
        }
        if self.table.values.len() + self.table.cols > MOST_VALUES {
            return Err(self.wrong(1, words!("at most {MOST_VALUES} values are read: make the file shorter")));
        }
        for (i, field) in fields.iter().enumerate() {
            match self.columns.get(i) {
                Some(Column::Value) => {
                    let value = self.number(field).map_err(|reason| self.wrong(i + 1, reason))?;
                    if i == 0 && !self.header {
                        self.first.push(value);
                    } else {
                        self.fractions |= value.fract() != 0.0;
                    }
                    self.table.values.push(value);
                }
                Some(Column::Class) => {
                    let label = self.class(field).map_err(|reason| self.wrong(i + 1, reason))?;
                    self.table.labels.push(label);
                }
                _ => {}
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The field as a finite number, or what is wrong with it.
    fn number(&mut self, field: &[u8]) -> Result<f32, String> {
        let text = std::str::from_utf8(field).unwrap_or("\u{fffd}");
        if text.is_empty() {
            return Err("there is no value".into());
        }
        let mark = text.bytes().find(|byte| b".,".contains(byte));
        if let Some(mark) = mark {
            if mark == b',' && !b";\t".contains(&self.separator) {
                return Err(words!(
                    "{} has a comma in it: write a decimal point, or separate columns by semicolons",
                    shown(text)
                ));
            }
            if self.decimal.is_some_and(|decimal| decimal != mark) {
                return Err(words!("{} mixes decimal commas and points in one file", shown(text)));
            }
            self.decimal = Some(mark);
        }
        let parsed: Result<f32, _> = if mark == Some(b',') { text.replacen(',', ".", 1).parse() } else { text.parse() };
        match parsed {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(value) => Err(words!("{value} is not a finite number")),
            Err(_) => Err(words!("{} is not a number", shown(text))),
        }
    }

    /// The class of this name, as a label.
    fn class(&mut self, field: &[u8]) -> Result<u8, String> {
        let text = std::str::from_utf8(field).map_err(|_| "this class is not text in UTF-8")?;
        if text.is_empty() {
            return Err("there is no class".into());
        }
        // 1, 1.0 and 1.0e0 are one class.
        let name = match text.parse::<f32>() {
            Ok(value) if value.fract() == 0.0 => value.to_string(),
            Ok(value) => return Err(words!("the class is {value}, and should be a whole number or a word")),
            Err(_) => text.chars().take(40).collect(),
        };
        let classes = &mut self.table.classes;
        let label = classes.iter().position(|class| *class == name).unwrap_or_else(|| {
            classes.push(name);
            classes.len() - 1
        });
        if label >= MOST_CLASSES {
            return Err(words!("this is one class more than the {MOST_CLASSES} that are read"));
        }
        Ok(label as u8)
    }

    /// Whole numbers in the first column only are classes; in all columns, nobody can tell.
    fn settle_first_column(&mut self) -> Result<(), DataError> {
        if self.first.iter().any(|value| value.fract() != 0.0) {
            return Ok(());
        }
        // What is said of the whole file is said of its first row.
        self.line = 1;
        let is_pixel = |value: &f32| (0.0..=255.0).contains(value);
        let pixels = !self.fractions && self.table.values.iter().all(is_pixel);
        if pixels && edge(self.table.cols).is_some() {
            return Ok(());
        }
        let class_and_pixels = pixels && edge(self.table.cols - 1).is_some();
        if !self.fractions && !class_and_pixels {
            return Err(self.wrong(
                1,
                "all values are whole numbers, so the first column may be a class or not: add a first line of names, \
                 with `label` over the class if there is one",
            ));
        }
        if self.rows > 2 && self.first.iter().zip(self.first.iter().skip(1)).all(|(a, b)| *b == a + 1.0) {
            return Err(self.wrong(
                1,
                "the first column counts the rows: take it out, or add a first line of names with `index` over it",
            ));
        }
        let cols = self.table.cols - 1;
        if cols < 2 {
            return Err(self.wrong(2, "a series needs at least two values, and here is a class and one"));
        }
        let first = std::mem::take(&mut self.first);
        for value in first {
            let label = self.class(value.to_string().as_bytes()).map_err(|reason| self.wrong(1, reason))?;
            self.table.labels.push(label);
        }
        // In place: of a large file there is no room for its values twice.
        let mut at = 0;
        self.table.values.retain(|_| {
            at += 1;
            at % (cols + 1) != 1
        });
        self.table.cols = cols;
        Ok(())
    }
}

/// Names only, or names and numbers after a name: a mistake in a first row of numbers is not taken for a header.
/// An empty name is that of a column of row numbers, with names or the numbers 0, 1, 2, ... after it.
fn is_header(fields: &[&[u8]]) -> bool {
    let is_name = |field: &[u8]| {
        let text = std::str::from_utf8(field).unwrap_or_default();
        // `nan` and `inf` are numbers, and bad ones.
        text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.parse::<f32>().is_err()
    };
    let Some((first, others)) = fields.split_first() else { return false };
    let counts = |(i, field): (usize, &&[u8])| is_name(field) || **field == *i.to_string().as_bytes();
    match first.is_empty() {
        true => others.iter().enumerate().all(counts),
        false => {
            // Pixels are called 0, 1, … or 1x1, 1x2, …
            let pixel = |field: &[u8]| !field.is_empty() && field.iter().all(u8::is_ascii_alphanumeric);
            is_name(first) && others.iter().all(|field| is_name(field) || pixel(field))
        }
    }
}

fn named(field: &[u8]) -> Column {
    let name = field.to_ascii_lowercase();
    match name.as_slice() {
        b"label" | b"class" => Column::Class,
        b"" | b"index" | b"id" => Column::LeftOut,
        _ => Column::Value,
    }
}

/// A stranger's words end up on a page: they stay short.
fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(20).collect::<String>())
}
