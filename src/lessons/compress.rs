//! Compression: codes rounded to a few bits each, what that costs, and a file of them. The decoder stays as it is; PCA
//! is treated in the same way, as the network of two linear layers that it is.
pub mod file;
mod quantiser;
#[cfg(test)]
mod tests;

pub use quantiser::{Quantiser, range};

use super::Lesson;
use super::distortion;
use super::recipe::Recipe;
use crate::words;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The lesson: on whatever network is loaded, and on networks with other widths of z beside it.
pub const LESSON: Lesson = Lesson { slug: "compress", title: "Compress", recipe: Recipe::default };

/// Widths of the bottleneck that are trained if the visitor does not say others.
pub const SWEEP: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The widest bottleneck: as many components as there are of PCA.
pub const MOST_Z: u32 = 64;
/// Widths in one sweep at most.
pub const MOST_WIDTHS: usize = 12;

/// Bits per value of a code: 32 is the code as it is, a float.
pub const BITS: [u32; 4] = [32, 8, 4, 2];

/// The two that compress.
pub const METHODS: [&str; 2] = ["autoencoder", "PCA"];

/// Inputs of the training set, the first of them, whose codes say what ranges are rounded over.
pub const RANGED: u32 = 20_000;
/// Inputs of the test set, the first of them, whose size as PNG is measured.
pub const AS_PNG: usize = 1000;
/// Inputs in a file.
pub const IN_FILE: u32 = 1000;

/// How well one width of z does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rated {
    /// The width of z, and the number of components.
    pub z: u32,
    /// Steps that the network has learned for.
    pub step: u32,
    /// The network that the other lessons look at, not one of a sweep.
    pub at_hand: bool,
    /// By [`METHODS`] and [`BITS`]: the mean squared error per value over the test set.
    pub mse: [[f32; 4]; 2],
}

/// What all are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Original {
    /// Bytes of an input as it is: one per pixel, four per value of a series.
    pub bytes: u32,
    /// The mean size of an input as a PNG file, of pictures.
    pub png: Option<f32>,
    /// The largest difference that two values can have: 1 for pixels; of a series, largest less least of the test set.
    pub peak: f32,
}

impl Rated {
    /// The peak signal-to-noise ratio in dB: 10 log₁₀(peak² / MSE).
    pub fn psnr(&self, method: usize, bits: usize, original: &Original) -> f32 {
        psnr(self.mse[method][bits], original.peak)
    }
}

/// Bytes of one code: z values of so many bits each.
pub fn bytes(z: u32, bits: u32) -> f32 {
    z as f32 * bits as f32 / 8.0
}

/// 10 log₁₀(peak² / MSE), in dB.
pub fn psnr(mse: f32, peak: f32) -> f32 {
    distortion::psnr(mse.into(), peak.into()) as f32
}

/// The widths that a visitor wrote, `1, 2, 4`: in order, each once.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn widths(text: &str, most: u32) -> Result<Vec<u32>, String> {
    let most = most.clamp(1, MOST_Z);
    let mut all = Vec::new();
    for word in text.split([',', ' ', ';']).filter(|word| !word.is_empty()) {
        match word.parse() {
            Ok(z) if (1..=most).contains(&z) => all.push(z),
            _ => return Err(words!("“{word}” is no width from 1 to {most}: write some such as 2, 8, 32.")),
        }
    }
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => Err(words!("Write some widths from 1 to {most}, such as 2, 8, 32.")),
        count if count > MOST_WIDTHS => Err(words!("These are {count} widths: at most {MOST_WIDTHS} are trained.")),
        _ => Ok(all),
    }
}

/// `rate-distortion.csv`: a line for every width, method and number of bits.
pub fn csv(all: &[Rated], original: &Original) -> String {
    let mut text = String::from("z,steps,at_hand,method,bits,bytes,ratio_to_raw,ratio_to_png,mse,psnr_db\n");
    for rated in all {
        for (method, name) in METHODS.into_iter().enumerate() {
            for (i, bits) in BITS.into_iter().enumerate() {
                let size = bytes(rated.z, bits);
                let png = original.png.map_or_else(String::new, |png| format!("{:.3}", png / size));
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "{},{},{},{name},{bits},{size},{:.3},{png},{},{:.4}",
                    rated.z,
                    rated.step,
                    rated.at_hand,
                    original.bytes as f32 / size,
                    rated.mse[method][i],
                    rated.psnr(method, i, original),
                );
            }
        }
    }
    text
}
