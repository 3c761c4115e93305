//! The gradient of every weight of small networks: the twins in f64 against finite differences, then every device
//! against the twins.
use hourglass::compute::{Buffer, Device};
use hourglass::nn::spec::{Activation, Loss, NetworkSpec};
use hourglass::nn::{Resident, Rows, Trainer, Training};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const INPUTS: u32 = 6;
const BATCH: u32 = 7;

/// Every activation inside, with every loss that goes with an output.
fn cases() -> Vec<(NetworkSpec, Loss)> {
    let mut cases = Vec::new();
    for hidden in Activation::ALL {
        for (output, loss) in [
            (Activation::Identity, Loss::Mse),
            (Activation::Tanh, Loss::Mse),
            (Activation::Sigmoid, Loss::Mse),
            (Activation::Sigmoid, Loss::Bce),
        ] {
            cases.push((NetworkSpec::autoencoder(INPUTS, &[5], 2, hidden, output), loss));
        }
    }
    cases.push((NetworkSpec::autoencoder(INPUTS, &[], 3, Activation::Relu, Activation::Identity), Loss::Mse));
    cases.push((NetworkSpec::autoencoder(INPUTS, &[5, 4, 3], 2, Activation::Tanh, Activation::Sigmoid), Loss::Bce));
    cases
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_twins_match_finite_differences() {
    let mut worst = 0f64;
    for (spec, loss) in cases() {
        let mut trainer = trainer(Rc::new(Device::Exact), &spec, loss);
        trainer.run(1);
        let gradient = exact(&trainer.weights.first);
        let Buffer::Exact(values) = trainer.weights.values.clone() else { unreachable!() };
        let what = format!("{loss:?}, {:?}", spec.layers);
        let error = hold_to_finite_differences(&what, &gradient, &mut |i, add| {
            let original = values.borrow()[i];
            values.borrow_mut()[i] = original + add;
            trainer.run(1);
            values.borrow_mut()[i] = original;
            loss_of(&trainer, loss)
        });
        worst = worst.max(error);
    }
    println!("worst relative difference between a gradient and its finite difference: {worst:.1e}");
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_matches_the_twins() {
    for (spec, loss) in cases() {
        let expected = gradient(Rc::new(Device::Exact), &spec, loss).await;
        for device in crate::devices().await {
            let got = gradient(device.clone(), &spec, loss).await;
            let mut at = 0;
            for (l, layer) in spec.layers.iter().enumerate() {
                let w = (layer.inputs * layer.outputs) as usize;
                for (name, len) in [("W", w), ("b", layer.outputs as usize)] {
                    let part = at..at + len;
                    let error = distance(&got[part.clone()], &expected[part]);
                    let device = device.name();
                    assert!(error <= 1e-5, "{loss:?}, layer {l}, {name} on {device}: relative error {error:.1e}");
                    at += len;
                }
            }
        }
    }
}

/// Holds a gradient to the finite differences of `loss_at`, which is given a weight and what to add to it: the largest
/// relative difference.
pub fn hold_to_finite_differences(what: &str, gradient: &[f64], loss_at: &mut dyn FnMut(usize, f64) -> f64) -> f64 {
    // Where truncation and rounding are both below 1e-8 in f64.
    let step = 1e-5;
    let mut worst = 0f64;
    for (i, ours) in gradient.iter().enumerate() {
        let numerical = (loss_at(i, step) - loss_at(i, -step)) / (2.0 * step);
        let error = (numerical - ours).abs() / (1e-3 + numerical.abs());
        assert!(error <= 1e-6, "{what}: weight {i}: finite differences say {numerical}, the backward pass {ours}");
        worst = worst.max(error);
    }
    worst
}

/// What a buffer holds in f64.
pub fn exact(buffer: &Buffer) -> Vec<f64> {
    let Buffer::Exact(values) = buffer else { unreachable!() };
    values.borrow().clone()
}

/// |a − b| / |b|, over a whole tensor.
pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b)));
    difference / norm(&mut b.iter().map(|&b| f64::from(b))).max(1e-12)
}

async fn gradient(device: Rc<Device>, spec: &NetworkSpec, loss: Loss) -> Vec<f32> {
    let mut trainer = trainer(device.clone(), spec, loss);
    trainer.run(1);
    device.read(&trainer.weights.first).await.unwrap()
}

/// Frozen, and with as many inputs as the batch: every step is the same step.
fn trainer(device: Rc<Device>, spec: &NetworkSpec, loss: Loss) -> Trainer {
    let data: Vec<f32> = crate::wave(INPUTS * BATCH, 0).iter().map(|x| x.abs() * 0.9 + 0.05).collect();
    let data = Resident::new(&device, Rows::Floats(&data), INPUTS).unwrap();
    let init = hourglass::nn::spec::Init::Torch;
    let training = Training { loss, init, batch: BATCH, seed: 3, shuffle: false, frozen: true, ..Training::default() };
    Trainer::new(device, spec, training, &data)
}

/// The loss by its definition, from what the last step read and made: not by the kernel that the gradient is of.
fn loss_of(trainer: &Trainer, loss: Loss) -> f64 {
    let (target, y) = (exact(&trainer.input), exact(trainer.outputs.last().unwrap()));
    let terms = y.iter().zip(&target).map(|(y, t)| match loss {
        Loss::Mse => (y - t).powi(2),
        Loss::Bce => -(t * y.ln() + (1.0 - t) * (1.0 - y).ln()),
    });
    terms.sum::<f64>() / y.len() as f64
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn one_sgd_step_is_the_gradient() {
    // (w_before − w_after) / η: how anybody can look at a gradient from outside.
    let (spec, loss) = cases().swap_remove(2);
    for device in crate::devices().await {
        let data: Vec<f32> = crate::wave(INPUTS * BATCH, 0).iter().map(|x| x.abs() * 0.9 + 0.05).collect();
        let data = Resident::new(&device, Rows::Floats(&data), INPUTS).unwrap();
        let training = Training {
            loss,
            optimiser: hourglass::nn::spec::Optimiser::Sgd,
            // A power of two, so large that the weights' own digits do not drown the gradient's.
            rate: 16_384.0,
            init: hourglass::nn::spec::Init::Torch,
            batch: BATCH,
            seed: 3,
            shuffle: false,
            ..Training::default()
        };
        let mut trainer = Trainer::new(device.clone(), &spec, training, &data);
        let before = device.read(&trainer.weights.values).await.unwrap();
        trainer.run(1);
        let after = device.read(&trainer.weights.values).await.unwrap();
        let step: Vec<f32> = before.iter().zip(after).map(|(before, after)| (before - after) / 16_384.0).collect();
        let error = distance(&step, &gradient(Rc::new(Device::Exact), &spec, loss).await);
        assert!(error < 1e-5, "relative error {error:.1e} on {}", device.name());
    }
}
