//! A visitor's own data under the network at hand: what of its recipe can stay, and what has to follow the data.
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

#[cfg(test)]
mod tests {
    use super::*;

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
