//! Which files belong together, and what each of them is: by its first bytes, and of several by their names.
use super::pictures::{self, Pictures};
use super::{Inputs, Own, Wishes, series};
use crate::data::csv::{Reading, Table};
use crate::data::idx::{self, Idx};
use crate::data::png::{self, Grey};
use crate::data::{DataError, Shape, Split, Values, gzip};
use crate::words;
use serde::{Deserialize, Serialize};

/// Something with the name of the file that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// The file's name.
    pub name: String,
    /// What is in it.
    pub content: T,
}

/// Bytes of text that are read between two rests: a few milliseconds.
const PIECE: usize = 64 << 10;

/// What files can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Idx,
    Png,
    Text,
}

/// By its first bytes: names may say anything.
fn format(bytes: &[u8]) -> Result<Format, DataError> {
    let other = [
        (&b"PK\x03\x04"[..], "a zip archive: unpack it, and choose the files in it"),
        (b"\xff\xd8\xff", "a JPEG picture, whose edges are blurred: save it as PNG"),
        (b"\x93NUMPY", "a NumPy array: write it as CSV, with numpy.savetxt(…, delimiter=\",\")"),
        (b"GIF8", "a GIF picture: save it as PNG"),
        (b"BM", "a bitmap: save it as PNG"),
        (b"%PDF", "a PDF document: save its pictures as PNG"),
    ];
    match bytes {
        [0, 0, ..] => Ok(Format::Idx),
        bytes if bytes.starts_with(b"\x89PNG") => Ok(Format::Png),
        bytes => match other.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            Some((_, words)) => Err(DataError::Unfit(words!("this is {words}"))),
            None => Ok(Format::Text),
        },
    }
}

/// Which half of a data set a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Train,
    Test,
}

fn half(name: &str) -> Option<Half> {
    let name = name.to_ascii_lowercase();
    match (name.contains("train"), name.contains("t10k") || name.contains("test")) {
        (true, false) => Some(Half::Train),
        (false, true) => Some(Half::Test),
        _ => None,
    }
}

/// One thing, or one to learn from and one to test with.
enum Halves<T> {
    Whole(Named<T>),
    Both([Named<T>; 2]),
}

/// `None`: there is nothing.
fn halves<T>(mut all: Vec<Named<T>>, what: &str) -> Result<Option<Halves<T>>, DataError> {
    let names = all.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let sorry = DataError::Unfit(words!(
        "{names}: of {} files with {what} one has to be called train and one test (or t10k), so that it is clear what to \
         learn from; or choose only one",
        all.len()
    ));
    let (Some(first), second) = (all.pop(), all.pop()) else { return Ok(None) };
    let Some(second) = second else { return Ok(Some(Halves::Whole(first))) };
    match (half(&first.name), half(&second.name)) {
        (Some(Half::Train), Some(Half::Test)) if all.is_empty() => Ok(Some(Halves::Both([first, second]))),
        (Some(Half::Test), Some(Half::Train)) if all.is_empty() => Ok(Some(Halves::Both([second, first]))),
        _ => Err(sorry),
    }
}

/// What files hold, before anything is decided about it.
enum Found {
    Pictures(Pictures),
    /// With their title, and so many of the first rows to learn from.
    Series(String, Table, Option<usize>),
}

/// The data set that these files are together. While they are read, `rest` is told how far it is and lets others work.
///
/// # Errors
/// With the file, the place in it and the numbers of the first thing wrong, and what to do.
pub async fn read<R: Future<Output = ()>>(
    files: Vec<Named<Vec<u8>>>,
    wishes: Wishes,
    rest: impl Fn(f32) -> R,
) -> Result<Own, DataError> {
    match found(files, wishes, rest).await? {
        Found::Pictures(pictures) if pictures.taken.series.is_none() && wishes.series == Some(true) => Err(
            DataError::Unfit("these are pictures, and series are wanted here: bring them under “Your files”".into()),
        ),
        Found::Pictures(pictures) => {
            let short = shown(&pictures.inputs.title);
            pictures.own(wishes).map_err(|error| error.in_file(short))
        }
        Found::Series(title, table, train) => {
            let could_be = pictures::could_be(&table);
            let short = shown(&title);
            let own = series::own(title, table, train).map_err(|error| error.in_file(short))?;
            Ok(Own { taken: Wishes { series: could_be.then_some(true), ..own.taken }, ..own })
        }
    }
}

