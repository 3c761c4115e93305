//! Whole steps of a small network in one call each, several steps in one, or one in two where the batch is worth that.
use super::network::Weights;
use super::resident::Resident;
use super::trainer::{SLOTS, Training, Whole as Way, rule};
use crate::compute::{Buffer, Device, Plan, Uniform};
use crate::kernels::random;
use crate::kernels::whole::{ALL, LAYER, LEARN, MOST_ROWS, PASS, WHOLE, WHOLE_QUADS, Whole};

/// Steps in the longer one of two calls.
const MANY: u32 = 8;
/// A step with more multiplications than this is worth a call for each operation: one workgroup is a small part of a GPU.
const MOST_WORK: f64 = 4e6;
/// The same for SwiftShader: there a step in one call keeps one processor busy, and all others free. Two calls were no
/// faster on two processors, and kept both busy.
const MOST_SOFT_WORK: f64 = 2.5e6;
/// Rows that a workgroup takes through the network on its own, where a step is two calls.
const SPAN: u32 = 16;
/// Signals that are kept at most, in floats.
const MOST_SIGNALS: u32 = 4 << 20;

/// A step as one call, or as two.
pub struct WholeStep {
    one: Plan,
    /// [`MANY`] steps, where a step is one call.
    many: Option<Plan>,
    /// What the calls were given, but for η.
    uniforms: Vec<(Uniform<Whole>, Whole)>,
}

/// Whether such a step can be one call.
pub fn is_possible(weights: &Weights, training: &Training, data: &Resident) -> bool {
    let signals = data.cols + 2 * weights.spec.layers.iter().map(|layer| layer.outputs).sum::<u32>();
    training.noise == super::spec::Noise::None
        && training.batch <= MOST_ROWS
        && training.batch.checked_mul(signals).is_some_and(|floats| floats <= MOST_SIGNALS)
}

/// Rows of a workgroup's own, all of a batch where a step is one call; `None` where it is a call for each operation.
pub fn span(device: &Device, weights: &Weights, training: &Training) -> Option<u32> {
    match way(device, weights, training) {
        Way::Always | Way::Quads => Some(training.batch),
        Way::Parted => Some(training.batch.min(SPAN)),
        Way::Never | Way::Auto => None,
    }
}

/// What is asked for or likely to be the fastest, as far as the sizes allow it.
fn way(device: &Device, weights: &Weights, training: &Training) -> Way {
    let wished = match training.whole {
        Way::Auto => likely(device, weights, training),
        way => way,
    };
    if wished == Way::Quads && !is_in_quads(weights, training) { Way::Always } else { wished }
}

/// Whether everything has a multiple of four values: then so has whatever lies before it in a buffer.
fn is_in_quads(weights: &Weights, training: &Training) -> bool {
    let sizes = weights.spec.layers.iter().flat_map(|layer| [layer.inputs, layer.outputs]);
    sizes.chain([training.batch]).all(|size| size.is_multiple_of(4))
}

/// What is likely to be the fastest: few calls where they cost more than their work.
fn likely(device: &Device, weights: &Weights, training: &Training) -> Way {
    let work = weights.spec.parameters() as f64 * 3.0 * f64::from(training.batch);
    match device {
        Device::Gpu(gpu) => match gpu.lanes() {
            // Natively a call costs an H100 4 us, and 20 of them less than one workgroup's 0.25 ms; browsers' cost more.
            None if cfg!(target_arch = "wasm32") && work <= MOST_WORK => Way::Parted,
            Some(4) if work <= MOST_SOFT_WORK => Way::Quads,
            // llvmpipe ends all loops of a thread after 65,536 rounds, and says nothing: seven steps of such a network.
            _ => Way::Never,
        },
        Device::Processor | Device::Exact => Way::Never,
    }
}

impl WholeStep {
    /// Compiles it, on buffers that are the run's own; see [`span`].
    pub fn new(
        device: &Device,
        weights: &Weights,
        training: &Training,
        span: u32,
        data: &Resident,
        [clock, losses]: [&Buffer; 2],
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
        let signals = device.zeros((y + all_ys + rows.div_ceil(span)) as usize);
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
            part: ALL,
            span,
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
        let kernel = if way(device, weights, training) == Way::Quads { &WHOLE_QUADS } else { &WHOLE };
        let mut uniforms = Vec::new();
        let mut call = |params| {
            let uniform = device.uniform(params);
            let writes = [clock, &weights.values, &weights.first, &weights.second, &signals, losses];
            let call = kernel.call_with(&uniform, [data.words(), &table], [], writes);
            uniforms.push((uniform, params));
            call
        };
        let (one, many) = if span < rows {
            let both = [PASS, LEARN].map(|part| call(Whole { part, ..params }));
            (device.plan(both.into()), None)
        } else {
            let [one, many] = [1, MANY].map(|steps| device.plan(vec![call(Whole { steps, ..params })]));
            (one, Some(many))
        };
        Self { one, many, uniforms }
    }

    /// Enqueues so many steps, in two submits at most.
    pub fn run(&self, device: &Device, steps: u32) {
        let bundles = if self.many.is_some() { steps / MANY } else { 0 };
        let many = self.many.iter().map(|plan| (plan, bundles));
        for (plan, times) in many.chain([(&self.one, steps - bundles * MANY)]) {
            if times > 0 {
                device.run(plan, times);
            }
        }
    }

    /// Another η from the next step on.
    pub fn set_rate(&self, device: &Device, rate: f32) {
        for (uniform, params) in &self.uniforms {
            device.set(uniform, Whole { rate, ..*params });
        }
    }

    /// The calls of one step.
    pub fn plan(&self) -> &Plan {
        &self.one
    }
}
