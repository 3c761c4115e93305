//! What the lesson on compression asks, and the answers.
use super::{About, Topic};
use crate::lessons::compress::{Original, Rated};
use serde::{Deserialize, Serialize};

/// Which of the networks that were rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Which {
    /// The one at hand, not one of a sweep.
    pub at_hand: bool,
    /// The width of its bottleneck.
    pub z: u32,
    /// The epochs that networks of the sweep learn for.
    pub epochs: u32,
}

/// A question of the lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Compress {
    /// Rate the network at hand, as it is now. Answered by [`Compressed::Rated`].
    Rate,
    /// Train the same network with other widths of z beside it, each for so many epochs, and rate them; those that were
    /// trained before are rated already. Answered by [`Compressed::Rated`] again and again.
    Rates {
        /// The widths; none, to hear only what is there already.
        zs: Vec<u32>,
        /// Epochs of each.
        epochs: u32,
    },
    /// What inputs look like after all networks that were rated. Answered by [`Compressed::Looks`].
    Look {
        /// The inputs, one after the other.
        inputs: Vec<f32>,
        /// Bits per value of a code.
        bits: u32,
        /// Epochs of the sweep.
        epochs: u32,
    },
    /// A file of the first inputs of the test set. Answered by [`Compressed::Packed`].
    Pack {
        /// By which network.
        which: Which,
        /// By which of [`crate::lessons::compress::METHODS`].
        method: usize,
        /// Bits per value of a code, at most 8.
        bits: u32,
    },
    /// Decode such a file. Answered by [`Compressed::Unpacked`].
    Unpack {
        /// Its name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Compressed {
    /// How well networks do.
    Rated {
        /// The newest ones, or the one at hand.
        rated: Vec<Rated>,
        /// What they are compared with.
        original: Original,
        /// Epochs of the sweep; 0 is the network at hand.
        epochs: u32,
        /// The sweep is over.
        over: bool,
        /// Why it is over too early, in words.
        trouble: Option<String>,
    },
    /// By network, input by input: values as in [`super::Answer::Pictures`].
    Looks {
        /// Bits per value of a code.
        bits: u32,
        /// All networks, by z.
        looks: Vec<Look>,
    },
    /// A file.
    Packed {
        /// Its name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// Its parts.
        sizes: Sizes,
    },
    /// What is in a file.
    Unpacked {
        /// The file's name.
        name: String,
        /// The data set that its inputs are of.
        data: String,
        /// The width of their codes, and bits per value.
        z: u32,
        /// Likewise.
        bits: u32,
        /// Rows and columns of an input.
        shape: (u32, u32),
        /// The file's parts.
        sizes: Sizes,
        /// The first inputs, at most a thousand: values as in [`super::Answer::Pictures`].
        #[serde(with = "serde_bytes")]
        pictures: Vec<u8>,
        /// Their mean squared error and its PSNR, where this data set is the one at hand.
        error: Option<[f32; 2]>,
    },
}

/// What inputs look like after one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The width of its bottleneck.
    pub z: u32,
    /// It is the one at hand.
    pub at_hand: bool,
    /// By [`crate::lessons::compress::METHODS`].
    pub outputs: [serde_bytes::ByteBuf; 2],
}

/// The parts of a file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Inputs in it.
    pub inputs: u32,
    /// All of it.
    pub file: u32,
    /// The codes.
    pub codes: u32,
    /// The decoder's weights.
    pub decoder: u32,
}

impl About for Compress {
    fn topic(&self) -> Topic {
        match self {
            Self::Rate => Topic::Rate,
            Self::Rates { .. } => Topic::Rates,
            Self::Look { .. } => Topic::Look,
            Self::Pack { .. } => Topic::Pack,
            Self::Unpack { .. } => Topic::Unpack,
        }
    }
}

impl About for Compressed {
    fn topic(&self) -> Topic {
        match self {
            Self::Rated { epochs: 0, .. } => Topic::Rate,
            Self::Rated { .. } => Topic::Rates,
            Self::Looks { .. } => Topic::Look,
            Self::Packed { .. } => Topic::Pack,
            Self::Unpacked { .. } => Topic::Unpack,
        }
    }
}
