//! What the lesson on kernels asks, and the answers.
use super::{About, Topic};
use crate::lessons::kernels::{Check, Compared, Followed, Place, Times, Updated};
use serde::{Deserialize, Serialize};

/// A question of the lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kernels {
    /// One update of a copy of the network as it is now, on its device. Answered by [`Unfolded::Updated`]; the other
    /// questions are about it.
    Update {
        /// The batch is this input alone; `None`: it is the network's next one.
        input: Option<Vec<f32>>,
    },
    /// All about one weight. Answered by [`Unfolded::Followed`].
    Follow(Place),
    /// What its calls take. Answered by [`Unfolded::Times`].
    Times,
    /// Gradients beside differences of the loss. Answered by [`Unfolded::Checked`].
    Check {
        /// Of this weight,
        place: Place,
        /// and of so many random ones,
        others: u32,
        /// others at each draw.
        draw: u32,
    },
    /// The same update on this processor, and in double precision. Answered by [`Unfolded::Compared`].
    Compare,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Unfolded {
    /// The update was made.
    Updated(Updated),
    /// A weight.
    Followed(Box<Followed>),
    /// Milliseconds.
    Times(Times),
    /// Differences.
    Checked(Check),
    /// The step by several.
    Compared(Compared),
}

impl About for Kernels {
    fn topic(&self) -> Topic {
        match self {
            Self::Update { .. } => Topic::Update,
            Self::Follow(_) => Topic::Follow,
            Self::Times => Topic::Times,
            Self::Check { .. } => Topic::Check,
            Self::Compare => Topic::Compare,
        }
    }
}

impl About for Unfolded {
    fn topic(&self) -> Topic {
        match self {
            Self::Updated(_) => Topic::Update,
            Self::Followed(_) => Topic::Follow,
            Self::Times(_) => Topic::Times,
            Self::Checked(_) => Topic::Check,
            Self::Compared(_) => Topic::Compare,
        }
    }
}
