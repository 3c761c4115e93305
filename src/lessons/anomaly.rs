//! Finding anomalies by reconstruction error, without a label: the threshold comes from the errors of what was learned
//! from, and from nothing else. What labels would say is in [`super::verdict`], and nothing here takes them.
//!
//! ```
//! use hourglass::lessons::anomaly::{Rule, TrainingErrors};
//! let learned = TrainingErrors::measured(vec![0.1, 0.3]);
//! assert!(learned.threshold(Rule::MeanAndSd).is_some());
//! ```
//!
//! The same with labels of the test set does not compile:
//!
//! ```compile_fail,E0308
//! use hourglass::lessons::anomaly::{Rule, TrainingErrors};
//! use hourglass::lessons::verdict::TestLabels;
//! let learned = TrainingErrors::measured(TestLabels::new(vec![0, 1]));
//! assert!(learned.threshold(Rule::MeanAndSd).is_some());
//! ```
//!
//! and labels cannot be taken out of their type, outside of the module that judges by them:
//!
//! ```compile_fail,E0616
//! use hourglass::lessons::verdict::TestLabels;
//! let labels = TestLabels::new(vec![0, 1]).0;
//! ```
use crate::words;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The errors of the inputs that a network has learned from, \[rows\]: all that a threshold without labels may see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingErrors(Vec<f32>);

/// How a threshold follows from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// Their mean, and one standard deviation (with n) more.
    #[default]
    MeanAndSd,
    /// So many per cent of them lie below.
    Quantile(u8),
}

impl Rule {
    /// All that the page offers, the first one first.
    pub const ALL: [Self; 5] =
        [Self::MeanAndSd, Self::Quantile(90), Self::Quantile(95), Self::Quantile(99), Self::Quantile(100)];

    /// In words.
    pub fn title(self) -> String {
        match self {
            Self::MeanAndSd => "mean + 1 sd".into(),
            Self::Quantile(100) => "the largest".into(),
            Self::Quantile(percent) => words!("{percent} % quantile"),
        }
    }
}

impl TrainingErrors {
    /// As they were measured on the rows learned from.
    pub fn measured(errors: Vec<f32>) -> Self {
        Self(errors)
    }

    /// All of them, in the order of the rows.
    pub fn all(&self) -> &[f32] {
        &self.0
    }

    /// From where on an error counts as abnormal. `None`: there are none, or they are not numbers.
    ///
    /// Quantiles lie between two errors in proportion, as numpy's do by default (R. Hyndman, Y. Fan, "Sample Quantiles
    /// in Statistical Packages", 1996, type 7).
    pub fn threshold(&self, rule: Rule) -> Option<f32> {
        let n = self.0.len() as f64;
        let threshold = match rule {
            Rule::MeanAndSd => {
                let mean = self.0.iter().map(|&e| f64::from(e)).sum::<f64>() / n;
                let square = self.0.iter().map(|&e| (f64::from(e) - mean) * (f64::from(e) - mean)).sum::<f64>();
                mean + (square / n).sqrt()
            }
            Rule::Quantile(percent) => {
                let sorted = ascending(self.0.iter().map(|&error| (error, 0)));
                let place = f64::from(percent.min(100)) / 100.0 * (n - 1.0).max(0.0);
                let at = |i: usize| sorted.get(i).or(sorted.last()).map_or(f64::NAN, |&(error, _)| f64::from(error));
                let (low, high) = (at(place as usize), at(place as usize + 1));
                low + place.fract() * (high - low)
            }
        };
        threshold.is_finite().then_some(threshold as f32)
    }
}

/// Errors in rising order with what belongs to each; those that are no numbers come last.
pub(super) fn ascending(errors: impl Iterator<Item = (f32, u8)>) -> Vec<(f32, u8)> {
    let mut sorted: Vec<(f32, u8)> = errors.collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

/// The share of errors that a threshold calls abnormal: those at it or above.
pub fn share_flagged(errors: &[f32], threshold: f32) -> f32 {
    let flagged = errors.iter().filter(|&&error| error >= threshold).count();
    flagged as f32 / errors.len().max(1) as f32
}

/// Where the middle of a histogram's axis of errors lies: from the least to the largest of them, on a logarithmic scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Decimal logarithms of both ends.
    pub log: [f32; 2],
}

