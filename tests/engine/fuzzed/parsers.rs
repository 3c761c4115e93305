//! One check for every parser of bytes or text that a stranger may have written: no input makes it panic, and what it
//! takes for good is good. `fuzz/` calls these with inputs by the million, the tests beside this file with all that are kept.
use flate2::{Compression, write::GzEncoder};
use hourglass::data::catalogue::Catalogue;
use hourglass::data::csv::{Reading, Table};
use hourglass::data::own::{self, Named, Wishes, is_own};
use hourglass::data::{DataError, gzip, idx, png, ucr};
use hourglass::engine::keeping::Record;
use hourglass::engine::weights_file;
use hourglass::lessons::compress::file::{Compressed, crc32};
use hourglass::lessons::draw::{self, Dot, SIDE};
use hourglass::lessons::{Recipe, link};
use hourglass::nn::checkpoint::{self, Precision};
use std::collections::HashMap;
use std::io::Write;

/// A parser, by the name of its fuzz target and of its folders of seeds and crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parser {
    Idx,
    Gzip,
    Csv,
    Ucr,
    Png,
    Own,
    Weights,
    Compressed,
    Link,
    Drawing,
    Record,
    Catalogue,
}

impl Parser {
    pub const ALL: [Self; 12] = [
        Self::Idx,
        Self::Gzip,
        Self::Csv,
        Self::Ucr,
        Self::Png,
        Self::Own,
        Self::Weights,
        Self::Compressed,
        Self::Link,
        Self::Drawing,
        Self::Record,
        Self::Catalogue,
    ];

    #[cfg(not(target_arch = "wasm32"))]
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Panics if the parser does, or if what it takes for good is not.
    pub async fn check(self, bytes: &[u8]) {
        match self {
            Self::Idx => idx_file(bytes),
            Self::Gzip => gzip_file(bytes).await,
            Self::Csv => csv_text(bytes),
            Self::Ucr => ucr_text(bytes),
            Self::Png => png_picture(bytes),
            Self::Own => own_files(bytes).await,
            Self::Weights => weights(bytes),
            Self::Compressed => compressed(bytes),
            Self::Link => link_text(&String::from_utf8_lossy(bytes)),
            Self::Drawing => drawing(bytes),
            Self::Record => record(bytes),
            Self::Catalogue => catalogue(bytes),
        }
    }
}

fn idx_file(bytes: &[u8]) {
    let Ok(read) = idx::parse(bytes.to_vec()) else { return };
    let sizes = read.sizes.iter().flat_map(|size| size.to_be_bytes());
    let back: Vec<u8> = [0, 0, 8, read.sizes.len() as u8].into_iter().chain(sizes).chain(read.values.clone()).collect();
    assert_eq!(back, bytes, "what was read is not what was there");
    assert_ne!(read.picture().is_ok(), read.into_labels().is_ok(), "pictures or labels");
}

async fn gzip_file(bytes: &[u8]) {
    const MOST: usize = 1 << 16;
    if let Ok(out) = gzip::unpack(bytes.to_vec(), MOST).await {
        assert!(out.len() <= MOST, "{} bytes", out.len());
    }
    // Packing takes much longer than unpacking: not for every input.
    if bytes.first().is_none_or(|first| first % 16 == 0) {
        let whole = gzip::unpack(packed(bytes), bytes.len()).await;
        assert_eq!(whole.as_deref(), Ok(bytes), "what was packed comes back");
    }
}

pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn csv_text(bytes: &[u8]) {
    let whole = Reading::new(bytes.to_vec()).finish();
    // Line by line, as a page with no time reads it.
    let mut reading = Reading::new(bytes.to_vec());
    let slowly = loop {
        match reading.step(1) {
            Ok(false) => continue,
            Ok(true) => break reading.finish(),
            Err(error) => break Err(error),
        }
    };
    match (&whole, &slowly) {
        (Ok(whole), Ok(slowly)) => assert_eq!(whole, slowly),
        (Err(whole), Err(slowly)) => assert_eq!(whole, slowly),
        _ => panic!("{whole:?} at once, {slowly:?} line by line"),
    }
    match whole {
        Ok(table) => good_table(table),
        Err(DataError::Text { row, column, reason }) => {
            let lines = bytes.split(|&byte| byte == b'\n').count() as u64;
            assert!((1..=lines).contains(&row) && column > 0, "row {row}, column {column}: {reason}");
        }
        Err(DataError::Empty(_)) => {}
        Err(other) => panic!("an error without a place: {other}"),
    }
}

