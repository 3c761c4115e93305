//! What the calls of a step take: each in its turn within the step, where a clock can stand between two of them; else
//! each alone, replayed many times in one go. And the whole step in between, without such looks at the clock, so that
//! whatever slows the device down meanwhile slows both.
use super::{Scene, Trouble, Update, listed};
use crate::compute::{Clock, Plan};
use crate::engine::bench::BenchError;
use crate::engine::bench::limits::Limits as Measured;
use crate::engine::protocol::Topic;
use crate::engine::world::World;
use crate::lessons::kernels::{Limits, Times};
use crate::nn::{Trainer, Training, Whole};
use std::ops::Range;
use web_time::Instant;

/// Milliseconds of a replay at least, so that neither the way there and back nor a coarse clock counts for much: of the
/// step, of a call alone; and of all on the whole.
const STEPS: f64 = 50.0;
const ALONE: f64 = 12.0;
const ALL: f64 = 3000.0;
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
    let all = 0..plan.len();
    let (replays, step) = replays_of(scene, plan, all.clone(), STEPS).await?;
    let mut alone = Vec::new();
    if scene.device.time_in_turn(plan, 1).await?.is_none() {
        for call in all.clone() {
            alone.push(replays_of(scene, plan, call..call + 1, ALONE).await?.0);
        }
    }
    let (in_turn, mut stamped) = (alone.is_empty(), true);
    let each = if in_turn { step * f64::from(replays) } else { ALONE * all.len() as f64 };
    let rounds = ((ALL / (step * f64::from(replays) + each)) as u32).clamp(4, 40);
    let mut steps = Vec::new();
    let mut turns = Vec::new();
    for round in 0..rounds {
        // Replays move the weights: each round begins where training is.
        trainer.restore(&update.before);
        let plan = trainer.plan();
        let (ms, clock) = scene.device.time(plan, all.clone(), replays).await?;
        stamped &= clock == Clock::Stamps;
        steps.push(ms / f64::from(replays));
        scene.rest().await;
        let mut turn = Vec::new();
        if in_turn {
            let all = scene.device.time_in_turn(plan, replays).await?.unwrap_or_default();
            turn.extend(all.iter().map(|ms| ms / f64::from(replays)));
        }
        for (call, &replays) in all.clone().zip(&alone) {
            turn.push(scene.device.time(plan, call..call + 1, replays).await?.0 / f64::from(replays));
            scene.rest().await;
        }
        turns.push(turn);
        scene.rest().await;
        scene.progress(Topic::Times, (round + 1) as f32 / rounds as f32);
    }
    // What disturbs a measurement only ever makes it longer: the fastest quarter counts, each round as a whole.
    let quarter = rounds.div_ceil(4) as usize;
    steps.sort_by(f64::total_cmp);
    let step = steps[..quarter].iter().sum::<f64>() / quarter as f64;
    let sum = |turn: &Vec<f64>| turn.iter().sum::<f64>();
    turns.sort_by(|a, b| sum(a).total_cmp(&sum(b)));
    for (call, listed) in calls.calls.iter_mut().enumerate() {
        let all: f64 = turns[..quarter].iter().filter_map(|turn| turn.get(call)).sum();
        listed.ms = Some(all / quarter as f64);
    }
    let whole = whole(scene, update).await?;
    Ok(Times { calls, step, rounds, in_turn, stamped, limits, whole })
}

/// How many replays take long enough, and what one of them takes, roughly.
async fn replays_of<W: World>(
    scene: &Scene<W>,
    plan: &Plan,
    part: Range<usize>,
    at_least: f64,
) -> Result<(u32, f64), Trouble> {
    let mut times = 1;
    loop {
        let (ms, _) = scene.device.time(plan, part.clone(), times).await?;
        scene.rest().await;
        if ms >= at_least / 2.0 || times >= MOST {
            let each = ms / f64::from(times);
            return Ok(((at_least / each).ceil().clamp(1.0, MOST.into()) as u32, each));
        }
        times *= 4;
    }
}

/// The step in one call or two and its milliseconds, where training makes it so.
async fn whole<W: World>(scene: &Scene<W>, update: &Update) -> Result<Option<(usize, f64)>, Trouble> {
    let training = Training { whole: Whole::Auto, ..update.training.clone() };
    let mut trainer = Trainer::new(scene.device.clone(), &scene.design.spec, training, &update.data);
    let calls = trainer.calls_per_step();
    if calls > 2 {
        return Ok(None);
    }
    trainer.restore(&update.before);
    let (times, _) = replays_of(scene, trainer.plan(), 0..calls, ALONE).await?;
    let (ms, _) = scene.device.time(trainer.plan(), 0..calls, times).await?;
    Ok(Some((calls, ms / f64::from(times))))
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
