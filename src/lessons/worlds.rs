//! Two worlds: the same encoder on the same data, supervised or as an autoencoder; and what labels are worth to each.
use super::Lesson;
use super::neighbours::{MOST, Metric, Rows, Tally};
use super::recipe::Recipe;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The lesson: on whatever network is loaded.
pub const LESSON: Lesson = Lesson { slug: "worlds", title: "Two worlds", recipe: Recipe::default };

/// So many labels are tried, where the data have more; and at last all of them.
const LABELS: [u32; 7] = [10, 30, 100, 300, 1000, 3000, 10_000];
/// Up to so many labels the result depends on which they are, so that several draws are averaged.
const FEW: u32 = 1000;
/// How many.
const DRAWS: u32 = 3;
/// A classifier of few labels goes over them until it has made at least so many steps.
const STEPS: u32 = 500;

/// So many labels, and which draw of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Piece {
    /// Labels.
    pub n: u32,
    /// Counts draws from 0: the labels of a draw are among those of a larger n.
    pub draw: u32,
}

/// All that is measured on a training set of so many inputs, fewest labels first.
pub fn pieces(len: u32) -> Vec<Piece> {
    let counts = LABELS.into_iter().filter(|&n| n < len).chain([len].into_iter().filter(|&len| len > 0));
    counts.flat_map(|n| (0..draws(n, len)).map(move |draw| Piece { n, draw })).collect()
}

/// Draws that are averaged at n labels of `len`.
fn draws(n: u32, len: u32) -> u32 {
    if n <= FEW && n < len { DRAWS } else { 1 }
}

/// Steps and batch of a classifier that knows n labels: the recipe's epochs over these n, but [`STEPS`] steps at least,
/// and no batch in which an input comes twice.
pub fn schedule(recipe: &Recipe, n: u32) -> (u32, u32) {
    let batch = recipe.batch.min(n).max(1);
    let steps = Recipe { batch, ..recipe.clone() }.steps(n);
    (steps.max(STEPS), batch)
}

/// What n labels were worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many, and which.
    pub piece: Piece,
    /// Steps that the autoencoder had seen, without labels.
    pub step: u32,
    /// Inputs of the test set.
    pub asked: u32,
    /// Those that the classifier got right which was trained on these labels alone.
    pub right: u32,
    /// The votes of the nearest among the same inputs, by the autoencoder's codes.
    pub votes: Tally,
    /// How many should vote, as these labels themselves say: see [`leave_one_out`].
    pub own_k: u32,
}

/// How many of the nearest vote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voters {
    /// As many as the labels themselves say.
    #[default]
    Own,
    /// So many.
    These(usize),
}

impl Measured {
    /// k.
    pub fn k(&self, voters: Voters) -> usize {
        match voters {
            Voters::Own => self.own_k as usize,
            Voters::These(k) => k,
        }
    }

    /// The shares that were right: the classifier's, and that of the votes of the k nearest.
    pub fn shares(&self, voters: Voters) -> [f64; 2] {
        [f64::from(self.right) / f64::from(self.asked.max(1)), self.votes.accuracy(self.k(voters))]
    }
}

/// Asks the labelled rows about one of their own: who is nearest to it among the others?
pub fn leave_one_out(rows: Rows<'_>, labels: &[u8], row: usize, tally: &mut Tally) {
    let (query, mut best) = (rows.row(row), Vec::new());
    for part in [0..row, row + 1..rows.len()] {
        rows.scan(Metric::Euclidean, &query, part, MOST, &mut best);
    }
    let label = |place: usize| labels.get(place).copied().unwrap_or_default();
    tally.add(label(row), best.iter().map(|&(_, place)| label(place as usize)));
}

/// The k that was right most often; of several the least.
pub fn best_k(tally: &Tally) -> u32 {
    let most = tally.right.iter().max();
    tally.right.iter().position(|right| Some(right) == most).map_or(1, |at| at as u32 + 1)
}

/// A point of the curves: the mean of its draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// Labels.
    pub n: u32,
    /// Draws so far.
    pub draws: u32,
    /// The mean share that was right: the classifier's, and that of the votes.
    pub shares: [f64; 2],
    /// The least and the largest k of these draws.
    pub k: [usize; 2],
}

/// The curves, by rising n.
pub fn curve(all: &[Measured], voters: Voters) -> Vec<Worth> {
    let mut counts: Vec<u32> = all.iter().map(|one| one.piece.n).collect();
    counts.sort_unstable();
    counts.dedup();
    let mean = |n: u32| {
        let these = || all.iter().filter(|one| one.piece.n == n);
        let of: Vec<_> = these().map(|one| one.shares(voters)).collect();
        let ks = || these().map(|one| one.k(voters));
        let k = [ks().min(), ks().max()].map(Option::unwrap_or_default);
        let mean = |which: usize| of.iter().map(|shares| shares[which]).sum::<f64>() / of.len() as f64;
        Worth { n, draws: of.len() as u32, shares: [mean(0), mean(1)], k }
    };
    counts.into_iter().map(mean).collect()
}

/// `labels.csv`: a line for each draw: how many labels, which draw, the shares of the test set that the classifier and
/// the vote of the k nearest got right, k, and the autoencoder's steps.
pub fn csv(all: &[Measured], voters: Voters) -> String {
    let mut text = String::from("n,draw,classifier,knn,k,step\n");
    for one in all {
        let ([classifier, knn], k) = (one.shares(voters), one.k(voters));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},{classifier},{knn},{k},{}", one.piece.n, one.piece.draw, one.step);
    }
    text
}

