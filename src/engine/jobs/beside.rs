//! Networks that are trained beside the one that stands, for an answer that needs some of its own.
use super::{Scene, Trouble};
use crate::compute::Device;
use crate::engine::world::World;
use crate::nn::Trainer;
use crate::nn::trainer::SLOTS;
use crate::words;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use web_time::Instant;

/// Trains until step `until`, in slices that leave room for others: the losses of its steps. `done` hears the share that
/// is done.
///
/// # Errors
/// The device failed, or the loss is no longer a number: `name` says in the message what stopped.
pub fn train<'a, W: World>(
    scene: &'a Scene<W>,
    trainer: &'a mut Trainer,
    until: u32,
    name: &'a str,
    done: &'a dyn Fn(f32),
) -> LocalBoxFuture<'a, Result<Vec<f32>, Trouble>> {
    async move {
        // On the processor a slice is work of this thread; on a GPU each look at it takes its time.
        let slice = if matches!(*scene.device, Device::Processor) { 8.0 } else { 25.0 };
        let mut losses = Vec::new();
        let mut each = f64::INFINITY;
        while trainer.steps() < until {
            let since = Instant::now();
            let count = ((slice / each) as u32).clamp(1, SLOTS / 2).min(until - trainer.steps());
            if !scene.busy.get() && trainer.wants_weighing() {
                trainer.weigh().await?;
            } else {
                trainer.run(count);
            }
            let snapshot = trainer.snapshot(false).await?;
            if let Some(step) = snapshot.bad {
                let rate = trainer.training().rate;
                return Err(Trouble::Words(words!(
                    "{name} stopped at step {step}: the learning rate {rate} is too high, so lower it"
                )));
            }
            each = since.elapsed().as_secs_f64() * 1e3 / snapshot.losses.len().max(1) as f64;
            losses.extend(snapshot.losses);
            done(trainer.steps() as f32 / until as f32);
            scene.world.rest().await;
        }
        Ok(losses)
    }
    .boxed_local()
}
