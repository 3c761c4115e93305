//! Kernels: one update in slow motion. Which weight is followed, what made its unit's value, the calls of a step and
//! what they take, and a gradient checked by differences.
#[cfg(test)]
mod tests;
pub mod wgsl;

use super::{Lesson, Recipe};
use serde::{Deserialize, Serialize};

/// The ninth lesson.
pub const LESSON: Lesson = Lesson { slug: "kernels", title: "Kernels", recipe: Recipe::default };

/// A weight: of which layer, of which unit there, of which of its inputs. The input after the last is the bias.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// From 0.
    pub layer: u32,
    /// From 0.
    pub unit: u32,
    /// From 0; as many as the layer has inputs: the bias.
    pub input: u32,
}

impl Place {
    /// Inputs and units of its layer, in a network of these widths.
    pub fn layer_of(self, widths: &[u32]) -> (u32, u32) {
        let at = |i: usize| widths.get(self.layer as usize + i).copied().unwrap_or(0);
        (at(0), at(1))
    }

    /// Where it is among all weights, laid out as in [`crate::nn::Weights`].
    pub fn index(self, widths: &[u32]) -> usize {
        let before: u32 = widths.windows(2).take(self.layer as usize).map(|pair| (pair[0] + 1) * pair[1]).sum();
        let (inputs, units) = self.layer_of(widths);
        let within = if self.input < inputs { self.unit * inputs + self.input } else { inputs * units + self.unit };
        (before + within) as usize
    }

    /// The weight at a place among all.
    pub fn at(index: usize, widths: &[u32]) -> Self {
        let mut left = index as u32;
        for (layer, pair) in (0..).zip(widths.windows(2)) {
            let (inputs, units) = (pair[0], pair[1]);
            let len = (inputs + 1) * units;
            if left < len {
                return match left.checked_sub(inputs * units) {
                    Some(unit) => Self { layer, unit, input: inputs },
                    None => Self { layer, unit: left / inputs, input: left % inputs },
                };
            }
            left -= len;
        }
        Self::default()
    }

    /// The nearest one that a network of these widths has.
    pub fn within(self, widths: &[u32]) -> Self {
        let layer = self.layer.min(widths.len().saturating_sub(2) as u32);
        let (inputs, units) = Self { layer, ..self }.layer_of(widths);
        Self { layer, unit: self.unit.min(units.saturating_sub(1)), input: self.input.min(inputs) }
    }

    /// As formulas write it, counted from 1.
    pub fn name(self, widths: &[u32]) -> String {
        let (layer, unit) = (self.layer + 1, self.unit + 1);
        match self.input == self.layer_of(widths).0 {
            true => format!("b{}[{unit}]", small(layer)),
            false => format!("w{}[{unit}, {}]", small(layer), self.input + 1),
        }
    }
}

/// A number as an index.
fn small(number: u32) -> String {
    number.to_string().chars().filter_map(|c| char::from_u32('₀' as u32 + c.to_digit(10)?)).collect()
}

/// A part of the chain of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The input.
    Input,
    /// The encoder, up to its last layer.
    Encoder,
    /// The code: the encoder's last layer.
    Code,
    /// The decoder.
    Decoder,
    /// The loss, and the gradient where it begins.
    Loss,
    /// Back through the layers.
    Gradient,
    /// The optimiser.
    Update,
}

impl Stage {
    /// In order.
    pub const ALL: [Self; 7] =
        [Self::Input, Self::Encoder, Self::Code, Self::Decoder, Self::Loss, Self::Gradient, Self::Update];

    /// Its letter in the lecture.
    pub fn symbol(self) -> &'static str {
        ["x", "e", "z", "d", "Loss", "∂Loss/∂w", "w − η ∂Loss/∂w"][self as usize]
    }

    /// What happens there.
    pub fn title(self) -> &'static str {
        ["input", "encoder", "code", "decoder", "how far off", "which way", "the step"][self as usize]
    }

    /// Where the layer of a network belongs, whose encoder has so many.
    pub fn of_layer(layer: u32, encoder: usize) -> Self {
        match layer as usize + 1 {
            i if i < encoder => Self::Encoder,
            i if i == encoder => Self::Code,
            _ => Self::Decoder,
        }
    }

    /// Where a call belongs. What multiplies gradients applies the optimiser, too: it is counted with the gradients.
    pub fn of_call(kernel: &str, layer: u32, encoder: usize) -> Self {
        match kernel {
            "gather" => Self::Input,
            "dense" => Self::of_layer(layer, encoder),
            "loss" | "tick" => Self::Loss,
            _ => Self::Gradient,
        }
    }
}

