//! The siamese task: one encoder for both inputs of a pair, whose codes are to be near where the pair belongs together,
//! and at least a margin apart where it does not.
use crate::compute::{Buffer, Call, Device, Words};
use crate::kernels::pairs::{CONTRASTIVE, COUPLE, Contrastive, Couple, WORDS};
use crate::kernels::random;
use crate::nn::Resident;
use crate::nn::task::{Fed, Signals, Stage, Task};

/// A list of pairs that lies on the device, and the data set that its numbers point into.
pub struct Pairs<'a> {
    data: &'a Resident,
    list: Words,
    len: u32,
    margin: f32,
}

impl<'a> Pairs<'a> {
    /// Of each pair the two inputs' places in `data`, and whether they belong together. `None`: no pair, or one that
    /// points outside.
    pub fn new(device: &Device, data: &'a Resident, pairs: &[(u32, u32, bool)], margin: f32) -> Option<Self> {
        let inside = pairs.iter().all(|&(a, b, _)| a < data.len && b < data.len);
        let words: Vec<u32> = pairs.iter().flat_map(|&(a, b, same)| [a, b, same.into()]).collect();
        let len = words.len() as u32 / WORDS;
        (inside && len > 0).then(|| Self { data, list: device.words(words), len, margin })
    }
}

impl Task for Pairs<'_> {
    fn examples(&self) -> u32 {
        self.len
    }

    fn rows(&self, batch: u32) -> u32 {
        2 * batch
    }

    fn scale(&self, stage: &Stage) -> f32 {
        1.0 / stage.training.batch as f32
    }

    fn feed(&self, stage: &Stage, calls: &mut Vec<Call>) -> Fed {
        assert_eq!(stage.weights.spec.inputs(), self.data.cols, "the network's inputs are not the data's");
        let [seed_low, seed_high] = random::words(stage.order().unwrap_or(0));
        let params = stage.device.uniform(Couple {
            rows: stage.training.batch,
            cols: self.data.cols,
            len: self.len,
            bytes: self.data.is_bytes().into(),
            shuffle: stage.order().is_some().into(),
            seed_low,
            seed_high,
        });
        let (input, target) = (stage.buffer(self.data.cols), stage.device.zeros(stage.training.batch as usize));
        calls.push(COUPLE.call_with(&params, [self.data.words(), &self.list], [stage.clock], [&input, &target]));
        Fed { input, target }
    }

    fn loss(&self, stage: &Stage, signals: &Signals, target: &Buffer, sums: &Buffer, calls: &mut Vec<Call>) {
        let last = signals.outputs.len() - 1;
        let params = stage.device.uniform(Contrastive {
            rows: stage.training.batch,
            cols: stage.weights.spec.z(),
            margin: self.margin,
            scale: self.scale(stage),
        });
        let (z, dz) = (&signals.outputs[last], &signals.gradients[last]);
        calls.push(CONTRASTIVE.call(&params, [z, target], [dz, sums]));
    }
}
