//! Neighbours: what the nearest known inputs say about a new one. Exact distances, votes and how often they are right.
use super::Lesson;
use super::recipe::Recipe;
use crate::data::{Dataset, Values};
use crate::nn::exact::U;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The third lesson: on whatever network is loaded.
pub const LESSON: Lesson = Lesson { slug: "neighbours", title: "Neighbours", recipe: Recipe::default };

/// The most neighbours that vote.
pub const MOST: usize = 25;
/// As many as the lecture asks.
pub const USUAL: usize = 9;
/// So many are found by rounded distances, to be sorted again by exact ones: the more, the surer that the nearest
/// [`MOST`] are among them.
pub const CANDIDATES: u32 = 32;

/// What makes two rows near.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// √Σ(a − b)²
    #[default]
    Euclidean,
    /// 1 − a·b / |a||b|
    Cosine,
}

/// Rows of values as they are stored.
#[derive(Clone, Copy, Debug)]
pub enum Stored<'a> {
    /// Grey levels: 255 means 1.
    Bytes(&'a [u8]),
    /// As they are.
    Floats(&'a [f32]),
}

/// A set of rows that is searched.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// All values, row by row.
    pub values: Stored<'a>,
    /// Values per row.
    pub width: usize,
}

/// A neighbour: which row, and how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its place in the training set.
    pub place: u32,
    /// √Σ(a − b)² of values in 0..1 (or of codes), or 1 − cos.
    pub distance: f32,
}

/// Neighbours of one row or of many, the nearest of each first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// Neighbours of each row.
    pub each: usize,
    /// Their places, \[rows, each\].
    pub places: Vec<u32>,
    /// Their distances, likewise.
    pub distances: Vec<f32>,
}

impl Nearest {
    /// Those of one row more. All rows have as many as the first.
    pub fn push(&mut self, near: &[Near]) {
        self.each = near.len();
        self.places.extend(near.iter().map(|near| near.place));
        self.distances.extend(near.iter().map(|near| near.distance));
    }
}

impl<'a> Rows<'a> {
    /// A data set's inputs.
    pub fn of(set: &'a Dataset) -> Self {
        let values = match set.values() {
            Values::Bytes(bytes) => Stored::Bytes(bytes),
            Values::Floats(floats) => Stored::Floats(floats),
        };
        Self { values, width: set.width() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        let values = match self.values {
            Stored::Bytes(bytes) => bytes.len(),
            Stored::Floats(floats) => floats.len(),
        };
        values / self.width.max(1)
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What 1 is stored as.
    fn one(&self) -> f64 {
        if matches!(self.values, Stored::Bytes(_)) { 255.0 } else { 1.0 }
    }

    /// A row in the units that it is stored in, where bytes are whole numbers, so that sums of their products are exact.
    pub fn row(&self, place: usize) -> Vec<f64> {
        let part = place * self.width..(place + 1) * self.width;
        match self.values {
            Stored::Bytes(bytes) => bytes.get(part).unwrap_or_default().iter().map(|&b| b.into()).collect(),
            Stored::Floats(floats) => floats.get(part).unwrap_or_default().iter().map(|&f| f.into()).collect(),
        }
    }

    /// Values as a network takes them, in these units.
    pub fn query(&self, input: &[f32]) -> Vec<f64> {
        let one = self.one();
        input.iter().map(|&x| f64::from(x) * one).collect()
    }

    /// The distance by which neighbours are ordered: Σ(a − b)² in stored units, or 1 − cos; in f64.
    pub fn rank(&self, metric: Metric, query: &[f64], place: usize) -> f64 {
        let part = place * self.width..(place + 1) * self.width;
        match self.values {
            Stored::Bytes(bytes) => rank(metric, query, bytes.get(part).unwrap_or_default()),
            Stored::Floats(floats) => rank(metric, query, floats.get(part).unwrap_or_default()),
        }
    }

    /// As people read it.
    fn shown(&self, metric: Metric, rank: f64) -> f32 {
        match metric {
            Metric::Euclidean => (rank.sqrt() / self.one()) as f32,
            Metric::Cosine => rank as f32,
        }
    }

    /// Sorts candidates, found by rounded distances, by exact ones; equal ones by their place. The first `k`, or `None`
    /// if a row that is no candidate may be nearer than one of them: then only [`Rows::scan`] is sure.
    ///
    /// The rounded distance is |a|² + |b|² − 2 a·b in f32, u = 2⁻²⁴: each of the three sums of n products is off by at
    /// most n u times the sum of its terms' sizes (Higham, "Accuracy and Stability of Numerical Algorithms", 2002,
    /// section 3.1), together by 2 n u (|a|² + |b|²), and a little for the last steps. A row that is nearer than r is no
    /// longer than |a| + r.
    pub fn exactly(&self, metric: Metric, query: &[f64], found: &[(f32, u32)], k: usize) -> Option<Vec<Near>> {
        let mut ranked: Vec<(f64, u32)> = Vec::with_capacity(found.len());
        for &(_, place) in found {
            let entry = (self.rank(metric, query, place as usize), place);
            ranked.insert(ranked.partition_point(|other| *other < entry), entry);
        }
        let all_are_here = found.len() >= self.len();
        if !all_are_here {
            let (last, &(cut, _)) = ranked.get(k.checked_sub(1)?).zip(found.last())?;
            let unit = self.one() * self.one();
            let size = query.iter().map(|x| x * x).sum::<f64>() / unit;
            let n = self.width as f64;
            let (reach, error) = match metric {
                Metric::Euclidean => {
                    let reach = last.0 / unit;
                    let longest = size.sqrt() + reach.sqrt();
                    (reach, (2.0 * n + 24.0) * U * (size + longest * longest))
                }
                Metric::Cosine => (last.0, (4.0 * n + 64.0) * U),
            };
            if reach >= f64::from(cut) - error {
                return None;
            }
        }
        ranked.truncate(k);
        Some(ranked.iter().map(|&(rank, place)| Near { place, distance: self.shown(metric, rank) }).collect())
    }

    /// The `k` nearest of the rows `part`, merged into `best`, by exact distances over every one of them.
    pub fn scan(
        &self,
        metric: Metric,
        query: &[f64],
        part: std::ops::Range<usize>,
        k: usize,
        best: &mut Vec<(f64, u32)>,
    ) {
        for place in part {
            let rank = self.rank(metric, query, place);
            if best.len() < k || best.last().is_some_and(|last| rank < last.0) {
                // Places rise, so an equal one belongs behind those that are there.
                best.insert(best.partition_point(|other| other.0 <= rank), (rank, place as u32));
                best.truncate(k);
            }
        }
    }

    /// What [`Rows::scan`] found, as people read it.
    pub fn read(&self, metric: Metric, best: &[(f64, u32)]) -> Vec<Near> {
        best.iter().map(|&(rank, place)| Near { place, distance: self.shown(metric, rank) }).collect()
    }
}

fn rank<T: Copy + Into<f64>>(metric: Metric, a: &[f64], b: &[T]) -> f64 {
    let pairs = || a.iter().zip(b).map(|(&a, &b)| (a, b.into()));
    match metric {
        Metric::Euclidean => pairs().map(|(a, b)| (a - b) * (a - b)).sum(),
        Metric::Cosine => {
            let (ab, aa, bb) =
                pairs().fold((0.0, 0.0, 0.0), |(ab, aa, bb), (a, b)| (ab + a * b, aa + a * a, bb + b * b));
            let size = aa.sqrt() * bb.sqrt();
            if size > 0.0 { 1.0 - ab / size } else { 1.0 }
        }
    }
}

/// What neighbours say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The class of most of them; of two as frequent the lower one, as scikit-learn has it.
    pub label: u8,
    /// How many are of it.
    pub votes: u32,
    /// How many more than of the next class.
    pub margin: u32,
}

/// The vote of neighbours with these classes. `None` of none.
pub fn vote(labels: impl IntoIterator<Item = u8>) -> Option<Vote> {
    let mut counts = [0u32; 256];
    for label in labels {
        counts[label as usize] += 1;
    }
    decide(&counts)
}

fn decide(counts: &[u32; 256]) -> Option<Vote> {
    let (mut best, mut second) = ((0u8, 0u32), 0u32);
    for (label, &count) in (0..=255u8).zip(counts) {
        if count > best.1 {
            second = best.1;
            best = (label, count);
        } else {
            second = second.max(count);
        }
    }
    (best.1 > 0).then_some(Vote { label: best.0, votes: best.1, margin: best.1 - second })
}

/// How often the vote of the k nearest was right, for k = 1 … [`MOST`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Inputs asked about.
    pub asked: u32,
    /// Right answers with the k + 1 nearest.
    pub right: Vec<u32>,
}

