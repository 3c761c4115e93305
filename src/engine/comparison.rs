//! PCA of a data set, fitted beside whatever else goes on: what every lesson compares with.
use super::run::TEST_ROWS;
use crate::data::pca::{Pca, PcaJob};
use crate::data::{DataError, Dataset, Split};
use std::rc::Rc;

/// Components, as many as z goes up to on PCA's curve.
const COMPONENTS: usize = 64;

/// A fit under way.
pub struct Comparison {
    pub data: String,
    split: Rc<Split>,
    /// The part of the test set that the curve is measured on.
    test: Dataset,
    job: PcaJob,
}

/// What there is of it.
#[derive(Clone, Default)]
pub enum Fit {
    /// Nothing, of this data.
    #[default]
    None,
    /// It will be there.
    Underway,
    /// All.
    Done(Rc<Pca>),
}

impl Comparison {
    pub fn new(data: String, split: Rc<Split>) -> Result<Self, DataError> {
        let rows: Vec<usize> = (0..split.test.len().min(TEST_ROWS as usize)).collect();
        let test = split.test.select(&rows)?;
        let job = PcaJob::new(&split.train, &test, COMPONENTS)?;
        Ok(Self { data, split, test, job })
    }

    /// Some milliseconds of work: the result, at the end.
    pub fn step(&mut self) -> Option<Pca> {
        self.job.step(&self.split.train, &self.test)
    }
}