impl Axis {
    /// For these errors: all of them fit, those of 0 and those that are no numbers aside.
    pub fn over<'a>(errors: impl IntoIterator<Item = &'a f32>) -> Self {
        let logs = errors.into_iter().filter(|e| e.is_finite() && **e > 1e-12).map(|e| e.log10());
        let [least, most] = logs.fold([f32::INFINITY, f32::NEG_INFINITY], |[a, b], log| [a.min(log), b.max(log)]);
        if least > most {
            return Self { log: [-3.0, 1.0] };
        }
        Self { log: [least - 0.05, most + 0.05] }
    }

    /// Where an error lies, 0 at the left end and 1 at the right one.
    pub fn share(&self, error: f32) -> f32 {
        let [least, most] = self.log;
        ((error.max(1e-12).log10() - least) / (most - least)).clamp(0.0, 1.0)
    }

    /// The error that lies there.
    pub fn error(&self, share: f32) -> f32 {
        let [least, most] = self.log;
        10f32.powf(least + share.clamp(0.0, 1.0) * (most - least))
    }

    /// The share of errors in each of so many bins.
    pub fn histogram(&self, errors: impl IntoIterator<Item = f32>, bins: usize) -> Vec<f32> {
        let mut counts = vec![0.0; bins];
        let mut all = 0.0f32;
        for error in errors {
            let bin = (self.share(error) * bins as f32) as usize;
            if let Some(count) = counts.get_mut(bin.min(bins.saturating_sub(1))) {
                *count += 1.0;
            }
            all += 1.0;
        }
        counts.iter().map(|count| count / all.max(1.0)).collect()
    }
}

/// `scores.csv`: each input's place in its file, its class where it is known, and its error.
pub fn scores_csv(errors: &[f32], class: impl Fn(usize) -> Option<u8>) -> String {
    let mut csv = String::from("index,label,error\n");
    for (i, error) in errors.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = match class(i) {
            Some(class) => writeln!(csv, "{i},{class},{error}"),
            None => writeln!(csv, "{i},,{error}"),
        };
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: Option<f32>, expected: f32) {
        assert!(got.is_some_and(|got| (got - expected).abs() < 1e-6), "{got:?}, not {expected}");
    }

    #[test]
    fn thresholds_are_those_of_numpy() {
        // e = np.array([0.5, 0.1, 0.4, 0.1, 0.9])
        let errors = TrainingErrors::measured(vec![0.5, 0.1, 0.4, 0.1, 0.9]);
        // e.mean() + e.std()
        close(errors.threshold(Rule::MeanAndSd), 0.696_647_9);
        // np.quantile(e, [0.9, 0.95, 0.99, 1])
        close(errors.threshold(Rule::Quantile(90)), 0.74);
        close(errors.threshold(Rule::Quantile(95)), 0.82);
        close(errors.threshold(Rule::Quantile(99)), 0.884);
        close(errors.threshold(Rule::Quantile(100)), 0.9);
    }

    #[test]
    fn one_error_or_none_or_no_number() {
        for rule in Rule::ALL {
            close(TrainingErrors::measured(vec![0.25]).threshold(rule), 0.25);
            assert_eq!(TrainingErrors::default().threshold(rule), None, "{rule:?}");
        }
        assert_eq!(TrainingErrors::measured(vec![0.1, f32::NAN]).threshold(Rule::MeanAndSd), None);
    }

    #[test]
    fn an_error_at_the_threshold_is_flagged() {
        assert_eq!(share_flagged(&[0.1, 0.2, 0.3, 0.4], 0.3), 0.5);
        assert_eq!(share_flagged(&[], 0.3), 0.0);
    }

    #[test]
    fn every_error_falls_into_one_bin() {
        let errors = [0.01, 0.02, 0.5, 4.0, 0.0];
        let axis = Axis::over(&errors);
        let bins = axis.histogram(errors, 10);
        assert!((bins.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{bins:?}");
        // 0 has no logarithm and lies at the left end.
        assert!(bins[0] >= 0.4 && bins[9] == 0.2, "{bins:?}");
        for error in [0.01, 0.3, 4.0] {
            assert!((axis.error(axis.share(error)) / error - 1.0).abs() < 1e-4);
        }
        assert_eq!(Axis::over(&[f32::NAN]).histogram([], 3), [0.0; 3]);
    }

    #[test]
    fn scores_are_written_with_what_is_known() {
        let csv = scores_csv(&[0.5, 0.1], |i| (i == 1).then_some(4));
        assert_eq!(csv, "index,label,error\n0,,0.5\n1,4,0.1\n");
    }
}
