//! What an adapter can do at most: arithmetic alone, and memory alone. Measured, and used for nothing else.
use super::size;
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// y [i] = the sum of eight chains x ← x / 2 + 1 of four links a round, which begin at (i mod 64) + 0 .. 7.
    pub struct Peak {
        /// Values of y.
        pub len: u32,
        /// Rounds.
        pub rounds: u32,
    }
}

impl Peak {
    /// Multiplications and additions of a call.
    pub fn flops(&self) -> f64 {
        f64::from(self.len) * f64::from(self.rounds) * 8.0 * 4.0 * 2.0
    }
}

params! {
    /// y = x.
    pub struct Stream {
        /// Values, a multiple of 4.
        pub len: u32,
    }
}

/// Writes y.
pub static PEAK: Kernel<Peak, 0, 1> = kernel!("peak", peak, peak_groups);
/// Reads x; writes y.
pub static STREAM: Kernel<Stream, 1, 1> = kernel!("stream", stream, stream_groups);

fn peak<T: Real>(p: &Peak, []: [&[u32]; 0], []: [&[T]; 0], [y]: [&mut [T]; 1]) {
    let half = T::of(0.5);
    for (i, y) in (0..p.len).zip(y) {
        let chain = |start: u32| (0..4 * p.rounds).fold(T::of(start.into()), |x, _| x * half + T::one());
        *y = (0..8).map(|n| chain(i % 64 + n)).sum();
    }
}

fn stream<T: Real>(p: &Stream, []: [&[u32]; 0], [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
    let len = size(p.len);
    y[..len].copy_from_slice(&x[..len]);
}

fn peak_groups(p: &Peak) -> [u32; 3] {
    [p.len.div_ceil(64), 1, 1]
}

fn stream_groups(p: &Stream) -> [u32; 3] {
    [p.len.div_ceil(256), 1, 1]
}
