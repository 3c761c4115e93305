//! A visitor's pictures: from what files hold to light ink on dark paper, as digits are.
use super::{Inputs, Named, Own, Wishes, divide};
use crate::data::csv::Table;
use crate::data::error::grouped;
use crate::data::png::Grey;
use crate::data::{DataError, Shape, Values};
use crate::words;

/// Pixels of one picture: as many inputs as a network may have.
const MOST_PIXELS: u64 = 4096;
/// Pixels of all.
const MOST_BYTES: u64 = 64 << 20;
/// The edge of a tile, if nobody says another one and the sheet can be cut so: that of the published digits.
const EDGE: u32 = 28;
/// The least edge of pictures in a CSV file: fewer columns are a table and no pictures.
const LEAST_EDGE: usize = 4;
/// Grey levels that reach no further than this are stretched: nobody would see anything.
const FAINT: u8 = 127;

/// Pictures with what was found on the way.
pub(super) struct Pictures {
    pub inputs: Inputs,
    pub facts: Vec<String>,
    pub taken: Wishes,
}

impl Pictures {
    /// The data set: faint ones are stretched, dark ink on light paper is inverted, unless the visitor wants it otherwise.
    pub fn own(self, wishes: Wishes) -> Result<Own, DataError> {
        let Self { mut inputs, mut facts, mut taken } = self;
        let Shape { rows, cols } = inputs.shape;
        let Values::Bytes(values) = &mut inputs.values else { return Err(DataError::Empty("picture")) };
        let count = values.len() / inputs.shape.width().max(1);
        let what = words!("{} pictures of {rows} × {cols} pixels.", grouped(count as u64));
        facts.insert(0, what);
        let [least, most] = values.iter().fold([u8::MAX, 0], |[a, b], &x| [a.min(x), b.max(x)]);
        if least >= most {
            return Err(DataError::AllEqual);
        }
        if most <= FAINT {
            values.iter_mut().for_each(|x| *x = (u32::from(*x) * 255 / u32::from(most)) as u8);
            facts.push(words!("The largest value is {most}, so all are stretched to reach 255."));
        }
        let mean = values.iter().map(|&x| u64::from(x)).sum::<u64>() as f64 / values.len().max(1) as f64;
        let light = mean > 127.5;
        let invert = wishes.invert.unwrap_or(light);
        taken.invert = Some(invert);
        if invert {
            values.iter_mut().for_each(|x| *x = 255 - *x);
        }
        match (light, invert) {
            (true, true) => facts.push(words!("Dark ink on light paper (mean {mean:.0} of 255): inverted.")),
            (true, false) => facts.push(words!("Light paper (mean {mean:.0} of 255), not inverted, as you wish.")),
            (false, true) => facts.push("Inverted, as you wish.".into()),
            (false, false) => {}
        }
        // One class says as much as none, and lessons that compare classes have nothing to compare.
        if inputs.classes.len() == 1 {
            facts.push(words!("All are of class “{}”, so there are no classes.", inputs.classes.concat()));
        }
        if inputs.classes.len() < 2 {
            (inputs.labels, inputs.classes) = (Vec::new(), Vec::new());
        }
        let (rows, divided) = divide(count, &inputs.labels, inputs.train)?;
        facts.push(divided);
        Ok(Own { split: inputs.split(rows)?, range: [least.into(), most.into()], facts, taken })
    }
}

/// A shape that networks here take, with so many pictures of it.
pub(super) fn checked(rows: u64, cols: u64, count: u64) -> Result<Shape, DataError> {
    if rows < 2 || cols < 2 {
        return Err(DataError::Unfit(words!(
            "a picture has {rows} × {cols} pixels, and at least 2 × 2 are needed: choose larger ones"
        )));
    }
    let pixels = rows.saturating_mul(cols);
    if pixels > MOST_PIXELS {
        return Err(DataError::Unfit(words!(
            "a picture has {} × {} = {} pixels, and a network here takes at most {}: make them smaller",
            grouped(rows),
            grouped(cols),
            grouped(pixels),
            grouped(MOST_PIXELS)
        )));
    }
    let got = pixels.saturating_mul(count);
    if got > MOST_BYTES {
        return Err(DataError::TooLarge { what: "the number of pixels in all", got, most: MOST_BYTES });
    }
    // Both are at most MOST_PIXELS.
    Ok(Shape { rows: rows as usize, cols: cols as usize })
}

