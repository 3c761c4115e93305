//! What the lesson knows: scores, labels, what is looked at. Plain data; the page shows it.
use crate::engine::protocol::{Answer, Swept};
use crate::lessons::anomaly::{Axis, Rule, TrainingErrors};
use crate::lessons::verdict::{Ranking, TestLabels};

/// The detectors, in the order of the page.
pub const DETECTORS: [&str; 3] = ["autoencoder", "PCA", "mean beat"];

/// What their errors are.
pub const MEANINGS: [&str; 3] = [
    "The error of the network's reconstruction",
    "The error of a reconstruction from as many principal components as z, of the beats learned from",
    "The distance to the mean of the beats learned from",
];

/// The orders of the browser.
pub const ORDERS: [&str; 3] = ["worst first", "best first", "as in the file"];

/// Beats on a page of the browser.
pub const PAGE: usize = 12;

/// Errors by one method.
#[derive(Default)]
pub struct Detector {
    /// Of what was learned from.
    pub train: TrainingErrors,
    /// Of the test set.
    pub test: Vec<f32>,
    /// The test set by its error, where there are labels of both kinds.
    pub ranking: Option<Ranking>,
    /// Its ROC curve, and precision over recall, with as many corners as can be seen.
    pub curves: [Vec<[f64; 2]>; 2],
}

/// A beat and what the network makes of it.
#[derive(Default)]
pub struct Beat {
    /// Which of the test set.
    pub row: u32,
    /// x
    pub input: Vec<f32>,
    /// x̂
    pub output: Vec<f32>,
}

/// All of it.
#[derive(Default)]
pub struct State {
    /// Of the rows that are learned from.
    pub train_labels: Vec<u8>,
    /// Of the test set.
    pub labels: TestLabels,
    /// The classes' names.
    pub classes: Vec<String>,
    /// By [`DETECTORS`].
    pub detectors: [Detector; 3],
    /// Which is shown.
    pub shown: usize,
    /// How the threshold follows from the training errors.
    pub rule: Rule,
    /// A threshold set by hand instead.
    pub by_hand: Option<f32>,
    /// A miss costs as much as so many false alarms.
    pub miss: f32,
    /// Precision over recall instead of the ROC curve.
    pub precision: bool,
    /// The class that is browsed.
    pub class: Option<u8>,
    /// By [`ORDERS`].
    pub order: usize,
    /// The first of a page of the browser, in its order.
    pub first: usize,
    /// All rows of that class, in that order.
    pub list: Vec<u32>,
    /// What is known of those on the page.
    pub beats: Vec<Beat>,
    /// The sweep so far.
    pub sweep: Vec<Swept>,
    /// It goes on.
    pub sweeping: bool,
    /// On the visitor's own file, if one is in use.
    pub own: String,
    /// Counts the scores that came: what was made by older weights is out of date.
    pub scored: u32,
}

impl State {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { miss: 10.0, ..Self::default() }
    }

    /// Another network: nothing that was measured on the old one counts.
    pub fn forget(&mut self) {
        let Self { rule, miss, precision, shown, order, own, .. } = std::mem::take(self);
        *self = Self { rule, miss, precision, shown, order, own, ..Self::default() };
    }

    /// Takes an answer in.
    pub fn hear(&mut self, answer: Answer) {
        match answer {
            Answer::Scores { train, test, .. } => {
                self.detectors[0] = self.detector(train, test);
                self.scored += 1;
                self.relist();
            }
            Answer::Yardsticks { train, test, classes, baselines } => {
                (self.train_labels, self.labels, self.classes) = (train, test, classes);
                let own = std::mem::take(&mut self.detectors[0]);
                self.detectors[0] = self.detector(own.train, own.test);
                // The mean beat comes first there, and last here.
                for (place, baseline) in baselines.into_iter().rev().take(2).enumerate() {
                    self.detectors[1 + place] = self.detector(baseline.train, baseline.test);
                }
                self.relist();
            }
            Answer::Beats { rows, inputs, outputs } => {
                let both = rows.into_iter().zip(inputs.into_iter().zip(outputs));
                self.beats = both.map(|(row, (input, output))| Beat { row, input, output }).collect();
            }
            Answer::Swept(swept) => {
                // After a change of the device the whole question is answered again.
                self.sweep.retain(|other| other.z != swept.z);
                self.sweep.push(swept);
                self.sweep.sort_by_key(|swept| swept.z);
            }
            // Other lessons'.
            _ => {}
        }
    }

    fn detector(&self, train: TrainingErrors, test: Vec<f32>) -> Detector {
        let ranking = Ranking::new(&test, &self.labels);
        let curves = ranking.as_ref().map_or_else(Default::default, |r| [thin(r.roc()), thin(r.precision_recall())]);
        Detector { train, test, ranking, curves }
    }

    /// The list of the browser by the network's errors.
    pub fn relist(&mut self) {
        let errors = &self.detectors[0].test;
        let of_class = |row: &usize| self.class.is_none_or(|class| self.labels.class(*row) == Some(class));
        let mut list: Vec<usize> = (0..errors.len()).filter(of_class).collect();
        match self.order {
            0 => list.sort_by(|&a, &b| errors[b].total_cmp(&errors[a])),
            1 => list.sort_by(|&a, &b| errors[a].total_cmp(&errors[b])),
            _ => {}
        }
        self.list = list.into_iter().map(|row| row as u32).collect();
        self.first = self.first.min(self.list.len().saturating_sub(1)) / PAGE * PAGE;
    }

    /// The rows on the browser's page.
    pub fn page(&self) -> Vec<u32> {
        self.list.iter().skip(self.first).take(PAGE).copied().collect()
    }

    /// The detector that is shown.
    pub fn detector_shown(&self) -> &Detector {
        &self.detectors[self.shown]
    }

    /// From where on its errors count as abnormal.
    pub fn threshold(&self) -> Option<f32> {
        self.by_hand.or_else(|| self.detector_shown().train.threshold(self.rule))
    }

    /// From where on the network's errors do, whichever detector is shown.
    pub fn network_threshold(&self) -> Option<f32> {
        match self.shown {
            0 => self.threshold(),
            _ => self.detectors[0].train.threshold(self.rule),
        }
    }

    /// The axis of its errors.
    pub fn axis(&self) -> Axis {
        let detector = self.detector_shown();
        Axis::over(detector.train.all().iter().chain(&detector.test))
    }
}

/// Corners nearer than a pixel or so are left out.
fn thin(places: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    let last = places.last().copied();
    for place in places {
        let near = |other: &[f64; 2]| (other[0] - place[0]).abs() + (other[1] - place[1]).abs() < 0.003;
        if !kept.last().is_some_and(near) {
            kept.push(place);
        }
    }
    kept.extend(last);
    kept
}
