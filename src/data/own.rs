//! A visitor's own series as a data set: what is normal, what is learned from, and how values are scaled.
use super::choose::shuffled;
use super::csv::Table;
use super::{DataError, Dataset, Shape, Split, Values};

/// Its name in recipes. It lives in the page alone, so links that name it open other data elsewhere.
pub const OWN: &str = "own";

/// So many rows of each class in ten are learned from.
const TRAIN: usize = 7;
/// The same file is always split alike.
const SEED: u64 = 1;

/// The data set of a table, and in a few sentences what was done with it.
///
/// Label 0 is the normal class: the one called `normal`, else the one with the most rows. Of each class seven rows in ten are
/// learned from, chosen by chance, and the others test. All values are scaled alike, so that those learned from have
/// mean 0 and standard deviation 1.
///
/// # Errors
/// If there are too few rows, or all values are equal.
pub fn own(title: &str, table: Table) -> Result<(Split, String), DataError> {
    let Table { cols, mut values, mut labels, mut classes } = table;
    let rows = values.len() / cols.max(1);
    let mut facts = format!("{rows} series of {cols} values. ");
    if classes.is_empty() {
        facts += "No classes: all count as normal. ";
    } else {
        let normal = normal_class(&labels, &classes);
        facts += &format!("Normal is class “{}”, ", classes.get(normal).map_or("", String::as_str));
        facts += if classes.get(normal).is_some_and(|name| is_called_normal(name)) {
            "by its name. "
        } else {
            "which has the most rows. "
        };
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

    let (train, test) = split(rows, &labels);
    if train.len() < 2 || test.is_empty() {
        return Err(DataError::TooFew { got: rows as u64, least: 4 });
    }
    let learned = || train.iter().filter_map(|&row| values.get(row * cols..(row + 1) * cols)).flatten();
    let count = (train.len() * cols) as f64;
    let mean = learned().map(|&x| f64::from(x)).sum::<f64>() / count;
    let square = learned().map(|&x| (f64::from(x) - mean) * (f64::from(x) - mean)).sum::<f64>();
    let sd = (square / count).sqrt();
    // Also where values are so close that 32 bits hardly tell them apart.
    if sd <= 1e-6 * mean.abs() || sd == 0.0 {
        return Err(DataError::AllEqual);
    }
    values.iter_mut().for_each(|x| *x = ((f64::from(*x) - mean) / sd) as f32);
    facts += &format!(
        "{} to learn from and {} to test with, chosen by chance, each class alike. Scaled all alike: minus {mean:.4}, \
         divided by {sd:.4}.",
        train.len(),
        test.len()
    );

    let title: String = title.chars().take(40).collect();
    let whole = Dataset::new(OWN, title, Shape { rows: 1, cols }, Values::Floats(values), labels, classes)?;
    let split = Split::new(whole.select(&train)?, whole.select(&test)?)?;
    Ok((split, facts))
}

fn is_called_normal(name: &str) -> bool {
    name.eq_ignore_ascii_case("normal")
}

/// By name, else the largest; of several the first in the file.
fn normal_class(labels: &[u8], classes: &[String]) -> usize {
    let mut sizes = [0; 256];
    labels.iter().for_each(|&label| sizes[usize::from(label)] += 1);
    let largest = || (1..classes.len()).fold(0, |best, class| if sizes[class] > sizes[best] { class } else { best });
    classes.iter().position(|name| is_called_normal(name)).unwrap_or_else(largest)
}

/// Rows to learn from and rows to test with, in the order of the file. A class of one row is tested; the normal one
/// always has one to learn from.
fn split(rows: usize, labels: &[u8]) -> (Vec<usize>, Vec<usize>) {
    let class = |row: usize| labels.get(row).copied().unwrap_or(0);
    let mut counts = [0; 256];
    (0..rows).for_each(|row| counts[usize::from(class(row))] += 1);
    // How many of each class are still to be learned from: the first ones of a shuffled file.
    let mut wanted = counts.map(|count| count * TRAIN / 10);
    wanted[0] = wanted[0].max(1);
    let mut learned = vec![false; rows];
    for row in shuffled((0..rows).collect(), SEED, 0) {
        let wanted = &mut wanted[usize::from(class(row))];
        if *wanted > 0 {
            *wanted -= 1;
            learned[row] = true;
        }
    }
    (0..rows).partition(|&row| learned[row])
}
