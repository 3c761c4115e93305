//! The clock goes on by a step: the batch's loss is written down, and what the optimiser needs to know of time is made.
use super::{clock, size};
use crate::compute::{Kernel, Real, Tile};
use crate::{kernel, params};

params! {
    /// losses [t mod slots] = scale · Σ sums; the clock's step, epoch, start and bias corrections move on.
    pub struct Tick {
        /// Inputs in the batch.
        pub rows: u32,
        /// Inputs in the data set.
        pub len: u32,
        /// How many losses are kept.
        pub slots: u32,
        /// 1 / (rows · cols) for a mean.
        pub scale: f32,
        /// η
        pub rate: f32,
        /// β₁
        pub beta1: f32,
        /// β₂
        pub beta2: f32,
        /// 1 − β₁, rounded once.
        pub rest1: f32,
        /// 1 − β₂, rounded once.
        pub rest2: f32,
    }
}

/// Reads the sums; writes the clock and the losses.
pub static TICK: Kernel<Tick, 1, 2> = kernel!("tick", tick, workgroups, software: Tile::Threads(4));

pub(super) fn tick<T: Real>(p: &Tick, []: [&[u32]; 0], [sums]: [&[T]; 1], [clock, losses]: [&mut [T]; 2]) {
    note(p, &sums[..size(p.rows)], clock, losses);
    correct(p, clock);
}

/// The loss is written down, and the clock moves on to the next rows.
pub(super) fn note<T: Real>(p: &Tick, sums: &[T], clock: &mut [T], losses: &mut [T]) {
    let loss = sums.iter().copied().sum::<T>() * T::of(p.scale.into());
    let step = clock[clock::STEPS] + T::one();
    losses[step.f64() as usize % size(p.slots)] = loss;
    clock[clock::STEPS] = step;
    if !loss.is_finite() && clock[clock::BAD] == T::zero() {
        clock[clock::BAD] = step;
    }
    let place = clock[clock::START].f64() as u32 + p.rows;
    clock[clock::START] = T::of((place % p.len).into());
    clock[clock::EPOCH] += T::of((place / p.len).into());
}

/// Adam's corrections for this step.
pub(super) fn correct<T: Real>(p: &Tick, clock: &mut [T]) {
    let of = |x: f32| T::of(x.into());
    // 1 − βᵗ, from that of t − 1: all terms are positive, so that no digits cancel.
    clock[clock::REST1] = clock[clock::REST1] * of(p.beta1) + of(p.rest1);
    clock[clock::REST2] = clock[clock::REST2] * of(p.beta2) + of(p.rest2);
    clock[clock::SIZE] = of(p.rate) / clock[clock::REST1];
    clock[clock::ROOT] = clock[clock::REST2].sqrt();
    clock[clock::RATE] = of(p.rate);
}

fn workgroups(_: &Tick) -> [u32; 3] {
    [1, 1, 1]
}
