//! A recipe: everything that decides a run. Same recipe, same device: the same curve.
use crate::data::{DataError, Dataset, rows_with};
pub use crate::nn::spec::{Activation, Init, Loss, NetworkSpec, Noise, Optimiser};
use crate::nn::trainer::{MOST_STEPS, Training};
use crate::nn::variational;
use crate::words;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Everything that decides a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The slug of a data set: `mnist`, `fashion-mnist`, `ecg5000`, `strokes`, `beats`.
    pub data: String,
    /// Which of its training rows are learned from: all of them, whatever their class; or those of class 0, which is
    /// the normal one, with this share of others among them.
    pub abnormal: Option<f32>,
    /// Widths of the hidden layers between x and z; the decoder mirrors them.
    pub encoder: Vec<u32>,
    /// dim(Z), the bottleneck.
    pub z: u32,
    /// After each hidden layer.
    pub activation: Activation,
    /// What training makes small.
    pub loss: Loss,
    /// How gradients become updates.
    pub optimiser: Optimiser,
    /// η
    pub learning_rate: f32,
    /// Inputs per step.
    pub batch: u32,
    /// Passes over the training set.
    pub epochs: u32,
    /// What is done to the inputs, never to the targets.
    pub noise: Noise,
    /// β of a variational bottleneck: codes are drawn around the encoder's, and how far their distribution is from
    /// N(0, 1) costs β times the Kullback-Leibler divergence. `None`: a plain one.
    pub variational: Option<f32>,
    /// The first weights, the order of the batches and the noise all follow from it.
    pub seed: u64,
    /// The distribution of the first weights.
    pub init: Init,
}

impl Default for Recipe {
    /// The lecture's network on MNIST.
    fn default() -> Self {
        Self {
            data: "mnist".into(),
            abnormal: None,
            encoder: vec![250, 100],
            z: 10,
            activation: Activation::Relu,
            loss: Loss::Mse,
            optimiser: Optimiser::Adam,
            learning_rate: 1e-3,
            batch: 128,
            epochs: 10,
            noise: Noise::None,
            variational: None,
            seed: 42,
            init: Init::He,
        }
    }
}

/// The page's own ranges: links are clamped to them, files and commands are refused outside them.
pub mod limits {
    use std::ops::RangeInclusive;

    /// Width of a hidden layer.
    pub const WIDTH: RangeInclusive<u32> = 1..=4096;
    /// Hidden layers in the encoder.
    pub const LAYERS: RangeInclusive<usize> = 0..=6;
    /// Width of the bottleneck.
    pub const Z: RangeInclusive<u32> = 1..=256;
    /// Inputs per step.
    pub const BATCH: RangeInclusive<u32> = 1..=4096;
    /// Passes over the training set.
    pub const EPOCHS: RangeInclusive<u32> = 1..=1000;
    /// Learning rate on the page. Exact runs of the command line take any finite positive number.
    pub const RATE: RangeInclusive<f32> = 1e-6..=10.0;
    /// Share of abnormal rows among those that are learned from.
    pub const ABNORMAL: RangeInclusive<f32> = 0.0..=0.7;
    /// Standard deviation of Gaussian noise.
    pub const NOISE_SD: RangeInclusive<f32> = 0.01..=2.0;
    /// Share of salt and pepper.
    pub const NOISE_SHARE: RangeInclusive<f32> = 0.01..=1.0;
    /// β of a variational bottleneck, in squared errors summed over an input.
    pub const VARIATIONAL: RangeInclusive<f32> = 0.0..=100.0;
    /// Edge of a block of zeros.
    pub const NOISE_BLOCK: RangeInclusive<u32> = 1..=28;
    /// Weights and biases in all: what 128 MiB, one binding of WebGPU's default limits, can hold.
    pub const PARAMETERS: usize = 128 * 1024 * 1024 / 4;
}

/// Why a recipe can't be run: what, the value, and the range it must be in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// A number outside its range.
    #[error("{}", words!("{what} is {value}: it must be from {least} to {most}"))]
    Range {
        /// Which part of the recipe.
        what: String,
        /// What it was.
        value: String,
        /// The least it may be.
        least: String,
        /// The most it may be.
        most: String,
    },
    /// All in range, but too large together.
    #[error("{}", words!("this network has {parameters} parameters: at most {most} fit on a GPU's default limits, so make a layer narrower"))]
    TooLarge {
        /// Weights and biases in all.
        parameters: usize,
        /// The limit.
        most: usize,
    },
    /// Cross-entropy asks for values between 0 and 1.
    #[error("{}", words!("the loss BCE needs values from 0 to 1, and {data} has others: choose MSE"))]
    BceNeedsUnitRange {
        /// The data set.
        data: String,
    },
}

