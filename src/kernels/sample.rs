//! A variational bottleneck: a code is drawn around the encoder's, and the cost of how it is drawn.
//! Kingma and Welling, Auto-encoding variational Bayes, 2014.
use super::random::{Purpose, pcg4d};
use super::{clock, size};
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// z [rows, cols] = μ + e^(ln σ² / 2) · ε with ε from N(0, 1), another each step;
    /// costs [row] = weight · KL(N(μ, σ²) ‖ N(0, 1)) = weight · ½ Σ (μ² + σ² − 1 − ln σ²).
    pub struct Sample {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per code.
        pub cols: u32,
        /// β, of the divergence.
        pub weight: f32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
    }
}

params! {
    /// From z's gradient to those of μ and ln σ², the cost's own included.
    pub struct SampleDz {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per code.
        pub cols: u32,
        /// β times the loss's own scale.
        pub weight: f32,
    }
}

/// Reads μ, ln σ² and the clock; writes z and costs.
pub static SAMPLE: Kernel<Sample, 3, 2> = kernel!("sample", sample, workgroups);

/// Reads dz, z, μ and ln σ²; writes dμ and d ln σ².
pub static SAMPLE_DZ: Kernel<SampleDz, 4, 2> = kernel!("sample_dz", sample_dz, workgroups_dz);

/// Beyond this ln σ² counts as this, so that e to it stays finite.
pub const MOST: f64 = 20.0;

fn clamped<T: Real>(log: T) -> T {
    // A NaN is to be seen, and a maximum would drop it.
    if log.is_finite() { log.max(T::of(-MOST)).min(T::of(MOST)) } else { log }
}

fn sample<T: Real>(p: &Sample, []: [&[u32]; 0], [mean, log, clock]: [&[T]; 3], [z, costs]: [&mut [T]; 2]) {
    let step = clock[clock::STEPS].f64() as u32;
    let draw = |i: u32| pcg4d([i, step, p.seed_low, p.seed_high ^ ((Purpose::Codes as u32) << 16)]);
    // From 0 to 1 and never 0, so that its logarithm is finite.
    let unit = |bits: u32| (T::of(f64::from(bits >> 8)) + T::of(0.5)) * T::of(1.0 / f64::from(1 << 24));
    let half = T::of(0.5);
    for row in 0..p.rows {
        let mut cost = T::zero();
        for i in row * p.cols..(row + 1) * p.cols {
            let (mean, log) = (mean[size(i)], clamped(log[size(i)]));
            // Box and Muller, 1958.
            let [a, b, ..] = draw(i);
            let normal = (T::of(-2.0) * unit(a).ln()).sqrt() * (T::of(std::f64::consts::TAU) * unit(b)).cos();
            z[size(i)] = mean + (half * log).exp() * normal;
            cost += mean * mean + log.exp() - T::one() - log;
        }
        costs[size(row)] = T::of(p.weight.into()) * half * cost;
    }
}

fn sample_dz<T: Real>(p: &SampleDz, []: [&[u32]; 0], [dz, z, mean, log]: [&[T]; 4], [dmean, dlog]: [&mut [T]; 2]) {
    let (weight, half) = (T::of(p.weight.into()), T::of(0.5));
    for i in 0..size(p.rows * p.cols) {
        let log = clamped(log[i]);
        dmean[i] = dz[i] + weight * mean[i];
        // z − μ = σ ε, and its derivative by ln σ² is half of it.
        dlog[i] = half * (dz[i] * (z[i] - mean[i]) + weight * (log.exp() - T::one()));
    }
}

fn workgroups(p: &Sample) -> [u32; 3] {
    [p.rows, 1, 1]
}

fn workgroups_dz(p: &SampleDz) -> [u32; 3] {
    [p.rows, 1, 1]
}