impl Tally {
    /// An input of class `truth` whose neighbours, nearest first, have these classes.
    pub fn add(&mut self, truth: u8, labels: impl IntoIterator<Item = u8>) {
        let mut counts = [0u32; 256];
        self.asked += 1;
        self.right.resize(MOST, 0);
        let mut labels = labels.into_iter();
        for right in &mut self.right {
            // Where there are fewer neighbours than k, all of them vote.
            if let Some(label) = labels.next() {
                counts[label as usize] += 1;
            }
            *right += u32::from(decide(&counts).is_some_and(|vote| vote.label == truth));
        }
    }

    /// The share that was right with the k nearest.
    pub fn accuracy(&self, k: usize) -> f64 {
        let right = k.checked_sub(1).and_then(|at| self.right.get(at)).copied().unwrap_or(0);
        f64::from(right) / f64::from(self.asked.max(1))
    }
}

/// `neighbours.csv`: a line for each input: its number and class, what its `k` nearest vote for and how many do, then
/// each neighbour's place in the training set, class and distance. `truth` and `known` are the classes of the inputs and
/// of the training set.
pub fn csv(truth: &[u8], near: &Nearest, known: &[u8], k: usize) -> String {
    let class = |labels: &[u8], at: usize| labels.get(at).map_or_else(String::new, u8::to_string);
    let k = k.min(near.each);
    let mut text = String::from("index,label,predicted,votes");
    for i in 1..=k {
        // Writing to a string cannot fail.
        let _ = write!(text, ",neighbour{i},label{i},distance{i}");
    }
    text.push('\n');
    let rows = near.places.chunks(near.each.max(1)).zip(near.distances.chunks(near.each.max(1)));
    for (index, (places, distances)) in rows.enumerate() {
        let vote = vote(places.iter().take(k).filter_map(|&place| known.get(place as usize).copied()));
        let (label, votes) = vote.map_or_else(Default::default, |v| (v.label.to_string(), v.votes.to_string()));
        let _ = write!(text, "{index},{},{label},{votes}", class(truth, index));
        for (place, distance) in places.iter().zip(distances).take(k) {
            let _ = write!(text, ",{place},{},{distance}", class(known, *place as usize));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
