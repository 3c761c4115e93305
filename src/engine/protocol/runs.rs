//! Runs that this browser keeps.
use super::Point;
use crate::lessons::Recipe;
use serde::{Deserialize, Serialize};

/// What is known of a kept run without its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Tells it from all others.
    pub id: String,
    /// What the visitor calls it: those that have a name are kept until they are deleted.
    pub name: Option<String>,
    /// What it was made from.
    pub recipe: Recipe,
    /// Steps that its first weights had seen.
    pub before: u32,
    /// Steps since then.
    pub step: u32,
    /// When this was, in milliseconds since 1970.
    pub when: f64,
    /// Seconds of training.
    pub seconds: f64,
    /// Its loss curves, or some of their points.
    pub curve: Vec<Point>,
}

impl Card {
    /// The newest loss over the test set.
    pub fn test(&self) -> Option<f32> {
        self.curve.iter().rev().find_map(|point| point.test)
    }
}

/// A question about them. Answered by [`super::Answer::Runs`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Runs {
    /// Which are there?
    List,
    /// Call one by this name, which keeps it; by none, it is one of the last few again.
    Name {
        /// Which.
        id: String,
        /// How.
        name: Option<String>,
    },
    /// Delete one.
    Delete {
        /// Which.
        id: String,
    },
}
