//! Siamese networks: pairs, who deals them, what was answered, and what came of it.
pub mod game;

use super::Lesson;
use super::latent::Chart;
use super::recipe::Recipe;
use crate::data::chance::Chance;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The eighth lesson: on whatever network is loaded.
pub const LESSON: Lesson = Lesson { slug: "siamese", title: "Siamese", recipe: Recipe::default };

/// The margin m that the page starts with, and its range.
pub const MARGIN: f32 = 1.0;
/// The least and the most that m can be.
pub const MARGINS: std::ops::RangeInclusive<f32> = 0.1..=10.0;
/// Pairs from the true labels, as the page proposes, and passes over them.
pub const PAIRS: u32 = 60_000;
/// Passes over pairs from the true labels.
pub const EPOCHS: u32 = 2;
/// The most pairs that can be drawn.
pub const MOST_PAIRS: u32 = 1_000_000;

/// Two inputs of the training set, and whether they belong together, by whoever was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The first.
    pub a: u32,
    /// The second.
    pub b: u32,
    /// The label: y = 1.
    pub same: bool,
}

/// Where an encoder starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// At the encoder of the network that stands, as it is now.
    #[default]
    Network,
    /// At first weights, of the distribution that PyTorch draws them from.
    Scratch,
}

/// How the next pairs are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Whatever comes.
    #[default]
    Chance,
    /// Of several the one whose distance is nearest to m / 2, where the encoder is least sure.
    Unsure,
}

/// What is learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum By {
    /// Pairs that were answered by hand.
    Answers {
        /// All of them.
        pairs: Vec<Pair>,
        /// Steps to take with them.
        steps: u32,
    },
    /// Pairs from the true labels.
    Labels {
        /// How many.
        pairs: u32,
        /// Passes over them.
        epochs: u32,
    },
}

/// How much is asked when it is measured how often neighbours vote right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Nothing.
    #[default]
    No,
    /// A part of the test set, among a part of the training set: quick enough for a game.
    Part,
    /// All of both.
    Whole,
}

/// A lesson for the encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Teaching {
    /// Begin anew, and from where. `None`: go on with what pairs have taught so far.
    pub start: Option<Start>,
    /// m
    pub margin: f32,
    /// What it learns from.
    pub by: By,
    /// And then.
    pub measure: Measure,
}

/// How often the vote of the nearest training inputs was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Right answers.
    pub right: u32,
    /// Inputs of the test set that were asked about, the first ones.
    pub asked: u32,
    /// Inputs of the training set that they were compared with, the first ones.
    pub known: u32,
}

impl Measured {
    /// The share of right answers, in percent.
    pub fn percent(&self) -> f64 {
        100.0 * f64::from(self.right) / f64::from(self.asked.max(1))
    }

    /// It is of the same inputs.
    pub fn compares(&self, other: &Self) -> bool {
        (self.asked, self.known) == (other.asked, other.known)
    }
}

/// What a lesson came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taught {
    /// The encoder was begun anew, and this is how it stood before any pair.
    pub begun: bool,
    /// Nothing more comes.
    pub done: bool,
    /// Steps since it began.
    pub steps: u32,
    /// Pairs that it learned from.
    pub pairs: u32,
    /// The mean loss of the last steps.
    pub loss: Option<f32>,
    /// Codes of the test set's first inputs.
    pub chart: Chart,
    /// How far these codes have moved, √(mean ‖z − z₀‖² / mean ‖z₀ − mean z₀‖²).
    pub moved: f32,
    /// If it was asked for and there are labels.
    pub measured: Option<Measured>,
}

/// What the next pairs are to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dealing {
    /// How many.
    pub count: u32,
    /// Decides which.
    pub seed: u64,
    /// How they are chosen.
    pub choice: Choice,
    /// m
    pub margin: f32,
}

/// A pair to be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dealt {
    /// The first, of the training set.
    pub a: u32,
    /// The second.
    pub b: u32,
    /// What the labels say, where there are some. Not for the visitor's eyes before the answer.
    pub truth: Option<bool>,
    /// How far their codes are from each other.
    pub distance: f32,
    /// What they look like.
    pub inputs: [Vec<f32>; 2],
}

/// Draws pairs: where there are labels, of the same class or not as is asked; else of whatever comes.
pub struct Dealer<'a> {
    labels: &'a [u8],
    len: usize,
    /// The inputs of each class.
    members: Vec<Vec<u32>>,
    seed: u64,
}

/// So often a partner is drawn before the pair is taken as it is.
const TRIES: usize = 64;

impl<'a> Dealer<'a> {
    /// Of a training set of `len` inputs, with labels or none.
    pub fn new(labels: &'a [u8], len: usize, seed: u64) -> Self {
        let mut members = vec![Vec::new(); if labels.is_empty() { 0 } else { 256 }];
        for (index, &label) in (0..).zip(labels) {
            members[usize::from(label)].push(index);
        }
        Self { labels, len, members, seed }
    }

    /// What the labels say of two inputs.
    pub fn truth(&self, a: u32, b: u32) -> Option<bool> {
        Some(self.labels.get(a as usize)? == self.labels.get(b as usize)?)
    }

    /// Whether pair number `index` should be of one class, as a coin falls: in turns would give the answer away.
    pub fn coin(&self, index: u64) -> bool {
        Chance::at(!self.seed, index).below(2) == 0
    }

