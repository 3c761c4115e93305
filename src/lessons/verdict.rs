//! What labels would say about a detector: how well errors rank abnormal inputs above normal ones, and what a
//! threshold lets through. Label 0 is normal, every other one is not; an error at a threshold or above it is flagged.
use super::anomaly::ascending;
use serde::{Deserialize, Serialize};

/// The classes of a test set. Nothing that chooses a threshold without labels takes them: see [`super::anomaly`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestLabels(Vec<u8>);

impl TestLabels {
    /// As they stand in the file; empty where there are none.
    pub fn new(labels: Vec<u8>) -> Self {
        Self(labels)
    }

    /// The class of an input, where it is known.
    pub fn class(&self, row: usize) -> Option<u8> {
        self.0.get(row).copied()
    }

    /// Of each class: how many inputs it has, and how many of them a threshold flags.
    pub fn by_class(&self, errors: &[f32], threshold: f32) -> Vec<[u32; 2]> {
        let classes = self.0.iter().max().map_or(0, |&most| usize::from(most) + 1);
        let mut counts = vec![[0; 2]; classes];
        for (&label, &error) in self.0.iter().zip(errors) {
            if let Some([all, flagged]) = counts.get_mut(usize::from(label)) {
                *all += 1;
                *flagged += u32::from(error >= threshold);
            }
        }
        counts
    }
}

/// Inputs of one error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tie {
    error: f32,
    normal: u32,
    abnormal: u32,
}

/// A test set by falling error, equal errors together.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    ties: Vec<Tie>,
    normal: u32,
    abnormal: u32,
}

/// What a threshold makes of a test set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Abnormal and flagged.
    pub hits: u32,
    /// Abnormal and not flagged.
    pub misses: u32,
    /// Normal and flagged.
    pub false_alarms: u32,
    /// Normal and not flagged.
    pub passed: u32,
}

impl Confusion {
    /// Of the flagged, the share that is abnormal. `None`: nothing is flagged.
    pub fn precision(&self) -> Option<f64> {
        share(self.hits, self.hits + self.false_alarms)
    }

    /// Of the abnormal, the share that is flagged.
    pub fn recall(&self) -> Option<f64> {
        share(self.hits, self.hits + self.misses)
    }

    /// Of the normal, the share that is flagged.
    pub fn false_alarm_rate(&self) -> Option<f64> {
        share(self.false_alarms, self.false_alarms + self.passed)
    }

