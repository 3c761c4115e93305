//! The leading eigenvectors of a wide covariance, a panel of a matrix product at a time.
use super::{Pca, curve, sorted};
use crate::data::chance::Chance;
use nalgebra::{DMatrix, DVector};

/// Vectors iterated beyond those asked for. The error shrinks per iteration as the ratio of eigenvalues across
/// the whole block, so that a wider block needs fewer iterations.
const OVERSAMPLING: usize = 32;
/// Columns multiplied per step.
const PANEL: usize = 24;
/// The largest relative change of any point of the curve at which iterating stops.
const TOLERANCE: f64 = 1e-5;
/// Variance below this share of the largest is what rounding leaves of none.
const EMPTY: f64 = 1e-13;
/// By then even a spectrum without a gap moves nobody's curve visibly.
const MOST_ITERATIONS: usize = 60;

/// Block subspace iteration: multiply a block of vectors with the covariance, make it orthonormal again, repeat.
#[derive(Debug)]
pub(super) struct Iteration {
    mean: DVector<f64>,
    train: DMatrix<f64>,
    test: DMatrix<f64>,
    /// \[width, block\], orthonormal.
    basis: DMatrix<f64>,
    /// Covariance times basis, \[width, block\], complete in its first `columns` columns.
    product: DMatrix<f64>,
    columns: usize,
    stage: Stage,
    curve: Vec<f64>,
    count: usize,
}

#[derive(Debug)]
enum Stage {
    /// `product` becomes train · basis.
    Multiply,
    /// `product` becomes test · basis, whose diagonal of products gives the curve.
    Score { variances: DVector<f64>, next: DMatrix<f64> },
    /// The next basis is due.
    Orthonormalise { next: DMatrix<f64> },
}

impl Iteration {
    /// Begins with random vectors, the same every time. `test` is about the training mean.
    pub(super) fn new(mean: DVector<f64>, train: DMatrix<f64>, test: DMatrix<f64>, components: usize) -> Self {
        let width = mean.len();
        let block = (components + OVERSAMPLING).min(width);
        let mut chance = Chance::at(0, 0);
        let next = DMatrix::from_fn(width, block, |_, _| chance.between(-1.0, 1.0));
        Self {
            mean,
            train,
            test,
            basis: DMatrix::zeros(width, block),
            product: DMatrix::zeros(width, block),
            columns: 0,
            stage: Stage::Orthonormalise { next },
            curve: Vec::new(),
            count: 0,
        }
    }

    /// Iterations done.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// A little more; the result when the test curve no longer moves.
    pub(super) fn step(&mut self, components: usize) -> Option<Pca> {
        match std::mem::replace(&mut self.stage, Stage::Multiply) {
            Stage::Orthonormalise { next } => self.basis = filled(next).qr().q(),
            Stage::Multiply => {
                if multiplied(&self.train, &self.basis, &mut self.product, &mut self.columns) {
                    // Rayleigh-Ritz: the best turn of the basis are the eigenvectors of basisᵀ · train · basis.
                    let (variances, turn) = sorted(self.basis.transpose() * &self.product);
                    self.basis = &self.basis * &turn;
                    self.stage = Stage::Score { variances, next: &self.product * &turn };
                }
            }
            Stage::Score { variances, next } => {
                if !multiplied(&self.test, &self.basis, &mut self.product, &mut self.columns) {
                    self.stage = Stage::Score { variances, next };
                    return None;
                }
                let new = curve(&self.test, &self.basis, &self.product, components);
                self.count += 1;
                if settled(&self.curve, &new) || self.count == MOST_ITERATIONS {
                    return Some(Pca::from_parts(&self.mean, &self.basis, &variances, &new));
                }
                self.curve = new;
                self.stage = Stage::Orthonormalise { next };
            }
        }
        None
    }
}

/// Where the data have fewer directions than the block has vectors, what is left of the others is nothing, or noise that
/// has no length to be divided by: any directions will do, the same ones every time.
fn filled(mut block: DMatrix<f64>) -> DMatrix<f64> {
    let lengths: Vec<f64> = block.column_iter().map(|column| column.norm()).collect();
    let least = EMPTY * lengths.iter().copied().fold(0.0, f64::max);
    for (i, _) in lengths.iter().enumerate().filter(|(_, length)| **length <= least) {
        let mut chance = Chance::at(0, 1 + i as u64);
        block.column_mut(i).iter_mut().for_each(|value| *value = chance.between(-1.0, 1.0));
    }
    block
}

/// One panel more of `product` = `factor` · `basis`. True, and `columns` is 0 again: it is complete.
fn multiplied(factor: &DMatrix<f64>, basis: &DMatrix<f64>, product: &mut DMatrix<f64>, columns: &mut usize) -> bool {
    let panel = PANEL.min(basis.ncols() - *columns);
    product.columns_mut(*columns, panel).gemm(1.0, factor, &basis.columns(*columns, panel), 0.0);
    *columns += panel;
    let complete = *columns == basis.ncols();
    if complete {
        *columns = 0;
    }
    complete
}

/// No point of the curve has moved by more than [`TOLERANCE`] of itself. False for the first curve.
fn settled(old: &[f64], new: &[f64]) -> bool {
    // Data of few distinct rows has no error left at some k: there, nothing can be relative to it.
    let floor = new.first().copied().unwrap_or_default() * 1e-9;
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| (old - new).abs() <= TOLERANCE * new.max(floor))
}