fn good_table(table: Table) {
    let rows = table.values.len() / table.cols;
    assert!(table.cols >= 2 && rows > 0 && table.values.len() == rows * table.cols, "{table:?}");
    assert!(table.values.iter().all(|value| value.is_finite()), "{table:?}");
    assert!(table.labels.is_empty() == table.classes.is_empty(), "{table:?}");
    assert!(table.labels.is_empty() || table.labels.len() == rows, "{table:?}");
    assert!(table.labels.iter().all(|&label| usize::from(label) < table.classes.len()), "{table:?}");
    let mut twice = table.clone();
    twice.append(table.clone()).expect("a table goes with itself");
    assert_eq!((twice.values.len(), twice.classes), (2 * table.values.len(), table.classes));
}

fn ucr_text(bytes: &[u8]) {
    match ucr::parse(bytes) {
        Ok(series) => {
            assert_eq!(series.values.len(), series.cols * series.classes.len());
            assert!(series.values.iter().all(|value| value.is_finite()));
            let least = series.classes.iter().copied().min().expect("a row");
            for first in [least, 1, i32::MIN, i32::MAX] {
                let _ = series.labels(first);
            }
            if let Ok((labels, names)) = series.labels_by_order() {
                assert!(labels.iter().all(|&label| usize::from(label) < names.len()));
            }
        }
        Err(DataError::Text { row, column, .. }) => assert!(row > 0 && column > 0),
        Err(DataError::Empty(_)) => {}
        Err(other) => panic!("an error without a place: {other}"),
    }
}

fn png_picture(bytes: &[u8]) {
    let Ok(read) = png::read(bytes) else { return };
    assert_eq!(u64::from(read.rows) * u64::from(read.cols), read.pixels.len() as u64);
    let file = png::grey(read.rows, read.cols, &read.pixels).expect("a picture can be written");
    let back = png::read(&file).expect("and read");
    assert_eq!((back.rows, back.cols, back.pixels), (read.rows, read.cols, read.pixels));
}

/// Names that say which half, or which class; and some that say nothing.
const NAMES: [&str; 8] =
    ["train.a", "test.b", "t10k-labels.c", "3_x.png", "4-y.png", "_.png", "train_test", "\u{202e}\u{0}é.csv"];

/// Several files from one input: a byte with their number and what is wished, three for the tile, then of each file a byte
/// for its name and two for its length; the last has what is left.
async fn own_files(bytes: &[u8]) {
    let Some((&[head, down, across, _], mut rest)) = bytes.split_first_chunk::<4>() else { return };
    let wish = |bits: u8| [None, None, Some(false), Some(true)][usize::from(bits & 3)];
    let tile = (head & 0x40 != 0).then_some([down.into(), across.into()]);
    let wishes = Wishes { tile, series: wish(head >> 2), invert: wish(head >> 4) };
    let count = head & 3;
    let mut files = Vec::new();
    for i in 0..=count {
        let Some((&[name, low, high], after)) = rest.split_first_chunk::<3>() else { break };
        let len = usize::from(u16::from_le_bytes([low, high]));
        let len = if i == count { after.len() } else { len.min(after.len()) };
        let (content, after) = after.split_at(len);
        files.push(Named { name: NAMES[usize::from(name) % NAMES.len()].into(), content: content.to_vec() });
        rest = after;
    }
    if let Ok(split) = own::whole(files.clone(), wishes).await {
        assert!(!split.train.is_empty() && !split.test.is_empty());
    }
    let Ok(read) = own::read(files, wishes, |_| std::future::ready(())).await else { return };
    let slug = read.split.train.slug();
    assert!(is_own(slug) && read.range[0] < read.range[1]);
    let inputs = read.classes().iter().map(|(_, train, test)| train + test).sum::<u32>();
    assert!(inputs == 0 || inputs as usize == read.split.train.len() + read.split.test.len());
    // Links name such sets, too.
    let opened = link::read(&format!("#/studio?data={slug}"));
    assert_eq!((opened.recipe.data.as_str(), opened.notices.len()), (slug, 0));
}