/// A kernel call of the step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The kernel.
    pub kernel: String,
    /// The stem of the form's file in `shaders/`.
    pub file: String,
    /// The form, in words; empty on a processor.
    pub form: String,
    /// Of which layer, from 0, where it is of one.
    pub layer: u32,
    /// Rows and columns of the result, terms per sum; ones where it is no product.
    pub sizes: [u32; 3],
    /// How many start.
    pub workgroups: [u32; 3],
    /// On a processor: a fast version, not the twin.
    pub fast: bool,
    /// Which of the texts ran, on a GPU.
    pub text: Option<u32>,
    /// Multiplications and additions.
    pub flops: f64,
    /// Bytes read and written at least.
    pub bytes: f64,
    /// Milliseconds, once they were measured.
    pub ms: Option<f64>,
}

impl Listed {
    /// What the call does in a second, and of what: thousand millions, and their share of what the device can do at most.
    /// Arithmetic or memory, whichever it comes nearer to.
    pub fn speed(&self, limits: Limits) -> Option<Speed> {
        let ms = self.ms.filter(|&ms| ms > 0.0)?;
        let [flops, bytes] = [self.flops, self.bytes].map(|work| work / ms / 1e6);
        let (arithmetic, memory) = (flops / limits.gflops, bytes / limits.gbytes);
        if self.flops + self.bytes == 0.0 {
            return None;
        }
        Some(match arithmetic >= memory {
            true => Speed { much: flops, unit: "GFLOP/s", share: arithmetic },
            false => Speed { much: bytes, unit: "GB/s", share: memory },
        })
    }
}

/// See [`Listed::speed`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Thousand millions a second.
    pub much: f64,
    /// Of what.
    pub unit: &'static str,
    /// Of the most, from 0 to 1.
    pub share: f64,
}

/// What a device can do at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Thousand million multiplications and additions a second.
    pub gflops: f64,
    /// Thousand million bytes a second.
    pub gbytes: f64,
    /// Microseconds of a call that does nothing.
    pub call_us: f64,
}

/// The calls of a step, with the texts that ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calls {
    /// In their order.
    pub calls: Vec<Listed>,
    /// WGSL, each once.
    pub texts: Vec<String>,
}

/// An update of a copy of the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Updated {
    /// Steps before it.
    pub step: u32,
    /// Inputs in the batch.
    pub rows: u32,
    /// The loss, before the update.
    pub loss: f32,
    /// What ran.
    pub calls: Calls,
}

/// What the step takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Its calls with their milliseconds.
    pub calls: Calls,
    /// Milliseconds of the whole step, replayed many times in one go.
    pub step: f64,
    /// Calls were timed each in its turn within the step; else each alone, replayed likewise.
    pub in_turn: bool,
    /// How often each was measured; the figures are the means of the fastest quarter.
    pub rounds: u32,
    /// By the GPU's own clock.
    pub stamped: bool,
    /// What the device can do at most.
    pub limits: Limits,
    /// Training makes the step in so few calls that do all of this, in so many milliseconds.
    pub whole: Option<(usize, f64)>,
}

impl Times {
    /// All calls together.
    pub fn sum(&self) -> f64 {
        self.calls.calls.iter().filter_map(|call| call.ms).sum()
    }

    /// The calls together as a share of the step.
    pub fn share(&self) -> f64 {
        self.sum() / self.step
    }
}

/// A term of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Which.
    pub index: u32,
    /// The two factors.
    pub factors: [f32; 2],
}

impl Term {
    /// Their product.
    pub fn product(&self) -> f64 {
        f64::from(self.factors[0]) * f64::from(self.factors[1])
    }
}

/// The largest terms of a sum of products, and what all others add up to.
pub fn largest(a: impl Iterator<Item = f32>, b: impl Iterator<Item = f32>, most: usize) -> (Vec<Term>, f64) {
    let mut terms: Vec<_> = (0..).zip(a.zip(b)).map(|(index, (a, b))| Term { index, factors: [a, b] }).collect();
    terms.sort_by(|a, b| b.product().abs().total_cmp(&a.product().abs()));
    let others = terms.iter().skip(most).map(Term::product).sum();
    terms.truncate(most);
    (terms, others)
}

