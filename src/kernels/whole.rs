//! Whole steps of a small network in one call: for networks whose every layer is done before the next call has begun.
//! Or a step in two calls, [`PASS`] and [`LEARN`], of several workgroups each: one workgroup is a small part of a GPU.
//!
//! The twin is the other kernels' twins, one after the other; the WGSL does the same in one workgroup, whose threads
//! wait for each other in between.
use super::dense::{Dense, DenseDw, DenseDx, dense, dense_dw, dense_dx};
use super::gather::{Gather, gather};
use super::loss::{Loss, loss};
use super::tick::{self, Tick};
use super::size;
use crate::compute::{Kernel, Real, Tile};
use crate::{form, kernel, params};

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
        /// What this call does: [`ALL`] of a step, [`PASS`] or [`LEARN`].
        pub part: u32,
        /// Rows that a workgroup takes through the network; all where one does everything.
        pub span: u32,
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
/// All of a step, in one workgroup.
pub const ALL: u32 = 0;
/// Of a step: the rows through the network and back, and the clock's corrections, which the weights' learning needs.
pub const PASS: u32 = 1;
/// Of a step: the weights' learning, and the loss.
pub const LEARN: u32 = 2;
/// Workgroups that share the weights out: with the teams of a GPU's form, a tile for each in networks of this size.
const LEARNERS: u32 = 4;
/// Words per layer in the table: inputs, outputs, where its weights, its y and its dy start, the code of its σ.
pub const LAYER: usize = 6;

/// Reads the data set's words and the table of layers; writes the clock, the weights, both moments, the signals (x,
/// every y, every dy, every `span` rows' loss) and the losses.
pub static WHOLE: Kernel<Whole, 0, 6, 2> = kernel!("whole", whole, sizes,
    choices: &["part", "bytes", "shuffle", "kind", "inner", "outer", "optimiser"],
    forms: &[form!("whole", GPU, of workgroups), form!("whole", SOFTWARE, of workgroups)]);

/// The same for software, where a step is one call and all sizes are multiples of four: it works on vectors of four. The
/// loss of the rows stays with the workgroup.
pub static WHOLE_QUADS: Kernel<Whole, 0, 6, 2> = kernel!("whole_quads", whole, sizes,
    choices: &["bytes", "shuffle", "kind", "inner", "outer", "optimiser"],
    forms: &[form!("whole_quads", QUADS, of workgroups)]);

/// Many teams of threads with small tiles.
const GPU: Tile = Tile::Registers { rows: 4, cols: 4, lanes: 4, group: 64 };
/// One team, as wide as its vectors: threads that wait for each other cost it most.
const SOFTWARE: Tile = Tile::Registers { rows: 32, cols: 8, lanes: 4, group: 1 };
/// Likewise; of 16 rows each are its other tiles, too.
const QUADS: Tile = Tile::Registers { rows: 16, cols: 16, lanes: 4, group: 1 };

type Table = Vec<[u32; LAYER]>;

fn whole<T: Real>(
    p: &Whole,
    [data, layers]: [&[u32]; 2],
    []: [&[T]; 0],
    [clock, weights, first, second, signals, losses]: [&mut [T]; 6],
) {
    let table: Table = layers.as_chunks().0.iter().take(size(p.count)).copied().collect();
    let Whole { rows, len, slots, scale, rate, beta1, beta2, rest1, rest2, .. } = *p;
    let time = Tick { rows, len, slots, scale, rate, beta1, beta2, rest1, rest2 };
    for _ in 0..p.steps {
        if p.part != LEARN {
            pass(p, &table, data, clock, weights, signals);
            tick::correct(&time, clock);
        }
        if p.part != PASS {
            let sums = &signals[losses_at(p, &table)..][..size(p.rows.div_ceil(p.span))];
            tick::note(&time, sums, clock, losses);
            learn(p, &table, clock, [weights, first, second], signals);
        }
    }
}