fn weights(bytes: &[u8]) {
    let _ = checkpoint::widths(bytes);
    // The network of the first seed: most files that are nearly good are of it.
    let now = Recipe { data: "none".into(), encoder: vec![3], z: 2, ..Recipe::default() };
    let Ok(file) = weights_file(bytes, &now) else { return };
    assert_eq!(file.recipe.check(), Ok(()));
    assert!(file.values.iter().all(|value| value.is_finite()));
    let widths = checkpoint::widths(bytes).expect("it was read");
    let spec = file.recipe.network(widths.encoder[0], false).or_else(|_| file.recipe.network(widths.encoder[0], true));
    let spec = spec.expect("it was read");
    assert_eq!(file.values.len(), spec.parameters());
    let again = checkpoint::write(&spec, &file.values, Precision::F32, HashMap::new()).expect("they fit");
    assert_eq!(checkpoint::read(&again, &spec).expect("our own"), file.values);
}

/// Bytes that end in the checksum of those before them: nobody would guess it.
fn with_checksum(bytes: &[u8]) -> Option<Vec<u8>> {
    let content = bytes.get(..bytes.len().checked_sub(4)?)?;
    Some([content, &crc32(content).to_le_bytes()].concat())
}

fn compressed(bytes: &[u8]) {
    let _ = Compressed::read(bytes);
    let Some(Ok(file)) = with_checksum(bytes).map(|bytes| Compressed::read(&bytes)) else { return };
    assert_eq!(file.weights.len(), file.decoder.parameters());
    let codes = file.codes();
    assert_eq!(codes.len(), file.count as usize * file.decoder.inputs() as usize);
    assert!(codes.iter().all(|code| code.is_finite()));
    let again = file.write().expect("it fits");
    assert_eq!(Compressed::read(&again), Ok(file));
}

fn link_text(text: &str) {
    let read = link::read(text);
    assert_eq!(read.recipe.check(), Ok(()), "{text:?}");
    for notice in &read.notices {
        let said = notice.to_string();
        assert!(said.chars().count() < 300 && !said.contains(char::is_control), "{said:?}");
    }
    let written = link::write_shown(read.lesson, &read.recipe, &read.view, read.drawing.as_ref());
    let again = link::read(&written);
    assert_eq!((again.lesson.slug, &again.recipe), (read.lesson.slug, &read.recipe), "{written}");
    assert_eq!((&again.view, &again.drawing), (&read.view, &read.drawing), "{written}");
    assert_eq!(again.notices, [], "{written}");
}

/// Numbers as they lie in memory, least byte first.
fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}

/// Two bytes that choose a picture's shape, then dots as three numbers each; one of no width begins a stroke.
fn drawing(bytes: &[u8]) {
    let Some((&[rows, columns], rest)) = bytes.split_first_chunk::<2>() else { return };
    let numbers = floats(rest);
    let mut strokes = vec![Vec::new()];
    for &[x, y, width] in numbers.as_chunks::<3>().0 {
        if width == 0.0 {
            strokes.push(Vec::new());
        }
        strokes.last_mut().expect("at least one").push(Dot { x, y, width });
    }
    let digit = draw::digit(&strokes);
    assert!(digit.len() == SIDE * SIDE && digit.iter().all(|ink| (0.0..=1.0).contains(ink)), "{strokes:?}");
    // Other shapes take a hundred times as long as the digit.
    if rows % 32 == 0 {
        let shape = (usize::from(rows / 32), usize::from(columns % 16));
        assert_eq!(draw::fitted(digit, shape).len(), shape.0 * shape.1);
    }
    if let [x0, y0, x1, y1, at, by, series @ ..] = &numbers[..] {
        let mut series = series.to_vec();
        draw::redraw(&mut series, (*x0, *y0), (*x1, *y1));
        draw::bend(&mut series, *at, *by);
    }
}

fn record(bytes: &[u8]) {
    let _ = Record::read(bytes);
    // The checksum is of what comes after it, so that one that fits is put there.
    let Some((head, body)) = bytes.split_at_checked(8) else { return };
    let mut fitting = head.to_vec();
    fitting.splice(4.., crc32(body).to_le_bytes());
    fitting.extend(body);
    if let Ok(record) = Record::read(&fitting) {
        // Bytes and not records: what is not a number does not equal itself.
        let again = record.bytes();
        assert_eq!(Record::read(&again).expect("our own").bytes(), again);
    }
}

fn catalogue(bytes: &[u8]) {
    let Ok(read) = Catalogue::read(bytes) else { return };
    assert_eq!(Catalogue::read(read.to_json().as_bytes()).as_ref(), Ok(&read));
    for set in &read.sets {
        let each = set.files.iter().map(|file| file.bytes);
        assert_eq!(set.bytes(), each.fold(0, u64::saturating_add));
    }
}