/// The same files with their values as they are, none of them set apart by chance: where their names do not say what to
/// test with, it is what is learned from.
///
/// # Errors
/// As [`read`].
pub async fn whole(files: Vec<Named<Vec<u8>>>, wishes: Wishes) -> Result<Split, DataError> {
    let inputs = match found(files, wishes, |_| std::future::ready(())).await? {
        Found::Pictures(Pictures { inputs, .. }) => inputs,
        Found::Series(title, Table { cols, values, labels, classes }, train) => {
            let shape = Shape { rows: 1, cols };
            Inputs { title, shape, values: Values::Floats(values), labels, classes, train }
        }
    };
    let rows = inputs.values.len() / inputs.shape.width().max(1);
    let halves = match inputs.train {
        Some(train) => [(0..train).collect(), (train..rows).collect()],
        None => [(0..rows).collect(), (0..rows).collect()],
    };
    inputs.split(halves)
}

async fn found<R: Future<Output = ()>>(
    files: Vec<Named<Vec<u8>>>,
    wishes: Wishes,
    rest: impl Fn(f32) -> R,
) -> Result<Found, DataError> {
    let (mut idx, mut png, mut text) = (Vec::new(), Vec::new(), Vec::new());
    let count = files.len();
    for (i, Named { name, content }) in files.into_iter().enumerate() {
        let in_file = |error: DataError| error.in_file(shown(&name));
        let bytes = gzip::unpack(content, gzip::MOST_UNPACKED).await.map_err(in_file)?;
        match format(&bytes).map_err(in_file)? {
            Format::Idx => {
                let content = idx::parse(bytes).map_err(in_file)?;
                idx.push(Named { name, content });
            }
            Format::Png => {
                let content = png::read(&bytes).map_err(in_file)?;
                png.push(Named { name, content });
            }
            Format::Text => text.push(Named { name, content: bytes }),
        }
        rest(i as f32 / count as f32).await;
    }
    let kinds = [("IDX", idx.len()), ("PNG", png.len()), ("text", text.len())];
    let kinds: Vec<_> = kinds.into_iter().filter(|(_, count)| *count > 0).collect();
    if kinds.len() > 1 {
        let words: Vec<_> = kinds.iter().map(|(kind, count)| words!("{count} of {kind}")).collect();
        return Err(DataError::Unfit(words!(
            "these files are of different kinds, {}: choose those that belong together",
            words.join(&*words::said(" and "))
        )));
    }
    match kinds.first() {
        Some(("IDX", _)) => of_idx(idx).map(Found::Pictures),
        Some(("PNG", _)) => of_png(png, wishes).map(Found::Pictures),
        Some(_) => of_text(text, wishes, rest).await,
        None => Err(DataError::Empty("file")),
    }
}

