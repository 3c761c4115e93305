//! The visitor's files: what was trained here leaves as files, and comes back in.
use super::Lesson;
use super::recipe::Recipe;
use crate::nn::NetworkSpec;
use std::collections::HashMap;
use std::fmt::Write;

/// The last stop: on whatever network is loaded.
pub const LESSON: Lesson = Lesson { slug: "files", title: "Your files", recipe: Recipe::default };

/// What the header of a file of weights says of them: also the learning rate, where it is none that a recipe may have.
///
/// # Errors
/// None that can be: both are plain data.
pub fn metadata(
    recipe: &Recipe,
    spec: &NetworkSpec,
    step: u32,
    rate: f32,
) -> Result<HashMap<String, String>, serde_json::Error> {
    let mut said = HashMap::from([
        ("format".to_owned(), "hourglass-1".to_owned()),
        ("recipe".to_owned(), serde_json::to_string(recipe)?),
        ("network".to_owned(), serde_json::to_string(spec)?),
        ("step".to_owned(), step.to_string()),
        ("seed".to_owned(), recipe.seed.to_string()),
    ]);
    if rate != recipe.learning_rate {
        said.insert("rate".to_owned(), rate.to_string());
    }
    Ok(said)
}

/// Rows of `width` numbers each, called `z0,z1,…` by their `name`; where `labels` says whose they are, after their place
/// and class, which may not be known.
pub fn numbers_csv(name: &str, width: usize, values: &[f32], labels: Option<&dyn Fn(usize) -> Option<u8>>) -> String {
    let mut text = columns(name, width, labels.is_some()).join(",") + "\n";
    for (index, row) in values.chunks_exact(width.max(1)).enumerate() {
        // Writing to a string cannot fail.
        let _ = match labels.map(|label| label(index)) {
            Some(Some(label)) => write!(text, "{index},{label},"),
            Some(None) => write!(text, "{index},,"),
            None => Ok(()),
        };
        for value in row {
            let _ = write!(text, "{value},");
        }
        text.pop();
        text.push('\n');
    }
    text
}

/// The header of [`numbers_csv`].
pub fn columns(name: &str, width: usize, labelled: bool) -> Vec<String> {
    let whose = "index,label".split(',').filter(|_| labelled).map(str::to_owned);
    whose.chain((0..width).map(|i| format!("{name}{i}"))).collect()
}

/// A point of the curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Steps done.
    pub step: u32,
    /// Epochs done.
    pub epoch: f64,
    /// Loss of the batches since the last point.
    pub train: f32,
    /// Loss over the first part of the test set, where it was measured.
    pub test: Option<f32>,
    /// η
    pub learning_rate: f32,
    /// Seconds of training.
    pub seconds: f32,
}

/// `curve.csv`: step, epoch, train_loss, test_loss, learning_rate, seconds.
pub fn curve_csv(rows: impl IntoIterator<Item = Row>) -> String {
    let mut text = String::from("step,epoch,train_loss,test_loss,learning_rate,seconds\n");
    for Row { step, epoch, train, test, learning_rate, seconds } in rows {
        let test = test.map_or_else(String::new, |test| test.to_string());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{step},{epoch:.6},{train},{test},{learning_rate},{seconds:.3}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_row_for_each_input() {
        let labels = |i: usize| (i > 0).then_some(7);
        let values = [0.5, -1.0, 2.0, 0.25];
        assert_eq!(numbers_csv("z", 2, &values, Some(&labels)), "index,label,z0,z1\n0,,0.5,-1\n1,7,2,0.25\n");
        assert_eq!(numbers_csv("x", 4, &values, None), "x0,x1,x2,x3\n0.5,-1,2,0.25\n");
        assert_eq!(numbers_csv("z", 1, &[], Some(&labels)), "index,label,z0\n");
    }

    #[test]
    fn a_curve_has_a_row_for_each_point() {
        let row = |step, test| Row { step, epoch: 0.5, train: 0.25, test, learning_rate: 0.001, seconds: 1.5 };
        let text = curve_csv([row(1, None), row(20, Some(0.125))]);
        assert_eq!(
            text,
            "step,epoch,train_loss,test_loss,learning_rate,seconds\n1,0.500000,0.25,,0.001,1.500\n20,0.500000,0.25,0.125,0.001,1.500\n"
        );
    }
}
