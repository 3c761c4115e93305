//! Puts data sets into a site, natively: from a folder, from a cache, or from their public addresses.
//! Whatever the place, a file counts only if its SHA-256 is the published one.
use crate::words;
mod download;
mod zip;

use super::catalogue::{Catalogue, FileEntry, SetEntry, sum};
use super::{Address, Kind, Source, SourceFile, gzip, source};
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where files are looked for and put.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// A folder with one folder per data set, each with the published files, if there is one.
    pub from: Option<&'a Path>,
    /// The site's `data` folder.
    pub into: &'a Path,
    /// Downloads are kept here, and continued where they were cut off.
    pub cache: &'a Path,
    /// Whether the public addresses may be asked.
    pub online: bool,
}

/// Whoever watches: a terminal draws bars, a test listens.
pub trait Progress {
    /// A download of this name begins; its bytes in all, where known.
    fn start(&self, what: &str, total: Option<u64>);
    /// So many bytes are there now.
    fn advance(&self, done: u64);
    /// It ended, well or not.
    fn finish(&self);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

/// Where a file was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// In the given folder.
    Folder,
    /// Downloaded earlier.
    Cache,
    /// At this public address.
    Address(String),
    /// In the site, where an earlier run put it: it could not be had again.
    Site,
}

/// What became of one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the site.
    There {
        /// Each file's published name and where it was found.
        files: Vec<(String, Found)>,
        /// Bytes that a visitor downloads.
        bytes: u64,
    },
    /// It is made by formula: nothing to do.
    BuiltIn,
    /// It is not in the site, and why: one line per place that was tried.
    Missing {
        /// The file that could not be had.
        file: String,
        /// Place and reason.
        reasons: Vec<String>,
    },
}

