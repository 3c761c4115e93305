//! What a step is fed with and what it makes small. The rest of a step, the clock, the passes and the update, is the
//! same for all of them: see [`super::Trainer`].
use super::network::Weights;
use super::resident::Resident;
use super::spec::{LayerSpec, Noise};
use super::trainer::{Training, loss_params, rule};
use crate::compute::{Buffer, Call, Device};
use crate::kernels::corrupt::{CORRUPT, Corrupt};
use crate::kernels::{loss, random};

/// Where a step is put together.
pub struct Stage<'a> {
    /// The device that it will run on.
    pub device: &'a Device,
    /// The network.
    pub weights: &'a Weights,
    /// What decides the run; `batch` examples per step.
    pub training: &'a Training,
    /// See [`crate::kernels::clock`].
    pub clock: &'a Buffer,
    /// Rows that pass through the network per step.
    pub rows: u32,
}

/// What a step is fed with.
pub struct Fed {
    /// What enters the network: `rows` times its width.
    pub input: Buffer,
    /// What its output is compared with.
    pub target: Buffer,
}

/// The signals of a step, and their gradients by what stood before each layer's σ.
pub struct Signals {
    /// What enters the network.
    pub input: Buffer,
    /// Every layer's output.
    pub outputs: Vec<Buffer>,
    /// Every layer's gradient.
    pub gradients: Vec<Buffer>,
}

/// A step's task. The calls are made once, and replayed each step.
pub trait Task {
    /// Examples in an epoch.
    fn examples(&self) -> u32;

    /// Rows that pass through the network for a batch of so many examples.
    fn rows(&self, batch: u32) -> u32 {
        batch
    }

    /// A layer that the task needs beside the encoder's last: see [`Weights`].
    fn layer(&self) -> Option<LayerSpec> {
        None
    }

    /// What the sum of a batch's losses is multiplied by, and their gradients too.
    fn scale(&self, stage: &Stage) -> f32;

    /// Fills the network's input and its target for the examples that the clock points at.
    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed;

    /// From the input to every layer's output.
    fn forward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        stage.weights.forward(stage.device, stage.rows, &signals.input, &signals.outputs, calls);
    }

    /// From the output and the target to the last layer's gradient, and to the loss of each of the batch's examples.
    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>);

    /// From the last layer's gradient back through all layers, with their update.
    fn backward(&self, stage: &Stage, signals: &Signals, calls: &mut Vec<Call>) {
        let Signals { input, outputs, gradients } = signals;
        let rule = rule(stage.training);
        stage.weights.backward(stage.device, stage.rows, rule, stage.clock, input, outputs, gradients, calls);
    }
}

impl Stage<'_> {
    /// The seed of the epochs' orders, if they have some.
    pub fn order(&self) -> Option<u64> {
        self.training.shuffle.then_some(self.training.seed)
    }

    /// A buffer of `rows` times so many values.
    pub fn buffer(&self, cols: u32) -> Buffer {
        self.device.zeros(self.rows as usize * cols as usize)
    }
}

/// The autoencoder's task: each input is its own target, whatever noise it came through.
pub struct Reconstruct<'a>(pub &'a Resident);

impl Task for Reconstruct<'_> {
    fn examples(&self) -> u32 {
        self.0.len
    }

    fn scale(&self, stage: &Stage) -> f32 {
        (1.0 / (f64::from(stage.rows) * f64::from(self.0.cols))) as f32
    }

    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed {
        assert_eq!(stage.weights.spec.inputs(), self.0.cols, "the network's inputs are not the data's");
        let clean = stage.buffer(self.0.cols);
        calls.push(self.0.gather(stage.device, stage.rows, stage.order(), stage.clock, &clean));
        let input = match noise_params(stage.training, self.0.cols) {
            None => clean.clone(),
            Some(params) => {
                let noisy = stage.buffer(self.0.cols);
                calls.push(CORRUPT.call(&stage.device.uniform(params), [&clean, stage.clock], [&noisy]));
                noisy
            }
        };
        Fed { input, target: clean }
    }

    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>) {
        let last = signals.outputs.len() - 1;
        let params = loss_params(&stage.weights.spec, stage.training.loss, stage.rows, self.scale(stage), None);
        let (output, gradient) = (&signals.outputs[last], &signals.gradients[last]);
        let params = stage.device.uniform(params);
        calls.push(loss::LOSS.call(&params, [output, target, stage.clock], [gradient, sums]));
    }
}

fn noise_params(training: &Training, cols: u32) -> Option<Corrupt> {
    let (kind, amount) = match training.noise {
        Noise::None => return None,
        Noise::Gaussian { sd } => (1, sd),
        Noise::SaltPepper { share } => (2, share),
        Noise::Block { size } => (3, size as f32),
    };
    let [seed_low, seed_high] = random::words(training.seed);
    Some(Corrupt { rows: training.batch, cols, width: training.width, kind, amount, seed_low, seed_high })
}
