//! Denoise: what is left of an input once noise has been taken off it, and how far that is from the input. Strengths of
//! noise, a median filter, the noise brush, and decibels.
mod npz;
#[cfg(test)]
mod tests;

pub use npz::npz;

use super::Lesson;
use super::choices::{Choice, NoiseKind};
use super::distortion::{self, clipped, squared_error};
use super::heartbeats;
use super::recipe::{Noise, Recipe, limits};
pub use crate::nn::noisy::corrupted;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The fifth lesson.
pub const LESSON: Lesson = Lesson { slug: "denoise", title: "Denoise", recipe };

/// 784-250-100-32-100-250-784: z is wide enough that the bottleneck alone does not take the noise off.
fn recipe() -> Recipe {
    Recipe { z: 32, noise: NoiseKind::Gaussian.usual(), ..Recipe::default() }
}

/// The same for series, of which there are few: narrower, and as many steps as they take to be learned.
pub fn recipe_for_series(data: &str, train: u32, columns: u32) -> Recipe {
    let lesson = heartbeats::recipe_for(data, train, columns);
    let z = recipe().z.min(columns.div_ceil(2)).max(1);
    let epochs = (SERIES_STEPS * lesson.batch / train.max(1)).clamp(lesson.epochs, *limits::EPOCHS.end());
    let encoder = [96, 64].map(|width| width.max(z)).to_vec();
    Recipe { encoder, z, epochs, abnormal: None, noise: recipe().noise, learning_rate: 0.002, ..lesson }
}

/// Steps that a network for noisy series takes, at least.
const SERIES_STEPS: u32 = 1500;

/// Inputs of the test set that are exported with all that was made of them.
pub const EXPORTED: u32 = 1000;

/// What is compared: the noisy input, and ways to take the noise off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Nothing is done.
    Noisy,
    /// An autoencoder that has never seen noise.
    Plain,
    /// The same, trained with noise on its inputs and the clean ones as targets.
    Denoising,
    /// PCA of the clean training set, with as many numbers as z.
    Pca,
    /// A median filter of 3 x 3 values.
    Median,
}

impl Method {
    /// All of them, in the order of tables and arrays.
    pub const ALL: [Self; METHODS] = [Self::Noisy, Self::Plain, Self::Denoising, Self::Pca, Self::Median];

    /// Its name in files.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Noisy => "noisy",
            Self::Plain => "plain",
            Self::Denoising => "denoising",
            Self::Pca => "pca",
            Self::Median => "median",
        }
    }
}

/// How many there are.
pub const METHODS: usize = 5;

/// How far the two networks have come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// What one of them learns with; the other one learns without.
    pub noise: Noise,
    /// Steps that each has seen.
    pub step: u32,
    /// Of how many.
    pub steps: u32,
    /// The mean loss of the latest steps: plain, denoising.
    pub losses: [f32; 2],
}

/// Mean squared errors over the test set at one strength of noise, by [`Method`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The noise.
    pub noise: Noise,
    /// Of the values as they come out.
    pub raw: [f64; METHODS],
    /// Of the values brought into 0..1 first.
    pub clipped: [f64; METHODS],
}

/// Decibels of a mean squared error against a peak of 1: 10 log₁₀(1 / MSE), infinite where there is no error. Of several
/// inputs it is that of their mean MSE, not the mean of their decibels.
pub fn psnr(mse: f64) -> f64 {
    distortion::psnr(mse, 1.0)
}

/// The mean squared error per value.
pub fn mse(clean: &[f32], y: &[f32], clip: bool) -> f64 {
    squared_error(clean, y, clip) / clean.len().max(1) as f64
}

/// Each value's median among its 3 x 3 neighbours; beyond the edges, the values at the edge go on, as with
/// `scipy.ndimage.median_filter(x, 3, mode='nearest')`. Of a series, which is one line, the median of 3 values.
///
/// `x` holds lines of `width` values. `unit` says that it is a picture: its values are brought into 0..1 first, as a
/// picture's file would have them.
pub fn median(x: &[f32], width: usize, unit: bool) -> Vec<f32> {
    let width = width.clamp(1, x.len().max(1));
    let height = x.len() / width;
    let value = |row: usize, col: usize| {
        let value = x[row * width + col];
        if unit { clipped(value) } else { value }
    };
    let mut out = Vec::with_capacity(x.len());
    for row in 0..height {
        let rows = [row.saturating_sub(1), row, (row + 1).min(height - 1)];
        for col in 0..width {
            let cols = [col.saturating_sub(1), col, (col + 1).min(width - 1)];
            let mut near = [0.0; 9];
            for (i, place) in near.iter_mut().enumerate() {
                *place = value(rows[i / 3], cols[i % 3]);
            }
            out.push(middle(near));
        }
    }
    out
}

/// Exchanges after which the fifth of nine is in the middle: J. L. Smith, "Implementing Median Filters in XC4000E FPGAs",
/// Xcell 23, 1996.
const EXCHANGES: [(usize, usize); 19] = [
    (1, 2),
    (4, 5),
    (7, 8),
    (0, 1),
    (3, 4),
    (6, 7),
    (1, 2),
    (4, 5),
    (7, 8),
    (0, 3),
    (5, 8),
    (4, 7),
    (3, 6),
    (1, 4),
    (2, 5),
    (4, 7),
    (4, 2),
    (6, 4),
    (4, 2),
];

