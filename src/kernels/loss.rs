//! The loss of each row, and the gradient where the backward pass starts, in one pass.
use super::activation::slope;
use super::{clock, size};
use crate::compute::{Kernel, Real, Tile};
use crate::{kernel, params};

params! {
    /// sums [row] = Σ over cols of the loss of y against target; dy = its gradient by what stood before σ, times scale.
    pub struct Loss {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per row.
        pub cols: u32,
        /// 0: squared error. 1: binary cross-entropy, after a sigmoid.
        pub kind: u32,
        /// The code of the last layer's σ.
        pub activation: u32,
        /// 1: row r is written to sums [START + r], as long as that is below `len`: errors of a whole data set.
        pub spread: u32,
        /// How many sums there are.
        pub len: u32,
        /// On the gradient: 1 / (rows · cols) for a mean.
        pub scale: f32,
    }
}

/// Reads y, target and the clock; writes dy and sums.
pub static LOSS: Kernel<Loss, 3, 2> = kernel!("loss", loss, workgroups, choices: &["kind", "activation", "spread"],
    software: Tile::Threads(4));

/// Where a logarithm is cut off, at about -16.1, so that a certain and wrong output costs much but not infinity. (PyTorch cuts
/// it at -100.) The gradient is that of the loss without a cut.
const LEAST: f64 = 1e-7;

pub(crate) fn loss<T: Real>(p: &Loss, []: [&[u32]; 0], [y, target, clock]: [&[T]; 3], [dy, sums]: [&mut [T]; 2]) {
    let (cols, scale) = (size(p.cols), T::of(p.scale.into()));
    let start = if p.spread == 1 { clock[clock::START].f64() as usize } else { 0 };
    for row in 0..size(p.rows) {
        let mut sum = T::zero();
        for i in row * cols..(row + 1) * cols {
            let (y, t) = (y[i], target[i]);
            let difference = y - t;
            if p.kind == 0 {
                sum += difference * difference;
                dy[i] = T::of(2.0) * difference * slope(p.activation, y) * scale;
            } else {
                sum -= t * y.max(T::of(LEAST)).ln() + (T::one() - t) * (T::one() - y).max(T::of(LEAST)).ln();
                // Sigmoid and cross-entropy together: the slope cancels.
                dy[i] = difference * scale;
            }
        }
        if start + row < size(p.len) {
            // A maximum above would have dropped a NaN: say it here.
            sums[start + row] = if y[row * cols..(row + 1) * cols].iter().all(|y| y.is_finite()) { sum } else { T::nan() };
        }
    }
}

fn workgroups(p: &Loss) -> [u32; 3] {
    [p.rows, 1, 1]
}
