//! Whole steps of a small network in one call each, or several steps in one.
use super::network::Weights;
use super::resident::Resident;
use super::trainer::{SLOTS, Training, rule};
use crate::compute::{Buffer, Device, Plan, Uniform};
use crate::kernels::random;
use crate::kernels::whole::{LAYER, MOST_ROWS, WHOLE, Whole};

/// Steps in the longer one of two calls.
const MANY: u32 = 8;
/// A step with more multiplications than this is worth a call for each operation: one workgroup is a small part of a GPU.
const MOST_WORK: f64 = 4e6;
/// The same for SwiftShader: there a step in one call keeps one processor busy, and all others free.
const MOST_SOFT_WORK: f64 = 2.5e6;
/// Signals that are kept at most, in floats.
const MOST_SIGNALS: u32 = 4 << 20;

/// A step as one call.
pub struct WholeStep {
    one: (Plan, Uniform<Whole>),
    many: (Plan, Uniform<Whole>),
    params: Whole,
}

/// Whether such a step can be one call.
pub fn is_possible(weights: &Weights, training: &Training, data: &Resident) -> bool {
    let signals = data.cols + 2 * weights.spec.layers.iter().map(|layer| layer.outputs).sum::<u32>();
    training.noise == super::spec::Noise::None
        && training.batch <= MOST_ROWS
        && training.batch.checked_mul(signals).is_some_and(|floats| floats <= MOST_SIGNALS)
}

/// Whether it is likely to be faster that way: where calls cost more than their work.
pub fn is_better(device: &Device, weights: &Weights, training: &Training) -> bool {
    let work = weights.spec.parameters() as f64 * 3.0 * f64::from(training.batch);
    match device {
        Device::Gpu(gpu) => match gpu.lanes() {
            // Natively a call costs an H100 4 us, and 20 of them less than one workgroup's 0.25 ms; browsers' cost more.
            None => cfg!(target_arch = "wasm32") && work <= MOST_WORK,
            Some(4) => work <= MOST_SOFT_WORK,
            // llvmpipe ends all loops of a thread after 65,536 rounds, and says nothing: seven steps of such a network.
            Some(_) => false,
        },
        Device::Processor | Device::Exact => false,
    }
}

impl WholeStep {
    /// Compiles it, on buffers that are the run's own.
    pub fn new(
        device: &Device,
        weights: &Weights,
        training: &Training,
        data: &Resident,
        clock: &Buffer,
        losses: &Buffer,
    ) -> Self {
        let (rows, cols) = (training.batch, data.cols);
        // x, then every y, then every dy.
        let mut table = Vec::with_capacity(weights.spec.layers.len() * LAYER);
        let all_ys: u32 = weights.spec.layers.iter().map(|layer| rows * layer.outputs).sum();
        let mut y = rows * cols;
        for (layer, &at) in weights.spec.layers.iter().zip(&weights.at) {
            table.extend([layer.inputs, layer.outputs, at, y, y + all_ys, layer.activation.code()]);
            y += rows * layer.outputs;
        }
        let signals = device.zeros((y + all_ys) as usize);
        let table = device.words(table);
        let [seed_low, seed_high] = random::words(training.seed);
        let rule = rule(training);
        let (outer, inner) =
            weights.spec.layers.split_last().map_or((None, &[][..]), |(last, rest)| (Some(last), rest));
        let params = Whole {
            rows,
            cols,
            len: data.len,
            bytes: data.is_bytes().into(),
            shuffle: training.shuffle.into(),
            seed_low,
            seed_high,
            count: weights.spec.layers.len() as u32,
            steps: 1,
            kind: training.loss as u32,
            inner: inner.iter().fold(0, |all, layer| all | 1 << layer.activation.code()),
            outer: outer.map_or(0, |layer| layer.activation.code()),
            slots: SLOTS,
            scale: (1.0 / (f64::from(rows) * f64::from(cols))) as f32,
            rate: training.rate,
            optimiser: rule.code,
            beta1: rule.beta1 as f32,
            beta2: rule.beta2 as f32,
            rest1: (1.0 - rule.beta1) as f32,
            rest2: (1.0 - rule.beta2) as f32,
            epsilon: rule.epsilon as f32,
        };
        let plan = |steps| {
            let uniform = device.uniform(Whole { steps, ..params });
            let writes = [clock, &weights.values, &weights.first, &weights.second, &signals, losses];
            (device.plan(vec![WHOLE.call_with(&uniform, [data.words(), &table], [], writes)]), uniform)
        };
        Self { one: plan(1), many: plan(MANY), params }
    }

    /// Enqueues so many steps, in two submits at most.
    pub fn run(&self, device: &Device, steps: u32) {
        for ((plan, _), times) in [(&self.many, steps / MANY), (&self.one, steps % MANY)] {
            if times > 0 {
                device.run(plan, times);
            }
        }
    }

    /// Another η from the next step on.
    pub fn set_rate(&mut self, device: &Device, rate: f32) {
        self.params.rate = rate;
        for ((_, uniform), steps) in [(&self.one, 1), (&self.many, MANY)] {
            device.set(uniform, Whole { steps, ..self.params });
        }
    }

    /// The call of one step.
    pub fn plan(&self) -> &Plan {
        &self.one.0
    }
}
