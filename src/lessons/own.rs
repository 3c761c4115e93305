//! A visitor's own data under the network at hand: what of its recipe can stay, and what has to follow the data.
use super::heartbeats;
use super::recipe::{Loss, Recipe, limits};
pub use crate::data::gzip::MOST_UNPACKED;
pub use crate::data::own::{Named, Wishes, file_of, is_own};

/// Steps that a run has at least, where the recipe's epochs over few inputs would be over at once.
const STEPS: u32 = 1000;

/// The recipe at hand for another data set: of `train` inputs of `inputs` values each, which lie in 0..1 or not (`unit`).
///
/// What the visitor set stays where it can be run. Layers that are no narrower than an input become narrower, in the
/// proportions of the lecture's network; so does z. A loss that needs other values gives way, and so does what only the
/// lesson on heartbeats asks for.
pub fn recipe_for(data: &str, train: u32, inputs: u32, unit: bool, now: &Recipe) -> Recipe {
    let narrow = now.encoder.iter().all(|&width| width < inputs);
    // 784 over 250 over 100 is about 1 over a third over an eighth.
    let encoder =
        if narrow { now.encoder.clone() } else { [inputs / 3, inputs / 8].map(|width| width.max(2)).to_vec() };
    let z = now.z.min(inputs.div_ceil(2)).min(encoder.iter().copied().min().unwrap_or(u32::MAX)).max(1);
    let batch = now.batch.min(train).max(1);
    let least = (u64::from(STEPS) * u64::from(batch)).div_ceil(u64::from(train.max(1))) as u32;
    Recipe {
        data: data.into(),
        abnormal: None,
        encoder,
        z,
        loss: if unit { now.loss } else { Loss::Mse },
        batch,
        epochs: now.epochs.max(least).min(*limits::EPOCHS.end()),
        ..now.clone()
    }
}

/// What a data set looks like.
#[derive(Clone, Copy, Debug)]
pub struct Looks<'a> {
    /// Its name in recipes.
    pub data: &'a str,
    /// Training inputs.
    pub train: u32,
    /// Rows and columns of an input; a series is one row.
    pub shape: (u32, u32),
    /// All values lie in 0..1.
    pub unit: bool,
}

impl Looks<'_> {
    fn is_series(&self) -> bool {
        self.shape.0 == 1
    }

    /// The recipe that a visitor finds on such data.
    fn usual(&self) -> Recipe {
        match self.is_series() {
            true => Recipe { abnormal: None, ..heartbeats::recipe_for(self.data, self.train, self.shape.1) },
            false => Recipe { data: self.data.into(), ..Recipe::default() },
        }
    }
}

/// The recipe at hand when another data set is chosen: from pictures to series or back the usual one, where the visitor
/// changed nothing, because neither's widths, rate and epochs do anything good for the other; else [`recipe_for`] it.
/// Normal inputs alone are learned from only as long as the data stay series.
pub fn moved(now: &Recipe, from: Looks<'_>, to: Looks<'_>) -> Recipe {
    let abnormal = now.abnormal.filter(|_| from.is_series() && to.is_series());
    let usual = from.usual();
    let untouched = Recipe { abnormal: None, seed: usual.seed, epochs: usual.epochs, ..now.clone() } == usual;
    if untouched && from.is_series() != to.is_series() {
        return Recipe { seed: now.seed, ..to.usual() };
    }
    let moved = recipe_for(to.data, to.train, to.shape.0 * to.shape.1, to.unit, now);
    // Epochs that a small set needs would take hours on a large one.
    let most = if to.train > 2 * from.train { Recipe::default().epochs } else { moved.epochs };
    Recipe { abnormal, epochs: moved.epochs.min(most), ..moved }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: Looks<'_> = Looks { data: "mnist", train: 60_000, shape: (28, 28), unit: true };
    const SHIRTS: Looks<'_> = Looks { data: "fashion-mnist", ..DIGITS };
    const BEATS: Looks<'_> = Looks { data: "ecg5000", train: 500, shape: (1, 140), unit: false };

    #[test]
    fn other_data_get_a_recipe_that_learns_on_them() {
        let lesson = (heartbeats::LESSON.recipe)();
        // As the lesson left it, and back.
        assert_eq!(moved(&lesson, BEATS, DIGITS), Recipe::default());
        let there = moved(&Recipe { seed: 7, ..Recipe::default() }, DIGITS, BEATS);
        assert_eq!((there.encoder.as_slice(), there.abnormal, there.seed), (&lesson.encoder[..], None, 7));
        assert!(there.epochs * 500 / there.batch >= 300, "{there:?}");
        // Pictures to pictures: nothing but the data.
        let own = Recipe { z: 3, seed: 7, ..Recipe::default() };
        assert_eq!(moved(&own, DIGITS, SHIRTS), Recipe { data: "fashion-mnist".into(), ..own.clone() });
        // What a visitor chose stays, as far as it can be run; it takes steps enough, and not for hours.
        let series = moved(&own, DIGITS, BEATS);
        assert_eq!((series.z, series.abnormal), (3, None));
        assert!(series.encoder.iter().all(|&width| width < 140) && series.epochs >= 250, "{series:?}");
        let back = moved(&series, BEATS, DIGITS);
        assert_eq!((back.z, back.epochs), (3, 10));
        // Of series, normal ones alone are learned from on.
        let made = Looks { data: "beats", train: 4000, ..BEATS };
        assert_eq!(moved(&lesson, BEATS, made).abnormal, Some(0.0));
        assert_eq!(moved(&Recipe { abnormal: Some(0.1), z: 5, ..lesson }, BEATS, DIGITS).abnormal, None);
    }

    #[test]
    fn what_can_stay_stays_and_the_rest_follows_the_data() {
        let now = Recipe { seed: 7, loss: Loss::Bce, abnormal: Some(0.0), ..Recipe::default() };
        // MNIST itself, under another name.
        let same = recipe_for("own-a", 60_000, 784, true, &now);
        assert_eq!(same, Recipe { data: "own-a".into(), abnormal: None, ..now.clone() });
        // Three classes of 12 × 20 pixels: 250 would be wider than an input.
        let small = recipe_for("own-b", 42, 240, true, &now);
        assert_eq!((small.encoder.as_slice(), small.z, small.batch, small.epochs), (&[80, 30][..], 10, 42, 1000));
        assert_eq!((small.seed, small.loss), (7, Loss::Bce));
        // Series have values outside of 0..1.
        assert_eq!(recipe_for("own-c", 500, 140, false, &now).loss, Loss::Mse);
        // However small, it can be run.
        for (train, inputs) in [(2, 2), (1, 4), (70_000, 4096), (0, 0)] {
            let recipe = recipe_for("own-d", train, inputs, false, &now);
            assert!(recipe.network(inputs.max(1), false).is_ok(), "{train} of {inputs}: {recipe:?}");
        }
    }
}
