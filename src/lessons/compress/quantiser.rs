//! Rounding codes: each value to one of 2^bits levels, evenly spaced over a range of its own.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use serde::{Deserialize, Serialize};

/// The shares of the training codes that a range may leave out at each of its ends. Few levels are worth more where most
/// codes lie: a normal variable's best four levels span ±2 standard deviations, its best 256 span ±3.9 (J. Max,
/// "Quantizing for minimum distortion", 1960).
pub const CUTS: [f64; 7] = [0.0, 0.0001, 0.001, 0.004, 0.01, 0.02, 0.04];

/// How codes are rounded: level i of value j stands for lowⱼ + (i + ½) (highⱼ − lowⱼ) / 2^bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiser {
    /// Bits per value, 1 to 8.
    pub bits: u32,
    /// The range of each value of a code. What lies outside becomes the nearest level.
    pub ranges: Vec<[f32; 2]>,
}

/// The range of one value: of those that leave out a share of [`CUTS`] at each end, the one with the least squared error.
/// `values` are those of the training codes.
pub fn range(mut values: Vec<f32>, bits: u32) -> [f32; 2] {
    values.sort_unstable_by(f32::total_cmp);
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return [0.0; 2] };
    let mut best = (f64::INFINITY, [first, last]);
    for cut in CUTS {
        let skipped = (cut * values.len() as f64) as usize;
        let (Some(&low), Some(&high)) = (values.get(skipped), values.get(values.len() - 1 - skipped)) else { break };
        let range = [low, high];
        let error: f64 = values.iter().map(|&z| f64::from(z - value(level(z, range, bits), range, bits)).powi(2)).sum();
        if error < best.0 {
            best = (error, range);
        }
    }
    best.1
}

/// Which level a value becomes. In f64: a range may be wider than a float can say.
fn level(z: f32, [low, high]: [f32; 2], bits: u32) -> u8 {
    let levels = f64::from(1u32 << bits);
    let wide = f64::from(high) - f64::from(low);
    if wide <= 0.0 {
        return 0;
    }
    // A cast brings what is not a number to 0.
    ((f64::from(z) - f64::from(low)) / wide * levels).floor().clamp(0.0, levels - 1.0) as u8
}

/// What a level stands for.
fn value(level: u8, [low, high]: [f32; 2], bits: u32) -> f32 {
    let share = (f64::from(level) + 0.5) / f64::from(1u32 << bits);
    (f64::from(low) + share * (f64::from(high) - f64::from(low))) as f32
}

impl Quantiser {
    /// The levels of codes, \[len, z\], packed: the first one in the lowest bits of the first byte, no bit left out.
    pub fn pack(&self, codes: &[f32]) -> Vec<u8> {
        let bits = self.bits as usize;
        let mut packed = vec![0; (codes.len() * bits).div_ceil(8)];
        for (i, (&z, &range)) in codes.iter().zip(self.ranges.iter().cycle()).enumerate() {
            let level = u16::from(level(z, range, self.bits)) << (i * bits % 8);
            // A level may lie across two bytes.
            for (byte, part) in packed.iter_mut().skip(i * bits / 8).zip(level.to_le_bytes()) {
                *byte |= part;
            }
        }
        packed
    }

    /// The values that the first `len` packed codes stand for, \[len, z\].
    pub fn unpack(&self, packed: &[u8], len: usize) -> Vec<f32> {
        let bits = self.bits as usize;
        let byte = |at: usize| packed.get(at).copied().unwrap_or(0);
        let level = |i: usize| {
            let pair = u16::from_le_bytes([byte(i * bits / 8), byte(i * bits / 8 + 1)]);
            (pair >> (i * bits % 8)) as u8 & (0xff >> (8 - bits))
        };
        let ranges = self.ranges.iter().cycle();
        (0..len * self.ranges.len()).zip(ranges).map(|(i, &range)| value(level(i), range, self.bits)).collect()
    }

    /// Codes as they come back.
    pub fn rounded(&self, codes: &[f32]) -> Vec<f32> {
        let back = |(&z, &range)| value(level(z, range, self.bits), range, self.bits);
        codes.iter().zip(self.ranges.iter().cycle()).map(back).collect()
    }
}
