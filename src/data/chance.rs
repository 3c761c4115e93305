//! Random numbers that depend on a seed and a place alone, so that row 7 is the same whether or not row 6 was made.
use rand::Rng;
use rand_pcg::Pcg32;
use std::f64::consts::TAU;

/// The random numbers of one row.
pub(crate) struct Chance(Pcg32);

impl Chance {
    /// For row `index` of what `seed` makes.
    pub(crate) fn at(seed: u64, index: u64) -> Self {
        // Neighbouring states and streams of PCG are alike at first, so both are mixed.
        Self(Pcg32::new(mixed(seed ^ mixed(index)), mixed(index.wrapping_add(1))))
    }

    /// Uniform in 0..1, 1 excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Uniform in `least..most`.
    pub(crate) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    /// Normal with mean 0 and standard deviation `sd`, by G. Box and M. Muller (1958).
    pub(crate) fn normal(&mut self, sd: f64) -> f64 {
        // 1 - u is never 0, so the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        sd * radius * (TAU * self.unit()).cos()
    }

    /// Normal, but never further out than two standard deviations: what people draw has limits.
    pub(crate) fn mild(&mut self, sd: f64) -> f64 {
        self.normal(sd).clamp(-2.0 * sd, 2.0 * sd)
    }

    /// Uniform among 0..count; 0 if `count` is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        // Of 2^32 numbers some are met once more than others: a bias of count / 2^32.
        ((u64::from(self.0.next_u32()) * count as u64) >> 32) as usize
    }
}

/// The finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
