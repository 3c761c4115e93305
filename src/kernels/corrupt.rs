//! Noise on a batch, another one each step, while the clean batch stays the target.
use super::random::{Purpose, pcg4d};
use super::{clock, size};
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// noisy [rows, cols] = x with noise.
    pub struct Corrupt {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per input.
        pub cols: u32,
        /// Values per line of a picture; `cols` for a series.
        pub width: u32,
        /// 1: x + amount · N(0, 1). 2: a share `amount` of the values becomes 0 or 1. 3: a square of zeros with
        /// edge `amount`.
        pub kind: u32,
        /// By kind.
        pub amount: f32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
    }
}

/// Reads x and the clock; writes noisy.
pub static CORRUPT: Kernel<Corrupt, 2, 1> = kernel!("corrupt", corrupt, workgroups, choices: &["kind"]);

fn corrupt<T: Real>(p: &Corrupt, []: [&[u32]; 0], [x, clock]: [&[T]; 2], [noisy]: [&mut [T]; 1]) {
    let step = clock[clock::STEPS].f64() as u32;
    let draw = |i: u32, low: u32| pcg4d([i, step, p.seed_low ^ low, p.seed_high ^ ((Purpose::Noise as u32) << 16)]);
    // From 0 to 1 and never 0: 2⁻²⁵ and up, so that its logarithm is finite.
    let unit = |bits: u32| (T::of(f64::from(bits >> 8)) + T::of(0.5)) * T::of(1.0 / f64::from(1 << 24));
    let (width, height) = (p.width, p.cols / p.width);
    for i in 0..p.rows * p.cols {
        let (row, col) = (i / p.cols, i % p.cols);
        let value = x[size(i)];
        noisy[size(i)] = match p.kind {
            // Box and Muller, 1958.
            1 => {
                let [a, b, ..] = draw(i, 0);
                let radius = (T::of(-2.0) * unit(a).ln()).sqrt();
                value + T::of(p.amount.into()) * radius * (T::of(std::f64::consts::TAU) * unit(b)).cos()
            }
            2 => {
                let [a, b, ..] = draw(i, 0);
                if unit(a) < T::of(p.amount.into()) { T::of(f64::from(b >> 31)) } else { value }
            }
            3 => {
                // The place is drawn per row. A square that is larger than the picture covers it.
                let [a, b, ..] = draw(row, 0xb10c);
                let (across, down) = ((p.amount as u32).min(width), (p.amount as u32).min(height));
                let (left, top) = (a % (width - across + 1), b % (height - down + 1));
                let (u, v) = (col % width, col / width);
                let inside = (left..left + across).contains(&u) && (top..top + down).contains(&v);
                if inside { T::zero() } else { value }
            }
            _ => value,
        };
    }
}

fn workgroups(p: &Corrupt) -> [u32; 3] {
    [p.rows, 1, 1]
}