impl Recipe {
    /// Steps that its epochs take over so many inputs; a device counts no further than [`MOST_STEPS`].
    pub fn steps(&self, inputs: u32) -> u32 {
        let inputs = u64::from(self.epochs) * u64::from(inputs);
        inputs.div_ceil(u64::from(self.batch)).min(u64::from(MOST_STEPS)) as u32
    }

    /// At another learning rate, as far as recipes may have it: exact runs take any, and their files say theirs beside it.
    pub fn at_rate(self, rate: f32) -> Self {
        if limits::RATE.contains(&rate) { Self { learning_rate: rate, ..self } } else { self }
    }

    /// How it trains, on inputs with lines of `width` values.
    pub fn training(&self, width: u32) -> Training {
        Training {
            loss: self.loss,
            optimiser: self.optimiser,
            rate: self.learning_rate,
            batch: self.batch,
            noise: self.noise,
            variational: self.variational,
            width,
            init: self.init,
            seed: self.seed,
            ..Training::default()
        }
    }

    /// Checks every number against [`limits`], data set aside.
    pub fn check(&self) -> Result<(), RecipeError> {
        fn within<T: PartialOrd + ToString>(
            what: impl Into<String>,
            value: T,
            range: &std::ops::RangeInclusive<T>,
        ) -> Result<(), RecipeError> {
            if range.contains(&value) {
                return Ok(());
            }
            Err(RecipeError::Range {
                what: what.into(),
                value: value.to_string(),
                least: range.start().to_string(),
                most: range.end().to_string(),
            })
        }
        within("the number of hidden layers in the encoder", self.encoder.len(), &limits::LAYERS)?;
        for (i, &width) in self.encoder.iter().enumerate() {
            within(words!("the width of encoder layer {}", i + 1), width, &limits::WIDTH)?;
        }
        within("z", self.z, &limits::Z)?;
        within("the batch", self.batch, &limits::BATCH)?;
        within("the number of epochs", self.epochs, &limits::EPOCHS)?;
        within("the learning rate", self.learning_rate, &limits::RATE)?;
        if let Some(share) = self.abnormal {
            within("the share of abnormal inputs", share, &limits::ABNORMAL)?;
        }
        if let Some(beta) = self.variational {
            within("β of the variational bottleneck", beta, &limits::VARIATIONAL)?;
        }
        match self.noise {
            Noise::None => Ok(()),
            Noise::Gaussian { sd } => within("the standard deviation of the noise", sd, &limits::NOISE_SD),
            Noise::SaltPepper { share } => within("the share of salt and pepper", share, &limits::NOISE_SHARE),
            Noise::Block { size } => within("the edge of the block", size, &limits::NOISE_BLOCK),
        }
    }

    /// The network for inputs of `inputs` values; `unit` says that they lie in 0..1, so that a sigmoid fits them.
    pub fn network(&self, inputs: u32, unit: bool) -> Result<NetworkSpec, RecipeError> {
        self.check()?;
        if self.loss == Loss::Bce && !unit {
            return Err(RecipeError::BceNeedsUnitRange { data: self.data.clone() });
        }
        let output = if unit { Activation::Sigmoid } else { Activation::Identity };
        let spec = NetworkSpec::autoencoder(inputs, &self.encoder, self.z, self.activation, output);
        let beside = self.variational.map_or(0, |_| variational::layer(&spec).parameters());
        let parameters = spec.parameters() + beside;
        if parameters > limits::PARAMETERS {
            return Err(RecipeError::TooLarge { parameters, most: limits::PARAMETERS });
        }
        Ok(spec)
    }

    /// Whether it learns from inputs of the normal class and no others.
    pub fn is_of_normal_only(&self) -> bool {
        self.abnormal == Some(0.0)
    }

    /// The rows of `set` that this recipe learns from.
    ///
    /// # Errors
    /// It wants normal rows, and there are none.
    pub fn learned_from<'a>(&self, set: &'a Dataset) -> Result<Cow<'a, Dataset>, DataError> {
        match self.abnormal {
            Some(share) if !set.labels().is_empty() => {
                let rows = rows_with(set.labels(), share, self.seed);
                if rows.is_empty() {
                    return Err(DataError::Empty("training input of the normal class, the first one,"));
                }
                Ok(Cow::Owned(set.select(&rows)?))
            }
            // Without labels everything counts as normal.
            _ => Ok(Cow::Borrowed(set)),
        }
    }
}