    /// Pair number `index`: two inputs, where labels are known of one class or not, as far as there are such.
    pub fn deal(&self, index: u64, same: bool) -> (u32, u32) {
        let mut chance = Chance::at(self.seed, index);
        let a = chance.below(self.len);
        let any = |chance: &mut Chance| chance.below(self.len);
        let class = self.labels.get(a).map(|&label| self.members[usize::from(label)].as_slice());
        let mut b = a;
        for _ in 0..TRIES {
            b = match class {
                Some(members) if same => members[chance.below(members.len())] as usize,
                _ => any(&mut chance),
            };
            if b != a && self.truth(a as u32, b as u32).is_none_or(|truth| truth == same) {
                break;
            }
        }
        if b == a {
            b = (a + 1) % self.len.max(1);
        }
        (a as u32, b as u32)
    }
}

/// √Σ(a − b)²
pub fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt() as f32
}

/// What an encoder says of two codes so far apart: the middle of the margin divides.
pub fn says_same(distance: f32, margin: f32) -> bool {
    distance < margin / 2.0
}

/// Of all places where a code moved: see [`Taught::moved`]. 0 where nothing can be compared.
pub fn moved(before: &[f32], now: &[f32], width: usize) -> f32 {
    let width = width.max(1);
    let rows = (before.len() / width) as f64;
    if before.len() != now.len() || before.is_empty() {
        return 0.0;
    }
    let mean: Vec<f64> =
        (0..width).map(|z| before.iter().skip(z).step_by(width).map(|&x| f64::from(x)).sum::<f64>() / rows).collect();
    let spread: f64 = before.iter().enumerate().map(|(i, &x)| (f64::from(x) - mean[i % width]).powi(2)).sum();
    let way: f64 = before.iter().zip(now).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    if spread > 0.0 { (way / spread).sqrt() as f32 } else { 0.0 }
}

/// `pairs.csv`: the training inputs' numbers, the answer, and what the labels say, if they are known.
pub fn csv(answers: &[(Pair, Option<bool>)]) -> String {
    let mut text = String::from("a,b,answer,label\n");
    let word = |same: bool| if same { "same" } else { "different" };
    for (pair, truth) in answers {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},{},{}", pair.a, pair.b, word(pair.same), truth.map_or("", word));
    }
    text
}

/// How many answers differ from the labels, of how many that can be compared.
pub fn differing(answers: &[(Pair, Option<bool>)]) -> (usize, usize) {
    let known = || answers.iter().filter_map(|(pair, truth)| truth.map(|truth| truth != pair.same));
    (known().filter(|differs| *differs).count(), known().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_of_one_class_or_not_as_is_asked() {
        let labels: Vec<u8> = (0..1000).map(|i| (i * 7 % 10) as u8).collect();
        let dealer = Dealer::new(&labels, labels.len(), 5);
        let pairs: Vec<_> = (0..2000).map(|i| dealer.deal(i, dealer.coin(i))).collect();
        for (i, &(a, b)) in pairs.iter().enumerate() {
            assert_ne!(a, b);
            assert_eq!(dealer.truth(a, b), Some(dealer.coin(i as u64)), "pair {i}: {a} and {b}");
        }
        let coins: Vec<bool> = (0..2000).map(|i| dealer.coin(i)).collect();
        let same = coins.iter().filter(|same| **same).count();
        let turns = coins.windows(2).filter(|two| two[0] != two[1]).count();
        assert!((900..1100).contains(&same) && (900..1100).contains(&turns), "{same} of one class, {turns} turns");
        // All inputs come up, and another seed deals others.
        let met: std::collections::HashSet<u32> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        assert!(met.len() > 950, "only {} inputs came up", met.len());
        let other = Dealer::new(&labels, 1000, 6);
        assert_ne!(pairs[..50], (0..50).map(|i| other.deal(i, other.coin(i))).collect::<Vec<_>>()[..]);
    }

    #[test]
    fn what_cannot_be_had_is_not_waited_for() {
        // One class only, one input of a class, no labels at all.
        let (a, b) = Dealer::new(&[3; 4], 4, 1).deal(1, false);
        assert_ne!(a, b);
        let labels = [1, 2, 2, 2];
        assert!((0..40).map(|i| Dealer::new(&labels, 4, 1).deal(i, true)).all(|(a, b)| a != b && a < 4 && b < 4));
        let none = Dealer::new(&[], 9, 1);
        assert!((0..40).map(|i| none.deal(i, true)).all(|(a, b)| a != b && a < 9 && b < 9));
        assert_eq!(none.truth(0, 1), None);
    }

    #[test]
    fn codes_have_moved_by_shares_of_their_spread() {
        let before = [0.0, 0.0, 2.0, 0.0];
        assert_eq!(moved(&before, &before, 2), 0.0);
        // Each a whole standard deviation to the side.
        assert_eq!(moved(&before, &[0.0, 1.0, 2.0, 1.0], 2), 1.0);
        assert_eq!(moved(&before, &[0.0], 2), 0.0);
        assert_eq!(moved(&[1.0; 4], &[2.0; 4], 2), 0.0);
    }

    #[test]
    fn the_table_says_what_was_answered_and_what_labels_say() {
        let pair = |a, b, same| Pair { a, b, same };
        let answers = [(pair(3, 9, true), Some(true)), (pair(4, 1, false), Some(true)), (pair(2, 5, true), None)];
        assert_eq!(csv(&answers), "a,b,answer,label\n3,9,same,same\n4,1,different,same\n2,5,same,\n");
        assert_eq!(differing(&answers), (1, 2));
    }

    #[test]
    fn the_middle_of_the_margin_divides() {
        assert_eq!(distance(&[0.0, 3.0], &[4.0, 0.0]), 5.0);
        assert!(says_same(0.49, 1.0) && !says_same(0.5, 1.0));
    }
}
