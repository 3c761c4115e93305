//! Principal component analysis: the best that a linear autoencoder can do, and so the line to beat.
//!
//! The components are the leading eigenvectors of the training set's covariance: for narrow inputs by nalgebra's
//! eigensolver, for wide ones by block subspace iteration with a Rayleigh-Ritz step (Y. Saad, "Numerical Methods for
//! Large Eigenvalue Problems", 2nd edition 2011, chapter 5). The error with k components on the test set T, about the
//! training mean μ, is (trace T - Σ vⱼᵀ T vⱼ) / width, summed over the first k components v.
mod moments;
mod subspace;

use super::{DataError, Dataset};
use moments::Moments;
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use subspace::Iteration;

/// Values per input at most: the covariance of more would not fit on a phone.
pub const MOST_WIDTH: usize = 2048;
/// Up to this width all eigenvectors are computed at once, which is quick enough for one step.
const NARROW: usize = 160;
/// A mean and the directions of largest variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean training input, \[width\].
    pub mean: Vec<f32>,
    /// Orthonormal directions by falling variance, \[components, width\], row by row.
    pub components: Vec<f32>,
    /// The training set's variance along each (its covariance divides by n), \[components\].
    pub variances: Vec<f32>,
    /// Mean squared error per value on the test set with k = 0 (the mean), 1, ... components, \[components + 1\].
    pub test_mse: Vec<f32>,
}

/// A fit in slices: call [`Self::step`] until it returns the result.
#[derive(Debug)]
pub struct PcaJob {
    components: usize,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Train(Moments),
    Test { mean: DVector<f64>, train: DMatrix<f64>, test: Moments },
    Iterate(Box<Iteration>),
    Done,
}

impl PcaJob {
    /// A fit of `components` directions (or the width, if that is less) to `train`, to be scored on `test`.
    ///
    /// # Errors
    /// If the widths differ, or inputs are wider than [`MOST_WIDTH`].
    pub fn new(train: &Dataset, test: &Dataset, components: usize) -> Result<Self, DataError> {
        let width = train.width();
        if width > MOST_WIDTH {
            return Err(DataError::TooLarge {
                what: "the number of values per input, for PCA",
                got: width as u64,
                most: MOST_WIDTH as u64,
            });
        }
        if test.width() != width {
            return Err(DataError::Disagree {
                what: "the number of values per test input",
                got: test.width() as u64,
                other: "that per training input",
                expected: width as u64,
            });
        }
        let phase = Phase::Train(Moments::new(train));
        Ok(Self { components: components.min(width), phase })
    }

    /// How far it is, 0..1, at a guess.
    pub fn progress(&self, train: &Dataset, test: &Dataset) -> f32 {
        let read = |rows: usize| 0.5 * rows as f32 / (train.len() + test.len()) as f32;
        match &self.phase {
            Phase::Train(moments) => read(moments.rows()),
            Phase::Test { test: moments, .. } => read(train.len() + moments.rows()),
            // About as long as the reading, and mostly over after ten.
            Phase::Iterate(iteration) => 0.5 + 0.5 * (iteration.count() as f32 / 10.0).min(0.99),
            Phase::Done => 1.0,
        }
    }

    /// Some 20 ms of work, natively, on the same two data sets as in [`Self::new`]. The result comes once, at the end.
    pub fn step(&mut self, train: &Dataset, test: &Dataset) -> Option<Pca> {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Train(mut moments) => {
                self.phase = if moments.step(train) {
                    let mean = moments.mean();
                    let train = moments.covariance_about(&mean);
                    Phase::Test { mean, train, test: Moments::new(test) }
                } else {
                    Phase::Train(moments)
                };
                None
            }
            Phase::Test { mean, train, test: mut moments } => {
                if !moments.step(test) {
                    self.phase = Phase::Test { mean, train, test: moments };
                    return None;
                }
                let test = moments.covariance_about(&mean);
                if mean.len() <= NARROW {
                    return Some(all_at_once(&mean, train, &test, self.components));
                }
                self.phase = Phase::Iterate(Box::new(Iteration::new(mean, train, test, self.components)));
                None
            }
            Phase::Iterate(mut iteration) => {
                let result = iteration.step(self.components);
                if result.is_none() {
                    self.phase = Phase::Iterate(iteration);
                }
                result
            }
            Phase::Done => None,
        }
    }
}

impl Pca {
    /// Values per input.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// The code of one input: its coordinates along the first `k` components, or along all if there are fewer.
    ///
    /// # Errors
    /// If `input` is not \[width\].
    pub fn code(&self, input: &[f32], k: usize) -> Result<Vec<f32>, DataError> {
        self.agrees(input)?;
        let along = |component: &[f32]| {
            let terms = input.iter().zip(&self.mean).zip(component);
            terms.map(|((x, mean), v)| (f64::from(*x) - f64::from(*mean)) * f64::from(*v)).sum::<f64>() as f32
        };
        Ok(self.components.chunks_exact(self.width()).take(k).map(along).collect())
    }

