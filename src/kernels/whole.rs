//! Whole steps of a small network in one call: for networks whose every layer is done before the next call has begun.
//!
//! The twin is the other kernels' twins, one after the other; the WGSL does the same in one workgroup, whose threads
//! wait for each other in between.
use super::dense::{Dense, DenseDw, DenseDx, dense, dense_dw, dense_dx};
use super::gather::{Gather, gather};
use super::loss::{Loss, loss};
use super::tick::{Tick, tick};
use super::size;
use crate::compute::{Kernel, Real, Tile};
use crate::{form, params};

params! {
    /// Everything that decides a step, but the layers.
    pub struct Whole {
        /// Inputs in the batch, at most [`MOST_ROWS`].
        pub rows: u32,
        /// Values per input.
        pub cols: u32,
        /// Inputs in the data set.
        pub len: u32,
        /// As in [`Gather`].
        pub bytes: u32,
        /// As in [`Gather`].
        pub shuffle: u32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
        /// Layers.
        pub count: u32,
        /// Steps in this call.
        pub steps: u32,
        /// The loss: as in [`Loss`].
        pub kind: u32,
        /// The σ of all layers but the last, as bits by their codes.
        pub inner: u32,
        /// The code of the last layer's σ.
        pub outer: u32,
        /// How many losses are kept.
        pub slots: u32,
        /// 1 / (rows · cols) for a mean.
        pub scale: f32,
        /// η
        pub rate: f32,
        /// As in [`DenseDw`].
        pub optimiser: u32,
        /// β₁, or the momentum.
        pub beta1: f32,
        /// β₂
        pub beta2: f32,
        /// 1 − β₁, rounded once.
        pub rest1: f32,
        /// 1 − β₂, rounded once.
        pub rest2: f32,
        /// ε
        pub epsilon: f32,
    }
}

/// Rows of a batch at most: as many as the workgroup keeps in mind.
pub const MOST_ROWS: u32 = 256;
/// Words per layer in the table: inputs, outputs, where its weights, its y and its dy start, the code of its σ.
pub const LAYER: usize = 6;

/// Reads the data set's words and the table of layers; writes the clock, the weights, both moments, the signals (x,
/// every y, every dy) and the losses.
pub static WHOLE: Kernel<Whole, 0, 6, 2> = Kernel {
    name: "whole",
    wgsl: include_str!(concat!(env!("OUT_DIR"), "/whole.wgsl")),
    twin: whole::<f32>,
    #[cfg(not(feature = "web"))]
    exact: whole::<f64>,
    fast: None,
    forms: &[form!("whole", GPU, of workgroups), form!("whole", SOFTWARE, of workgroups)],
    choices: &["bytes", "shuffle", "kind", "inner", "outer", "optimiser"],
    sizes,
};

/// Many teams of threads with small tiles.
const GPU: Tile = Tile::Registers { rows: 4, cols: 4, lanes: 4, group: 64 };
/// One team, as wide as its vectors: threads that wait for each other cost it most.
const SOFTWARE: Tile = Tile::Registers { rows: 32, cols: 8, lanes: 4, group: 1 };

fn whole<T: Real>(
    p: &Whole,
    [data, layers]: [&[u32]; 2],
    []: [&[T]; 0],
    [clock, weights, first, second, signals, losses]: [&mut [T]; 6],
) {
    let (rows, cols, scale) = (p.rows, p.cols, p.scale);
    let inputs = size(rows * cols);
    let table: Vec<[u32; LAYER]> = layers.as_chunks().0.iter().take(size(p.count)).copied().collect();
    let span = |start: u32, width: u32| size(start)..size(start + rows * width);
    // Twins read and write whole buffers: each gets a copy of its part, and its result is put back.
    let part = |signals: &[T], start: u32, width: u32| signals[span(start, width)].to_vec();
    let x_of = |i: usize| if i == 0 { 0 } else { table[i - 1][3] };
    for _ in 0..p.steps {
        let (bytes, shuffle, seed_low, seed_high) = (p.bytes, p.shuffle, p.seed_low, p.seed_high);
        let params = Gather { rows, cols, len: p.len, bytes, shuffle, seed_low, seed_high };
        gather(&params, [data], [&*clock], [&mut signals[..inputs]]);
        for (i, &[inputs, outputs, at, y, _, activation]) in table.iter().enumerate() {
            let x = part(signals, x_of(i), inputs);
            let params = Dense { rows, inputs, outputs, at, activation, skip: 0 };
            dense(&params, [], [&x, &*weights], [&mut signals[span(y, outputs)]]);
        }
        let Some(&[_, outputs, _, y, dy, activation]) = table.last() else { return };
        let mut sums = vec![T::zero(); size(rows)];
        let params = Loss { rows, cols, kind: p.kind, activation, spread: 0, len: rows, scale };
        let (value, goal) = (part(signals, y, outputs), part(signals, 0, cols));
        loss(&params, [], [&value, &goal, &*clock], [&mut signals[span(dy, outputs)], &mut sums]);
        let (beta1, beta2, rest1, rest2, epsilon) = (p.beta1, p.beta2, p.rest1, p.rest2, p.epsilon);
        let params = Tick { rows, len: p.len, slots: p.slots, scale, rate: p.rate, beta1, beta2, rest1, rest2 };
        tick(&params, [], [&sums], [clock, losses]);
        for (i, &[inputs, outputs, at, _, dy, _]) in table.iter().enumerate().rev() {
            let (gradient, x) = (part(signals, dy, outputs), part(signals, x_of(i), inputs));
            if let Some(&[_, _, _, _, under, activation]) = i.checked_sub(1).map(|below| &table[below]) {
                let params = DenseDx { rows, inputs, outputs, at, activation, skip: 0 };
                dense_dx(&params, [], [&gradient, &*weights, &x], [&mut signals[span(under, inputs)]]);
            }
            let optimiser = p.optimiser;
            let params = DenseDw { rows, inputs, outputs, at, optimiser, beta1, beta2, rest1, rest2, epsilon, skip: 0 };
            dense_dw(&params, [], [&gradient, &x, &*clock], [weights, first, second]);
        }
    }
}

fn workgroups(_: &Whole) -> [u32; 3] {
    [1, 1, 1]
}

/// How much work it is, roughly: the first layer has most of it, and such networks are narrow behind it.
fn sizes(p: &Whole) -> [u32; 3] {
    [p.rows, p.cols, 256 * p.steps]
}
