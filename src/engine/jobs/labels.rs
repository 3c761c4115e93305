//! The classes of all inputs.
use super::{Scene, Trouble};
use crate::engine::protocol::Answer;
use crate::engine::world::World;
use crate::lessons::verdict::TestLabels;

pub async fn answer<W: World>(scene: Scene<W>) -> Result<(), Trouble> {
    let learned = scene.design.recipe.learned_from(&scene.split.train)?;
    scene.answer(Answer::Labels {
        train: learned.labels().to_vec(),
        test: TestLabels::new(scene.split.test.labels().to_vec()),
        classes: scene.split.test.classes().to_vec(),
    });
    Ok(())
}
