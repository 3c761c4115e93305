//! The error of every input.
use super::{Scene, Trouble};
use crate::engine::protocol::{Answer, Topic};
use crate::engine::world::World;
use crate::lessons::anomaly::TrainingErrors;
use crate::nn::Evaluator;

/// Inputs per piece.
const ROWS: u32 = 250;

/// Both sets, each measured by the weights as they are when its pieces run.
pub async fn answer<W: World>(scene: Scene<W>) -> Result<(), Trouble> {
    let loss = scene.design.recipe.loss;
    let sets = [&scene.train, &scene.test];
    let mut evaluators =
        sets.map(|set| Evaluator::new(&scene.device, &scene.weights, set, loss, set.len, ROWS.min(set.len)));
    let all: u32 = evaluators.iter().map(|evaluator| evaluator.pieces).sum();
    let mut done = 0;
    let mut errors = Vec::new();
    for evaluator in &mut evaluators {
        evaluator.begin();
        for _ in 0..evaluator.pieces {
            evaluator.run(1);
            done += 1;
            if done % 16 == 0 {
                scene.progress(Topic::Scores, done as f32 / all as f32);
            }
            scene.rest().await;
        }
        errors.push(evaluator.errors().await?);
    }
    let test = errors.pop().unwrap_or_default();
    let train = TrainingErrors::measured(errors.pop().unwrap_or_default());
    scene.answer(Answer::Scores { step: scene.step, train, test });
    Ok(())
}
