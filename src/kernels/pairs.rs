//! Pairs of inputs, and what their codes cost: Hadsell, Chopra and LeCun, Dimensionality reduction by learning an
//! invariant mapping, 2006.
use super::{clock, random, size};
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// x [2 rows, cols] = the first inputs of the next `rows` pairs of a list of `len`, then their second ones;
    /// same [row] = 1 where they belong together, else 0. In the order of the list or shuffled anew each epoch.
    pub struct Couple {
        /// Pairs in the batch.
        pub rows: u32,
        /// Values per input.
        pub cols: u32,
        /// Pairs in the list.
        pub len: u32,
        /// 1: four values per word, each a byte for value · 255. 0: one float per word.
        pub bytes: u32,
        /// 1: another order each epoch. 0: the order of the list.
        pub shuffle: u32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
    }
}

params! {
    /// Of pairs of codes z [row] and z [rows + row], d apart: sums [row] = y d² + (1 − y) max(0, m − d)² with
    /// y = same [row]; dz = its gradient by both codes, times scale. Where d = 0 the direction away from each other is
    /// none, and the gradient of the second term 0.
    pub struct Contrastive {
        /// Pairs in the batch.
        pub rows: u32,
        /// Values per code.
        pub cols: u32,
        /// m, from where on different ones cost nothing.
        pub margin: f32,
        /// On the gradient: 1 / rows for a mean.
        pub scale: f32,
    }
}

/// Reads the data set's words, the list (three words each: first, second, same) and the clock; writes x and same.
pub static COUPLE: Kernel<Couple, 1, 2, 2> = kernel!("couple", couple, workgroups, choices: &["bytes", "shuffle"]);

/// Reads z and same; writes dz and sums.
pub static CONTRASTIVE: Kernel<Contrastive, 2, 2> = kernel!("contrastive", contrastive, workgroups_of_pairs);

/// Words of a pair in a list.
pub const WORDS: u32 = 3;

fn couple<T: Real>(p: &Couple, [data, list]: [&[u32]; 2], [clock]: [&[T]; 1], [x, same]: [&mut [T]; 2]) {
    let (epoch, start) = (clock[clock::EPOCH].f64() as u32, clock[clock::START].f64() as u32);
    for row in 0..p.rows {
        let place = start + row;
        let pair = match p.shuffle {
            0 => place % p.len,
            _ => random::shuffled(place % p.len, p.len, epoch + place / p.len, [p.seed_low, p.seed_high]),
        };
        let at = size(pair * WORDS);
        same[size(row)] = T::of(list[at + 2].into());
        for (side, &index) in (0..).zip(&list[at..at + 2]) {
            for col in 0..p.cols {
                let from = index * p.cols + col;
                x[size((side * p.rows + row) * p.cols + col)] = match p.bytes {
                    0 => T::of(f32::from_bits(data[size(from)]).into()),
                    _ => T::of(f64::from(f32::from((data[size(from / 4)] >> (from % 4 * 8)) as u8) * (1.0 / 255.0))),
                };
            }
        }
    }
}

fn contrastive<T: Real>(p: &Contrastive, []: [&[u32]; 0], [z, same]: [&[T]; 2], [dz, sums]: [&mut [T]; 2]) {
    let (margin, scale, two) = (T::of(p.margin.into()), T::of(p.scale.into()), T::of(2.0));
    let cols = size(p.cols);
    for row in 0..size(p.rows) {
        let (a, b) = (row * cols, (size(p.rows) + row) * cols);
        let square = (0..cols).map(|col| (z[a + col] - z[b + col]) * (z[a + col] - z[b + col])).sum::<T>();
        let distance = square.sqrt();
        let (y, gap) = (same[row], (margin - distance).max(T::zero()));
        let apart = if distance > T::zero() { gap / distance } else { T::zero() };
        let factor = two * scale * (y - (T::one() - y) * apart);
        for col in 0..cols {
            let slope = factor * (z[a + col] - z[b + col]);
            (dz[a + col], dz[b + col]) = (slope, -slope);
        }
        // A maximum above would have dropped a NaN, and an infinite distance costs different ones nothing: say it here.
        let finite = z[a..a + cols].iter().chain(&z[b..b + cols]).all(|z| z.is_finite());
        sums[row] = if finite { y * square + (T::one() - y) * gap * gap } else { T::nan() };
    }
}

fn workgroups(p: &Couple) -> [u32; 3] {
    [p.rows, 2, 1]
}

fn workgroups_of_pairs(p: &Contrastive) -> [u32; 3] {
    [p.rows, 1, 1]
}
