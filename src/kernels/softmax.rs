//! Softmax and cross-entropy: the loss of each row's class, and the gradient where the backward pass starts, in one pass.
use super::size;
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// sums [row] = log Σ exp(y) − y[goal]; dy [rows, cols] = (softmax(y) − 1 at the class) · scale.
    pub struct Softmax {
        /// Inputs in the batch.
        pub rows: u32,
        /// Classes.
        pub cols: u32,
        /// On the gradient: 1 / rows for a mean.
        pub scale: f32,
    }
}

/// Reads y and the number of each row's class, below `cols`; writes dy and sums.
pub static SOFTMAX: Kernel<Softmax, 2, 2> = kernel!("softmax", softmax, workgroups);

/// So far below the row's maximum an exponential counts as e to this, which is next to nothing.
const LEAST: f64 = -87.0;

fn softmax<T: Real>(p: &Softmax, []: [&[u32]; 0], [y, goal]: [&[T]; 2], [dy, sums]: [&mut [T]; 2]) {
    let cols = size(p.cols);
    for row in 0..size(p.rows) {
        let part = row * cols..(row + 1) * cols;
        let class = goal[row].f64() as usize;
        let y = &y[part.clone()];
        // A maximum drops a NaN: it is said in the loss.
        let finite = y.iter().all(|y| y.is_finite());
        let most = y.iter().copied().fold(T::min_value(), T::max);
        let exp = |y: T| (y - most).max(T::of(LEAST)).exp();
        let sum = y.iter().copied().map(exp).sum::<T>();
        for ((i, dy), &y) in dy[part].iter_mut().enumerate().zip(y) {
            let wanted = if i == class { T::one() } else { T::zero() };
            *dy = (exp(y) / sum - wanted) * T::of(p.scale.into());
        }
        // The maximum is one of the terms, so that the logarithm is of 1 or more.
        let loss = y.get(class).map_or(T::nan(), |&y| sum.ln() - (y - most));
        sums[row] = if finite { loss } else { T::nan() };
    }
}

fn workgroups(p: &Softmax) -> [u32; 3] {
    [p.rows, 1, 1]
}