/// What became of all data sets that were asked for, in that order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Slug, title, outcome.
    pub sets: Vec<(String, String, Outcome)>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (_, title, outcome) in &self.sets {
            match outcome {
                Outcome::There { files, bytes } => {
                    let mut places: Vec<&str> = Vec::new();
                    for (_, found) in files {
                        let place = match found {
                            Found::Folder => "the given folder",
                            Found::Cache => "the cache",
                            Found::Site => "an earlier run",
                            Found::Address(address) => address,
                        };
                        if !places.contains(&place) {
                            places.push(place);
                        }
                    }
                    let megabytes = *bytes as f64 / 1e6;
                    writeln!(f, "{title}: there ({megabytes:.1} MB, from {})", places.join(", "))?;
                }
                Outcome::BuiltIn => writeln!(f, "{title}: made by formula in the page")?,
                Outcome::Missing { file, reasons } => {
                    writeln!(f, "{title}: not there, because {file} could not be had")?;
                    for reason in reasons {
                        writeln!(f, "  {reason}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The site or the cache could not be written, or a name was wrong. A set that can't be had is no error: see
/// [`Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file or folder could not be read or written.
    #[error("{}", words!("can't {doing} {path}: {error}", path = .path.display()))]
    File {
        /// `write`, `read`, ...
        doing: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        error: Error,
    },
    /// No such data set.
    #[error(transparent)]
    Data(#[from] super::DataError),
}

/// Puts the data sets of these slugs into the site and writes its catalogue. Sets that an earlier run put there stay, also
/// those that are asked for and cannot be had again.
///
/// # Errors
/// If a slug is unknown, or the site or the cache can't be written. A set that is nowhere to be had is only reported.
pub fn put(slugs: &[&str], places: &Places, progress: &dyn Progress) -> Result<Report, FetchError> {
    let wanted = slugs.iter().map(|slug| {
        source(slug).copied().ok_or_else(|| FetchError::Data(super::DataError::UnknownSet((*slug).into())))
    });
    put_sources(&wanted.collect::<Result<Vec<_>, _>>()?, places, progress)
}

/// [`put`], for data sets that need not be on our list.
///
/// # Errors
/// As [`put`].
pub fn put_sources(sources: &[Source], places: &Places, progress: &dyn Progress) -> Result<Report, FetchError> {
    let path = places.into.join("catalogue.json");
    let mut catalogue = earlier(&path, places.into);
    let mut report = Report { sets: Vec::new() };
    for source in sources {
        let outcome = match source.kind {
            Kind::BuiltIn => Outcome::BuiltIn,
            Kind::Files { folder, files, addresses } => {
                let before = catalogue.set(source.slug).cloned();
                catalogue.sets.retain(|set| set.slug != source.slug);
                let there = match put_files(folder, files, addresses, places, progress)? {
                    Ok((entries, found)) => Ok((entry(source, entries), found)),
                    Err(missing) => {
                        let found = || files.iter().map(|file| (file.name.to_owned(), Found::Site)).collect();
                        let kept = before.filter(|set| is_published(set, files, places.into));
                        kept.map(|set| (set, found())).ok_or(missing)
                    }
                };
                match there {
                    Ok((set, files)) => {
                        let bytes = set.bytes();
                        catalogue.sets.push(set);
                        Outcome::There { files, bytes }
                    }
                    Err((file, reasons)) => Outcome::Missing { file, reasons },
                }
            }
        };
        report.sets.push((source.slug.into(), source.title.into(), outcome));
    }
    let order = |set: &SetEntry| super::SOURCES.iter().position(|source| source.slug == set.slug);
    catalogue.sets.sort_by_key(|set| order(set).unwrap_or(usize::MAX));
    write(&path, catalogue.to_json().as_bytes())?;
    Ok(report)
}

/// What an earlier run left in the site, as far as its files are still there.
fn earlier(path: &Path, into: &Path) -> Catalogue {
    let mut catalogue =
        fs::read(path).ok().and_then(|json| Catalogue::read(&json).ok()).unwrap_or_else(Catalogue::empty);
    catalogue.sets.retain(|set| {
        set.files.iter().all(|file| fs::metadata(into.join(&file.path)).is_ok_and(|there| there.len() == file.bytes))
    });
    catalogue
}

/// Whether these files of the site are the published ones, to the last byte.
fn is_published(set: &SetEntry, files: &[SourceFile], into: &Path) -> bool {
    files.iter().all(|file| {
        let Some(entry) = set.files.iter().find(|entry| entry.role == file.role) else { return false };
        // What is published unpacked was packed here.
        let is_of_it = entry.sha256 == file.sha256 || entry.raw_sha256 == file.sha256;
        is_of_it && fs::read(into.join(&entry.path)).is_ok_and(|bytes| super::catalogue::check(&bytes, entry).is_ok())
    })
}

fn entry(source: &Source, files: Vec<FileEntry>) -> SetEntry {
    SetEntry {
        slug: source.slug.into(),
        title: source.title.into(),
        train: source.train as u32,
        test: source.test as u32,
        rows: source.shape.rows as u32,
        cols: source.shape.cols as u32,
        unit: source.unit,
        files,
    }
}

type Put = (Vec<FileEntry>, Vec<(String, Found)>);
type Missing = (String, Vec<String>);
type Sought = (Vec<u8>, Found);

fn put_files(
    folder: &str,
    files: &[SourceFile],
    addresses: &[Address],
    places: &Places,
    progress: &dyn Progress,
) -> Result<Result<Put, Missing>, FetchError> {
    // All files first: half a data set is none, and would only weigh on the site.
    let mut all = Vec::new();
    for file in files {
        match find(folder, file, addresses, places, progress)? {
            Ok((bytes, found)) => all.push((file, bytes, found)),
            Err(reasons) => return Ok(Err((file.name.into(), reasons))),
        }
    }
    let mut entries = Vec::new();
    let mut finds = Vec::new();
    for (file, bytes, found) in all {
        let (packed, raw_sha256, stem, ending) = if gzip::is_packed(&bytes) {
            let raw = gzip::unpacked(bytes.clone(), gzip::MOST_UNPACKED)?;
            (bytes, sum(&raw), file.name.strip_suffix(".gz").unwrap_or(file.name), "gz")
        } else {
            let (stem, _) = file.name.rsplit_once('.').unwrap_or((file.name, ""));
            (pack(&bytes), sum(&bytes), stem, "txt.gz")
        };
        let sha256 = sum(&packed);
        // A piece of the sum in the name: the file may be cached forever, and another version has another name.
        let path = format!("{folder}/{stem}.{}.{ending}", sha256.get(..8).unwrap_or(&sha256));
        write(&places.into.join(&path), &packed)?;
        entries.push(FileEntry { path, role: file.role, bytes: packed.len() as u64, sha256, raw_sha256 });
        finds.push((file.name.to_owned(), found));
    }
    Ok(Ok((entries, finds)))
}

/// The file's bytes, with the right sum, and where they were; or why they are nowhere to be had.
fn find(
    folder: &str,
    file: &SourceFile,
    addresses: &[Address],
    places: &Places,
    progress: &dyn Progress,
) -> Result<Result<Sought, Vec<String>>, FetchError> {
    let mut reasons = Vec::new();
    let cached = places.cache.join(folder).join(file.name);
    let given = places.from.map(|from| (from.join(folder).join(file.name), Found::Folder));
    for (path, found) in given.into_iter().chain([(cached.clone(), Found::Cache)]) {
        let place = if found == Found::Folder { "in the given folder" } else { "in the cache" };
        match fs::read(&path) {
            Ok(bytes) if sum(&bytes) == file.sha256 => return Ok(Ok((bytes, found))),
            Ok(bytes) => reasons.push(format!(
                "{place}: another file of this name ({} bytes instead of {}, or another SHA-256)",
                bytes.len(),
                file.bytes
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => reasons.push(format!("{place}: no such file")),
            Err(error) => reasons.push(format!("{place}: {error}")),
        }
    }
    if !places.online {
        reasons.push("public addresses: not asked, as wished".into());
        return Ok(Err(reasons));
    }
    for address in addresses {
        match download::file(address, file, &places.cache.join(folder), progress) {
            Ok((bytes, url)) => {
                write(&cached, &bytes)?;
                return Ok(Ok((bytes, Found::Address(url))));
            }
            Err(reason) => reasons.push(reason),
        }
    }
    Ok(Err(reasons))
}

/// gzip without name or time, so that the same text gives the same file, wherever and whenever.
fn pack(bytes: &[u8]) -> Vec<u8> {
    // 255 is "unknown system". Writing to memory can't fail.
    let mut packer = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    let written = packer.write_all(bytes);
    debug_assert!(written.is_ok(), "writing to memory");
    packer.finish().unwrap_or_default()
}

/// Writes a file so that nobody ever sees half of it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let failed = |doing, error| FetchError::File { doing, path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed("make the folder of", error))?;
    }
    let mut half = path.as_os_str().to_owned();
    half.push(format!(".{}.half", std::process::id()));
    let half = PathBuf::from(half);
    fs::write(&half, bytes).and_then(|()| fs::rename(&half, path)).map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&half);
        failed("write", error)
    })
}