/// One weight, and all that happens to it in the update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Which.
    pub place: Place,
    /// What enters its layer, of the batch's first input.
    pub inputs: Vec<f32>,
    /// What comes out of its layer.
    pub units: Vec<f32>,
    /// Its unit's weights, without the bias.
    pub weights: Vec<f32>,
    /// Their gradients.
    pub gradients: Vec<f32>,
    /// The largest terms w · a of the unit's sum, and what the others add up to.
    pub terms: Vec<Term>,
    /// The others.
    pub others: f64,
    /// The bias.
    pub bias: f32,
    /// What σ made of the sum: the unit's value.
    pub value: f32,
    /// The name of σ.
    pub activation: String,
    /// The largest terms δ · a of the gradient's sum over the batch.
    pub rows: Vec<Term>,
    /// The others.
    pub other_rows: f64,
    /// ∂Loss/∂w
    pub gradient: f32,
    /// How the gradient becomes an update.
    pub optimiser: crate::nn::spec::Optimiser,
    /// Before the update and after: the weight, and both moments.
    pub weight: [f32; 2],
    /// See above.
    pub first: [f32; 2],
    /// See above.
    pub second: [f32; 2],
    /// η, 1 − β₁ᵗ and 1 − β₂ᵗ.
    pub rate: f32,
    /// See above.
    pub rest: [f32; 2],
}

impl Followed {
    /// The unit's sum before σ.
    pub fn sum(&self) -> f64 {
        self.terms.iter().map(Term::product).sum::<f64>() + self.others + f64::from(self.bias)
    }
}

/// A gradient beside the difference that it should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Of which weight.
    pub place: Place,
    /// What the backward pass says, on the device.
    pub gradient: f32,
    /// (Loss(w + h) − Loss(w − h)) / 2 h, in double precision.
    pub difference: f64,
    /// As far apart as rounding in f32 at its worst, and what a difference leaves out, may bring them.
    pub allowed: f64,
    /// The largest gradient of its layer: rounding errors are small beside that, not beside each gradient.
    pub scale: f64,
    /// A unit crosses its σ's corner however small h is: there is no gradient here.
    pub corner: bool,
}

impl Checked {
    /// How far apart, relatively to the larger one.
    pub fn relative(&self) -> f64 {
        let gradient = f64::from(self.gradient);
        let size = gradient.abs().max(self.difference.abs());
        if size == 0.0 { 0.0 } else { (gradient - self.difference).abs() / size }
    }

    /// What the two say of each other.
    pub fn verdict(&self) -> Verdict {
        let apart = (f64::from(self.gradient) - self.difference).abs();
        match () {
            // A NaN is no match either.
            () if !(apart <= self.allowed || self.corner) => Verdict::Wrong,
            () if apart <= CLOSE * self.scale => Verdict::Close,
            () if self.corner => Verdict::Corner,
            () => Verdict::Rounding,
        }
    }
}

/// A gradient that is no further off than this share of its layer's largest counts as right to four digits.
const CLOSE: f64 = 1e-4;

/// See [`Checked::verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same to four digits of the layer's largest gradient.
    Close,
    /// Further apart, but no further than rounding may bring them.
    Rounding,
    /// There is no derivative here: a unit is at its σ's corner.
    Corner,
    /// Rounding does not explain it: the backward pass, or the difference, is wrong.
    Wrong,
}

/// A table of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The weight that is followed, then random ones.
    pub rows: Vec<Checked>,
    /// h
    pub h: f64,
    /// For the first one: h in f32, the difference of two losses of the device, and how far rounding may take it.
    pub single: [f64; 3],
}

/// The largest difference of any weight after a step that two have made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// It.
    pub largest: f64,
    /// Where.
    pub place: Place,
    /// As much as rounding may make there.
    pub allowed: f64,
    /// Of all weights, the largest share of what rounding may make; above 1 it does not explain the difference.
    pub share: f64,
}

impl Gap {
    /// Takes in one weight's difference.
    pub fn take(&mut self, difference: f64, allowed: f64, place: impl FnOnce() -> Place) {
        // A NaN is no match either.
        self.share = if difference <= allowed {
            self.share.max(difference / allowed.max(f64::MIN_POSITIVE))
        } else {
            f64::INFINITY
        };
        if difference > self.largest || difference.is_nan() {
            (self.largest, self.allowed, self.place) = (difference, allowed, place());
        }
    }

    /// Rounding explains all of it.
    pub fn explained(&self) -> bool {
        self.share <= 1.0
    }
}

/// The same step by several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The GPU's name, if there is one.
    pub gpu: Option<String>,
    /// GPU against processor, if there is a GPU.
    pub between: Option<Gap>,
    /// GPU against double precision, likewise.
    pub of_gpu: Option<Gap>,
    /// The processor against double precision.
    pub of_processor: Gap,
    /// Weights in all.
    pub weights: u32,
}
