//! What is known of the GPU, for whoever looks into a fault of it.
use super::{Outcome, Scene};
use crate::compute::Device;
use crate::engine::check::{kernels, report};
use crate::engine::protocol::Answer;
use crate::engine::world::World;

/// Checks every kernel anew; of a GPU that was left because it computes wrongly, what was found then.
pub async fn answer<W: World>(scene: Scene<W>) -> Outcome {
    let words = match (&*scene.device, &scene.report) {
        (Device::Gpu(_), _) => report(&scene.device, &kernels(&scene.device).await?),
        (_, Some(found)) => found.to_string(),
        _ => report(&scene.device, &[]),
    };
    scene.answer(Answer::Report(words));
    Ok(())
}