/// Class numbers as labels from 0, in their order, with the numbers as names.
pub(super) fn named(numbers: &[u8]) -> (Vec<u8>, Vec<String>) {
    let mut distinct = numbers.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let label = |number: &u8| distinct.binary_search(number).unwrap_or_default() as u8;
    (numbers.iter().map(label).collect(), distinct.iter().map(u8::to_string).collect())
}

/// Words as labels from 0: numbers by size, then words by letter.
fn worded(words: &[String]) -> Result<(Vec<u8>, Vec<String>), DataError> {
    let mut distinct: Vec<&String> = words.iter().collect();
    distinct.sort_by_key(|word| (word.parse::<u64>().unwrap_or(u64::MAX), *word));
    distinct.dedup();
    if distinct.len() > 256 {
        return Err(DataError::TooLarge { what: "the number of classes", got: distinct.len() as u64, most: 256 });
    }
    let label = |word: &String| distinct.iter().position(|other| *other == word).unwrap_or_default() as u8;
    Ok((words.iter().map(label).collect(), distinct.into_iter().cloned().collect()))
}

/// The edge of square pictures of so many pixels.
pub(in crate::data) fn edge(pixels: usize) -> Option<usize> {
    let edge = pixels.isqrt();
    (edge >= LEAST_EDGE && edge * edge == pixels).then_some(edge)
}

/// Whether a table can be pictures: whole numbers from 0 to 255, as many as make a square.
pub(super) fn could_be(table: &Table) -> bool {
    let whole = |value: &f32| (0.0..=255.0).contains(value) && value.fract() == 0.0;
    edge(table.cols).is_some() && table.values.iter().all(whole)
}

/// The pictures of a table that [`could_be`] some.
pub(super) fn of_table(title: String, table: Table, train: Option<usize>) -> Result<Pictures, DataError> {
    let Table { cols, values, labels, classes } = table;
    let edge = edge(cols).unwrap_or(cols) as u64;
    let shape = checked(edge, edge, (values.len() / cols.max(1)) as u64)?;
    let values: Vec<u8> = values.into_iter().map(|value| value as u8).collect();
    let words: Vec<String> = labels.iter().filter_map(|&label| classes.get(usize::from(label)).cloned()).collect();
    let (labels, classes) = worded(&words)?;
    let mut facts = vec![words!("Whole numbers from 0 to 255, {cols} to a row: taken as pictures.")];
    if !classes.is_empty() {
        facts.push(words!("{} classes, by their column.", classes.len()));
    }
    let inputs = Inputs { title, shape, values: Values::Bytes(values), labels, classes, train };
    Ok(Pictures { inputs, facts, taken: Wishes { series: Some(false), ..Wishes::default() } })
}

