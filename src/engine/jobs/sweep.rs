//! The same network with other widths of z, trained beside the one that stands.
use super::{Scene, Trouble, beside, yardsticks};
use crate::engine::protocol::{Answer, Swept, Topic};
use crate::engine::world::World;
use crate::lessons::heartbeats::swept;
use crate::lessons::verdict::{Ranking, TestLabels};
use crate::nn::{Evaluator, Trainer};
use crate::words;

/// Inputs per piece of the test.
const ROWS: u32 = 250;

pub async fn answer<W: World>(scene: Scene<W>, zs: Vec<u32>) -> Result<(), Trouble> {
    let most = zs.iter().copied().max().unwrap_or(0);
    let pca = yardsticks::fitted(&scene, scene.known(), most, Topic::Sweep).await?;
    let by_pca = yardsticks::errors(&scene, &pca, &scene.split.test, &zs).await?;
    let labels = TestLabels::new(scene.split.test.labels().to_vec());
    for (i, (&z, by_pca)) in zs.iter().zip(&by_pca).enumerate() {
        let errors = errors_with(&scene, z, |part| (i as f32 + part) / zs.len() as f32).await?;
        let auc = |errors: &[f32]| Ranking::new(errors, &labels).map(|ranking| ranking.auc() as f32);
        let mean = |errors: &[f32]| {
            let normal = errors.iter().enumerate().filter(|(row, _)| labels.class(*row).is_none_or(|class| class == 0));
            let (sum, count) = normal.fold((0.0, 0.0), |(sum, count), (_, &e)| (sum + f64::from(e), count + 1.0));
            (sum / f64::max(count, 1.0)) as f32
        };
        scene.answer(Answer::Swept(Swept {
            z,
            auc: auc(&errors).zip(auc(by_pca)).map(|(network, pca)| [network, pca]),
            error: [mean(&errors), mean(by_pca)],
        }));
    }
    scene.progress(Topic::Sweep, 1.0);
    Ok(())
}

/// The test errors of a network of this z, trained as the recipe says. `done` makes the part of it that is done the
/// part of the whole.
async fn errors_with<W: World>(scene: &Scene<W>, z: u32, done: impl Fn(f32) -> f32) -> Result<Vec<f32>, Trouble> {
    let design = &scene.design;
    let recipe = swept(&design.recipe, z);
    let output = design.spec.layers.last().map_or(Default::default(), |layer| layer.activation);
    let spec = recipe
        .network(design.spec.inputs(), output == crate::nn::spec::Activation::Sigmoid)
        .map_err(|e| Trouble::Words(e.to_string()))?;
    let mut trainer = Trainer::new(scene.device.clone(), &spec, design.training(), &scene.train);
    let heard = |part: f32| scene.progress(Topic::Sweep, done(part));
    beside::train(scene, &mut trainer, recipe.steps(scene.train.len), &words!("the sweep at z = {z}"), &heard).await?;
    let test = &scene.test;
    let mut evaluator =
        Evaluator::new(&scene.device, &trainer.weights, test, recipe.loss, test.len, ROWS.min(test.len));
    evaluator.begin();
    for _ in 0..evaluator.pieces {
        evaluator.run(1);
        scene.rest().await;
    }
    Ok(evaluator.errors().await?)
}
