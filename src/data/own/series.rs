//! A visitor's series: what is normal, and how values are scaled.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::{Inputs, Own, Wishes, divide};
use crate::data::csv::Table;
use crate::data::error::grouped;
use crate::data::{DataError, Shape, Values};
use crate::words;

/// The data set of a table of series.
///
/// Label 0 is the normal class: the one called `normal`, else the one with the most rows. Of each class seven rows in ten are
/// learned from, chosen by chance, and the others test; or the first `train` rows, where files say so. All values are scaled
/// alike, so that those learned from have mean 0 and standard deviation 1.
///
/// # Errors
/// If there are too few rows, or all values are equal.
pub(super) fn own(title: String, table: Table, train: Option<usize>) -> Result<Own, DataError> {
    let Table { cols, mut values, mut labels, mut classes } = table;
    let rows = values.len() / cols.max(1);
    let mut facts = vec![words!("{} series of {} values.", grouped(rows as u64), grouped(cols as u64))];
    if classes.is_empty() {
        facts.push("No classes: all count as normal.".into());
    } else {
        let normal = normal_class(&labels, &classes);
        let name = classes.get(normal).map_or("", String::as_str);
        let why = if is_called_normal(name) { "by its name" } else { "which has the most rows" };
        facts.push(words!("Normal is class “{name}”, {why}."));
        // Normal first, the others in the order of the file.
        labels.iter_mut().for_each(|label| match usize::from(*label) {
            class if class == normal => *label = 0,
            class if class < normal => *label += 1,
            _ => {}
        });
        if let Some(first) = classes.get_mut(..=normal) {
            first.rotate_right(1);
        }
    }
    let (rows, divided) = divide(rows, &labels, train)?;
    let learned = || rows[0].iter().filter_map(|&row| values.get(row * cols..(row + 1) * cols)).flatten();
    let count = (rows[0].len() * cols) as f64;
    let mean = learned().map(|&x| f64::from(x)).sum::<f64>() / count;
    let square = learned().map(|&x| (f64::from(x) - mean) * (f64::from(x) - mean)).sum::<f64>();
    let sd = (square / count).sqrt();
    // Also where values are so close that 32 bits hardly tell them apart.
    if sd <= 1e-6 * mean.abs() || sd == 0.0 {
        return Err(DataError::AllEqual);
    }
    let range = values.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[a, b], &x| [a.min(x), b.max(x)]);
    values.iter_mut().for_each(|x| *x = ((f64::from(*x) - mean) / sd) as f32);
    facts.push(divided);
    facts.push(words!("Scaled all alike: minus {mean:.4}, divided by {sd:.4}."));
    let shape = Shape { rows: 1, cols };
    let inputs = Inputs { title, shape, values: Values::Floats(values), labels, classes, train };
    Ok(Own { split: inputs.split(rows)?, range, facts, taken: Wishes::default() })
}

fn is_called_normal(name: &str) -> bool {
    name.eq_ignore_ascii_case("normal")
}

/// By name, else the largest; of several the first in the file.
fn normal_class(labels: &[u8], classes: &[String]) -> usize {
    let mut sizes = [0; 256];
    for label in labels {
        if let Some(size) = sizes.get_mut(usize::from(*label)) {
            *size += 1;
        }
    }
    let largest = || {
        let sizes = sizes.iter().take(classes.len()).enumerate().rev();
        sizes.max_by_key(|(_, size)| **size).map_or(0, |(class, _)| class)
    };
    classes.iter().position(|name| is_called_normal(name)).unwrap_or_else(largest)
}
