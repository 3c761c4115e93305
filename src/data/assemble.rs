//! From the files of a data set to its values.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::{DataError, Dataset, Kind, Role, Shape, Source, Split, Values, idx, ucr};
use crate::words;

/// Makes a data set of its files, unpacked, in any order. Each file is dropped as soon as it is read.
///
/// # Errors
/// If a file is missing, damaged, or not what the list of data sets says: see [`DataError`].
pub fn assemble(source: &Source, files: Vec<(Role, Vec<u8>)>) -> Result<Split, DataError> {
    let Kind::Files { files: expected, .. } = source.kind else {
        return Err(DataError::Catalogue(words!("{} is made by formula and has no files", source.title)));
    };
    let mut files = files;
    let mut take = |role: Role| {
        let at = files.iter().position(|(r, _)| *r == role);
        let (_, bytes) = at
            .map(|at| files.swap_remove(at))
            .ok_or_else(|| DataError::MissingRole { set: source.title.into(), role })?;
        Ok((role, bytes))
    };
    let mut part = |images: Role, labels: Role, series: Role, len: usize| {
        let set = if expected.iter().any(|file| file.role == series) {
            series_of(source, take(series)?)?
        } else {
            pictures_of(source, take(images)?, take(labels)?)?
        };
        if set.len() != len {
            return Err(DataError::Disagree {
                what: "the number of inputs in the file",
                got: set.len() as u64,
                other: "that of the published one",
                expected: len as u64,
            });
        }
        Ok(set)
    };
    let train = part(Role::TrainImages, Role::TrainLabels, Role::TrainSeries, source.train)?;
    let test = part(Role::TestImages, Role::TestLabels, Role::TestSeries, source.test)?;
    Split::new(train, test)
}

fn pictures_of(source: &Source, images: (Role, Vec<u8>), labels: (Role, Vec<u8>)) -> Result<Dataset, DataError> {
    let (role, bytes) = images;
    let in_images = |error: DataError| error.in_file(format!("{}, {role}", source.title));
    let images = idx::parse(bytes).map_err(in_images)?;
    let shape = images.picture().map_err(in_images)?;
    agrees(source, shape).map_err(in_images)?;
    let (role, bytes) = labels;
    let in_labels = |error: DataError| error.in_file(format!("{}, {role}", source.title));
    let labels = idx::parse(bytes).and_then(idx::Idx::into_labels).map_err(in_labels)?;
    dataset(source, shape, Values::Bytes(images.values), labels).map_err(in_images)
}

fn series_of(source: &Source, (role, bytes): (Role, Vec<u8>)) -> Result<Dataset, DataError> {
    let in_file = |error: DataError| error.in_file(format!("{}, {role}", source.title));
    let series = ucr::parse(&bytes).map_err(in_file)?;
    let shape = Shape { rows: 1, cols: series.cols };
    agrees(source, shape).map_err(in_file)?;
    let labels = series.labels(1).map_err(in_file)?;
    dataset(source, shape, Values::Floats(series.values), labels).map_err(in_file)
}

fn agrees(source: &Source, shape: Shape) -> Result<(), DataError> {
    if shape == source.shape {
        return Ok(());
    }
    Err(DataError::Disagree {
        what: "the number of values per input",
        got: shape.width() as u64,
        other: "that of the published file",
        expected: source.shape.width() as u64,
    })
}

fn dataset(source: &Source, shape: Shape, values: Values, labels: Vec<u8>) -> Result<Dataset, DataError> {
    Dataset::new(source.slug, source.title, shape, values, labels, source.classes.iter().map(|&c| c.into()).collect())
}
