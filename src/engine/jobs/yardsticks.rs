//! The classes of all inputs, and the plainest detectors: distance to the mean, and to the plane of the first principal
//! components.
use super::{Scene, Trouble};
use crate::data::Dataset;
use crate::data::pca::{Pca, PcaJob};
use crate::engine::protocol::{Answer, Baseline, Topic};
use crate::engine::world::World;
use crate::lessons::anomaly::TrainingErrors;
use crate::lessons::verdict::TestLabels;

pub async fn answer<W: World>(scene: Scene<W>) -> Result<(), Trouble> {
    let ks = [0, scene.design.recipe.z];
    let learned = scene.known();
    let pca = fitted(&scene, learned, ks[1], Topic::Yardsticks).await?;
    let train = errors(&scene, &pca, learned, &ks).await?;
    let test = errors(&scene, &pca, &scene.split.test, &ks).await?;
    let both = ks.iter().zip(train.into_iter().zip(test));
    let baseline = |(&components, (train, test))| {
        let train = TrainingErrors::measured(train);
        Baseline { components, train, test }
    };
    scene.answer(Answer::Yardsticks {
        train: learned.labels().to_vec(),
        test: TestLabels::new(scene.split.test.labels().to_vec()),
        classes: scene.split.test.classes().to_vec(),
        baselines: both.map(baseline).collect(),
    });
    Ok(())
}

/// PCA of what is learned from, with up to so many components.
pub async fn fitted<W: World>(scene: &Scene<W>, learned: &Dataset, most: u32, topic: Topic) -> Result<Pca, Trouble> {
    // Its own score on a test set is not asked for, so one row does.
    let some = learned.select(&[0])?;
    let mut job = PcaJob::new(learned, &some, most as usize)?;
    loop {
        if let Some(pca) = job.step(learned, &some) {
            return Ok(pca);
        }
        scene.progress(topic, 0.5 * job.progress(learned, &some));
        scene.world.rest().await;
    }
}

/// Of each number of components: the error of every row.
pub async fn errors<W: World>(
    scene: &Scene<W>,
    pca: &Pca,
    set: &Dataset,
    ks: &[u32],
) -> Result<Vec<Vec<f32>>, Trouble> {
    let mut all = vec![Vec::with_capacity(set.len()); ks.len()];
    let mut input = vec![0.0; set.width()];
    for row in 0..set.len() {
        set.copy_rows([row], &mut input)?;
        for (errors, error) in all.iter_mut().zip(pca.errors_of(&input, ks)?) {
            errors.push(error);
        }
        scene.rest().await;
    }
    Ok(all)
}
