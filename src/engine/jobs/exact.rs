//! Exactly so many steps from the weights that stand, on a copy of them.
use super::weights::{file, held};
use super::{Scene, Trouble, beside};
use crate::engine::protocol::{Answer, Exact, Exactly, Topic};
use crate::engine::world::World;
use crate::lessons::Recipe;
use crate::lessons::recipe::{Noise, limits};
use crate::nn::{Trainer, Training};
use crate::words;
use web_time::Instant;

/// Steps whose time is told together.
const PIECE: u32 = 50;

pub async fn answer<W: World>(scene: Scene<W>, exact: Exact) -> Result<(), Trouble> {
    sound(&exact)?;
    let (device, design) = (&scene.device, &scene.design);
    let recipe = Recipe {
        optimiser: exact.optimiser,
        batch: exact.batch,
        noise: Noise::None,
        variational: None,
        ..design.recipe.clone()
    }
    .at_rate(exact.rate);
    let training = Training { rate: exact.rate, shuffle: exact.shuffle, ..recipe.training(design.shape.1) };
    let parameters = design.spec.parameters();
    let values = device.read(&held(device, &scene.weights.values, &design.spec)).await?;
    let step = exact.before + scene.steps;
    let first = file(&recipe, &design.spec, &values, step, exact.rate)?;
    let mut trainer = Trainer::new(device.clone(), &design.spec, training, &scene.train);
    trainer.load(&values);
    let since = Instant::now();
    let (mut losses, mut seconds) = (Vec::new(), Vec::new());
    let most = exact.steps as f32;
    while trainer.steps() < exact.steps {
        let until = (trainer.steps() + PIECE).min(exact.steps);
        losses.extend(beside::train(&scene, &mut trainer, until, "the exact run", &|_| {}).await?);
        seconds.resize(losses.len(), since.elapsed().as_secs_f32());
        scene.progress(Topic::Exact, until as f32 / most);
    }
    let values = trainer.state().await?.values;
    if let Some(at) = values.iter().take(parameters).position(|w| !w.is_finite()) {
        return Err(Trouble::Words(words!(
            "after {} steps at the learning rate {} weight {at} is no number any more, so lower it",
            exact.steps,
            exact.rate
        )));
    }
    let last = file(&recipe, &design.spec, &values[..parameters], step + exact.steps, exact.rate)?;
    scene.answer(Answer::Exact(Exactly { exact, first, last, losses, seconds, inputs: scene.train.len }));
    Ok(())
}

/// Whether it can be done, or why not.
fn sound(exact: &Exact) -> Result<(), Trouble> {
    let steps = 1..=Exact::MOST_STEPS;
    for (what, value, range) in [("steps", exact.steps, &steps), ("inputs per step", exact.batch, &limits::BATCH)] {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            return Err(Trouble::Words(words!("an exact run has {least} to {most} {what}, not {value}")));
        }
    }
    if !(exact.rate.is_finite() && exact.rate > 0.0) {
        return Err(Trouble::Words(words!("the learning rate is {}: it must be a finite number above 0", exact.rate)));
    }
    Ok(())
}