/// Softmax: the probabilities of the classes, from the classifier's last signal.
pub fn probabilities(y: &[f32]) -> Vec<f32> {
    let most = y.iter().copied().fold(f32::MIN, f32::max);
    let exps: Vec<f32> = y.iter().map(|y| (y - most).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|exp| exp / sum).collect()
}

/// How many rows have their largest value at their class. Of two as large the lower class counts.
pub fn right(y: &[f32], width: usize, labels: &[u8]) -> u32 {
    let says =
        |row: &[f32]| row.iter().enumerate().rev().max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(class, _)| class);
    let hits = y.chunks_exact(width.max(1)).zip(labels).filter(|(row, label)| says(row) == Some(usize::from(**label)));
    hits.count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::neighbours::Stored;

    #[test]
    fn few_labels_are_drawn_three_times_and_all_of_them_once() {
        let counts = |len| {
            let mut of: Vec<(u32, u32)> = Vec::new();
            for Piece { n, .. } in pieces(len) {
                match of.last_mut().filter(|last| last.0 == n) {
                    Some(last) => last.1 += 1,
                    None => of.push((n, 1)),
                }
            }
            of
        };
        let mnist = [(10, 3), (30, 3), (100, 3), (300, 3), (1000, 3), (3000, 1), (10_000, 1), (60_000, 1)];
        assert_eq!(counts(60_000), mnist);
        assert_eq!(counts(500), [(10, 3), (30, 3), (100, 3), (300, 3), (500, 1)]);
        assert_eq!((counts(10), counts(0)), (vec![(10, 1)], vec![]));
    }

    #[test]
    fn few_labels_are_gone_over_often_and_all_as_the_recipe_says() {
        let recipe = Recipe::default();
        assert_eq!(schedule(&recipe, 10), (STEPS, 10));
        assert_eq!(schedule(&recipe, 1000), (STEPS, 128));
        assert_eq!(schedule(&recipe, 60_000), (recipe.steps(60_000), 128));
        assert_eq!(schedule(&recipe, 0), (STEPS, 1));
    }

    fn measured(n: u32, draw: u32, right: u32, vote: u32) -> Measured {
        let votes = Tally { asked: 10, right: vec![vote + 1, vote] };
        Measured { piece: Piece { n, draw }, step: 7, asked: 10, right, votes, own_k: 1 + draw }
    }

    #[test]
    fn draws_are_averaged_and_the_table_has_each() {
        let all = [measured(100, 0, 6, 8), measured(10, 0, 4, 1), measured(100, 1, 8, 9)];
        let of = |k| curve(&all, Voters::These(k));
        assert_eq!(of(2)[0], Worth { n: 10, draws: 1, shares: [0.4, 0.1], k: [2, 2] });
        assert_eq!((of(2)[1].n, of(2)[1].draws), (100, 2));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(of(2)[1].shares[0], 0.7) && close(of(2)[1].shares[1], 0.85), "{:?}", of(2));
        assert!(close(of(1)[1].shares[1], 0.95), "another k has other votes: {:?}", of(1));
        let own = curve(&all, Voters::Own)[1];
        assert!(close(own.shares[1], 0.9) && own.k == [1, 2], "each draw has its own k: {own:?}");
        let text = csv(&all, Voters::These(2));
        assert_eq!(text.lines().collect::<Vec<_>>()[..2], ["n,draw,classifier,knn,k,step", "100,0,0.6,0.8,2,7"]);
        assert_eq!(text.lines().count(), 4);
    }

    #[test]
    fn labels_say_themselves_how_many_should_vote() {
        // Two groups on a line, and in each an odd one out: alone it misleads its neighbours, among three it is outvoted.
        let places = [0.0, 1.0, 2.1, 3.3, 10.0, 11.0, 12.1, 13.3f32];
        let labels = [0, 0, 1, 0, 1, 1, 0, 1];
        let rows = Rows { values: Stored::Floats(&places), width: 1 };
        let mut tally = Tally::default();
        (0..8).for_each(|row| leave_one_out(rows, &labels, row, &mut tally));
        assert_eq!(tally.asked, 8);
        // By hand; of two votes that are equal the lower class counts.
        assert_eq!(tally.right[..3], [4, 3, 6]);
        assert_eq!(best_k(&tally), 3);
        assert_eq!(best_k(&Tally::default()), 1);
    }

    #[test]
    fn probabilities_sum_to_one_however_large_the_signal() {
        let p = probabilities(&[1000.0, 1000.0 + 3f32.ln(), -1000.0]);
        assert!((p[0] - 0.25).abs() < 1e-4 && (p[1] - 0.75).abs() < 1e-4 && p[2] == 0.0, "{p:?}");
    }

    #[test]
    fn the_largest_value_says_the_class() {
        let y = [0.0, 2.0, 1.0, /* */ -1.0, -2.0, -3.0, /* */ 5.0, 5.0, 0.0];
        assert_eq!(right(&y, 3, &[1, 0, 0]), 3);
        assert_eq!(right(&y, 3, &[2, 1, 1]), 0);
        assert_eq!(right(&[], 3, &[]), 0);
    }
}
