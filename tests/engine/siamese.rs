//! Learning by pairs: the loss and its gradient against PyTorch and finite differences, the task on every device, and the
//! lesson's questions.
#[cfg(not(target_arch = "wasm32"))]
pub mod lesson;

use crate::check::{Case, U, check, exact as to_the_bit};
use crate::gradients::{distance, exact, hold_to_finite_differences};
use crate::wave;
use hourglass::compute::{Buffer, Device};
use hourglass::kernels::clock;
use hourglass::kernels::pairs::{CONTRASTIVE, COUPLE, Contrastive, Couple};
use hourglass::nn::part;
use hourglass::nn::spec::{Activation, Init, NetworkSpec};
use hourglass::nn::tasks::pairs::Pairs;
use hourglass::nn::{Resident, Rows, State, Trainer, Training};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const MARGIN: f32 = 0.75;
const ROWS: u32 = 7;
const COLS: u32 = 3;
const SAME: [f32; 7] = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];

/// The codes of tests/torch/contrastive.py: distances of 0, of the margin, within it and beyond.
fn codes() -> Vec<f32> {
    let mut z = wave(2 * ROWS * COLS, 0);
    let mut second = |row: usize, add: [f32; 3]| {
        for (col, add) in add.into_iter().enumerate() {
            z[(7 + row) * 3 + col] = z[row * 3 + col] + add;
        }
    };
    second(0, [0.0; 3]);
    second(1, [0.0; 3]);
    second(2, [0.0, MARGIN, 0.0]);
    second(4, [0.1, -0.2, 0.05]);
    second(5, [0.1, -0.2, 0.05]);
    z
}

