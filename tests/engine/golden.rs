//! Losses that PyTorch computed, for what the twins cannot vouch for themselves: `tests/torch/golden.py` prints
//! every constant of this file.
use hourglass::compute::Device;
use hourglass::nn::spec::{Activation, Loss, NetworkSpec, Optimiser};
use hourglass::nn::{Resident, Rows, Trainer, Training};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const SGD: [f32; 12] = [
    0.1397872, 0.1441745, 0.1409737, 0.1314395, 0.1384789, 0.1402207, 0.13653, 0.129361, 0.1368698, 0.1373896,
    0.1336835, 0.1278393,
];
const MOMENTUM: [f32; 12] = [
    0.4755778, 0.366143, 0.2678251, 0.2033924, 0.2107562, 0.1613939, 0.1388554, 0.1790615, 0.1510493, 0.1180877,
    0.1074698, 0.1378216,
];
const ADAM: [f32; 12] = [
    0.1396324, 0.1423464, 0.1386206, 0.133156, 0.1324989, 0.1327069, 0.1291333, 0.1280643, 0.1289677, 0.1266992,
    0.1227661, 0.1213549,
];
const ADAM_BCE: [f32; 12] = [
    0.7327266, 0.7283193, 0.7300422, 0.738019, 0.7052728, 0.7023164, 0.7055975, 0.716724, 0.6916016, 0.6880204,
    0.6910825, 0.7027792,
];

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn sgd() {
    let training = Training { optimiser: Optimiser::Sgd, rate: 0.5, ..small() };
    learns_as_pytorch(training, Activation::Relu, Activation::Sigmoid, SGD).await;
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn momentum() {
    let training = Training { optimiser: Optimiser::Momentum, rate: 0.1, ..small() };
    learns_as_pytorch(training, Activation::Tanh, Activation::Identity, MOMENTUM).await;
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn adam() {
    learns_as_pytorch(small(), Activation::LeakyRelu, Activation::Sigmoid, ADAM).await;
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn cross_entropy() {
    let training = Training { loss: Loss::Bce, ..small() };
    learns_as_pytorch(training, Activation::Sigmoid, Activation::Sigmoid, ADAM_BCE).await;
}

fn small() -> Training {
    Training { rate: 0.01, batch: 5, seed: 7, shuffle: false, ..Training::default() }
}

/// 8-6-3-6-8 on 20 inputs in file order, batches of 5: the loss of each of 12 steps.
async fn learns_as_pytorch(training: Training, hidden: Activation, output: Activation, expected: [f32; 12]) {
    let spec = NetworkSpec::autoencoder(8, &[6], 3, hidden, output);
    let data: Vec<f32> = crate::wave(160, 0).iter().map(|x| x.abs()).collect();
    for device in crate::devices().await.into_iter().chain([Rc::new(Device::Exact)]) {
        let resident = Resident::new(&device, Rows::Floats(&data), 8).unwrap();
        let mut trainer = Trainer::new(device.clone(), &spec, training.clone(), &resident);
        trainer.run(12);
        let got = trainer.snapshot(false).await.unwrap().losses;
        for (step, (got, expected)) in got.iter().zip(expected).enumerate() {
            // Both sides round to f32 in every operation; a wrong formula is off in the third digit by step 2.
            let close = (got - expected).abs() <= 2e-5 * expected;
            assert!(close, "step {} on {}: {got}, PyTorch has {expected}", step + 1, device.name());
        }
        assert_eq!(got.len(), expected.len());
    }
}

/// The lab's network on MNIST, batch 32: the loss of every tenth of 200 steps, and the last.
#[cfg(not(target_arch = "wasm32"))]
const LAB: [f32; 21] = [
    0.2475521, 0.1458246, 0.07729027, 0.0680324, 0.06467925, 0.05905267, 0.05596261, 0.05219579, 0.05240768,
    0.04974654, 0.04941613, 0.04477717, 0.04501406, 0.04422355, 0.04303102, 0.03884981, 0.03735984, 0.03863825,
    0.03869582, 0.03839722, 0.03274928,
];

#[cfg(not(target_arch = "wasm32"))]
#[pollster::test]
async fn the_lab_on_mnist_follows_pytorch_and_reaches_its_error() {
    let Some(mnist) = crate::mnist("the_lab_on_mnist_follows_pytorch_and_reaches_its_error") else { return };
    let spec = NetworkSpec::autoencoder(784, &[250, 100], 10, Activation::Relu, Activation::Sigmoid);
    let training = Training { batch: 32, seed: 42, ..Training::default() };
    for device in crate::devices().await {
        let train = Resident::new(&device, Rows::Bytes(&mnist.train), 784).unwrap();
        let mut trainer = Trainer::new(device.clone(), &spec, training.clone(), &train);
        trainer.run(200);
        let losses = trainer.snapshot(false).await.unwrap().losses;
        let got = losses.iter().step_by(10).chain(losses.last());
        for (i, (got, expected)) in got.zip(LAB).enumerate() {
            let close = (got - expected).abs() <= 0.01 * expected;
            assert!(close, "step {} on {}: {got}, PyTorch has {expected}", i * 10 + 1, device.name());
        }
        // The whole run on the processor only: software that plays a GPU would take minutes for the same numbers.
        if matches!(*device, Device::Processor) {
            for _ in 0..2 {
                trainer.run(700);
                trainer.snapshot(false).await.unwrap();
            }
            let test = Resident::new(&device, Rows::Bytes(&mnist.test), 784).unwrap();
            let evaluator =
                hourglass::nn::Evaluator::new(trainer.device(), &trainer.weights, &test, Loss::Mse, test.len, 500);
            evaluator.run(evaluator.pieces);
            let errors = evaluator.errors().await.unwrap();
            let summed = errors.iter().map(|&e| f64::from(e)).sum::<f64>() / errors.len() as f64 * 784.0;
            println!("lab, 1,600 steps, {}: {summed:.3} per image", device.name());
            // PyTorch with the same weights and batches: 16.632.
            assert!((summed - 16.632).abs() < 0.5, "{summed} per image after 1,600 steps");
        }
    }
}