    /// The expected cost of an input, in false alarms, where a miss costs as much as `miss` of them.
    pub fn cost(&self, miss: f64) -> f64 {
        let all = self.hits + self.misses + self.false_alarms + self.passed;
        (f64::from(self.false_alarms) + miss * f64::from(self.misses)) / f64::from(all.max(1))
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

impl Ranking {
    /// By these errors and labels, \[rows\] each. `None`: the labels are not those of these errors, or one of the two
    /// kinds is missing, so that there is nothing to tell apart.
    pub fn new(errors: &[f32], labels: &TestLabels) -> Option<Self> {
        if errors.len() != labels.0.len() {
            return None;
        }
        let mut ties: Vec<Tie> = Vec::new();
        for (error, label) in ascending(errors.iter().copied().zip(labels.0.iter().copied())).into_iter().rev() {
            if ties.last().is_none_or(|tie| tie.error != error) {
                ties.push(Tie { error, normal: 0, abnormal: 0 });
            }
            if let Some(tie) = ties.last_mut() {
                if label == 0 { tie.normal += 1 } else { tie.abnormal += 1 }
            }
        }
        let normal = ties.iter().map(|tie| tie.normal).sum();
        let abnormal = ties.iter().map(|tie| tie.abnormal).sum();
        (normal > 0 && abnormal > 0).then_some(Self { ties, normal, abnormal })
    }

    /// Normal and abnormal inputs.
    pub fn counts(&self) -> [u32; 2] {
        [self.normal, self.abnormal]
    }

    /// The area under the ROC curve: the share of pairs in which the abnormal input has the larger error, where equal
    /// errors count one half. As scikit-learn's `roc_auc_score`.
    pub fn auc(&self) -> f64 {
        self.placements().0
    }

    /// Its 95 % confidence interval, from the variance of E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the Areas
    /// under Two or More Correlated Receiver Operating Characteristic Curves", Biometrics 44(3), 1988, cut to 0..1.
    pub fn interval(&self) -> [f64; 2] {
        let (auc, variance) = self.placements();
        // The normal distribution's 97.5 % quantile.
        let reach = 1.959_964 * variance.sqrt();
        [(auc - reach).max(0.0), (auc + reach).min(1.0)]
    }

    /// The area, and DeLong's variance of it: how much the share of normal inputs below an abnormal one varies from one
    /// abnormal input to another, and likewise the other way round.
    fn placements(&self) -> (f64, f64) {
        let (n, m) = (f64::from(self.normal), f64::from(self.abnormal));
        // Of the ties so far, from the largest error on.
        let (mut normal, mut abnormal) = (0.0, 0.0);
        let mut places = Vec::with_capacity(self.ties.len());
        let mut area = 0.0;
        for tie in &self.ties {
            let (b, a) = (f64::from(tie.normal), f64::from(tie.abnormal));
            let below = (n - normal - b + b / 2.0) / n;
            let above = (abnormal + a / 2.0) / m;
            area += a * below / m;
            places.push((a, below, b, above));
            (normal, abnormal) = (normal + b, abnormal + a);
        }
        let square = |value: f64| value * value;
        let of_abnormal: f64 = places.iter().map(|(a, below, ..)| a * square(below - area)).sum();
        let of_normal: f64 = places.iter().map(|(.., b, above)| b * square(above - area)).sum();
        let variance = of_abnormal / (m - 1.0).max(1.0) / m + of_normal / (n - 1.0).max(1.0) / n;
        (area, variance)
    }

    /// False-alarm rate and recall at every threshold, from flagging nothing to flagging all.
    pub fn roc(&self) -> Vec<[f64; 2]> {
        let rates = |c: Confusion| [c.false_alarm_rate().unwrap_or(0.0), c.recall().unwrap_or(0.0)];
        std::iter::once([0.0, 0.0]).chain(self.confusions().map(|(_, c)| rates(c))).collect()
    }

    /// Recall and precision at every threshold that flags something.
    pub fn precision_recall(&self) -> Vec<[f64; 2]> {
        self.confusions().map(|(_, c)| [c.recall().unwrap_or(0.0), c.precision().unwrap_or(1.0)]).collect()
    }

    /// Precision over the steps of recall, as scikit-learn's `average_precision_score`.
    pub fn average_precision(&self) -> f64 {
        let mut before = 0.0;
        let mut sum = 0.0;
        for [recall, precision] in self.precision_recall() {
            sum += (recall - before) * precision;
            before = recall;
        }
        sum
    }

    /// At this threshold.
    pub fn at(&self, threshold: f32) -> Confusion {
        let flagged = self.ties.partition_point(|tie| tie.error >= threshold);
        let (normal, abnormal) = self.ties[..flagged].iter().fold((0, 0), |(n, a), t| (n + t.normal, a + t.abnormal));
        self.confusion(normal, abnormal)
    }

    /// The threshold of least expected cost where a miss costs as much as `miss` false alarms, and that cost: the
    /// highest, if there are several.
    pub fn cheapest(&self, miss: f64) -> (f32, f64) {
        // Just above the largest error nothing is flagged.
        let above = self.ties.first().map_or(0.0, |tie| tie.error.next_up());
        let nothing = (above, self.confusion(0, 0).cost(miss));
        self.confusions()
            .map(|(error, c)| (error, c.cost(miss)))
            .fold(nothing, |best, next| if next.1 < best.1 { next } else { best })
    }

    /// At every error that occurs as a threshold, from the largest on.
    fn confusions(&self) -> impl Iterator<Item = (f32, Confusion)> {
        let mut flagged = (0, 0);
        self.ties.iter().map(move |tie| {
            flagged = (flagged.0 + tie.normal, flagged.1 + tie.abnormal);
            (tie.error, self.confusion(flagged.0, flagged.1))
        })
    }

    fn confusion(&self, normal: u32, abnormal: u32) -> Confusion {
        Confusion {
            hits: abnormal,
            misses: self.abnormal - abnormal,
            false_alarms: normal,
            passed: self.normal - normal,
        }
    }
}

#[cfg(test)]
mod tests;
