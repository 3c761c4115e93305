//! Exactly so many steps from the weights that stand, for whoever holds them against gradients of their own.
use crate::lessons::recipe::Optimiser;
use serde::{Deserialize, Serialize};

/// What is to be done: nothing is drawn at random unless `shuffle`, and no noise comes in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exact {
    /// Steps.
    pub steps: u32,
    /// How a gradient becomes an update.
    pub optimiser: Optimiser,
    /// η: any finite number above 0.
    pub rate: f32,
    /// Inputs per step; a batch that reaches the end of the data goes on at their beginning.
    pub batch: u32,
    /// Another random order each epoch, and not the data's own.
    pub shuffle: bool,
    /// Steps that the first weights of the run that stands had seen.
    pub before: u32,
}

impl Exact {
    /// Steps that one question may ask for: minutes, and not days.
    pub const MOST_STEPS: u32 = 100_000;
}

/// What came of it. The network that stands is as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exactly {
    /// What was asked for.
    pub exact: Exact,
    /// The weights that it began with: safetensors.
    #[serde(with = "serde_bytes")]
    pub first: Vec<u8>,
    /// The weights after its last step: safetensors.
    #[serde(with = "serde_bytes")]
    pub last: Vec<u8>,
    /// The loss of each step's batch, before its update.
    pub losses: Vec<f32>,
    /// Seconds from the beginning until each of them was known.
    pub seconds: Vec<f32>,
    /// Inputs that are learned from.
    pub inputs: u32,
}
