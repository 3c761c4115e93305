//! Supervised learning: an encoder with one linear layer from z to the classes, softmax and cross-entropy.
use crate::compute::{Buffer, Call, Device};
use crate::kernels::softmax::{SOFTMAX, Softmax};
use crate::nn::part;
use crate::nn::resident::{Resident, ResidentError, Rows};
use crate::nn::spec::{Activation, LayerSpec, NetworkSpec};
use crate::nn::task::{Fed, Signals, Stage, Task};

/// The classifier of an autoencoder: its encoder, to the last width, and a linear layer z → classes. With the same
/// seed it starts from the same encoder, too, as layers draw their first weights by their place.
pub fn classifier(autoencoder: &NetworkSpec, classes: u32) -> NetworkSpec {
    let mut spec = part::encoder(autoencoder);
    spec.layers.push(LayerSpec { inputs: autoencoder.z(), outputs: classes, activation: Activation::Identity });
    spec
}

/// Classes, one of each input, on a device.
///
/// # Errors
/// There are none, or too many.
pub fn labels(device: &Device, labels: &[u8]) -> Result<Resident, ResidentError> {
    let values: Vec<f32> = labels.iter().map(|&label| label.into()).collect();
    Resident::new(device, Rows::Floats(&values), 1)
}

/// Tell each input's class.
pub struct Classify<'a> {
    /// What is looked at.
    pub inputs: &'a Resident,
    /// The number of each one's class, in the same order; below the width of the network's last layer.
    pub labels: &'a Resident,
}

impl Task for Classify<'_> {
    fn examples(&self) -> u32 {
        self.inputs.len
    }

    fn scale(&self, stage: &Stage) -> f32 {
        1.0 / stage.rows as f32
    }

    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed {
        assert_eq!(self.inputs.len, self.labels.len, "each input has a label");
        let (input, target) = (stage.buffer(self.inputs.cols), stage.buffer(1));
        // By the same order and the same clock, so that labels stay with their inputs.
        for (set, to) in [(self.inputs, &input), (self.labels, &target)] {
            calls.push(set.gather(stage.device, stage.rows, stage.order(), stage.clock, to));
        }
        Fed { input, target }
    }

    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>) {
        let last = signals.outputs.len() - 1;
        let cols = stage.weights.spec.layers[last].outputs;
        let params = stage.device.uniform(Softmax { rows: stage.rows, cols, scale: self.scale(stage) });
        calls.push(SOFTMAX.call(&params, [&signals.outputs[last], target], [&signals.gradients[last], sums]));
    }
}
