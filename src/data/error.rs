//! What can be wrong with data, in sentences for the person who chose the file.
use super::Role;
use crate::words;

/// Why data can't be used: where, how much, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Fewer bytes than the header promises, or than a header needs.
    #[error("{}", words!("the file ends after {} of {} bytes: it looks cut off, download it again", grouped(*got), grouped(*needed)))]
    Truncated {
        /// Bytes that are there.
        got: u64,
        /// Bytes that should be.
        needed: u64,
    },
    /// More bytes than the header promises.
    #[error("{}", words!("the file has {} bytes where its header promises {}: it is damaged or of another kind, download it again",
        grouped(*got),
        grouped(*needed)))]
    TooLong {
        /// Bytes that are there.
        got: u64,
        /// Bytes that should be.
        needed: u64,
    },
    /// A gzip stream that stops before its end.
    #[error("{}", words!("the packed file stops after {} bytes, in the middle ({} bytes unpacked): it looks cut off, download it again",
        grouped(*got),
        grouped(*unpacked)))]
    PackedTruncated {
        /// Packed bytes that are there.
        got: u64,
        /// Bytes that came out of them.
        unpacked: u64,
    },
    /// A gzip stream that is not one, or whose checksum disagrees.
    #[error("{}", words!("the packed file is damaged ({reason}): download it again"))]
    Packed {
        /// What the unpacker says.
        reason: String,
    },
    /// More than can be held, or than the page takes.
    #[error("{}", words!("{what}: {} is more than the {} that are allowed here: choose a smaller file",
        grouped(*got),
        grouped(*most)))]
    TooLarge {
        /// What is counted, such as `bytes unpacked`.
        what: &'static str,
        /// How many there are, or would be.
        got: u64,
        /// How many there may be.
        most: u64,
    },
    /// Not an IDX file that we read.
    #[error("{}", words!("this is not an IDX file of bytes: {reason}"))]
    NotIdx {
        /// Which byte is wrong, and what would be right.
        reason: String,
    },
    /// Not a PNG file, or a damaged one.
    #[error("{}", words!("this PNG file can't be read ({reason}): save it again"))]
    Png {
        /// What the decoder says.
        reason: String,
    },
    /// A visitor's files that do not make a data set: what is wrong, and what to do.
    #[error("{0}")]
    Unfit(String),
    /// Text with a mistake in it.
    #[error("{}", words!("row {row}, column {column}: {reason}"))]
    Text {
        /// From 1.
        row: u64,
        /// From 1; the class is column 1.
        column: u64,
        /// What is there and what should be.
        reason: String,
    },
    /// A list, a number of rows or a shape that does not agree with another.
    #[error("{}", words!("{what} is {}, but {other} is {}: these do not belong together", grouped(*got), grouped(*expected)))]
    Disagree {
        /// One side.
        what: &'static str,
        /// Its number.
        got: u64,
        /// The other side.
        other: &'static str,
        /// Its number.
        expected: u64,
    },
    /// A value that is infinite or not a number.
    #[error("{}", words!("value {value} in row {row}, column {column} is not a finite number: remove the row or mend it"))]
    NotFinite {
        /// From 0.
        row: u64,
        /// From 0.
        column: u64,
        /// As it prints.
        value: String,
    },
    /// Nothing to train on.
    #[error("{}", words!("there is no {_0} in it: choose a file with at least one"))]
    Empty(&'static str),
    /// Not enough rows to learn from some and test with others.
    #[error("{}", words!("there are {got} rows, and at least {least} are needed: some to learn from, some to test with"))]
    TooFew {
        /// How many there are.
        got: u64,
        /// How many there must be.
        least: u64,
    },
    /// A set without anything in it to learn.
    #[error("{}", words!("all values are equal, so there is nothing to learn: is this the right file?"))]
    AllEqual,
    /// A row or an index that is not there.
    #[error("{}", words!("row {} was asked for, and there are {}", grouped(*row), grouped(*len)))]
    NoSuchRow {
        /// From 0.
        row: u64,
        /// How many there are.
        len: u64,
    },
    /// No data set of this name.
    #[error("{}", words!("there is no data set called {_0:?}: there are {list}", list = super::slugs().join(", ")))]
    UnknownSet(String),
    /// A file of a data set is not there.
    #[error("{}", words!("{set} is incomplete: the file with its {role} is missing"))]
    MissingRole {
        /// The data set's title.
        set: String,
        /// What the file holds.
        role: Role,
    },
    /// A file is not the one that was promised.
    #[error("{}", words!("its checksum (SHA-256) is {got} and should be {expected}: it is damaged or another file, download it again"))]
    WrongSum {
        /// What its bytes have.
        got: String,
        /// What they should have.
        expected: String,
    },
    /// Not a catalogue that we read.
    #[error("{}", words!("data/catalogue.json can't be used: {_0}"))]
    Catalogue(String),
    /// One of the above, in a certain file.
    #[error("{}", words!("{file}: {error}"))]
    In {
        /// The file's name, or what it holds.
        file: String,
        /// What is wrong with it.
        error: Box<DataError>,
    },
}

impl DataError {
    /// The same error with the file's name in front.
    pub fn in_file(self, file: impl Into<String>) -> Self {
        Self::In { file: file.into(), error: Box::new(self) }
    }
}

/// 7840016 as `7,840,016`: long numbers are compared digit by digit otherwise.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
