//! The clock: a small buffer by which a run keeps time on its device, so that no step needs an upload.
//!
//! Whole numbers in it are exact: they stay below 2²⁴.

/// Steps done; during the update of a step, its number counted from 1.
pub const STEPS: usize = 0;
/// Passes over the data set done.
pub const EPOCH: usize = 1;
/// Where in the pass the next batch starts.
pub const START: usize = 2;
/// η / (1 − β₁ᵗ), Adam's step size with the first bias correction.
pub const SIZE: usize = 3;
/// √(1 − β₂ᵗ), Adam's second bias correction.
pub const ROOT: usize = 4;
/// 1 − β₁ᵗ
pub const REST1: usize = 5;
/// 1 − β₂ᵗ
pub const REST2: usize = 6;
/// The first step whose loss was not finite, 0 while all were.
pub const BAD: usize = 7;
/// η
pub const RATE: usize = 8;
/// Floats in all.
pub const LEN: usize = 9;

/// The largest whole number that a float counts up to without a gap, and so the most inputs and steps.
pub const MOST: u32 = 1 << 24;