/// Where the losses of every `span` rows are: behind the last dy, of as many values as x.
fn losses_at(p: &Whole, table: &Table) -> usize {
    table.last().map_or(0, |&[.., dy, _]| size(dy + p.rows * p.cols))
}

fn x_of(table: &Table, i: usize) -> u32 {
    if i == 0 { 0 } else { table[i - 1][3] }
}

/// A part of the signals; twins read and write whole buffers: each gets a copy of its part, or writes to one.
fn span(p: &Whole, start: u32, width: u32) -> std::ops::Range<usize> {
    size(start)..size(start + p.rows * width)
}

/// x, every y, every dy and the losses.
fn pass<T: Real>(p: &Whole, table: &Table, data: &[u32], clock: &[T], weights: &[T], signals: &mut [T]) {
    let (rows, cols) = (p.rows, p.cols);
    let part = |signals: &[T], start: u32, width: u32| signals[span(p, start, width)].to_vec();
    let (bytes, shuffle, seed_low, seed_high) = (p.bytes, p.shuffle, p.seed_low, p.seed_high);
    let params = Gather { rows, cols, len: p.len, bytes, shuffle, seed_low, seed_high };
    gather(&params, [data], [clock], [&mut signals[span(p, 0, cols)]]);
    for (i, &[inputs, outputs, at, y, _, activation]) in table.iter().enumerate() {
        let x = part(signals, x_of(table, i), inputs);
        let params = Dense { rows, inputs, outputs, at, activation, skip: 0 };
        dense(&params, [], [&x, weights], [&mut signals[span(p, y, outputs)]]);
    }
    let Some(&[_, outputs, _, y, dy, activation]) = table.last() else { return };
    let mut sums = vec![T::zero(); size(rows)];
    let params = Loss { rows, cols, kind: p.kind, activation, spread: 0, len: rows, scale: p.scale };
    let (value, goal) = (part(signals, y, outputs), part(signals, 0, cols));
    loss(&params, [], [&value, &goal, clock], [&mut signals[span(p, dy, outputs)], &mut sums]);
    let of_spans = sums.chunks(size(p.span)).map(|sums| sums.iter().copied().sum());
    for (place, sum) in signals[losses_at(p, table)..].iter_mut().zip(of_spans) {
        *place = sum;
    }
    for (i, &[inputs, outputs, at, _, dy, _]) in table.iter().enumerate().skip(1).rev() {
        let (gradient, x) = (part(signals, dy, outputs), part(signals, x_of(table, i), inputs));
        let [.., under, activation] = table[i - 1];
        let params = DenseDx { rows, inputs, outputs, at, activation, skip: 0 };
        dense_dx(&params, [], [&gradient, weights, &x], [&mut signals[span(p, under, inputs)]]);
    }
}

/// Every layer's weights and biases, from dy and what went into it.
fn learn<T: Real>(p: &Whole, table: &Table, clock: &[T], mut state: [&mut [T]; 3], signals: &[T]) {
    let Whole { rows, optimiser, beta1, beta2, rest1, rest2, epsilon, .. } = *p;
    for (i, &[inputs, outputs, at, _, dy, _]) in table.iter().enumerate() {
        let (gradient, x) = (&signals[span(p, dy, outputs)], &signals[span(p, x_of(table, i), inputs)]);
        let params = DenseDw { rows, inputs, outputs, at, optimiser, beta1, beta2, rest1, rest2, epsilon, skip: 0 };
        dense_dw(&params, [], [gradient, x, clock], state.each_mut().map(|values| &mut **values));
    }
}

fn workgroups(p: &Whole) -> [u32; 3] {
    match p.part {
        PASS => [p.rows.div_ceil(p.span), 1, 1],
        LEARN => [LEARNERS, 1, 1],
        _ => [1, 1, 1],
    }
}

/// How much work it is, roughly: the first layer has most of it, and such networks are narrow behind it.
fn sizes(p: &Whole) -> [u32; 3] {
    let share = if p.part == ALL { 256 } else { 128 };
    [p.rows, p.cols, share * p.steps]
}
