//! Whole runs: they repeat to the bit, they can be interrupted, they notice when they diverge.
use hourglass::compute::{Device, Tile};
use hourglass::engine::bench::workloads::Workload;
use hourglass::nn::spec::{Activation, Loss, NetworkSpec, Noise, Optimiser};
use hourglass::nn::{Evaluator, Resident, Rows, Snapshot, Trainer, Training, Whole, signals};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const COLS: u32 = 12;
const LEN: u32 = 50;

fn spec() -> NetworkSpec {
    NetworkSpec::autoencoder(COLS, &[9, 7], 3, Activation::Relu, Activation::Sigmoid)
}

/// 50 pictures of 4 by 3, as bytes.
fn bytes() -> Vec<u8> {
    (0..LEN * COLS).map(|i| ((f64::from(i / COLS * 3 + i % COLS) * 0.4).sin() * 127.0 + 128.0) as u8).collect()
}

fn training() -> Training {
    // 50 is no multiple of 8: batches go over the end of the epoch.
    Training { rate: 0.01, batch: 8, width: 4, seed: 5, noise: Noise::Gaussian { sd: 0.1 }, ..Training::default() }
}

fn trainer(device: &Rc<Device>, training: Training) -> Trainer {
    let data = Resident::new(device, Rows::Bytes(&bytes()), COLS).unwrap();
    Trainer::new(device.clone(), &spec(), training, &data)
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_run_repeats_to_the_bit() {
    for device in crate::devices().await {
        let mut one = trainer(&device, training());
        one.run(60);
        let first = one.snapshot(true).await.unwrap();
        assert_eq!((first.step, first.losses.len()), (60, 60));
        assert!(first.losses[59] < 0.8 * first.losses[0], "the loss hardly fell: {:?}", first.losses);
        // In other portions, in another trainer.
        let mut two = trainer(&device, training());
        for steps in [1, 19, 40] {
            two.run(steps);
        }
        assert_eq!(two.snapshot(true).await.unwrap(), first, "a second run on {}", device.name());
        // After a reset.
        one.reset();
        one.run(60);
        assert_eq!(one.snapshot(true).await.unwrap(), first, "a replay on {}", device.name());
        // Another seed is another run.
        let mut other = trainer(&device, Training { seed: 6, ..training() });
        other.run(60);
        assert_ne!(other.snapshot(true).await.unwrap().losses, first.losses);
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_thousand_steps_of_the_chosen_plan_repeat_to_the_bit() {
    let workload = Workload::named("ecg").unwrap();
    for device in crate::devices().await {
        let data = Resident::new(&device, Rows::Floats(&workload.data()), workload.widths[0]).unwrap();
        let mut curves = Vec::new();
        // In slices as they come, and in others.
        for slice in [100, 37] {
            let training = Training { batch: workload.batch, seed: 11, ..Training::default() };
            let mut trainer = Trainer::new(device.clone(), &workload.network(), training, &data);
            let mut losses = Vec::new();
            while losses.len() < 1000 {
                trainer.run(slice.min(1000 - losses.len() as u32));
                losses.extend(trainer.snapshot(false).await.unwrap().losses.iter().map(|loss| loss.to_bits()));
            }
            curves.push(losses);
        }
        let first = curves[0].iter().zip(&curves[1]).position(|(a, b)| a != b);
        assert_eq!(first, None, "on {} the curves part at this step", device.name());
        assert_eq!(curves[0].len(), 1000);
    }
}

/// Steps that show what calls cost are steps like others, also where calls are cut afterwards.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_run_that_was_weighed_is_the_same_to_the_bit() {
    let workload = Workload::named("class").unwrap();
    for device in crate::devices().await {
        let data = Resident::new(&device, Rows::Floats(&workload.data()), workload.widths[0]).unwrap();
        let training = || Training { batch: workload.batch, seed: 7, ..Training::default() };
        let mut weighed = Trainer::new(device.clone(), &workload.network(), training(), &data);
        assert!(!weighed.wants_weighing(), "before its kernels stand");
        for dispatches in [5, 1] {
            while !weighed.wants_weighing() {
                weighed.run(1);
                device.finish().await.unwrap();
            }
            weighed.weigh().await.unwrap();
            weighed.cut(dispatches);
        }
        assert!(!weighed.wants_weighing(), "twice is enough");
        weighed.run(3);
        let mut plain = Trainer::new(device.clone(), &workload.network(), training(), &data);
        plain.run(weighed.steps());
        let [a, b] = [plain.snapshot(true).await.unwrap(), weighed.snapshot(true).await.unwrap()];
        assert!(a == b, "losses or weights differ on {}", device.name());
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_learns_alike() {
    let device = Rc::new(Device::Exact);
    let mut exact = trainer(&device, training());
    exact.run(100);
    let expected = exact.snapshot(false).await.unwrap().losses;
    for device in crate::devices().await {
        let mut trainer = trainer(&device, training());
        trainer.run(100);
        let got = trainer.snapshot(false).await.unwrap().losses;
        for (step, (got, expected)) in got.iter().zip(&expected).enumerate() {
            // WGSL's cosine is good to 2⁻¹¹ only, so that the noise differs a little between devices.
            let close = (got - expected).abs() <= 5e-3 * expected;
            assert!(close, "step {} on {}: {got}, should be {expected}", step + 1, device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_state_goes_on_where_it_was() {
    for device in crate::devices().await {
        let mut through = trainer(&device, training());
        through.run(50);
        let expected = through.snapshot(true).await.unwrap();
        let mut before = trainer(&device, training());
        before.run(30);
        let state = before.state().await.unwrap();
        let mut after = trainer(&device, training());
        after.run(3);
        after.restore(&state);
        after.run(20);
        let got = after.snapshot(true).await.unwrap();
        assert_eq!(got.step, 50);
        assert_eq!(got.losses, expected.losses[30..], "on {}", device.name());
        assert_eq!(got.weights, expected.weights);
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_rate_changes_while_it_runs() {
    for device in crate::devices().await {
        let mut trainer = trainer(&device, training());
        trainer.run(5);
        trainer.set_rate(0.0);
        trainer.run(1);
        let before = trainer.snapshot(true).await.unwrap().weights;
        trainer.run(10);
        assert_eq!(trainer.snapshot(true).await.unwrap().weights, before, "η = 0 moved weights on {}", device.name());
        trainer.set_rate(0.01);
        trainer.run(1);
        assert_ne!(trainer.snapshot(true).await.unwrap().weights, before);
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn divergence_is_noticed() {
    for device in crate::devices().await {
        let training = Training { rate: 1e30, optimiser: hourglass::nn::spec::Optimiser::Sgd, ..training() };
        let spec = NetworkSpec::autoencoder(COLS, &[9, 7], 3, Activation::Relu, Activation::Identity);
        let data = Resident::new(&device, Rows::Bytes(&bytes()), COLS).unwrap();
        let mut trainer = Trainer::new(device.clone(), &spec, training, &data);
        trainer.run(10);
        let bad = trainer.snapshot(false).await.unwrap().bad;
        assert!(bad.is_some_and(|step| step <= 10), "η = 1e30 went unnoticed on {}: {bad:?}", device.name());
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn errors_of_a_data_set_are_those_of_its_rows() {
    for device in crate::devices().await {
        let data = Resident::new(&device, Rows::Bytes(&bytes()), COLS).unwrap();
        let mut trainer = trainer(&device, training());
        trainer.run(10);
        let weights = trainer.snapshot(true).await.unwrap().weights.unwrap();
        // 7 at a time, 50 in all: the last piece is short. Twice, and for a part.
        for (len, rows) in [(LEN, 7), (LEN, 7), (20, 64)] {
            let mut evaluator = Evaluator::new(trainer.device(), &trainer.weights, &data, Loss::Mse, len, rows);
            for _ in 0..2 {
                evaluator.begin();
                evaluator.run(evaluator.pieces);
            }
            let errors = evaluator.errors().await.unwrap();
            assert_eq!(errors.len(), len as usize);
            for (row, (error, bytes)) in errors.iter().zip(bytes().chunks(COLS as usize)).enumerate() {
                let x: Vec<f32> = bytes.iter().map(|&b| f32::from(b) * (1.0 / 255.0)).collect();
                let all = signals(&spec(), &weights, 0..6, 1, x.clone());
                assert_eq!(all.len(), 7);
                let expected = all[6].iter().zip(&x).map(|(y, x)| (y - x).powi(2)).sum::<f32>() / COLS as f32;
                let close = (error - expected).abs() <= 1e-5;
                assert!(close, "row {row} on {}: {error}, should be {expected}", device.name());
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_step_takes_three_calls_per_layer_and_two() {
    let device = Rc::new(Device::Processor);
    let layers = spec().layers.len();
    let clean = trainer(&device, Training { noise: Noise::None, ..training() });
    assert_eq!(clean.calls_per_step(), 3 * layers + 2);
    assert_eq!(trainer(&device, training()).calls_per_step(), 3 * layers + 3);
}

/// The tiles of a whole step: many teams of threads, or one as wide as software's vectors.
const TEAMS: [fn(Tile) -> bool; 2] = [
    |tile| matches!(tile, Tile::Registers { group: 64, .. }),
    |tile| matches!(tile, Tile::Registers { group: 1, lanes: 4, .. }),
];

/// Optimisers, losses and activations of which whole steps have code of their own.
const KINDS: [(Optimiser, Loss, [Activation; 3]); 5] = {
    use Activation::{Identity, LeakyRelu, Relu, Sigmoid, Tanh};
    [
        (Optimiser::Adam, Loss::Mse, [Relu, Identity, Sigmoid]),
        (Optimiser::Momentum, Loss::Bce, [Tanh, LeakyRelu, Sigmoid]),
        (Optimiser::Sgd, Loss::Mse, [Sigmoid, Tanh, Identity]),
        // An activation that hidden layers have too must not be applied twice.
        (Optimiser::Adam, Loss::Mse, [LeakyRelu, Tanh, Tanh]),
        (Optimiser::Momentum, Loss::Mse, [Relu, Relu, Sigmoid]),
    ]
};

/// What thirty steps came to, with the kernel and the tile of each call of one.
async fn thirty(
    device: &Rc<Device>,
    spec: &NetworkSpec,
    training: &Training,
    only: Option<fn(Tile) -> bool>,
) -> (Snapshot, Vec<(&'static str, Option<Tile>)>) {
    let data = Resident::new(device, Rows::Bytes(&bytes()), COLS).unwrap();
    if let Device::Gpu(gpu) = &**device {
        gpu.insist(only);
    }
    let mut trainer = Trainer::new(device.clone(), spec, training.clone(), &data);
    trainer.run(21);
    trainer.set_rate(0.003);
    trainer.run(9);
    let ran = trainer.snapshot(true).await.unwrap();
    if let Device::Gpu(gpu) = &**device {
        gpu.insist(None);
    }
    let calls = (0..trainer.calls_per_step()).map(|call| trainer.plan().listing(call));
    (ran, calls.map(|call| (call.kernel, call.tile)).collect())
}

/// The same sums in another order.
fn assert_the_same(whole: &Snapshot, apart: &Snapshot, what: &str) {
    assert_eq!((whole.step, whole.losses.len()), (30, 30));
    for (step, (got, expected)) in whole.losses.iter().zip(&apart.losses).enumerate() {
        let close = (got - expected).abs() <= 2e-5 * expected;
        assert!(close, "{what}, step {}: {got}, apart {expected}", step + 1);
    }
    let [whole, apart] = [whole, apart].map(|ran| ran.weights.as_deref().unwrap());
    let worst = whole.iter().zip(apart).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 2e-4, "{what}: weights differ by {worst}");
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn whole_steps_are_the_same_steps() {
    for device in crate::devices().await.into_iter().chain([Rc::new(Device::Exact)]) {
        // Sizes around those of a tile, and a batch of one; two calls are worth it from 17 rows on.
        for ((optimiser, loss, [hidden, latent, last]), (batch, width, z, teams)) in
            KINDS.into_iter().zip([(8, 9, 3, 2), (17, 33, 8, 2), (1, 7, 1, 1), (33, 31, 17, 2), (70, 12, 5, 2)])
        {
            let mut spec = NetworkSpec::autoencoder(COLS, &[width, 16], z, hidden, last);
            spec.layers[2].activation = latent;
            let training = |whole| Training { noise: Noise::None, optimiser, loss, batch, whole, ..training() };
            let (apart, calls) = thirty(&device, &spec, &training(Whole::Never), None).await;
            assert_eq!(calls.len(), 3 * spec.layers.len() + 2);
            let on_gpu = matches!(*device, Device::Gpu(_));
            // What is written out takes compilers long: not all tiles for all.
            let tiles = TEAMS.into_iter().take(if on_gpu { teams } else { 1 });
            for (only, way) in tiles.flat_map(|only| [(only, Whole::Always), (only, Whole::Parted)]) {
                let (whole, calls) = thirty(&device, &spec, &training(way), Some(only)).await;
                let parted = way == Whole::Parted && batch > 16;
                assert_eq!(calls.len(), if parted { 2 } else { 1 }, "{way:?}, calls for a step of {batch}");
                let asked = |&(kernel, tile): &(_, Option<Tile>)| kernel == "whole" && tile.is_some_and(only);
                assert!(!on_gpu || calls.iter().all(asked), "{calls:?} were not asked for");
                assert_the_same(&whole, &apart, &format!("{calls:?} with {optimiser:?} on {}", device.name()));
            }
        }
    }
}

/// In multiples of four: threads with nothing to do, parts of tiles, several tiles of every kind.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn whole_steps_by_vectors_are_the_same_steps() {
    for device in crate::devices().await {
        let sizes = [
            (0, [8, 36, 4]),
            (0, [68, 148, 8]),
            (0, [4, 4, 4]),
            (1, [132, 20, 32]),
            (2, [64, 32, 12]),
            (3, [12, 8, 8]),
        ];
        // Compilers take as long for each kind as for ten other kernels, lavapipe's a quarter of a minute.
        let lavapipe = cfg!(not(target_arch = "wasm32")) && matches!(*device, Device::Gpu(_));
        for (kind, [batch, width, z]) in sizes.into_iter().take(if lavapipe { 4 } else { 6 }) {
            let (optimiser, loss, [hidden, latent, last]) = KINDS[kind];
            let mut spec = NetworkSpec::autoencoder(COLS, &[width, 16], z, hidden, last);
            spec.layers[2].activation = latent;
            let training = |whole| Training { noise: Noise::None, optimiser, loss, batch, whole, ..training() };
            let (apart, _) = thirty(&device, &spec, &training(Whole::Never), None).await;
            let (whole, calls) = thirty(&device, &spec, &training(Whole::Quads), None).await;
            assert!(matches!(calls[..], [("whole_quads", _)]), "{calls:?}");
            assert_the_same(&whole, &apart, &format!("{batch}, {width}, {z}, {optimiser:?} on {}", device.name()));
        }
        // A layer, or a batch, of another size has steps of the other kind.
        for (batch, width) in [(8, 9), (9, 8)] {
            let spec = NetworkSpec::autoencoder(COLS, &[width], 4, Activation::Relu, Activation::Sigmoid);
            let training = Training { noise: Noise::None, batch, whole: Whole::Quads, ..training() };
            let (_, calls) = thirty(&device, &spec, &training, None).await;
            assert!(matches!(calls[..], [("whole", _)]), "{calls:?}");
        }
    }
}

/// As many rows and columns that a thread has several tiles of each product: one tile's sums must not be in the next.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_whole_step_of_many_tiles_is_the_same_step() {
    use hourglass::engine::bench::workloads::Workload;
    use hourglass::engine::bench::{Steps, Whole};
    let workload = Workload::named("ecg").unwrap();
    for device in crate::devices().await {
        let apart = Steps::new(&device, &workload, Whole::Never).await.unwrap().loss_first;
        for way in [Whole::Always, Whole::Quads, Whole::Parted] {
            let whole = Steps::new(&device, &workload, way).await.unwrap().loss_first;
            assert!((whole - apart).abs() <= 1e-6, "on {}, {way:?}: {whole}, apart {apart}", device.name());
        }
    }
}
