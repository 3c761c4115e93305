//! A network's weights on a device, and its passes as lists of kernel calls.
use super::spec::{Init, LayerSpec, NetworkSpec};
use crate::compute::{Buffer, Call, Device};
use crate::kernels::dense::{DENSE, DENSE_DW, DENSE_DX, Dense, DenseDw, DenseDx};
use crate::kernels::init;
use crate::kernels::random::Purpose;
use std::ops::Range;

/// All weights of a network in one buffer: layer by layer W [outputs, inputs], then b [outputs].
#[derive(Clone)]
pub struct Weights {
    /// What network they belong to.
    pub spec: NetworkSpec,
    /// Where each layer's part starts.
    pub at: Vec<u32>,
    /// The weights.
    pub values: Buffer,
    /// The optimiser's first moment (or the momentum), in the same places.
    pub first: Buffer,
    /// Its second moment.
    pub second: Buffer,
}

/// How the weights change: what [`DenseDw`] needs beside the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateRule {
    /// The kernel's code: 0 keeps the gradient in the first moment instead.
    pub code: u32,
    /// β₁, or the momentum.
    pub beta1: f64,
    /// β₂
    pub beta2: f64,
    /// ε
    pub epsilon: f64,
}

/// Where each layer's weights start.
pub fn offsets(spec: &NetworkSpec) -> Vec<u32> {
    spec.layers
        .iter()
        .scan(0, |at, layer| {
            let start = *at;
            *at += layer.parameters() as u32;
            Some(start)
        })
        .collect()
}

/// What is drawn for each layer: its weights, then its biases.
fn draws(spec: &NetworkSpec, init: Init, seed: u64) -> Vec<init::Init> {
    let mut all = Vec::new();
    for ((layer, at), i) in spec.layers.iter().zip(offsets(spec)).zip(0..) {
        let (fan_in, fan_out) = (f64::from(layer.inputs), f64::from(layer.outputs));
        let (weights, biases) = match init {
            Init::He => ((6.0 / fan_in).sqrt(), 0.0),
            Init::Glorot => ((6.0 / (fan_in + fan_out)).sqrt(), 0.0),
            Init::Torch => (1.0 / fan_in.sqrt(), 1.0 / fan_in.sqrt()),
        };
        let (stream, w) = (Purpose::Weights as u32 + 2 * i, layer.inputs * layer.outputs);
        all.push(init::Init::uniform(at, w, stream, seed, weights as f32));
        all.push(init::Init::uniform(at + w, layer.outputs, stream + 1, seed, biases as f32));
    }
    all
}

/// The first weights of a network, drawn in this process: the same bits as on any device.
pub fn first_weights(spec: &NetworkSpec, init: Init, seed: u64) -> Vec<f32> {
    let mut weights = vec![0.0; spec.parameters()];
    for params in draws(spec, init, seed) {
        (init::INIT.twin)(&params, [], [], [&mut weights]);
    }
    weights
}

impl Weights {
    /// Zeros, on a device.
    pub fn new(device: &Device, spec: &NetworkSpec) -> Self {
        let zeros = || device.zeros(spec.parameters());
        Self { spec: spec.clone(), at: offsets(spec), values: zeros(), first: zeros(), second: zeros() }
    }

    /// The calls that draw the first weights from a seed.
    pub fn init(&self, device: &Device, init: Init, seed: u64) -> Vec<Call> {
        draws(&self.spec, init, seed)
            .into_iter()
            .map(|params| init::INIT.call(&device.uniform(params), [], [&self.values]))
            .collect()
    }

    /// A buffer for every signal after x: `rows` times the width of each layer's output.
    pub fn signals(&self, device: &Device, rows: u32) -> Vec<Buffer> {
        self.spec.layers.iter().map(|l| device.zeros((rows * l.outputs) as usize)).collect()
    }

    /// x → ys[0] → … → ys[last], one call per layer.
    pub fn forward(&self, device: &Device, rows: u32, x: &Buffer, ys: &[Buffer], calls: &mut Vec<Call>) {
        self.forward_through(device, 0..self.spec.layers.len(), rows, x, ys, calls);
    }

    /// The same through some layers: x enters the first of them, and `ys` are the signals of all layers.
    pub fn forward_through(
        &self,
        device: &Device,
        layers: Range<usize>,
        rows: u32,
        x: &Buffer,
        ys: &[Buffer],
        calls: &mut Vec<Call>,
    ) {
        let mut x = x;
        for i in layers {
            let params = device.uniform(forward_params(&self.spec.layers[i], self.at[i], rows));
            calls.push(DENSE.call(&params, [x, &self.values], [&ys[i]]));
            x = &ys[i];
        }
    }

    /// From dys[last] back to every layer's gradient, and at once the update: two calls per layer, one for the first.
    #[expect(clippy::too_many_arguments, reason = "a pass joins all the buffers of a step")]
    pub fn backward(
        &self,
        device: &Device,
        rows: u32,
        rule: UpdateRule,
        clock: &Buffer,
        x: &Buffer,
        ys: &[Buffer],
        dys: &[Buffer],
        calls: &mut Vec<Call>,
    ) {
        for (i, (layer, &at)) in self.spec.layers.iter().zip(&self.at).enumerate().rev() {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            // dx first: it needs the weights as they were in the forward pass.
            if let Some(below) = i.checked_sub(1) {
                let activation = self.spec.layers[below].activation.code();
                let params = device.uniform(DenseDx { rows, inputs, outputs, at, activation });
                calls.push(DENSE_DX.call(&params, [&dys[i], &self.values, &ys[below]], [&dys[below]]));
            }
            let params = device.uniform(DenseDw {
                rows,
                inputs,
                outputs,
                at,
                optimiser: rule.code,
                beta1: rule.beta1 as f32,
                beta2: rule.beta2 as f32,
                rest1: (1.0 - rule.beta1) as f32,
                rest2: (1.0 - rule.beta2) as f32,
                epsilon: rule.epsilon as f32,
            });
            let x = i.checked_sub(1).map_or(x, |below| &ys[below]);
            calls.push(DENSE_DW.call(&params, [&dys[i], x, clock], [&self.values, &self.first, &self.second]));
        }
    }
}

fn forward_params(layer: &LayerSpec, at: u32, rows: u32) -> Dense {
    Dense { rows, inputs: layer.inputs, outputs: layer.outputs, at, activation: layer.activation.code() }
}

/// Every signal of `rows` inputs, from x to x̂, computed on this processor: for one drawing this is faster than any
/// way to a GPU and back.
///
/// `weights` are laid out as in [`Weights`]; `range` picks layers (all of them, or the decoder), and `x` is what
/// enters the first of them.
pub fn signals(spec: &NetworkSpec, weights: &[f32], range: Range<usize>, rows: u32, x: Vec<f32>) -> Vec<Vec<f32>> {
    let run = DENSE.fast.unwrap_or(DENSE.twin);
    let mut all = vec![x];
    for (layer, at) in spec.layers.iter().zip(offsets(spec)).take(range.end).skip(range.start) {
        let mut y = vec![0.0; (rows * layer.outputs) as usize];
        run(&forward_params(layer, at, rows), [], [&all[all.len() - 1], weights], [&mut y]);
        all.push(y);
    }
    all
}
