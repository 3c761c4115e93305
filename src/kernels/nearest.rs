//! The smallest few of many values, row by row, piece by piece.
use super::distances::MOST;
use super::{clock, size};
use crate::compute::{Kernel, Real, Tile};
use crate::{form, params};

params! {
    /// best, places [rows, keep] = the smallest of themselves and of d [rows, cols], smallest first.
    pub struct Nearest {
        /// Rows.
        pub rows: u32,
        /// Values per row of d; column c is place START + c.
        pub cols: u32,
        /// How many are kept, at most [`MOST_KEPT`].
        pub keep: u32,
    }
}

/// As many as a workgroup has threads.
pub const MOST_KEPT: u32 = 64;

/// Reads d and the clock; writes best and places, which begin empty at START 0. Of equal values the lower place
/// comes first.
pub static NEAREST: Kernel<Nearest, 2, 2> = Kernel {
    name: "nearest",
    wgsl: include_str!(concat!(env!("OUT_DIR"), "/nearest.wgsl")),
    twin: nearest::<f32>,
    #[cfg(not(feature = "web"))]
    exact: nearest::<f64>,
    fast: None,
    forms: &[form!("nearest", Plain, workgroups), form!("nearest_lone", Tile::Threads(LONE), of lone)],
    choices: &[],
    sizes: |p| [p.rows, p.cols, 1],
};

/// Threads of a workgroup in software: as many as run in step on most.
const LONE: u32 = 4;

fn nearest<T: Real>(p: &Nearest, []: [&[u32]; 0], [d, clock]: [&[T]; 2], [best, places]: [&mut [T]; 2]) {
    let (cols, keep, start) = (size(p.cols), size(p.keep), clock[clock::START].f64());
    let most = T::of(MOST.into());
    let lists = best.chunks_mut(keep).zip(places.chunks_mut(keep));
    for (d, (best, places)) in d.chunks(cols).zip(lists).take(size(p.rows)) {
        if start == 0.0 {
            best.fill(most);
            places.fill(-T::one());
        }
        for (col, &d) in d.iter().enumerate() {
            // Most are not; one that is no number never is.
            if d < best[keep - 1] {
                let at = best.partition_point(|&other| other <= d);
                best[at..].rotate_right(1);
                places[at..].rotate_right(1);
                best[at] = d;
                places[at] = T::of(start + col as f64);
            }
        }
    }
}

fn workgroups(p: &Nearest) -> [u32; 3] {
    [p.rows, 1, 1]
}

/// A thread per row.
fn lone(p: &Nearest) -> [u32; 3] {
    [p.rows.div_ceil(LONE), 1, 1]
}
