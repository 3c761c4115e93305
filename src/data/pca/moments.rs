//! Sums of values and of their products over a data set, as many rows at a time as the caller has time for.
use crate::data::{Dataset, Values};
use nalgebra::{DMatrix, DMatrixView, DVector, Dyn};

/// Multiplications per slice: some 10 ms natively.
const WORK: usize = 12_000_000;
/// 255 · 255 · 65,536 is still less than 2^32.
const MOST_ROWS: usize = 1 << 16;

/// Σ (x - shift) and Σ (x - shift)(x - shift)ᵀ over the rows so far.
#[derive(Debug)]
pub(super) struct Moments {
    rows: usize,
    /// Any point near the data: it keeps the difference in [`Self::covariance_about`] from cancelling.
    shift: Vec<f64>,
    sum: DVector<f64>,
    square: DMatrix<f64>,
    /// For bytes: Σ x and the lower triangle of Σ x xᵀ in whole numbers, not yet added to the above.
    bytes: Option<ByteSums>,
}

#[derive(Debug)]
struct ByteSums {
    rows: usize,
    sum: Vec<u32>,
    square: Vec<u32>,
}

impl Moments {
    /// None yet, of inputs like those of `set`.
    pub(super) fn new(set: &Dataset) -> Self {
        let width = set.width();
        let (shift, bytes) = match set.values() {
            Values::Bytes(_) => {
                let sums = ByteSums { rows: 0, sum: vec![0; width], square: vec![0; width * width] };
                (vec![0.0; width], Some(sums))
            }
            Values::Floats(_) => (set.row(0).unwrap_or_default().into_iter().map(f64::from).collect(), None),
        };
        Self { rows: 0, shift, sum: DVector::zeros(width), square: DMatrix::zeros(width, width), bytes }
    }

    /// Rows done.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes in some more rows. True: there are no more.
    pub(super) fn step(&mut self, set: &Dataset) -> bool {
        let width = set.width();
        match (set.values(), &mut self.bytes) {
            (Values::Bytes(values), Some(sums)) => {
                let mut work = 0;
                for row in values.chunks_exact(width).skip(self.rows) {
                    work += sums.add(row) + width;
                    self.rows += 1;
                    if sums.rows == MOST_ROWS {
                        break;
                    }
                    if work >= WORK {
                        return false;
                    }
                }
                self.flush();
            }
            (Values::Floats(values), _) => {
                let most = (WORK / (width * width)).clamp(8, 4096);
                let start = (self.rows * width).min(values.len());
                let end = (start + most * width).min(values.len());
                let block: Vec<f64> = values
                    .get(start..end)
                    .unwrap_or_default()
                    .chunks_exact(width)
                    .flat_map(|row| row.iter().zip(&self.shift).map(|(&value, shift)| f64::from(value) - shift))
                    .collect();
                // Row-major [rows, width] is column-major [width, rows]; swapped strides give its transpose.
                let rows = block.len() / width;
                let columns = DMatrixView::from_slice(&block, width, rows);
                let transposed =
                    DMatrixView::from_slice_with_strides_generic(&block, Dyn(rows), Dyn(width), Dyn(width), Dyn(1));
                self.sum += columns.column_sum();
                self.square.gemm(1.0, &columns, &transposed, 1.0);
                self.rows += rows;
            }
            // A set of bytes and sums for floats: not what `new` was given.
            (Values::Bytes(_), None) => return true,
        }
        self.rows >= set.len()
    }

    /// Adds the whole numbers, exactly so far, to the sums in 0..1.
    fn flush(&mut self) {
        let Some(sums) = &mut self.bytes else { return };
        let scale = 1.0 / 255.0;
        let width = self.sum.len();
        for (total, sum) in self.sum.iter_mut().zip(&mut sums.sum) {
            *total += f64::from(std::mem::take(sum)) * scale;
        }
        // `square` is column-major: column i holds products i, j with j ≥ i, and its mirror follows.
        for (mut column, sums) in self.square.column_iter_mut().zip(sums.square.chunks_exact_mut(width)) {
            for (total, sum) in column.iter_mut().zip(sums) {
                *total += f64::from(std::mem::take(sum)) * (scale * scale);
            }
        }
        sums.rows = 0;
        self.square.fill_upper_triangle_with_lower_triangle();
    }

    /// The mean, \[width\].
    pub(super) fn mean(&self) -> DVector<f64> {
        let shift = DVector::from_iterator(self.shift.len(), self.shift.iter().copied());
        &self.sum / self.rows.max(1) as f64 + shift
    }

    /// The mean of (x - centre)(x - centre)ᵀ, \[width, width\]. With the mean as centre it is the covariance.
    pub(super) fn covariance_about(self, centre: &DVector<f64>) -> DMatrix<f64> {
        let rows = self.rows.max(1) as f64;
        let shift = DVector::from_vec(self.shift);
        let (mean, off) = (self.sum / rows, centre - shift);
        let mut square = self.square / rows;
        // (y - d)(y - d)ᵀ = y yᵀ - y dᵀ - d yᵀ + d dᵀ, with y = x - shift and d = centre - shift
        square.ger(-1.0, &mean, &off, 1.0);
        square.ger(-1.0, &off, &mean, 1.0);
        square.ger(1.0, &off, &off, 1.0);
        square
    }
}

impl ByteSums {
    /// Takes in one row; returns how many products that were. Zeros are passed over: four pixels in five of MNIST.
    fn add(&mut self, row: &[u8]) -> usize {
        let width = row.len();
        let inked: Vec<(usize, u32)> =
            row.iter().enumerate().filter(|&(_, &byte)| byte > 0).map(|(i, &byte)| (i, u32::from(byte))).collect();
        for (nth, &(i, value)) in inked.iter().enumerate() {
            if let Some(sum) = self.sum.get_mut(i) {
                *sum += value;
            }
            let products = self.square.get_mut(i * width..(i + 1) * width).unwrap_or_default();
            for &(j, other) in inked.iter().skip(nth) {
                if let Some(product) = products.get_mut(j) {
                    *product += value * other;
                }
            }
        }
        self.rows += 1;
        inked.len() * (inked.len() + 1) / 2
    }
}
