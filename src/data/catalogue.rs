//! `data/catalogue.json`: which data sets this site has, in which files, with which sums.
use super::{DataError, Kind, Role, Source, source};
use crate::words;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The only version there is. A page reads no other.
pub const VERSION: u32 = 1;

/// Bytes of a catalogue that are read at most.
const MOST_BYTES: usize = 1 << 20;

/// What the site has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// [`VERSION`]
    pub version: u32,
    /// One entry per data set that is there. Those made by formula are not listed: they are always there.
    pub sets: Vec<SetEntry>,
}

/// One data set of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetEntry {
    /// Its name in recipes.
    pub slug: String,
    /// Its name on the page.
    pub title: String,
    /// Inputs to learn from.
    pub train: u32,
    /// Inputs to test with.
    pub test: u32,
    /// Rows of one input.
    pub rows: u32,
    /// Columns of one input.
    pub cols: u32,
    /// All values lie in 0..1.
    pub unit: bool,
    /// Its files.
    pub files: Vec<FileEntry>,
}

/// One file of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the catalogue, with `/`.
    pub path: String,
    /// What it holds.
    pub role: Role,
    /// Bytes of the file as it lies there.
    pub bytes: u64,
    /// SHA-256 of the file as it lies there, in lower-case hexadecimal.
    pub sha256: String,
    /// SHA-256 of the unpacked file; the same as `sha256` where it is not packed.
    pub raw_sha256: String,
}

impl Catalogue {
    /// Nothing there but what is made by formula.
    pub fn empty() -> Self {
        Self { version: VERSION, sets: Vec::new() }
    }

    /// Reads and checks `catalogue.json`.
    ///
    /// # Errors
    /// If it is no JSON, of another version, or has an entry that can't be right; the message names it.
    pub fn read(json: &[u8]) -> Result<Self, DataError> {
        #[derive(Deserialize)]
        struct Header {
            version: u32,
        }
        if json.len() > MOST_BYTES {
            return Err(DataError::TooLarge {
                what: "the number of bytes in data/catalogue.json",
                got: json.len() as u64,
                most: MOST_BYTES as u64,
            });
        }
        // The version first: another version may have other fields.
        let Header { version } = serde_json::from_slice(json).map_err(unreadable)?;
        if version != VERSION {
            return Err(DataError::Catalogue(words!(
                "it is of version {version}, and this page reads version {VERSION}: build the site again"
            )));
        }
        let catalogue: Self = serde_json::from_slice(json).map_err(unreadable)?;
        for (i, set) in catalogue.sets.iter().enumerate() {
            set.check()?;
            if catalogue.sets.iter().take(i).any(|other| other.slug == set.slug) {
                return Err(DataError::Catalogue(words!("{:?} is listed twice", set.slug)));
            }
        }
        Ok(catalogue)
    }

    /// As it is written: sorted as it is, indented, with a line end.
    pub fn to_json(&self) -> String {
        // Plain structs of strings and numbers always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The entries that this program has a source for. (A newer site may list sets that an older page does not know.)
    pub fn known(&self) -> impl Iterator<Item = (&'static Source, &SetEntry)> {
        self.sets.iter().filter_map(|set| Some((source(&set.slug)?, set)))
    }

    /// The entry of this slug.
    pub fn set(&self, slug: &str) -> Option<&SetEntry> {
        self.sets.iter().find(|set| set.slug == slug)
    }
}

impl SetEntry {
    /// Bytes to download.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    fn check(&self) -> Result<(), DataError> {
        let wrong = |reason: String| Err(DataError::Catalogue(words!("in {:?}: {reason}", self.slug)));
        for file in &self.files {
            if !is_inside(&file.path) {
                return wrong(words!("{:?} is not a path below the catalogue", file.path));
            }
            for sum in [&file.sha256, &file.raw_sha256] {
                if sum.len() != 64 || !sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return wrong(words!("{sum:?} is not a SHA-256 in 64 hexadecimal digits"));
                }
            }
        }
        let Some(source) = source(&self.slug) else { return Ok(()) };
        let Kind::Files { files, .. } = source.kind else {
            return wrong("this data set is made by formula and has no files".into());
        };
        let is = (self.train as usize, self.test as usize, self.rows as usize, self.cols as usize, self.unit);
        let should = (source.train, source.test, source.shape.rows, source.shape.cols, source.unit);
        if is != should {
            return wrong(words!("train, test, rows, cols, unit are {is:?}, and should be {should:?}"));
        }
        for file in files {
            let count = self.files.iter().filter(|entry| entry.role == file.role).count();
            if count != 1 {
                return wrong(words!("there are {count} files with {}, and should be 1", file.role));
            }
        }
        Ok(())
    }
}

/// Is this the file that the catalogue promises? Either as it lies there, or unpacked by the host on its way.
///
/// # Errors
/// [`DataError::WrongSum`] if it is neither.
pub fn check(bytes: &[u8], file: &FileEntry) -> Result<(), DataError> {
    let got = sum(bytes);
    if got == file.sha256 || got == file.raw_sha256 {
        return Ok(());
    }
    Err(DataError::WrongSum { got, expected: file.sha256.clone() }.in_file(&file.path))
}

/// SHA-256 (FIPS 180-4) in lower-case hexadecimal.
pub fn sum(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as two lower-case digits each.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path of plain names: it can't leave the folder, name a host, or need escaping in an address.
fn is_inside(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    path.len() <= 200
        && path.split('/').all(|name| !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain))
}

fn unreadable(error: serde_json::Error) -> DataError {
    DataError::Catalogue(words!("{error}: build the site again"))
}
