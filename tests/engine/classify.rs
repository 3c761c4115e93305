//! Softmax cross-entropy and the classifier: kernel against twin, gradients against finite differences and PyTorch.
//! `tests/torch/classify.py` prints every constant of this file.
use crate::check::{Case, check};
use crate::gradients::{distance, exact, hold_to_finite_differences};
use crate::wave;
use hourglass::compute::{Buffer, Device};
use hourglass::kernels::softmax::{SOFTMAX, Softmax};
use hourglass::nn::spec::{Activation, Init, NetworkSpec};
use hourglass::nn::tasks::classify::{Classify, classifier, labels};
use hourglass::nn::{Resident, Rows, Trainer, Training};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const LOSSES: [f64; 4] = [0.929010452592, 0.752544094667, 36.6721191406, 1.38629436112];
const GRADIENT: [f64; 16] = [
    0.0402370769858,
    0.0746127612904,
    -0.151263916697,
    0.0364140784211,
    -0.132208416276,
    0.0595696996602,
    0.0370957178657,
    0.0355429987504,
    0.25,
    -0.25,
    1.01233993865e-129,
    2.00613223513e-175,
    0.0625,
    0.0625,
    0.0625,
    -0.1875,
];
const ADAM: [f64; 12] = [
    1.51010604151,
    1.49585039669,
    1.36008550838,
    1.22505238866,
    1.38019909028,
    1.42473383478,
    1.31753290743,
    1.24785340908,
    1.35151012617,
    1.40166333699,
    1.31057051915,
    1.25128318148,
];

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn softmax() {
    let _kept = crate::devices().await;
    // One class; fewer, as many and more than threads; a row whose values are far apart.
    for (rows, cols) in [(1, 1), (7, 2), (3, 10), (2, 63), (3, 64), (5, 65), (4, 130)] {
        for large in [1.0, 30.0, 1e30] {
            let y = wave(rows * cols, 0).iter().map(|y| y * large).collect();
            let goal = (0..rows).map(|row| (row * 37 % cols) as f32).collect();
            check(Case {
                kernel: &SOFTMAX,
                params: Softmax { rows, cols, scale: 0.25 },
                words: [],
                reads: [y, goal],
                writes: [wave(rows * cols, 2), wave(rows, 3)],
                // A GPU's exponential is off by 3 + 2 |x| units, and counts for little where |x| is large.
                tolerance: |expected, _| 4e-6 + 4e-6 * expected.abs(),
            })
            .await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn what_is_not_finite_shows_in_the_loss_of_its_row() {
    for device in crate::devices().await {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut y = vec![0.5; 3 * 70];
            y[70 + 66] = bad;
            let (y, goal) = (device.buffer(&y), device.buffer(&[0.0, 1.0, 2.0]));
            let (dy, sums) = (device.zeros(3 * 70), device.zeros(3));
            let params = device.uniform(Softmax { rows: 3, cols: 70, scale: 1.0 });
            device.run(&device.plan(vec![SOFTMAX.call(&params, [&y, &goal], [&dy, &sums])]), 1);
            let sums = device.read(&sums).await.unwrap();
            let finite: Vec<_> = sums.iter().map(|sum| sum.is_finite()).collect();
            assert_eq!(finite, [true, false, true], "{bad} on {}: {sums:?}", device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn loss_and_gradient_are_pytorchs() {
    let y: Vec<f32> = wave(8, 0).into_iter().chain(wave(4, 1).iter().map(|y| y * 300.0)).chain([-2.5; 4]).collect();
    for device in crate::devices().await.into_iter().chain([Rc::new(Device::Exact)]) {
        let (y, goal) = (device.buffer(&y), device.buffer(&[2.0, 0.0, 1.0, 3.0]));
        let (dy, sums) = (device.zeros(16), device.zeros(4));
        let params = device.uniform(Softmax { rows: 4, cols: 4, scale: 0.25 });
        device.run(&device.plan(vec![SOFTMAX.call(&params, [&y, &goal], [&dy, &sums])]), 1);
        let got = device.read_all(&[&sums, &dy]).await.unwrap();
        for (got, expected) in [(&got[0], &LOSSES[..]), (&got[1], &GRADIENT[..])] {
            for (got, expected) in got.iter().map(|&x| f64::from(x)).zip(expected) {
                let close = (got - expected).abs() <= 1e-5 * expected.abs().max(0.01);
                assert!(close, "{}: {got}, PyTorch has {expected}", device.name());
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_classifier_learns_as_pytorchs() {
    let spec = classifier(&NetworkSpec::autoencoder(8, &[6], 3, Activation::Relu, Activation::Sigmoid), 4);
    assert_eq!((spec.widths(), spec.encoder), (vec![8, 6, 3, 4], 2));
    let data: Vec<f32> = wave(160, 0).iter().map(|x| x.abs()).collect();
    let known: Vec<u8> = (0..20).map(|i| i % 4).collect();
    for device in crate::devices().await.into_iter().chain([Rc::new(Device::Exact)]) {
        let inputs = Resident::new(&device, Rows::Floats(&data), 8).unwrap();
        let labels = labels(&device, &known).unwrap();
        let training = Training { rate: 0.01, batch: 5, seed: 7, shuffle: false, ..Training::default() };
        let task = Classify { inputs: &inputs, labels: &labels };
        let mut trainer = Trainer::with_task(device.clone(), &spec, training, &task);
        trainer.run(12);
        let got = trainer.snapshot(false).await.unwrap().losses;
        assert_eq!(got.len(), ADAM.len());
        for (step, (got, expected)) in got.iter().zip(ADAM).enumerate() {
            let close = (f64::from(*got) - expected).abs() <= 1e-5 * expected;
            assert!(close, "step {} on {}: {got}, PyTorch has {expected}", step + 1, device.name());
        }
    }
}

const INPUTS: u32 = 6;
const BATCH: u32 = 7;

fn specs() -> [NetworkSpec; 3] {
    let of = |widths: &[u32], z, hidden| NetworkSpec::autoencoder(INPUTS, widths, z, hidden, Activation::Identity);
    [
        classifier(&of(&[5], 2, Activation::Tanh), 4),
        classifier(&of(&[5, 4], 3, Activation::LeakyRelu), 2),
        classifier(&of(&[], 3, Activation::Relu), 9),
    ]
}

/// Frozen; in an order of its own, so that labels which do not follow their inputs show. And the class of each of them.
fn frozen(device: &Rc<Device>, spec: &NetworkSpec) -> (Trainer, Vec<u8>) {
    let data: Vec<f32> = wave(INPUTS * BATCH, 0).iter().map(|x| x * 3.0).collect();
    let classes = spec.layers.last().unwrap().outputs;
    let known: Vec<u8> = (0..BATCH).map(|i| (i * i % classes) as u8).collect();
    let inputs = Resident::new(device, Rows::Floats(&data), INPUTS).unwrap();
    let labels = labels(device, &known).unwrap();
    let training = Training { init: Init::Torch, batch: BATCH, seed: 3, frozen: true, ..Training::default() };
    let task = Classify { inputs: &inputs, labels: &labels };
    (Trainer::with_task(device.clone(), spec, training, &task), known)
}

/// The loss by its definition: not by the kernel that the gradient is of. Each input is found among the data by its
/// values, and so is its class.
fn loss_of(trainer: &Trainer, known: &[u8]) -> f64 {
    let data: Vec<f64> = wave(INPUTS * BATCH, 0).iter().map(|x| f64::from(x * 3.0)).collect();
    let (x, y) = (exact(&trainer.input), exact(trainer.outputs.last().unwrap()));
    let classes = y.len() / BATCH as usize;
    let rows = x.chunks(INPUTS as usize).zip(y.chunks(classes)).map(|(x, y)| {
        let at = data.chunks(INPUTS as usize).position(|row| row == x).unwrap();
        y.iter().map(|y| y.exp()).sum::<f64>().ln() - y[usize::from(known[at])]
    });
    rows.sum::<f64>() / f64::from(BATCH)
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_gradient_is_that_of_the_cross_entropy() {
    for spec in specs() {
        let (mut trainer, known) = frozen(&Rc::new(Device::Exact), &spec);
        trainer.run(1);
        let first = exact(&trainer.input);
        let gradient = exact(&trainer.weights.first);
        let Buffer::Exact(weights) = trainer.weights.values.clone() else { unreachable!() };
        hold_to_finite_differences(&format!("{:?}", spec.layers), &gradient, &mut |i, add| {
            let original = weights.borrow()[i];
            weights.borrow_mut()[i] = original + add;
            trainer.run(1);
            weights.borrow_mut()[i] = original;
            loss_of(&trainer, &known)
        });
        assert_ne!(exact(&trainer.input), first, "each epoch has another order");
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_finds_the_same_gradient() {
    for spec in specs() {
        let (mut reference, _) = frozen(&Rc::new(Device::Exact), &spec);
        reference.run(1);
        let expected: Vec<f32> = exact(&reference.weights.first).iter().map(|&g| g as f32).collect();
        for device in crate::devices().await {
            let (mut trainer, _) = frozen(&device, &spec);
            trainer.run(1);
            let got = device.read(&trainer.weights.first).await.unwrap();
            let error = distance(&got, &expected);
            assert!(error <= 1e-5, "{:?} on {}: relative error {error:.1e}", spec.layers, device.name());
        }
    }
}