/// Each file is a picture. The class is what a name has before its first `_` or `-`, if every name has that, and some
/// class has two pictures.
pub(super) fn of_tiles(title: String, tiles: Vec<(String, Grey)>) -> Result<Pictures, DataError> {
    let Some((first, Grey { rows, cols, .. })) = tiles.first() else { return Err(DataError::Empty("picture")) };
    let shape = checked((*rows).into(), (*cols).into(), tiles.len() as u64).map_err(|e| e.in_file(first))?;
    if let Some((name, odd)) = tiles.iter().find(|(_, tile)| (tile.rows, tile.cols) != (*rows, *cols)) {
        return Err(DataError::Unfit(words!(
            "it has {} × {} pixels, and {first} has {rows} × {cols}: all have to be of one size",
            odd.rows,
            odd.cols
        ))
        .in_file(name));
    }
    let word = |(name, _): &(String, Grey)| {
        name.split_once(['_', '-']).map(|(word, _)| word.trim().chars().take(40).collect::<String>())
    };
    let words: Option<Vec<String>> = tiles.iter().map(word).collect();
    let (labels, classes) = match &words {
        Some(words) => worded(words)?,
        None => (Vec::new(), Vec::new()),
    };
    let told_apart = !classes.is_empty() && classes.len() < tiles.len();
    let (labels, classes) = if told_apart { (labels, classes) } else { (Vec::new(), Vec::new()) };
    let mut facts = vec![match classes.len() {
        0 => "No classes: names would have to start with one, as in “3_a.png”.".into(),
        count => words!("{count} classes, by what the names have before “_” or “-”."),
    }];
    facts.extend(tiles.iter().find_map(|(_, tile)| tile.changed()));
    let values = tiles.into_iter().flat_map(|(_, tile)| tile.pixels).collect();
    let inputs = Inputs { title, shape, values: Values::Bytes(values), labels, classes, train: None };
    Ok(Pictures { inputs, facts, taken: Wishes::default() })
}

/// One picture is cut into tiles, row by row. Empty ones at the end are no pictures.
pub(super) fn of_sheet(sheet: Named<Grey>, tile: Option<[u32; 2]>) -> Result<Pictures, DataError> {
    let Named { name, content: Grey { rows, cols, .. } } = &sheet;
    let (rows, cols) = (*rows, *cols);
    let can_be_cut =
        |[down, across]: [u32; 2]| down > 0 && across > 0 && rows.is_multiple_of(down) && cols.is_multiple_of(across);
    let [down, across] = match tile {
        Some(tile) => tile,
        None if can_be_cut([EDGE; 2]) => [EDGE; 2],
        None => {
            return Err(DataError::Unfit(words!(
                "the sheet has {rows} × {cols} pixels, which is no whole number of tiles of {EDGE} × {EDGE}: say how large a \
                 tile is"
            ))
            .in_file(name));
        }
    };
    if !can_be_cut([down, across]) {
        return Err(DataError::Unfit(words!(
            "the sheet has {rows} × {cols} pixels, which is no whole number of tiles of {down} × {across}"
        ))
        .in_file(name));
    }
    let (high, wide) = (rows / down, cols / across);
    let count = u64::from(high) * u64::from(wide);
    let shape = checked(down.into(), across.into(), count).map_err(|e| e.in_file(name))?;
    let mut values = Vec::with_capacity(sheet.content.pixels.len());
    // Bands of tiles, and in each the tiles from left to right.
    for band in sheet.content.pixels.chunks_exact(cols as usize * shape.rows) {
        for left in (0..cols as usize).step_by(shape.cols) {
            values.extend(
                band.chunks_exact(cols as usize).filter_map(|line| line.get(left..left + shape.cols)).flatten(),
            );
        }
    }
    let is_empty = |tile: &[u8]| tile.iter().all(|pixel| Some(pixel) == tile.first());
    let empty = values.chunks_exact(shape.width()).rev().take_while(|tile| is_empty(tile)).count();
    values.truncate(values.len() - empty * shape.width());
    let mut facts = vec![words!("Cut from a sheet of {high} rows of {wide}."), "No classes.".into()];
    facts.extend((empty > 0).then(|| words!("{empty} empty ones at its end are left out.")));
    facts.extend(sheet.content.changed());
    let inputs = Inputs {
        title: sheet.name,
        shape,
        values: Values::Bytes(values),
        labels: Vec::new(),
        classes: Vec::new(),
        train: None,
    };
    Ok(Pictures { inputs, facts, taken: Wishes { tile: Some([down, across]), ..Wishes::default() } })
}
