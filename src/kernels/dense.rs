//! A dense layer y = σ(W x + b): forward, and backward through its three gradients. Three kernels, one dispatch each.
//!
//! All weights of a network lie in one buffer. A layer's part starts at `at`: W [outputs, inputs] row by row, as
//! PyTorch stores it, then b [outputs].
//!
//! The gradient that travels backward is dy = ∂Loss/∂(W x + b), that by the layer's output *before* σ: whoever
//! writes it (the loss kernel, or the layer above) has already multiplied by σ'.
use super::activation::{activate, slope};
use super::product::{multiply, stored, transposed};
use super::{clock, size};
use crate::compute::{Kernel, Real, Tile};
use crate::{form, kernel, params};
use std::cell::RefCell;

params! {
    /// y [rows, outputs] = σ(x [rows, inputs] · Wᵀ + b)
    pub struct Dense {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per row of x.
        pub inputs: u32,
        /// Values per row of y.
        pub outputs: u32,
        /// Where W starts in the weights.
        pub at: u32,
        /// The code of σ.
        pub activation: u32,
        /// Rows of workgroups that another call makes, where one call would take too long; 0 on a processor.
        pub skip: u32,
    }
}

params! {
    /// dx [rows, inputs] = (dy [rows, outputs] · W) ∘ σ'(x), where x is the output of the layer below and σ its.
    pub struct DenseDx {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per row of x.
        pub inputs: u32,
        /// Values per row of dy.
        pub outputs: u32,
        /// Where W starts in the weights.
        pub at: u32,
        /// The code of the σ of the layer *below*.
        pub activation: u32,
        /// Rows of workgroups that another call makes, where one call would take too long; 0 on a processor.
        pub skip: u32,
    }
}

params! {
    /// g = (dyᵀ · x | sum of dy over the batch), and at once W | b ← W | b − update(g).
    pub struct DenseDw {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per row of x.
        pub inputs: u32,
        /// Values per row of dy.
        pub outputs: u32,
        /// Where W starts in the weights, and in both moments.
        pub at: u32,
        /// 0: no update, the gradient is kept in the first moment. 1: SGD. 2: momentum. 3: Adam.
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
        /// Rows of workgroups that another call makes, where one call would take too long; 0 on a processor.
        pub skip: u32,
    }
}

/// Tiles in registers for adapters that are software: as many lanes as their vectors have, and large tiles, because
/// there a load costs as much as twenty multiplications, wherever it comes from.
const fn soft(rows: u32, cols: u32, lanes: u32) -> Tile {
    Tile::Registers { rows, cols, lanes, group: 1 }
}

/// Tiles in registers for GPUs.
const fn hard(edge: u32) -> Tile {
    Tile::Registers { rows: edge, cols: edge, lanes: 8, group: 8 }
}

/// For the weights' gradients of small batches, on software: so many columns that no more is written out than in its
/// largest tiles; or a few less, of which seven workgroups make a row of a digit's 784 weights with none to spare.
const fn few(cols: u32, lanes: u32) -> Tile {
    Tile::Few { rows: 64, cols, lanes }
}

macro_rules! forms {
    ($sizes:ident, $registers:literal, $shared:literal, $slim:literal $(, $more:expr)*) => {
        &[
            form!($registers, $sizes, hard(4)),
            form!($registers, $sizes, hard(8)),
            form!($registers, $sizes, soft(4, 4, 4)),
            form!($registers, $sizes, soft(8, 8, 4)),
            form!($registers, $sizes, soft(16, 2, 4)),
            form!($registers, $sizes, soft(16, 8, 4)),
            form!($registers, $sizes, soft(16, 16, 4)),
            form!($registers, $sizes, soft(32, 16, 4)),
            form!($registers, $sizes, soft(32, 32, 4)),
            form!($registers, $sizes, soft(4, 4, 8)),
            form!($registers, $sizes, soft(8, 8, 8)),
            form!($registers, $sizes, soft(16, 2, 8)),
            form!($registers, $sizes, soft(16, 8, 8)),
            form!($shared, $sizes, Tile::Shared { edge: 2 }),
            form!($shared, $sizes, Tile::Shared { edge: 4 }),
            form!($shared, $sizes, Tile::Shared { edge: 8 }),
            form!($slim, $sizes, Tile::Slim),
            $($more,)*
        ]
    };
}

