//! A step in double precision, and how far rounding in f32 may lead away from it: an analysis of running errors
//! (Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 3). The formulas are the kernels' twins,
//! once on the numbers and once on their magnitudes.
use super::network::{UpdateRule, offsets};
use super::spec::{Activation, LayerSpec, Loss, NetworkSpec};
use super::trainer::loss_params;
use crate::kernels::activation::{activate, slope};
use crate::kernels::clock;
use crate::kernels::dense::{Dense, DenseDw, DenseDx, dense, dense_dw, dense_dx};
use crate::kernels::loss::loss;

/// Half the gap between 1 and the next float: what rounding a number changes it by at most, relatively.
pub const U: f64 = 1.0 / 16_777_216.0;
/// Numbers below this may count as zero on a GPU.
const TINY: f64 = 2e-38;

/// Numbers, and how far those that f32 makes may be from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounded {
    /// In double precision.
    pub value: Vec<f64>,
    /// At most so far away.
    pub error: Vec<f64>,
}

impl Bounded {
    /// Given, so without error.
    pub fn given(values: &[f32]) -> Self {
        Self { value: values.iter().map(|&x| x.into()).collect(), error: vec![0.0; values.len()] }
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.value.iter().copied().zip(self.error.iter().copied())
    }

    /// Magnitudes with their errors, once more wrong by a factor: what a sum of so many terms adds up at most.
    fn magnitudes(&self, factor: f64) -> Vec<f64> {
        self.pairs().map(|(value, error)| (value.abs() + error) * factor).collect()
    }
}

/// One layer's output and how its σ leans there.
#[derive(Clone, Debug, Default)]
pub struct Signal {
    /// The output.
    pub out: Bounded,
    /// σ' there.
    lean: Bounded,
}

/// What sums of `terms` products lose at most, relatively to the sum of their magnitudes: in any order, with or without
/// fused additions.
fn gamma(terms: u32) -> f64 {
    let nu = f64::from(terms + 2) * U;
    nu / (1.0 - nu)
}

/// A network in double precision.
pub struct Exact {
    spec: NetworkSpec,
    at: Vec<u32>,
    values: Vec<f64>,
    magnitudes: Vec<f64>,
}

impl Exact {
    /// With these weights.
    pub fn new(spec: &NetworkSpec, values: &[f32]) -> Self {
        let values: Vec<f64> = values[..spec.parameters()].iter().map(|&w| w.into()).collect();
        let mut magnitudes: Vec<f64> = values.iter().map(|w| w.abs()).collect();
        let at = offsets(spec);
        for (layer, &at) in spec.layers.iter().zip(&at) {
            let biases = at as usize + (layer.inputs * layer.outputs) as usize;
            magnitudes[biases..][..layer.outputs as usize].iter_mut().for_each(|b| *b *= gamma(layer.inputs));
        }
        Self { spec: spec.clone(), at, values, magnitudes }
    }

    /// Its layers.
    pub fn layers(&self) -> usize {
        self.spec.layers.len()
    }

    /// The output of layer `i` of `rows` inputs.
    pub fn forward(&self, i: usize, rows: u32, x: &Bounded) -> Signal {
        let LayerSpec { inputs, outputs, activation } = self.spec.layers[i];
        let (at, len) = (self.at[i], (rows * outputs) as usize);
        let params = Dense { rows, inputs, outputs, at, activation: Activation::Identity.code(), skip: 0 };
        let product = |x: &[f64], weights: &[f64]| {
            let mut y = vec![0.0; len];
            dense(&params, [], [x, weights], [&mut y]);
            y
        };
        let sums = product(&x.value, &self.values);
        let g = gamma(inputs);
        let lost: Vec<f64> = x.pairs().map(|(x, error)| error + g * (x.abs() + error)).collect();
        let errors = product(&lost, &self.magnitudes);
        let mut signal = Signal::default();
        for (sum, error) in sums.into_iter().zip(errors) {
            let y: f64 = activate(activation.code(), sum);
            let [error, lean, lean_error] = through(activation, sum, y, error);
            signal.out.value.push(y);
            signal.out.error.push(error);
            signal.lean.value.push(lean);
            signal.lean.error.push(lean_error);
        }
        signal
    }

