//! A network's weights on a device, and its passes as lists of kernel calls.
use super::spec::{Activation, Init, LayerSpec, NetworkSpec};
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
    /// A layer that training needs and the network does not, beside the encoder's last. Its weights come after all
    /// others.
    pub beside: Option<LayerSpec>,
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
fn draws(spec: &NetworkSpec, beside: Option<LayerSpec>, init: Init, seed: u64) -> Vec<init::Init> {
    let mut all = Vec::new();
    let beside = beside.iter().map(|layer| (layer, spec.parameters() as u32));
    for ((layer, at), i) in spec.layers.iter().zip(offsets(spec)).chain(beside).zip(0..) {
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
    for params in draws(spec, None, init, seed) {
        (init::INIT.twin)(&params, [], [], [&mut weights]);
    }
    weights
}

impl Weights {
    /// Zeros, on a device.
    pub fn new(device: &Device, spec: &NetworkSpec) -> Self {
        Self::with_layer(device, spec, None)
    }

    /// The same, with a layer beside the encoder's last.
    pub fn with_layer(device: &Device, spec: &NetworkSpec, beside: Option<LayerSpec>) -> Self {
        let zeros = || device.zeros(spec.parameters() + beside.map_or(0, |layer| layer.parameters()));
        let (at, spec) = (offsets(spec), spec.clone());
        Self { spec, at, values: zeros(), first: zeros(), second: zeros(), beside }
    }

    /// How many weights they are in all.
    pub fn count(&self) -> usize {
        self.spec.parameters() + self.beside.map_or(0, |layer| layer.parameters())
    }

    /// The calls that draw the first weights from a seed.
    pub fn init(&self, device: &Device, init: Init, seed: u64) -> Vec<Call> {
        draws(&self.spec, self.beside, init, seed)
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
            self.through(self.layer(i), device, rows, x, &ys[i], calls);
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
        for i in (0..self.spec.layers.len()).rev() {
            let below = i.checked_sub(1);
            let x = below.map_or(x, |below| &ys[below]);
            self.back(self.layer(i), &Back { device, rows, rule, clock }, x, &dys[i], below.map(|i| &dys[i]), calls);
        }
    }

    /// One layer of it: from dy to its own gradient with the update, and before it to the gradient `dx` of its input x,
    /// if that is wanted.
    pub fn back(&self, layer: Layer, pass: &Back, x: &Buffer, dy: &Buffer, dx: Option<&Buffer>, calls: &mut Vec<Call>) {
        let Layer { spec: LayerSpec { inputs, outputs, .. }, at, below } = layer;
        let &Back { device, rows, rule, clock } = pass;
        // dx first: it needs the weights as they were in the forward pass.
        if let Some(dx) = dx {
            let params = device.uniform(DenseDx { rows, inputs, outputs, at, activation: below.code(), skip: 0 });
            calls.push(DENSE_DX.call(&params, [dy, &self.values, x], [dx]));
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
            skip: 0,
        });
        calls.push(DENSE_DW.call(&params, [dy, x, clock], [&self.values, &self.first, &self.second]));
    }

    /// One layer of the network.
    pub fn layer(&self, i: usize) -> Layer {
        let below = i.checked_sub(1).map_or(Activation::Identity, |below| self.spec.layers[below].activation);
        Layer { spec: self.spec.layers[i], at: self.at[i], below }
    }

    /// The layer beside the last one of the encoder, if there is one.
    pub fn beside(&self) -> Option<Layer> {
        let below = self.layer(self.spec.encoder.checked_sub(1)?).below;
        Some(Layer { spec: self.beside?, at: self.spec.parameters() as u32, below })
    }

    /// One layer: y = σ(W x + b).
    pub fn through(&self, layer: Layer, device: &Device, rows: u32, x: &Buffer, y: &Buffer, calls: &mut Vec<Call>) {
        let params = device.uniform(forward_params(&layer.spec, layer.at, rows));
        calls.push(DENSE.call(&params, [x, &self.values], [y]));
    }
}

/// A layer, where its weights start, and the σ that made its input.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// What it is.
    pub spec: LayerSpec,
    /// Where its weights start.
    pub at: u32,
    /// The σ before it: its slope is part of the gradient of its input.
    pub below: Activation,
}

/// What all layers share on the way back.
#[derive(Clone, Copy)]
pub struct Back<'a> {
    /// The device.
    pub device: &'a Device,
    /// Inputs in the batch.
    pub rows: u32,
    /// How the weights change.
    pub rule: UpdateRule,
    /// See [`crate::kernels::clock`].
    pub clock: &'a Buffer,
}

fn forward_params(layer: &LayerSpec, at: u32, rows: u32) -> Dense {
    Dense { rows, inputs: layer.inputs, outputs: layer.outputs, at, activation: layer.activation.code(), skip: 0 }
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