/// Reads x and the weights; writes y.
pub static DENSE: Kernel<Dense, 2, 1> = kernel!("dense", dense, dense_sizes, fast: dense_fast,
    choices: &["activation"],
    forms: forms!(dense_sizes, "dense", "dense_shared", "dense_slim"));
/// Reads dy, the weights and x; writes dx.
pub static DENSE_DX: Kernel<DenseDx, 3, 1> = kernel!("dense_dx", dense_dx, dx_sizes, fast: dense_dx_fast,
    choices: &["activation"],
    forms: forms!(dx_sizes, "dense_dx", "dense_dx_shared", "dense_dx_slim"));
/// Reads dy, x and the clock; writes the weights and both moments.
pub static DENSE_DW: Kernel<DenseDw, 3, 3> = kernel!("dense_dw", dense_dw, dw_sizes, fast: dense_dw_fast,
    choices: &["optimiser"],
    forms: forms!(dw_sizes, "dense_dw", "dense_dw_shared", "dense_dw_slim",
        form!("dense_dw_few", dw_sizes, few(32, 4)), form!("dense_dw_few", dw_sizes, few(28, 4)),
        form!("dense_dw_few", dw_sizes, few(8, 8))));

pub(crate) fn dense<T: Real>(p: &Dense, []: [&[u32]; 0], [x, weights]: [&[T]; 2], [y]: [&mut [T]; 1]) {
    let (inputs, outputs) = (size(p.inputs), size(p.outputs));
    let (w, b) = weights[size(p.at)..].split_at(inputs * outputs);
    for (x, y) in x.chunks(inputs).zip(y.chunks_mut(outputs)).take(size(p.rows)) {
        for ((y, w), &b) in y.iter_mut().zip(w.chunks(inputs)).zip(b) {
            let product: T = x.iter().zip(w).map(|(&x, &w)| x * w).sum();
            *y = activate(p.activation, product + b);
        }
    }
}

fn dense_fast(p: &Dense, []: [&[u32]; 0], [x, weights]: [&[f32]; 2], [y]: [&mut [f32]; 1]) {
    let (rows, inputs, outputs) = (size(p.rows), size(p.inputs), size(p.outputs));
    let (w, b) = weights[size(p.at)..].split_at(inputs * outputs);
    multiply(stored(x, rows, inputs), transposed(w, outputs, inputs), y);
    for y in y.chunks_mut(outputs).take(rows) {
        for (y, &b) in y.iter_mut().zip(b) {
            *y = activate(p.activation, *y + b);
        }
    }
}

pub(crate) fn dense_dx<T: Real>(p: &DenseDx, []: [&[u32]; 0], [dy, weights, x]: [&[T]; 3], [dx]: [&mut [T]; 1]) {
    let (inputs, outputs) = (size(p.inputs), size(p.outputs));
    let w = &weights[size(p.at)..][..inputs * outputs];
    let rows = dy.chunks(outputs).zip(x.chunks(inputs)).zip(dx.chunks_mut(inputs));
    for ((dy, x), dx) in rows.take(size(p.rows)) {
        dx.fill(T::zero());
        for (&dy, w) in dy.iter().zip(w.chunks(inputs)) {
            for (dx, &w) in dx.iter_mut().zip(w) {
                *dx += dy * w;
            }
        }
        for (dx, &x) in dx.iter_mut().zip(x) {
            *dx *= slope(p.activation, x);
        }
    }
}

fn dense_dx_fast(p: &DenseDx, []: [&[u32]; 0], [dy, weights, x]: [&[f32]; 3], [dx]: [&mut [f32]; 1]) {
    let (rows, inputs, outputs) = (size(p.rows), size(p.inputs), size(p.outputs));
    let w = &weights[size(p.at)..][..inputs * outputs];
    multiply(stored(dy, rows, outputs), stored(w, outputs, inputs), dx);
    for (dx, &x) in dx.iter_mut().zip(x).take(rows * inputs) {
        *dx *= slope(p.activation, x);
    }
}