    /// The input that a code stands for, \[width\]: the mean plus each coordinate times its component.
    pub fn decode(&self, code: &[f32]) -> Vec<f32> {
        let mut output = self.mean.clone();
        for (along, component) in code.iter().zip(self.components.chunks_exact(self.width())) {
            for (x, v) in output.iter_mut().zip(component) {
                *x += along * v;
            }
        }
        output
    }

    /// Mean squared error per value of every input of `set` rebuilt from `k` components, \[len\].
    ///
    /// # Errors
    /// If the widths differ.
    pub fn errors(&self, set: &Dataset, k: usize) -> Result<Vec<f32>, DataError> {
        let mut input = vec![0.0; self.width()];
        let mut errors = Vec::with_capacity(set.len());
        for row in 0..set.len() {
            set.copy_rows([row], &mut input)?;
            errors.extend(self.errors_of(&input, &[k as u32])?);
        }
        Ok(errors)
    }

    /// Mean squared error per value of one input, \[width\], rebuilt from each of these numbers of components.
    ///
    /// # Errors
    /// If `input` is not \[width\].
    pub fn errors_of(&self, input: &[f32], ks: &[u32]) -> Result<Vec<f32>, DataError> {
        let most = ks.iter().copied().max().unwrap_or(0);
        let code = self.code(input, most as usize)?;
        let centred = input.iter().zip(&self.mean).map(|(x, mean)| f64::from(*x) - f64::from(*mean));
        let length: f64 = centred.map(|x| x * x).sum();
        // Pythagoras: what the code does not hold is what is lost.
        let held = |k: u32| code.iter().take(k as usize).map(|&along| f64::from(along) * f64::from(along)).sum::<f64>();
        Ok(ks.iter().map(|&k| ((length - held(k)).max(0.0) / self.width() as f64) as f32).collect())
    }

    fn agrees(&self, input: &[f32]) -> Result<(), DataError> {
        if input.len() == self.width() {
            return Ok(());
        }
        Err(DataError::Disagree {
            what: "the number of values in this input",
            got: input.len() as u64,
            other: "that of the inputs PCA was fitted on",
            expected: self.width() as u64,
        })
    }

    /// From the mean, orthonormal vectors as columns, best first, their variances, and the test curve.
    fn from_parts(mean: &DVector<f64>, vectors: &DMatrix<f64>, variances: &DVector<f64>, curve: &[f64]) -> Self {
        let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<_>>();
        let components = curve.len() - 1;
        // v and -v are equally good; the larger side up, so that the same data always gives the same picture.
        let upright = |vector: nalgebra::DVectorView<f64>| {
            let sign = if vector.max() >= -vector.min() { 1.0 } else { -1.0 };
            vector.iter().map(|&value| (sign * value) as f32).collect::<Vec<_>>()
        };
        Self {
            mean: single(mean.as_slice()),
            components: vectors.column_iter().take(components).flat_map(upright).collect(),
            variances: variances.iter().take(components).map(|&value| value.max(0.0) as f32).collect(),
            test_mse: single(curve),
        }
    }
}

/// All eigenvectors of a small covariance in one go.
fn all_at_once(mean: &DVector<f64>, train: DMatrix<f64>, test: &DMatrix<f64>, components: usize) -> Pca {
    let (variances, vectors) = sorted(train);
    let product = test * vectors.columns(0, components);
    let curve = curve(test, &vectors, &product, components);
    Pca::from_parts(mean, &vectors, &variances, &curve)
}

/// Eigenvalues and eigenvectors of a symmetric matrix, largest first.
fn sorted(matrix: DMatrix<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<(usize, f64)> = eigen.eigenvalues.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let values = DVector::from_iterator(order.len(), order.iter().map(|&(_, value)| value));
    (values, eigen.eigenvectors.select_columns(order.iter().map(|(i, _)| i)))
}

/// The mean squared error per value with k = 0, 1, ..., `components`, of data whose covariance about the training
/// mean is `test`, where `product` = `test` · `vectors`.
fn curve(test: &DMatrix<f64>, vectors: &DMatrix<f64>, product: &DMatrix<f64>, components: usize) -> Vec<f64> {
    let width = test.nrows() as f64;
    let mut left = test.trace();
    let mut curve = vec![left / width];
    for (vector, image) in vectors.column_iter().zip(product.column_iter()).take(components) {
        left -= vector.dot(&image);
        curve.push(left.max(0.0) / width);
    }
    curve
}