fn of_idx(files: Vec<Named<Idx>>) -> Result<Pictures, DataError> {
    let (labels, images): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.content.sizes.len() == 1);
    let a_label = labels.first().map_or_else(String::new, |file| shown(&file.name));
    let (images, labels) = (halves(images, "pictures")?, halves(labels, "labels")?);
    let parts = match (images, labels) {
        (None, _) => {
            return Err(
                DataError::Unfit("it holds labels: choose the file with their pictures too".into()).in_file(a_label)
            );
        }
        (Some(Halves::Whole(images)), None) => vec![(images, None)],
        (Some(Halves::Whole(images)), Some(Halves::Whole(labels))) => vec![(images, Some(labels))],
        (Some(Halves::Both([train, test])), None) => vec![(train, None), (test, None)],
        (Some(Halves::Both([train, test])), Some(Halves::Both([of_train, of_test]))) => {
            vec![(train, Some(of_train)), (test, Some(of_test))]
        }
        _ => {
            return Err(DataError::Unfit(
                "each file of pictures needs a file of labels of its own, or none has any: choose those that belong \
                 together"
                    .into(),
            ));
        }
    };
    let has_test = parts.len() > 1;
    let (mut shape, mut values, mut numbers, mut train) = (None, Vec::new(), Vec::new(), 0);
    let mut title = String::new();
    for (i, (Named { name, content: images }, labels)) in parts.into_iter().enumerate() {
        let in_file = |error: DataError| error.in_file(shown(&name));
        let [count, rows, cols] = images.sizes[..] else { return Err(in_file(DataError::Empty("picture"))) };
        let here = pictures::checked(rows.into(), cols.into(), u64::from(count) + train as u64).map_err(in_file)?;
        if let Some(first) = shape.replace(here).filter(|first| *first != here) {
            return Err(in_file(DataError::Unfit(words!(
                "its pictures have {rows} × {cols} pixels, and {title} has {} × {}: these do not belong together",
                first.rows,
                first.cols
            ))));
        }
        if let Some(Named { name, content }) = labels {
            if content.values.len() as u64 != u64::from(count) {
                return Err(DataError::Disagree {
                    what: "the number of labels",
                    got: content.values.len() as u64,
                    other: "the number of pictures",
                    expected: count.into(),
                }
                .in_file(shown(&name)));
            }
            numbers.extend(content.values);
        }
        if values.is_empty() {
            values = images.values
        } else {
            values.extend(images.values)
        }
        if i == 0 {
            (title, train) = (name, count as usize);
        }
    }
    let Some(shape) = shape else { return Err(DataError::Empty("picture")) };
    let (labels, classes) = pictures::named(&numbers);
    let facts = match classes.len() {
        0 => "No classes: a file of labels can be chosen along with the pictures.".into(),
        count => words!("{count} classes, by the labels."),
    };
    let train = has_test.then_some(train);
    let inputs = Inputs { title, shape, values: Values::Bytes(values), labels, classes, train };
    Ok(Pictures { inputs, facts: vec![facts], taken: Wishes::default() })
}

fn of_png(mut files: Vec<Named<Grey>>, wishes: Wishes) -> Result<Pictures, DataError> {
    if files.len() == 1
        && let Some(sheet) = files.pop()
    {
        return pictures::of_sheet(sheet, wishes.tile);
    }
    // Browsers hand files over in any order; the same files are the same set.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let title = files.first().map_or_else(String::new, |file| file.name.clone());
    pictures::of_tiles(title, files.into_iter().map(|file| (file.name, file.content)).collect())
}

async fn of_text<R: Future<Output = ()>>(
    files: Vec<Named<Vec<u8>>>,
    wishes: Wishes,
    rest: impl Fn(f32) -> R,
) -> Result<Found, DataError> {
    let parts = match halves(files, "series")? {
        None => return Err(DataError::Empty("file")),
        Some(Halves::Whole(file)) => vec![file],
        Some(Halves::Both(both)) => both.into(),
    };
    let (count, mut all, mut title) = (parts.len(), None::<Table>, String::new());
    let mut train = None;
    for (i, Named { name, content }) in parts.into_iter().enumerate() {
        let in_file = |error: DataError| error.in_file(shown(&name));
        let mut reading = Reading::new(content);
        while !reading.step(PIECE).map_err(in_file)? {
            let (done, of) = reading.progress();
            rest((i as f32 + done as f32 / of as f32) / count as f32).await;
        }
        let table = reading.finish().map_err(in_file)?;
        match &mut all {
            None => {
                train = (count > 1).then_some(table.values.len() / table.cols.max(1));
                (all, title) = (Some(table), name);
            }
            Some(first) => first.append(table).map_err(in_file)?,
        }
        rest((i + 1) as f32 / count as f32).await;
    }
    let Some(table) = all else { return Err(DataError::Empty("file")) };
    if pictures::could_be(&table) && wishes.series != Some(true) {
        let short = shown(&title);
        return pictures::of_table(title, table, train).map(Found::Pictures).map_err(|error| error.in_file(short));
    }
    Ok(Found::Series(title, table, train))
}

/// A file's name as messages say it: names may be as long as their givers like.
pub fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}