pub(crate) fn dense_dw<T: Real>(p: &DenseDw, []: [&[u32]; 0], [dy, x, clock]: [&[T]; 3], [weights, first, second]: [&mut [T]; 3]) {
    let (rows, inputs, outputs) = (size(p.rows), size(p.inputs), size(p.outputs));
    let update = Update::new(p, clock);
    for out in 0..outputs {
        for input in 0..=inputs {
            // The bias is the weight of an input that is always 1.
            let x = |row: usize| if input < inputs { x[row * inputs + input] } else { T::one() };
            let gradient = (0..rows).map(|row| dy[row * outputs + out] * x(row)).sum();
            let within = if input < inputs { out * inputs + input } else { outputs * inputs + out };
            let i = size(p.at) + within;
            update.apply(gradient, &mut weights[i], &mut first[i], &mut second[i]);
        }
    }
}

thread_local! {
    /// The gradient of one layer, kept between steps so that none allocates.
    static GRADIENT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

fn dense_dw_fast(
    p: &DenseDw,
    []: [&[u32]; 0],
    [dy, x, clock]: [&[f32]; 3],
    [weights, first, second]: [&mut [f32]; 3],
) {
    let (rows, inputs, outputs) = (size(p.rows), size(p.inputs), size(p.outputs));
    let len = (inputs + 1) * outputs;
    GRADIENT.with_borrow_mut(|gradient| {
        gradient.clear();
        gradient.resize(len, 0.0);
        let (dw, db) = gradient.split_at_mut(inputs * outputs);
        multiply(transposed(dy, rows, outputs), stored(x, rows, inputs), dw);
        for dy in dy.chunks(outputs).take(rows) {
            for (db, &dy) in db.iter_mut().zip(dy) {
                *db += dy;
            }
        }
        let update = Update::new(p, clock);
        let part = size(p.at)..size(p.at) + len;
        let [weights, first, second] = [weights, first, second].map(|b| &mut b[part.clone()]);
        for (((&g, w), m), v) in gradient.iter().zip(weights).zip(first).zip(second) {
            update.apply(g, w, m, v);
        }
    });
}

/// One step of an optimiser on one weight.
struct Update<T> {
    optimiser: u32,
    beta1: T,
    beta2: T,
    rest1: T,
    rest2: T,
    epsilon: T,
    size: T,
    root: T,
    rate: T,
}

impl<T: Real> Update<T> {
    fn new(p: &DenseDw, clock: &[T]) -> Self {
        let [beta1, beta2, rest1, rest2, epsilon] =
            [p.beta1, p.beta2, p.rest1, p.rest2, p.epsilon].map(|x| T::of(x.into()));
        let [size, root, rate] = [clock[clock::SIZE], clock[clock::ROOT], clock[clock::RATE]];
        Self { optimiser: p.optimiser, beta1, beta2, rest1, rest2, epsilon, size, root, rate }
    }

    #[inline]
    fn apply(&self, gradient: T, weight: &mut T, first: &mut T, second: &mut T) {
        match self.optimiser {
            0 => *first = gradient,
            1 => *weight -= self.rate * gradient,
            // PyTorch's: the rate is outside the momentum.
            2 => {
                *first = self.beta1 * *first + gradient;
                *weight -= self.rate * *first;
            }
            // Kingma and Ba, 2015, with PyTorch's place for epsilon.
            _ => {
                *first = self.beta1 * *first + self.rest1 * gradient;
                *second = self.beta2 * *second + self.rest2 * gradient * gradient;
                *weight -= self.size * *first / (second.sqrt() / self.root + self.epsilon);
            }
        }
    }
}

fn dense_sizes(p: &Dense) -> [u32; 3] {
    [p.rows, p.outputs, p.inputs]
}

fn dx_sizes(p: &DenseDx) -> [u32; 3] {
    [p.rows, p.inputs, p.outputs]
}

fn dw_sizes(p: &DenseDw) -> [u32; 3] {
    [p.outputs, p.inputs, p.rows]
}
