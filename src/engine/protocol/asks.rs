//! What lessons ask of the network that stands, and the answers.
use serde::{Deserialize, Serialize};

/// What a question is about. Of each topic one question is answered at a time: a new one takes the old one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// [`Ask::Scores`]
    Scores,
}

/// A question about the network that stands. It waits until the data are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The loss of every input of the training and of the test set. Answered by [`Answer::Scores`].
    Scores,
}

impl Ask {
    /// What it is about.
    pub fn topic(&self) -> Topic {
        match self {
            Self::Scores => Topic::Scores,
        }
    }
}

/// An answer, or a part of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The loss of every input, in the order of the files: the mean over its values.
    Scores {
        /// Steps that the weights had seen.
        step: u32,
        /// Of the training set.
        train: Vec<f32>,
        /// Of the test set.
        test: Vec<f32>,
    },
}

impl Answer {
    /// What it is about.
    pub fn topic(&self) -> Topic {
        match self {
            Self::Scores { .. } => Topic::Scores,
        }
    }
}