/// The gradient of the mean, and the losses.
async fn by_kernel(device: &Device, z: &Buffer) -> [Vec<f32>; 2] {
    let params = Contrastive { rows: ROWS, cols: COLS, margin: MARGIN, scale: 1.0 / ROWS as f32 };
    let (dz, sums) = (device.zeros(42), device.zeros(7));
    let call = CONTRASTIVE.call(&device.uniform(params), [z, &device.buffer(&SAME)], [&dz, &sums]);
    device.run(&device.plan(vec![call]), 1);
    device.read_all(&[&dz, &sums]).await.unwrap().try_into().unwrap()
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_contrastive_loss_is_that_of_pytorch() {
    let losses = [0.5625, 0.0, 0.0, 2.935_104_435, 0.271_306_823, 0.0525, 0.0];
    let half = [
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        -0.188_927_131,
        0.153_994_961,
        0.424_490_817,
        0.064_950_524,
        -0.129_901_049,
        0.032_475_262,
        -0.028_571_429,
        0.057_142_857,
        -0.014_285_714,
        0.0,
        0.0,
        0.0,
    ];
    let mut devices = crate::devices().await;
    devices.push(Rc::new(Device::Exact));
    for device in devices {
        let [dz, sums] = by_kernel(&device, &device.buffer(&codes())).await;
        for (i, (&got, expected)) in sums.iter().zip(losses).enumerate() {
            assert!((f64::from(got) - expected).abs() <= 1e-5, "loss {i}: {got} on {}", device.name());
        }
        let both = half.into_iter().chain(half.into_iter().map(|g: f64| -g));
        for (i, (&got, expected)) in dz.iter().zip(both).enumerate() {
            assert!((f64::from(got) - expected).abs() <= 1e-5, "gradient {i}: {got}, {expected} on {}", device.name());
        }
    }
}

/// The mean over pairs, by its definition.
fn loss_of(z: &[f64], same: &[f64], cols: usize, margin: f64) -> f64 {
    let (first, second) = z.split_at(z.len() / 2);
    let pairs = first.chunks(cols).zip(second.chunks(cols)).zip(same);
    let loss = |((a, b), y): ((&[f64], &[f64]), &f64)| {
        let d = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        y * d * d + (1.0 - y) * (margin - d).max(0.0).powi(2)
    };
    pairs.map(loss).sum::<f64>() / same.len() as f64
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn its_gradient_is_that_of_finite_differences_also_at_no_distance_and_at_the_margin() {
    let device = Device::Exact;
    let z: Vec<f64> = codes().into_iter().map(f64::from).collect();
    let same = SAME.map(f64::from);
    let buffer = device.buffer(&codes());
    let params = Contrastive { rows: ROWS, cols: COLS, margin: MARGIN, scale: 1.0 };
    let (dz, sums) = (device.zeros(42), device.zeros(7));
    let call = CONTRASTIVE.call(&device.uniform(params), [&buffer, &device.buffer(&SAME)], [&dz, &sums]);
    device.run(&device.plan(vec![call]), 1);
    for (i, ours) in exact(&dz).into_iter().enumerate() {
        let look = |add: f64| {
            let mut z = z.clone();
            z[i] += add;
            loss_of(&z, &same, 3, MARGIN.into()) * 7.0
        };
        let step = 1e-6;
        // Where the margin begins the slope is 0 on both sides, but the curve bends on one of them: half a step is left.
        let numerical = (look(step) - look(-step)) / (2.0 * step);
        assert!((numerical - ours).abs() <= 1e-6, "code {i}: {numerical} by finite differences, {ours}");
    }
}

const INPUTS: u32 = 6;
const BATCH: u32 = 5;

fn pairs() -> Vec<(u32, u32, bool)> {
    vec![(0, 3, true), (1, 2, false), (4, 0, false), (3, 1, true), (2, 4, false)]
}

/// Frozen, with as many pairs as the batch: every step is the same step.
fn trainer(device: &Rc<Device>, spec: &NetworkSpec, frozen: bool) -> Trainer {
    let data: Vec<f32> = wave(INPUTS * 5, 0).iter().map(|x| x.abs() * 0.9 + 0.05).collect();
    let data = Resident::new(device, Rows::Floats(&data), INPUTS).unwrap();
    let task = Pairs::new(device, &data, &pairs(), 1.5).unwrap();
    let (init, rate) = (Init::Torch, 1e-2);
    let training = Training { init, rate, batch: BATCH, seed: 3, shuffle: !frozen, frozen, ..Training::default() };
    Trainer::with_task(device.clone(), spec, training, &task)
}

fn encoders() -> [NetworkSpec; 2] {
    [
        part::encoder(&NetworkSpec::autoencoder(INPUTS, &[5, 4], 3, Activation::Tanh, Activation::Identity)),
        part::encoder(&NetworkSpec::autoencoder(INPUTS, &[], 2, Activation::Relu, Activation::Identity)),
    ]
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn both_sides_go_through_the_same_weights_and_both_teach_them() {
    let device = Rc::new(Device::Exact);
    for spec in encoders() {
        let mut trainer = trainer(&device, &spec, true);
        assert_eq!(exact(&trainer.input).len(), (2 * BATCH * INPUTS) as usize);
        let start: State = trainer.state().await.unwrap();
        let same: Vec<f64> = pairs().iter().map(|&(.., same)| f64::from(u8::from(same))).collect();
        let mut look = |i: usize, add: f64| {
            trainer.restore(&start);
            let Buffer::Exact(values) = trainer.weights.values.clone() else { unreachable!() };
            values.borrow_mut()[i] += add;
            trainer.run(1);
            let z = exact(trainer.outputs.last().unwrap());
            (loss_of(&z, &same, spec.z() as usize, 1.5), exact(&trainer.weights.first))
        };
        let (loss, gradient) = look(0, 0.0);
        assert!(loss > 0.1 && gradient.iter().any(|g| g.abs() > 1e-3), "{loss}: there is nothing to learn");
        hold_to_finite_differences(&format!("{:?}", spec.layers), &gradient, &mut |i, add| look(i, add).0);
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_learns_the_same_by_pairs() {
    for spec in encoders() {
        let mut reference = trainer(&Rc::new(Device::Exact), &spec, true);
        reference.run(1);
        let expected: Vec<f32> = exact(&reference.weights.first).iter().map(|&w| w as f32).collect();
        for device in crate::devices().await {
            let mut still = trainer(&device, &spec, true);
            still.run(1);
            let got = device.read(&still.weights.first).await.unwrap();
            let error = distance(&got, &expected);
            assert!(error <= 1e-5, "{:?} on {}: relative error {error:.1e}", spec.layers, device.name());
            let mut moving = trainer(&device, &spec, false);
            moving.run(30);
            let losses = moving.snapshot(false).await.unwrap().losses;
            assert!(losses[29] < 0.7 * losses[0], "nothing was learned on {}: {losses:?}", device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn pairs_that_point_outside_are_refused() {
    let device = Device::Processor;
    let data = Resident::new(&device, Rows::Floats(&[0.0; 12]), 3).unwrap();
    assert!(Pairs::new(&device, &data, &[(0, 3, true)], 1.0).is_some());
    assert!(Pairs::new(&device, &data, &[(0, 4, true)], 1.0).is_none());
    assert!(Pairs::new(&device, &data, &[], 1.0).is_none());
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn couple() {
    let _kept = crate::devices().await;
    for (rows, cols, len) in [(1, 1, 1), (3, 7, 5), (33, 64, 20), (2, 784, 9), (5, 65, 3)] {
        for (bytes, shuffle) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut clock = vec![0.0; clock::LEN];
            (clock[clock::EPOCH], clock[clock::START]) = (3.0, (len - 1) as f32);
            let inputs = 11;
            let words = (0..inputs * cols).map(|i| match bytes {
                0 => wave(inputs * cols, 0)[i as usize].to_bits(),
                _ => i.wrapping_mul(0x9e37_79b9),
            });
            let list = (0..len).flat_map(|pair| [pair * 7 % inputs, (pair * 5 + 3) % inputs, pair % 2]);
            check(Case {
                kernel: &COUPLE,
                params: Couple { rows, cols, len, bytes, shuffle, seed_low: 7, seed_high: 1 },
                words: [words.collect(), list.collect()],
                reads: [clock],
                writes: [wave(2 * rows * cols, 1), wave(rows, 2)],
                tolerance: to_the_bit(),
            })
            .await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn contrastive() {
    let _kept = crate::devices().await;
    for (rows, cols) in [(1, 1), (2, 63), (3, 64), (5, 65), (33, 8), (4, 300)] {
        for margin in [0.5, 1.0, 40.0] {
            let mut z = wave(2 * rows * cols, 0);
            let (first, second) = z.split_at_mut((rows * cols) as usize);
            // The first pair has no distance, the second that of the margin.
            second[..cols as usize].copy_from_slice(&first[..cols as usize]);
            if rows > 1 {
                let part = cols as usize..2 * cols as usize;
                second[part.clone()].copy_from_slice(&first[part]);
                first[cols as usize] = 0.0;
                second[cols as usize] = margin;
            }
            for turn in 0..2 {
                check(Case {
                    kernel: &CONTRASTIVE,
                    params: Contrastive { rows, cols, margin, scale: 0.25 },
                    words: [],
                    reads: [z.clone(), (0..rows).map(|row| ((row + turn) % 2) as f32).collect()],
                    writes: [wave(2 * rows * cols, 2), wave(rows, 3)],
                    tolerance: |expected, size| 64.0 * U * (size + expected.abs()) + 2e-6,
                })
                .await;
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn what_is_not_finite_shows_in_the_contrastive_loss() {
    for device in crate::devices().await {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for (same, at) in [(0.0, 66), (1.0, 66), (0.0, 139), (1.0, 139)] {
                let mut z = vec![0.5; 140];
                z[at] = bad;
                let params = Contrastive { rows: 1, cols: 70, margin: 1.0, scale: 1.0 };
                let (dz, sums) = (device.zeros(140), device.zeros(1));
                let reads = [&device.buffer(&z), &device.buffer(&[same])];
                device.run(&device.plan(vec![CONTRASTIVE.call(&device.uniform(params), reads, [&dz, &sums])]), 1);
                let sum = device.read(&sums).await.unwrap()[0];
                assert!(!sum.is_finite(), "{bad} in z gave the loss {sum} on {}", device.name());
            }
        }
    }
}
