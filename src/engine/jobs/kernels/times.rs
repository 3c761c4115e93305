//! What the calls of a step take: each alone, replayed many times in one go, in turns with the whole step, so that
//! whatever slows the device down meanwhile slows all of them.
use super::{Scene, Trouble, Update, listed};
use crate::compute::{Clock, Plan};
use crate::engine::bench::limits::Limits as Measured;
use crate::engine::bench::{BenchError, median};
use crate::engine::protocol::Topic;
use crate::engine::world::World;
use crate::lessons::kernels::{Limits, Times};
use crate::nn::{Trainer, Training, Whole};
use std::ops::Range;
use web_time::Instant;

/// Milliseconds of a replay at least, so that neither the way there and back nor a coarse clock counts for much, and on
/// the whole.
const REPLAY: f64 = 12.0;
const ALL: f64 = 2500.0;
/// Replays in one go at most.
const MOST: u32 = 4096;
/// Milliseconds that better forms of kernels are waited for.
const SETTLE: f64 = 10_000.0;

pub async fn times<W: World>(scene: &Scene<W>, update: &Update) -> Result<Times, Trouble> {
    let limits = limits(scene).await?;
    let mut trainer = Trainer::new(scene.device.clone(), &scene.design.spec, update.training.clone(), &update.data);
    trainer.restore(&update.before);
    trainer.run(1);
    // What is still being compiled would be timed, too.
    let since = Instant::now();
    while !trainer.settled && since.elapsed().as_secs_f64() * 1e3 < SETTLE {
        trainer.run(1);
        scene.device.finish().await?;
        scene.world.rest().await;
    }
    let plan = trainer.plan();
    let mut calls = listed(plan, update.training.batch, scene.design.spec.inputs(), update.data.is_bytes());
    // The whole step first, then each of its calls.
    let parts: Vec<Range<usize>> =
        std::iter::once(0..plan.len()).chain((0..plan.len()).map(|call| call..call + 1)).collect();
    let mut stamped = true;
    let (mut replays, mut costs) = (Vec::new(), 0.0);
    for part in &parts {
        let (times, ms) = replays_of(scene, plan, part.clone()).await?;
        replays.push(times);
        costs += ms * f64::from(times);
    }
    let rounds = ((ALL / costs) as u32).clamp(3, 9) | 1;
    let mut all = vec![Vec::new(); parts.len()];
    for round in 0..rounds {
        // Replays move the weights: each round begins where training is.
        trainer.restore(&update.before);
        for ((part, times), all) in parts.iter().zip(&replays).zip(&mut all) {
            let (ms, clock) = scene.device.time(trainer.plan(), part.clone(), *times).await?;
            stamped &= clock == Clock::Stamps;
            all.push(ms / f64::from(*times));
            scene.rest().await;
        }
        scene.progress(Topic::Times, (round + 1) as f32 / rounds as f32);
    }
    let mut middle = all.iter_mut().map(|times| median(times));
    let step = middle.next().unwrap_or(f64::NAN);
    for (call, ms) in calls.calls.iter_mut().zip(middle) {
        call.ms = Some(ms);
    }
    let whole = whole(scene, update).await?;
    Ok(Times { calls, step, rounds, stamped, limits, whole })
}

/// How many replays take long enough, and what one of them takes, roughly.
async fn replays_of<W: World>(scene: &Scene<W>, plan: &Plan, part: Range<usize>) -> Result<(u32, f64), Trouble> {
    let mut times = 1;
    loop {
        let (ms, _) = scene.device.time(plan, part.clone(), times).await?;
        scene.rest().await;
        if ms >= REPLAY / 2.0 || times >= MOST {
            let each = ms / f64::from(times);
            return Ok(((REPLAY / each).ceil().clamp(1.0, MOST.into()) as u32, each));
        }
        times *= 4;
    }
}

/// Milliseconds of the step in one call, where training makes it so.
async fn whole<W: World>(scene: &Scene<W>, update: &Update) -> Result<Option<f64>, Trouble> {
    let training = Training { whole: Whole::Auto, ..update.training.clone() };
    let mut trainer = Trainer::new(scene.device.clone(), &scene.design.spec, training, &update.data);
    if trainer.calls_per_step() > 1 {
        return Ok(None);
    }
    trainer.restore(&update.before);
    let (times, _) = replays_of(scene, trainer.plan(), 0..1).await?;
    let (ms, _) = scene.device.time(trainer.plan(), 0..1, times).await?;
    Ok(Some(ms / f64::from(times)))
}

/// What the device can do at most: measured once.
async fn limits<W>(scene: &Scene<W>) -> Result<Limits, Trouble> {
    if let Some(limits) = scene.shelf.limits.get() {
        return Ok(limits);
    }
    let measured = Measured::measure(&scene.device).await.map_err(|error| match error {
        BenchError::Device(error) => Trouble::Device(error),
        error => Trouble::Words(error.to_string()),
    })?;
    let Measured { gflops, gbytes, call_us } = measured;
    let limits = Limits { gflops, gbytes, call_us };
    scene.shelf.limits.set(Some(limits));
    Ok(limits)
}
