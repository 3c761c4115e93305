//! Data sets made by formula, a few rows at a time.
use super::{DataError, Dataset, Kind, Source, Split, Values, beats::Beats, source, strokes::Strokes};

/// A data set being made. Its test rows follow its training rows in the order of their indices, so none is in both.
#[derive(Debug)]
pub struct Making {
    source: &'static Source,
    seed: u64,
    values: Values,
    labels: Vec<u8>,
}

impl Making {
    /// Begins with nothing made yet.
    ///
    /// # Errors
    /// If there is no data set of this slug that is made by formula.
    pub fn new(slug: &str, seed: u64) -> Result<Self, DataError> {
        let source = source(slug)
            .filter(|source| source.kind == Kind::BuiltIn)
            .ok_or_else(|| DataError::UnknownSet(slug.into()))?;
        let rows = source.train + source.test;
        let values = if source.unit {
            Values::Bytes(Vec::with_capacity(rows * source.shape.width()))
        } else {
            Values::Floats(Vec::with_capacity(rows * source.shape.width()))
        };
        Ok(Self { source, seed, values, labels: Vec::with_capacity(rows) })
    }

    /// Makes up to `rows` more. True: all are made.
    pub fn step(&mut self, rows: usize) -> bool {
        let (done, all) = self.progress();
        let range = done as u64..done.saturating_add(rows.max(1)).min(all) as u64;
        match &mut self.values {
            Values::Bytes(pixels) => Strokes::new(self.seed).fill(range, pixels, &mut self.labels),
            Values::Floats(samples) => Beats::new(self.seed).fill(range, samples, &mut self.labels),
        }
        self.labels.len() == all
    }

    /// Rows made so far, and in all.
    pub fn progress(&self) -> (usize, usize) {
        (self.labels.len(), self.source.train + self.source.test)
    }

    /// Makes what is left, and hands it over.
    ///
    /// # Errors
    /// None that these formulas can cause; they are checked as files are.
    pub fn finish(mut self) -> Result<Split, DataError> {
        while !self.step(1000) {}
        let (source, train) = (self.source, self.source.train);
        let test_labels = self.labels.split_off(train);
        let (train_values, test_values) = match self.values {
            Values::Bytes(pixels) => {
                let (train, test) = parted(pixels, train * source.shape.width());
                (Values::Bytes(train), Values::Bytes(test))
            }
            Values::Floats(samples) => {
                let (train, test) = parted(samples, train * source.shape.width());
                (Values::Floats(train), Values::Floats(test))
            }
        };
        let dataset = |values, labels| {
            let classes = source.classes.iter().map(|&class| class.into()).collect();
            Dataset::new(source.slug, source.title, source.shape, values, labels, classes)
        };
        Split::new(dataset(train_values, self.labels)?, dataset(test_values, test_labels)?)
    }
}

/// What is before a place and what follows, each in memory of its size: the first had room for both.
fn parted<T>(mut all: Vec<T>, at: usize) -> (Vec<T>, Vec<T>) {
    let rest = all.split_off(at);
    all.shrink_to_fit();
    (all, rest)
}

/// A whole data set made by formula: `strokes` or `beats`.
///
/// # Errors
/// As [`Making::new`].
pub fn built_in(slug: &str, seed: u64) -> Result<Split, DataError> {
    Making::new(slug, seed)?.finish()
}
