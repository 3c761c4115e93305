//! Two gradients that meet where a signal went two ways.
use super::size;
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// sum [rows, cols] += x.
    pub struct Add {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per input.
        pub cols: u32,
    }
}

/// Reads x; writes sum.
pub static ADD: Kernel<Add, 1, 1> = kernel!("add", add, workgroups);

fn add<T: Real>(p: &Add, []: [&[u32]; 0], [x]: [&[T]; 1], [sum]: [&mut [T]; 1]) {
    for (sum, &x) in sum.iter_mut().zip(x).take(size(p.rows * p.cols)) {
        *sum += x;
    }
}

fn workgroups(p: &Add) -> [u32; 3] {
    [p.rows, 1, 1]
}
