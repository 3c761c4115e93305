//! The gradient of a variational bottleneck: the twins in f64 against finite differences of the loss by its definition,
//! then every device against the twins.
use crate::gradients::{distance, exact, hold_to_finite_differences};
use hourglass::compute::{Buffer, Call, Device};
use hourglass::nn::spec::{Activation, Init, LayerSpec, NetworkSpec};
use hourglass::nn::task::{Fed, Signals, Stage, Task};
use hourglass::nn::variational::Variational;
use hourglass::nn::{Resident, Rows, State, Trainer, Training};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const INPUTS: u32 = 6;
const BATCH: u32 = 7;
const BETA: f32 = 0.75;

/// One layer before z, so that its signal goes two ways; and none, so that x does.
fn cases() -> [NetworkSpec; 3] {
    [
        NetworkSpec::autoencoder(INPUTS, &[5], 2, Activation::Tanh, Activation::Identity),
        NetworkSpec::autoencoder(INPUTS, &[5, 4], 3, Activation::LeakyRelu, Activation::Sigmoid),
        NetworkSpec::autoencoder(INPUTS, &[], 3, Activation::Relu, Activation::Identity),
    ]
}

/// Keeps what a test wants to see of a step.
struct Watched<'a> {
    task: Variational<'a>,
    log: RefCell<Option<Buffer>>,
}

impl Task for Watched<'_> {
    fn examples(&self) -> u32 {
        self.task.examples()
    }
    fn layer(&self) -> Option<LayerSpec> {
        self.task.layer()
    }
    fn scale(&self, stage: &Stage) -> f32 {
        self.task.scale(stage)
    }
    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed {
        self.task.feed(stage, calls)
    }
    fn forward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        self.task.forward(stage, signals, calls);
        *self.log.borrow_mut() = Some(self.task.spread(stage).log.clone());
    }
    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>) {
        self.task.loss(stage, signals, target, sums, calls);
    }
    fn backward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        self.task.backward(stage, signals, calls);
    }
}

/// Frozen; and the buffer of ln σ².
fn trainer(device: &Rc<Device>, spec: &NetworkSpec) -> (Trainer, Buffer) {
    let data: Vec<f32> = crate::wave(INPUTS * BATCH, 0).iter().map(|x| x.abs() * 0.9 + 0.05).collect();
    let data = Resident::new(device, Rows::Floats(&data), INPUTS).unwrap();
    let task = Watched { task: Variational::new(&data, spec), log: RefCell::default() };
    let training = Training {
        init: Init::Torch,
        batch: BATCH,
        seed: 3,
        shuffle: false,
        frozen: true,
        variational: Some(BETA),
        ..Training::default()
    };
    let trainer = Trainer::with_task(device.clone(), spec, training, &task);
    let log = task.log.take().unwrap();
    (trainer, log)
}

/// Squared error plus β KL, both of them per value of the input.
fn loss_of(trainer: &Trainer, log: &Buffer) -> f64 {
    let (x, y) = (exact(&trainer.input), exact(trainer.outputs.last().unwrap()));
    let mean = exact(&trainer.outputs[trainer.weights.spec.encoder - 1]);
    let error: f64 = x.iter().zip(&y).map(|(x, y)| (x - y).powi(2)).sum();
    let divergence: f64 = mean.iter().zip(exact(log)).map(|(m, log)| 0.5 * (m * m + log.exp() - 1.0 - log)).sum();
    (error + f64::from(BETA) * divergence) / x.len() as f64
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_gradient_is_that_of_reconstruction_and_divergence() {
    let device = Rc::new(Device::Exact);
    for spec in cases() {
        let (mut trainer, log) = trainer(&device, &spec);
        let start: State = trainer.state().await.unwrap();
        // The codes are drawn anew each step: every look is at the first.
        let mut look = |i: usize, add: f64| {
            trainer.restore(&start);
            let Buffer::Exact(values) = trainer.weights.values.clone() else { unreachable!() };
            values.borrow_mut()[i] += add;
            trainer.run(1);
            (loss_of(&trainer, &log), exact(&trainer.weights.first))
        };
        let (_, gradient) = look(0, 0.0);
        assert_eq!(gradient.len(), start.values.len());
        assert!(gradient.len() > spec.parameters(), "ln σ² has weights too");
        hold_to_finite_differences(&format!("{:?}", spec.layers), &gradient, &mut |i, add| look(i, add).0);
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_draws_the_same_codes_and_finds_the_same_gradient() {
    for spec in cases() {
        let (mut reference, _) = trainer(&Rc::new(Device::Exact), &spec);
        reference.run(1);
        let expected: Vec<f32> = exact(&reference.weights.first).iter().map(|&g| g as f32).collect();
        for device in crate::devices().await {
            let (mut trainer, _) = trainer(&device, &spec);
            trainer.run(1);
            let got = device.read(&trainer.weights.first).await.unwrap();
            let error = distance(&got, &expected);
            // A GPU's cosine is good to 2⁻¹¹ only, and codes are drawn with it.
            assert!(error <= 1e-3, "{:?} on {}: relative error {error:.1e}", spec.layers, device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_high_price_pulls_the_codes_to_the_middle() {
    let spec = NetworkSpec::autoencoder(INPUTS, &[5], 2, Activation::Tanh, Activation::Identity);
    for device in crate::devices().await {
        let data: Vec<f32> = crate::wave(INPUTS * 64, 0);
        let data = Resident::new(&device, Rows::Floats(&data), INPUTS).unwrap();
        let mut spreads = Vec::new();
        for variational in [Some(0.01), Some(10.0)] {
            let training = Training { batch: 16, seed: 3, rate: 2e-2, variational, ..Training::default() };
            let mut trainer = Trainer::new(device.clone(), &spec, training, &data);
            trainer.run(150);
            let snapshot = trainer.snapshot(true).await.unwrap();
            assert_eq!(snapshot.bad, None);
            assert_eq!(snapshot.weights.map(|weights| weights.len()), Some(spec.parameters()));
            let codes = device.read(&trainer.outputs[spec.encoder - 1]).await.unwrap();
            spreads.push(codes.iter().map(|z| z * z).sum::<f32>() / codes.len() as f32);
        }
        let name = device.name();
        assert!(spreads[1] < 0.01, "with β = 10 the codes say nothing: {spreads:?} on {name}");
        assert!(spreads[0] > 0.05, "with a small β they say much: {spreads:?} on {name}");
    }
}

#[test]
fn the_layer_beside_counts_among_the_parameters_that_must_fit() {
    use hourglass::lessons::recipe::{Recipe, RecipeError, limits};
    let plain = Recipe { encoder: vec![4096, 3090], z: 256, ..Recipe::default() };
    let parameters = plain.network(784, true).unwrap().parameters();
    assert!(parameters <= limits::PARAMETERS);
    let refused = Recipe { variational: Some(1.0), ..plain }.network(784, true);
    let counted = RecipeError::TooLarge { parameters: parameters + 3091 * 256, most: limits::PARAMETERS };
    assert_eq!(refused, Err(counted));
}
