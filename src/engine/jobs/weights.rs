//! The weights as they are now, as a file, with their loss over the whole test set.
use super::{Scene, Trouble};
use crate::compute::{Buffer, Device};
use crate::engine::protocol::{Answer, Topic};
use crate::engine::world::World;
use crate::lessons::Recipe;
use crate::lessons::files::metadata;
use crate::nn::checkpoint::{self, Precision};
use crate::nn::evaluator::mean;
use crate::nn::{Evaluator, NetworkSpec, Weights};
use crate::words;

/// Inputs per piece of the test.
const ROWS: u32 = 250;

pub async fn answer<W: World>(scene: Scene<W>, before: u32) -> Result<(), Trouble> {
    let step = before + scene.steps;
    let (device, design) = (&scene.device, &scene.design);
    // So that the file and the figure are of one moment.
    let still = Weights { values: held(device, &scene.weights.values, &design.spec), ..scene.weights.clone() };
    let values = device.read(&still.values).await?;
    let data = &scene.test;
    let mut evaluator = Evaluator::new(device, &still, data, design.recipe.loss, data.len, ROWS);
    evaluator.begin();
    for piece in 0..evaluator.pieces {
        evaluator.run(1);
        scene.progress(Topic::Weights, piece as f32 / evaluator.pieces as f32);
        scene.world.rest().await;
    }
    let errors = evaluator.errors().await?;
    let test = mean(&errors) as f32;
    let file = file(&design.recipe, &design.spec, &values, step, design.recipe.learning_rate)?;
    scene.answer(Answer::Weights { file, step, test, inputs: errors.len() as u32 });
    Ok(())
}

/// A copy of weights that training goes on to move, which holds still.
pub fn held(device: &Device, weights: &Buffer, spec: &NetworkSpec) -> Buffer {
    let still = device.zeros(spec.parameters());
    device.copy(weights, &still, 0, spec.parameters());
    still
}

/// Weights after so many steps at this learning rate as a file that PyTorch takes.
pub fn file(recipe: &Recipe, spec: &NetworkSpec, values: &[f32], step: u32, rate: f32) -> Result<Vec<u8>, Trouble> {
    let words = |error: &dyn std::fmt::Display| Trouble::Words(words!("the file could not be written: {error}"));
    let metadata = metadata(recipe, spec, step, rate).map_err(|error| words(&error))?;
    checkpoint::write(spec, values, Precision::F32, metadata).map_err(|error| words(&error))
}
