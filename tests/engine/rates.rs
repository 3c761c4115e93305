//! Learning rates from far too small to far too large, over the networks that speed is measured on: what diverges is
//! noticed at once, and nothing else is. A few of each here; `RATES=1` tries all, in some minutes, and says what it saw.
use hourglass::compute::Device;
use hourglass::engine::bench::workloads::{WORKLOADS, Workload};
use hourglass::nn::spec::{Activation, Loss, NetworkSpec, Optimiser};
use hourglass::nn::{Resident, Rows, Trainer, Training};
use std::rc::Rc;

/// Steps between a number that is none and the news of it.
const WITHIN: u32 = 10;
/// Half decades from 1e-4 to 1e3.
const RATES: u32 = 15;

/// What became of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    /// The first step after which a weight or the loss was not finite.
    broke: Option<u32>,
    /// The step that the device names.
    noticed: Option<u32>,
}

fn rate(half_decades: u32) -> f32 {
    10f32.powf(half_decades as f32 / 2.0 - 4.0)
}

/// Whether everything is tried; `RATES=gpu`: on the GPU alone, and there without the largest network, which takes a
/// processor that plays a GPU hours (`RATES=1` tries all on all).
fn by_hand() -> Option<String> {
    std::env::var("RATES").ok()
}

/// The networks to try, and by default those alone that this test `wants`.
fn networks(wants: fn(&str) -> bool) -> impl Iterator<Item = &'static Workload> {
    let asked = by_hand();
    WORKLOADS.iter().filter(move |workload| match asked.as_deref() {
        Some("gpu") => workload.name != "mnist",
        Some(_) => true,
        None => wants(workload.name),
    })
}

async fn devices() -> Vec<Rc<Device>> {
    let all = crate::devices().await;
    let on_gpu = by_hand().is_some_and(|which| which == "gpu");
    all.into_iter().filter(|device| !on_gpu || matches!(**device, Device::Gpu(_))).collect()
}

/// The workload's network, with a linear end where the loss may grow without bound.
fn network(workload: &Workload, linear: bool) -> NetworkSpec {
    let mut spec = workload.network();
    if let (Some(last), true) = (spec.layers.last_mut(), linear) {
        last.activation = Activation::Identity;
    }
    spec
}

/// Step by step, and after each a look at all weights: the device is held to what it cannot know yet.
async fn watched(trainer: &mut Trainer, steps: u32) -> Seen {
    let mut seen = Seen::default();
    for step in 1..=steps {
        trainer.run(1);
        let snapshot = trainer.snapshot(true).await.unwrap();
        let finite = |values: &[f32]| values.iter().all(|x| x.is_finite());
        if seen.broke.is_none() && !(finite(&snapshot.losses) && finite(&snapshot.weights.unwrap())) {
            seen.broke = Some(step);
        }
        seen.noticed = seen.noticed.or(snapshot.bad);
        // Further steps tell nothing new.
        if seen.noticed.is_some() || seen.broke.is_some_and(|broke| step > broke + WITHIN) {
            break;
        }
    }
    seen
}

#[pollster::test]
async fn whatever_diverges_is_noticed_within_ten_steps() {
    let all = by_hand().is_some();
    let (mut runs, mut diverged, mut latest, mut wrong) = (0, 0, 0, Vec::new());
    for device in devices().await {
        for workload in networks(|name| ["ecg", "lab"].contains(&name)) {
            let rows = workload.data();
            let data = Resident::new(&device, Rows::Floats(&rows), workload.widths[0]).unwrap();
            for half_decades in (0..RATES).step_by(if all { 1 } else { 7 }) {
                for (optimiser, loss, linear) in [
                    (Optimiser::Adam, Loss::Mse, false),
                    (Optimiser::Adam, Loss::Mse, true),
                    (Optimiser::Sgd, Loss::Mse, true),
                    (Optimiser::Momentum, Loss::Bce, false),
                ] {
                    let rate = rate(half_decades);
                    let training = Training { rate, batch: workload.batch, optimiser, loss, ..Training::default() };
                    let mut trainer = Trainer::new(device.clone(), &network(workload, linear), training, &data);
                    let seen = watched(&mut trainer, if all { 60 } else { 25 }).await;
                    runs += 1;
                    let fine = match seen {
                        Seen { broke: None, noticed: None } => true,
                        Seen { broke: Some(broke), noticed: Some(noticed) } => {
                            diverged += 1;
                            latest = latest.max(noticed.saturating_sub(broke));
                            noticed <= broke + WITHIN
                        }
                        _ => false,
                    };
                    if !fine {
                        let (name, on) = (workload.name, device.name());
                        wrong.push(format!("{name} by {optimiser:?}, η = {rate}, linear {linear}, on {on}: {seen:?}"));
                    }
                }
            }
        }
    }
    println!("{runs} runs, {diverged} diverged, noticed {latest} steps later at most");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(diverged > 0, "none of {runs} runs diverged: this test sees nothing");
}

#[pollster::test]
async fn ordinary_runs_raise_no_alarm() {
    let all = by_hand().is_some();
    let (seeds, steps) = if all { (25, 100) } else { (2, 50) };
    for device in devices().await {
        let mut runs = 0;
        for workload in networks(|name| name != "mnist") {
            let rows = workload.data();
            let data = Resident::new(&device, Rows::Floats(&rows), workload.widths[0]).unwrap();
            for seed in 0..seeds {
                let rate = [1e-4, 1e-3, 3e-3][seed % 3];
                let training = Training { rate, batch: workload.batch, seed: seed as u64, ..Training::default() };
                let mut trainer = Trainer::new(device.clone(), &workload.network(), training, &data);
                trainer.run(steps);
                let bad = trainer.snapshot(false).await.unwrap().bad;
                assert_eq!(bad, None, "{} with seed {seed} on {}", workload.name, device.name());
                runs += 1;
            }
        }
        println!("{runs} ordinary runs of {steps} steps on {}, no alarm", device.name());
    }
}
