//! A variational bottleneck: Kingma and Welling, Auto-encoding variational Bayes, 2014.
//!
//! The encoder's last layer gives the mean μ of a code's distribution, and a layer beside it, which only training
//! needs, its ln σ². The decoder is trained on codes drawn from N(μ, σ²), and the divergence of that from N(0, 1) is
//! part of the loss. So the network itself, with z = μ, is an autoencoder as any other: it is drawn with, mapped and
//! kept without knowing of this.
use super::network::Back;
use super::resident::Resident;
use super::spec::{Activation, LayerSpec, NetworkSpec};
use super::task::{Fed, Reconstruct, Signals, Stage, Task};
use super::trainer::rule;
use crate::compute::{Buffer, Call};
use crate::kernels::add::{ADD, Add};
use crate::kernels::random;
use crate::kernels::sample::{SAMPLE, SAMPLE_DZ, Sample, SampleDz};
use std::cell::OnceCell;

/// Reconstruction through drawn codes.
pub struct Variational<'a> {
    reconstruct: Reconstruct<'a>,
    layer: LayerSpec,
    /// Made with the step.
    signals: OnceCell<Spread>,
}

/// What a step has beside the network's own signals, each `rows` times z, or times the width before z.
pub struct Spread {
    /// ln σ²
    pub log: Buffer,
    /// The codes drawn.
    pub z: Buffer,
    /// β · KL of each row.
    pub costs: Buffer,
    dlog: Buffer,
    dz: Buffer,
    /// The gradient that comes back through the layer beside z.
    dx: Buffer,
}

impl<'a> Variational<'a> {
    /// For a network, on a data set.
    pub fn new(data: &'a Resident, spec: &NetworkSpec) -> Self {
        Self { reconstruct: Reconstruct(data), layer: layer(spec), signals: OnceCell::new() }
    }

    /// Its own signals, on the buffers of its step.
    pub fn spread(&self, stage: &Stage) -> &Spread {
        self.signals.get_or_init(|| {
            let z = || stage.buffer(self.layer.outputs);
            Spread { log: z(), z: z(), dlog: z(), dz: z(), costs: stage.buffer(1), dx: stage.buffer(self.layer.inputs) }
        })
    }
}

/// The layer that ln σ² comes from: beside the one that z comes from.
pub fn layer(spec: &NetworkSpec) -> LayerSpec {
    let inputs = spec.widths()[spec.encoder.saturating_sub(1)];
    LayerSpec { inputs, outputs: spec.z(), activation: Activation::Identity }
}

fn beta(stage: &Stage) -> f32 {
    stage.training.variational.unwrap_or_default()
}

/// What enters a layer.
fn enters(signals: &Signals, layer: usize) -> &Buffer {
    layer.checked_sub(1).map_or(&signals.input, |below| &signals.outputs[below])
}

impl Task for Variational<'_> {
    fn examples(&self) -> u32 {
        self.reconstruct.examples()
    }

    fn layer(&self) -> Option<LayerSpec> {
        Some(self.layer)
    }

    fn scale(&self, stage: &Stage) -> f32 {
        self.reconstruct.scale(stage)
    }

    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed {
        self.reconstruct.feed(stage, calls)
    }

    fn forward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        let &Stage { device, weights, rows, .. } = stage;
        let (spread, encoder) = (self.spread(stage), weights.spec.encoder);
        weights.forward_through(device, 0..encoder, rows, &signals.input, &signals.outputs, calls);
        if let Some(layer) = weights.beside() {
            weights.through(layer, device, rows, enters(signals, encoder - 1), &spread.log, calls);
        }
        let [seed_low, seed_high] = random::words(stage.training.seed);
        let params = Sample { rows, cols: self.layer.outputs, weight: beta(stage), seed_low, seed_high };
        let reads = [&signals.outputs[encoder - 1], &spread.log, stage.clock];
        calls.push(SAMPLE.call(&device.uniform(params), reads, [&spread.z, &spread.costs]));
        let decoder = encoder..weights.spec.layers.len();
        weights.forward_through(device, decoder, rows, &spread.z, &signals.outputs, calls);
    }

    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>) {
        self.reconstruct.loss(stage, signals, target, sums, calls);
        let params = stage.device.uniform(Add { rows: stage.rows, cols: 1 });
        calls.push(ADD.call(&params, [&self.spread(stage).costs], [sums]));
    }

    fn backward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        let &Stage { device, weights, rows, clock, .. } = stage;
        let (spread, encoder, dys) = (self.spread(stage), weights.spec.encoder, &signals.gradients);
        let pass = Back { device, rows, rule: rule(stage.training), clock };
        for i in (encoder..weights.spec.layers.len()).rev() {
            let (x, dx) = if i == encoder { (&spread.z, &spread.dz) } else { (enters(signals, i), &dys[i - 1]) };
            weights.back(weights.layer(i), &pass, x, &dys[i], Some(dx), calls);
        }
        let params = SampleDz { rows, cols: self.layer.outputs, weight: beta(stage) * self.scale(stage) };
        let reads = [&spread.dz, &spread.z, &signals.outputs[encoder - 1], &spread.log];
        calls.push(SAMPLE_DZ.call(&device.uniform(params), reads, [&dys[encoder - 1], &spread.dlog]));
        for i in (0..encoder).rev() {
            let (x, dx) = (enters(signals, i), i.checked_sub(1).map(|below| &dys[below]));
            weights.back(weights.layer(i), &pass, x, &dys[i], dx, calls);
            // The signal before z went two ways, so its gradient comes back on both.
            if let Some(layer) = weights.beside().filter(|_| i + 1 == encoder) {
                weights.back(layer, &pass, x, &spread.dlog, dx.map(|_| &spread.dx), calls);
                if let Some(dx) = dx {
                    let params = device.uniform(Add { rows, cols: self.layer.inputs });
                    calls.push(ADD.call(&params, [&spread.dx], [dx]));
                }
            }
        }
    }
}
