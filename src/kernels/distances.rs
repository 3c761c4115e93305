//! Distances of all pairs between two sets of rows, by a matrix product.
use super::product::{multiply, stored, transposed};
use super::{clock, size};
use crate::compute::{Kernel, Real, Tile};
use crate::{form, kernel, params};

params! {
    /// d [rows, cols] = the distances of a [rows, width] to b.
    pub struct Distances {
        /// Rows of a.
        pub rows: u32,
        /// Rows of b that are looked at at once: row START of the set and those that follow.
        pub cols: u32,
        /// Values per row.
        pub width: u32,
        /// Rows in the set: columns past its end are [`MOST`] away.
        pub len: u32,
        /// 1: b holds the whole set. 0: b holds just these columns' rows.
        pub whole: u32,
        /// 0: squared Euclidean, |a|² + |b|² − 2 a·b. 1: cosine, 1 − a·b / |a||b|.
        pub metric: u32,
    }
}

/// Reads a, b and the clock; writes d.
pub static DISTANCES: Kernel<Distances, 3, 1> = kernel!("distances", distances, sizes,
    fast: distances_fast, choices: &["metric"], forms: &[
        form!("distances", Plain, workgroups),
        form!("distances_soft", sizes, soft(4, 4)),
        form!("distances_soft", sizes, soft(4, 8)),
        form!("distances_soft", sizes, soft(8, 4)),
        form!("distances_soft", sizes, soft(8, 8)),
    ]);

/// A thread's tile in software: `edge` x `edge`, with as many lanes as vectors have.
const fn soft(edge: u32, lanes: u32) -> Tile {
    Tile::Registers { rows: edge, cols: edge, lanes, group: 1 }
}

/// Farther than anything.
pub const MOST: f32 = f32::MAX;

fn distances<T: Real>(p: &Distances, []: [&[u32]; 0], [a, b, clock]: [&[T]; 3], [d]: [&mut [T]; 1]) {
    let (width, start) = (size(p.width), clock[clock::START].f64() as usize);
    let first = if p.whole == 1 { start } else { 0 };
    for (a, d) in a.chunks(width).zip(d.chunks_mut(size(p.cols))).take(size(p.rows)) {
        for (col, d) in d.iter_mut().enumerate() {
            if start + col >= size(p.len) {
                *d = T::of(MOST.into());
                continue;
            }
            let b = &b[(first + col) * width..][..width];
            *d = distance(p.metric, dot(a, b), dot(a, a), dot(b, b));
        }
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).map(|(&a, &b)| a * b).sum()
}

/// From a·b, a·a and b·b.
fn distance<T: Real>(metric: u32, product: T, aa: T, bb: T) -> T {
    let distance = if metric == 0 {
        aa + bb - T::of(2.0) * product
    } else {
        let size = aa.sqrt() * bb.sqrt();
        // A row of zeros has no direction: it is as far from all others as one at a right angle.
        if size > T::zero() { T::one() - product / size } else { T::one() }
    };
    // Rounding may leave a little less than nothing.
    distance.max(T::zero())
}

fn distances_fast(p: &Distances, []: [&[u32]; 0], [a, b, clock]: [&[f32]; 3], [d]: [&mut [f32]; 1]) {
    let (rows, cols, width, start) = (size(p.rows), size(p.cols), size(p.width), clock[clock::START] as usize);
    let there = cols.min(size(p.len).saturating_sub(start));
    let b = if p.whole == 1 { &b[start * width..] } else { b };
    multiply(stored(a, rows, width), transposed(b, there, width), d);
    let squares = |rows: &[f32]| rows.chunks(width).map(|row| dot(row, row)).collect::<Vec<_>>();
    let (aa, bb) = (squares(&a[..rows * width]), squares(&b[..there * width]));
    // From the last row back, because each row moves to the right by the columns that are not there.
    for (row, &aa) in aa.iter().enumerate().rev() {
        if there < cols {
            d.copy_within(row * there..(row + 1) * there, row * cols);
        }
        let (found, past) = d[row * cols..(row + 1) * cols].split_at_mut(there);
        for (d, &bb) in found.iter_mut().zip(&bb) {
            *d = distance(p.metric, *d, aa, bb);
        }
        past.fill(MOST);
    }
}

fn sizes(p: &Distances) -> [u32; 3] {
    [p.rows, p.cols, p.width]
}

/// A thread makes 4 x 4 values, a workgroup 32 x 32.
fn workgroups(p: &Distances) -> [u32; 3] {
    [p.cols.div_ceil(32), p.rows.div_ceil(32), 1]
}