    /// The loss of `rows` outputs, and its gradient by what stood before the last σ.
    pub fn loss(&self, kind: Loss, rows: u32, y: &Signal, target: &[f64]) -> (f64, Bounded) {
        let scale = 1.0 / (f64::from(rows) * f64::from(self.spec.inputs()));
        let params = loss_params(&self.spec, kind, rows, 1.0, None);
        let (mut dy, mut sums) = (vec![0.0; y.out.value.len()], vec![0.0; rows as usize]);
        loss(&params, [], [&y.out.value, target, &[0.0; clock::LEN]], [&mut dy, &mut sums]);
        // The kernels' scale is an f32: here it is what that was rounded from.
        dy.iter_mut().for_each(|dy| *dy *= scale);
        let mut error = Vec::with_capacity(dy.len());
        for (i, ((y_now, e), (lean, lean_error))) in y.out.pairs().zip(y.lean.pairs()).enumerate() {
            let difference = (y_now - target[i]).abs();
            let e = e + U * (difference + e);
            let own = match kind {
                Loss::Mse => 2.0 * (e * (lean.abs() + lean_error) + difference * lean_error),
                Loss::Bce => e,
            };
            error.push(own * scale + 6.0 * U * dy[i].abs() + TINY);
        }
        (sums.iter().sum::<f64>() * scale, Bounded { value: dy, error })
    }

    /// From the gradient by layer `i`'s sums to that by the sums of the layer below, whose output is `x`.
    pub fn back(&self, i: usize, rows: u32, dy: &Bounded, x: &Signal) -> Bounded {
        let LayerSpec { inputs, outputs, .. } = self.spec.layers[i];
        let params =
            DenseDx { rows, inputs, outputs, at: self.at[i], activation: Activation::Identity.code(), skip: 0 };
        let product = |dy: &[f64], weights: &[f64]| {
            let mut dx = vec![0.0; (rows * inputs) as usize];
            dense_dx(&params, [], [dy, weights, &x.out.value], [&mut dx]);
            dx
        };
        let sums = product(&dy.value, &self.values);
        let g = gamma(outputs);
        let lost: Vec<f64> = dy.pairs().map(|(dy, error)| error + g * (dy.abs() + error)).collect();
        let errors = product(&lost, &self.magnitudes);
        let mut below = Bounded::default();
        for ((sum, error), (lean, lean_error)) in sums.into_iter().zip(errors).zip(x.lean.pairs()) {
            below.value.push(sum * lean);
            below
                .error
                .push(error * (lean.abs() + lean_error) + sum.abs() * lean_error + 2.0 * U * (sum * lean).abs() + TINY);
        }
        below
    }

    /// The gradient of layer `i`'s weights and biases, into its part of `gradient`.
    pub fn gradient(&self, i: usize, rows: u32, dy: &Bounded, x: &Bounded, gradient: &mut Bounded) {
        let LayerSpec { inputs, outputs, .. } = self.spec.layers[i];
        let len = self.spec.layers[i].parameters();
        // Without an optimiser the kernel leaves the gradient in the first moment.
        let [beta1, beta2, rest1, rest2, epsilon] = [0.0; 5];
        let params =
            DenseDw { rows, inputs, outputs, at: 0, optimiser: 0, beta1, beta2, rest1, rest2, epsilon, skip: 0 };
        let product = |dy: &[f64], x: &[f64]| {
            let [mut weights, mut first, mut second] = [(); 3].map(|()| vec![0.0; len]);
            dense_dw(&params, [], [dy, x, &[0.0; clock::LEN]], [&mut weights, &mut first, &mut second]);
            first
        };
        let value = product(&dy.value, &x.value);
        let magnitude = |values: &[f64]| values.iter().map(|x| x.abs()).collect::<Vec<_>>();
        let least = product(&magnitude(&dy.value), &magnitude(&x.value));
        let most = product(&dy.magnitudes(1.0 + gamma(rows)), &x.magnitudes(1.0));
        let part = self.at[i] as usize..self.at[i] as usize + len;
        gradient.value[part.clone()].copy_from_slice(&value);
        for (error, (most, least)) in gradient.error[part].iter_mut().zip(most.into_iter().zip(least)) {
            *error = (most - least).max(0.0) + if most > 0.0 { TINY } else { 0.0 };
        }
    }

    /// The loss with one weight changed by so much; `from` is that weight's layer and what enters it. And a number that
    /// changes when a unit crosses its σ's corner.
    pub fn loss_from(
        &mut self,
        (i, x): (usize, &[f64]),
        (weight, by): (usize, f64),
        kind: Loss,
        rows: u32,
        target: &[f64],
    ) -> (f64, u64) {
        let kept = self.values[weight];
        self.values[weight] = kept + by;
        let mut signal = x.to_vec();
        let mut corners = 0u64;
        for (&LayerSpec { inputs, outputs, activation }, &at) in self.spec.layers.iter().zip(&self.at).skip(i) {
            let params = Dense { rows, inputs, outputs, at, activation: activation.code(), skip: 0 };
            let mut y = vec![0.0; (rows * outputs) as usize];
            dense(&params, [], [&signal, &self.values], [&mut y]);
            if matches!(activation, Activation::Relu | Activation::LeakyRelu) {
                let mix = |mix: u64, y: &f64| mix.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add((*y > 0.0).into());
                corners = y.iter().fold(corners, mix);
            }
            signal = y;
        }
        self.values[weight] = kept;
        let y = Signal { out: Bounded { value: signal, error: Vec::new() }, lean: Bounded::default() };
        (self.loss(kind, rows, &y, target).0, corners)
    }
}

