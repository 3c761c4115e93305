//! The first weights, drawn on the device.
use super::random::pcg4d;
use super::size;
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// weights [at .. at + len] = uniform in ±2²³ · step.
    pub struct Init {
        /// Where to start.
        pub at: u32,
        /// How many.
        pub len: u32,
        /// What they are drawn for: no two ranges of a network share a stream.
        pub stream: u32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
        /// Distance between two neighbouring values: the limit divided by 2²³, which is exact.
        pub step: f32,
    }
}

impl Init {
    /// Uniform in ±limit.
    pub fn uniform(at: u32, len: u32, stream: u32, seed: u64, limit: f32) -> Self {
        let [seed_low, seed_high] = super::random::words(seed);
        Self { at, len, stream, seed_low, seed_high, step: limit / (1 << 23) as f32 }
    }
}

/// Writes the weights.
pub static INIT: Kernel<Init, 0, 1> = kernel!("init", init, workgroups);

fn init<T: Real>(p: &Init, []: [&[u32]; 0], []: [&[T]; 0], [weights]: [&mut [T]; 1]) {
    for i in 0..p.len {
        let [bits, ..] = pcg4d([i, p.stream, p.seed_low, p.seed_high]);
        // 24 bits with a sign fit a float exactly, so that one rounding is left, and devices agree to the bit.
        let whole = (bits >> 8) as i32 - (1 << 23);
        weights[size(p.at + i)] = T::of(f64::from(whole as f32 * p.step));
    }
}

fn workgroups(p: &Init) -> [u32; 3] {
    // Each thread takes four: 65,535 workgroups are the most in one dimension.
    [p.len.div_ceil(64 * 4).clamp(1, 65_535), 1, 1]
}