/// The fifth of nine.
fn middle(mut v: [f32; 9]) -> f32 {
    for (low, high) in EXCHANGES {
        let (a, b) = (v[low], v[high]);
        (v[low], v[high]) = (a.min(b), a.max(b));
    }
    v[4]
}

/// How strong a noise is: a standard deviation, a share, or an edge.
pub fn strength(noise: Noise) -> f32 {
    match noise {
        Noise::None => 0.0,
        Noise::Gaussian { sd } => sd,
        Noise::SaltPepper { share } => share,
        Noise::Block { size } => size as f32,
    }
}

/// Noise of this kind and strength.
pub fn noise(kind: NoiseKind, strength: f32) -> Noise {
    match kind {
        NoiseKind::None => Noise::None,
        NoiseKind::Gaussian => Noise::Gaussian { sd: strength },
        NoiseKind::SaltPepper => Noise::SaltPepper { share: strength },
        NoiseKind::Block => Noise::Block { size: strength.round() as u32 },
    }
}

/// The strongest noise of a kind on this page, and how fine its slider is.
pub fn range(kind: NoiseKind) -> (f32, f32) {
    match kind {
        NoiseKind::None => (0.0, 1.0),
        NoiseKind::Gaussian => (1.0, 0.05),
        NoiseKind::SaltPepper => (0.8, 0.05),
        NoiseKind::Block => (28.0, 1.0),
    }
}

/// What a curve is measured at: `first`, and then its kind's other strengths from none to the strongest.
pub fn levels(first: Noise) -> Vec<Noise> {
    let kind = NoiseKind::of(first);
    let (most, _) = range(kind);
    let steps: u8 = match kind {
        NoiseKind::None => return Vec::new(),
        NoiseKind::Gaussian => 10,
        NoiseKind::SaltPepper => 8,
        NoiseKind::Block => 7,
    };
    // To the thousandth, as people write them.
    let rounded = |strength: f32| (strength * 1000.0).round() / 1000.0;
    let others = (0..=steps).map(|i| noise(kind, rounded(most * f32::from(i) / f32::from(steps))));
    std::iter::once(first).chain(others.filter(|&other| other != first)).collect()
}

/// Everything that was measured, as a table: decibels of each method, as they come out and brought into 0..1.
pub fn csv(levels: &[Level]) -> String {
    let mut text = String::from("noise,strength");
    for method in Method::ALL {
        // Writing to a string cannot fail.
        let _ = write!(text, ",{}", method.slug());
    }
    for method in Method::ALL {
        let _ = write!(text, ",{}_clipped", method.slug());
    }
    text.push('\n');
    let mut levels = levels.to_vec();
    levels.sort_by(|a, b| strength(a.noise).total_cmp(&strength(b.noise)));
    for level in levels {
        let _ = write!(text, "{},{}", NoiseKind::of(level.noise).slug(), strength(level.noise));
        for mse in level.raw.into_iter().chain(level.clipped) {
            // Without any error there are infinitely many decibels, which most programs read as this word.
            let _ = if mse > 0.0 { write!(text, ",{:.4}", psnr(mse)) } else { write!(text, ",inf") };
        }
        text.push('\n');
    }
    text
}

/// Where the noise brush has been, value by value, on lines of `width`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mask {
    width: usize,
    painted: Vec<bool>,
}

/// The brush's radius, in values.
const RADIUS: f32 = 2.2;

impl Mask {
    /// Untouched, for `len` values with lines of `width`.
    pub fn new(len: usize, width: usize) -> Self {
        Self { width: width.max(1), painted: vec![false; len] }
    }

    /// How many values it covers.
    pub fn len(&self) -> usize {
        self.painted.len()
    }

    /// It covers none.
    pub fn is_empty(&self) -> bool {
        self.painted.is_empty()
    }

    /// The share that was painted.
    pub fn share(&self) -> f32 {
        self.painted.iter().filter(|&&painted| painted).count() as f32 / self.painted.len().max(1) as f32
    }

    /// The brush goes from one place to another; places are shares of the width and height. On a series, which is one
    /// line, only the way across counts.
    pub fn paint(&mut self, from: (f32, f32), to: (f32, f32)) {
        let height = self.painted.len() / self.width;
        let radius = if height > 1 { RADIUS } else { RADIUS * self.width as f32 / 28.0 };
        let scale = |(x, y): (f32, f32)| (x * self.width as f32, if height > 1 { y * height as f32 } else { 0.5 });
        let ((ax, ay), (bx, by)) = (scale(from), scale(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).max(1e-6);
        for (i, painted) in self.painted.iter_mut().enumerate() {
            let (x, y) = ((i % self.width) as f32 + 0.5, (i / self.width) as f32 + 0.5);
            // The nearest place of the way.
            let t = (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0);
            *painted |= (ax + t * dx - x).hypot(ay + t * dy - y) <= radius;
        }
    }

    /// Noise where the brush has been, and clean values elsewhere.
    pub fn apply(&self, clean: &[f32], noisy: &mut [f32]) {
        for ((noisy, clean), painted) in noisy.iter_mut().zip(clean).zip(&self.painted) {
            if !painted {
                *noisy = *clean;
            }
        }
    }
}