/// How far σ(sum), σ' there, and its own error may be off, if the sum is off by `error`.
fn through(activation: Activation, sum: f64, y: f64, error: f64) -> [f64; 3] {
    let lean: f64 = slope(activation.code(), y);
    match activation {
        Activation::Identity => [error + TINY, lean, 0.0],
        // Near the corner it may lean either way.
        Activation::Relu => [error + TINY, lean, if sum.abs() <= error { 1.0 } else { 0.0 }],
        Activation::LeakyRelu => [error + U * y.abs() + TINY, lean, if sum.abs() <= error { 0.99 } else { U }],
        // WGSL promises e^x to 3 + 2 |x| units in the last place, and tanh as it follows from that.
        Activation::Tanh => {
            let own = ((lean + 0.77 * error).min(1.0)) * error + (16.0 + 8.0 * sum.abs().min(15.0)) * U;
            [own, lean, 2.0 * y.abs() * own + own * own + 3.0 * U]
        }
        Activation::Sigmoid => {
            let own =
                (lean + 0.1 * error).min(0.25) * error + (6.0 + 4.0 * sum.abs().min(80.0)) * U * lean + 8.0 * U * y;
            [own, lean, (1.0 - 2.0 * y).abs() * own + own * own + 3.0 * U * lean]
        }
    }
}

/// The clock after a step, from that before it.
pub fn ticked(before: &[f32], rule: UpdateRule, rate: f32) -> [f64; 3] {
    let rest = |at: usize, beta: f64| f64::from(before[at]) * beta + (1.0 - beta);
    let (rest1, rest2) = (rest(clock::REST1, rule.beta1), rest(clock::REST2, rule.beta2));
    [f64::from(rate) / rest1, rest2.sqrt(), rate.into()]
}

/// What a weight is after a step, and how far f32 may be from that: from its gradient and that one's error, its own value
/// and its moments, and the clock after the step ([`ticked`]).
pub fn updated(rule: UpdateRule, [size, root, rate]: [f64; 3], gradient: [f64; 2], [w, m, v]: [f64; 3]) -> [f64; 2] {
    let [g, e] = gradient;
    let (beta1, beta2, epsilon) = (rule.beta1, rule.beta2, rule.epsilon);
    let (change, error) = match rule.code {
        0 => (0.0, 0.0),
        1 => (rate * g, rate * e),
        2 => {
            let first = beta1 * m + g;
            (rate * first, rate * (e + 4.0 * U * ((beta1 * m).abs() + g.abs() + e)))
        }
        _ => {
            let first = beta1 * m + (1.0 - beta1) * g;
            let first_error = (1.0 - beta1) * e + 4.0 * U * ((beta1 * m).abs() + (1.0 - beta1) * (g.abs() + e)) + TINY;
            let second = |g: f64| beta2 * v + (1.0 - beta2) * g * g;
            let under = |second: f64| size / (second.max(0.0).sqrt() / root + epsilon);
            let change = first * under(second(g));
            let (least, most) = (second((g.abs() - e).max(0.0)), second(g.abs() + e));
            let bounds = [under(least * (1.0 - 6.0 * U) - TINY), under(most * (1.0 + 6.0 * U) + TINY)];
            let ends = bounds.map(|under| [(first - first_error) * under, (first + first_error) * under]);
            let furthest = ends.as_flattened().iter().map(|end| (end - change).abs()).fold(0.0, f64::max);
            // However far g is off: m and √v grow with it together (Cauchy and Schwarz).
            let moments = if v > 0.0 { (beta1 * m).powi(2) / (beta2 * v) } else { 0.0 };
            let most = size * root * (moments + (1.0 - beta1).powi(2) / (1.0 - beta2)).sqrt();
            let furthest = furthest.min(change.abs() + most * (1.0 + 64.0 * U));
            (change, furthest)
        }
    };
    let after = w - change;
    [after, error + 32.0 * U * (change.abs() + error) + 2.0 * U * after.abs() + TINY]
}
