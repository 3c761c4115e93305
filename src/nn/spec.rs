//! What a network is, as plain data: no buffers, no device.
use serde::{Deserialize, Serialize};

/// The non-linearity σ after each hidden layer, or after the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Activation {
    /// σ(x) = x
    Identity,
    /// σ(x) = max(0, x), the lecture's choice.
    #[default]
    Relu,
    /// σ(x) = x for x > 0, else 0.01 x (PyTorch's slope).
    LeakyRelu,
    /// σ(x) = tanh x
    Tanh,
    /// σ(x) = 1 / (1 + e⁻ˣ)
    Sigmoid,
}

impl Activation {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 5] = [Self::Identity, Self::Relu, Self::LeakyRelu, Self::Tanh, Self::Sigmoid];

    /// The number by which the kernels know it (`params.activation` in the shaders).
    pub fn code(self) -> u32 {
        self as u32
    }
}

/// What training makes small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Loss {
    /// Mean squared error over batch and features, PyTorch's `nn.MSELoss`.
    #[default]
    Mse,
    /// Binary cross-entropy, mean over batch and features, PyTorch's `nn.BCELoss`: for values in 0..1. Logarithms are cut
    /// off at ln 1e-7, about -16.1 (PyTorch's at -100).
    Bce,
}

impl Loss {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 2] = [Self::Mse, Self::Bce];
}

/// How a gradient becomes an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Optimiser {
    /// w ← w − η g
    Sgd,
    /// v ← 0.9 v + g, w ← w − η v (PyTorch's SGD with momentum 0.9)
    Momentum,
    /// Kingma and Ba, 2015, as PyTorch computes it: ε outside the root, after bias correction.
    #[default]
    Adam,
}

impl Optimiser {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 3] = [Self::Sgd, Self::Momentum, Self::Adam];
}

/// The distribution of the first weights; biases start at 0 (with `Torch`: as the weights).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Init {
    /// Uniform in ±√(6 / fan_in) (He et al., 2015): keeps the size of signals through ReLU layers.
    #[default]
    He,
    /// Uniform in ±√(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
    Glorot,
    /// Uniform in ±1/√fan_in, weights and biases: what PyTorch's `nn.Linear` does.
    Torch,
}

impl Init {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 3] = [Self::He, Self::Glorot, Self::Torch];
}

/// What is done to an input before the network sees it; the clean input stays the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Noise {
    /// Nothing.
    #[default]
    None,
    /// x + sd · N(0, 1), not clipped.
    Gaussian {
        /// Standard deviation, in units of the input, 0.01 to 2.
        sd: f32,
    },
    /// A share of the values becomes 0 or 1, half of them each.
    SaltPepper {
        /// The share, 0.01 to 1.
        share: f32,
    },
    /// One square of zeros at a random place (for series: one interval).
    Block {
        /// Edge of the square, in pixels (for series: length), 1 to 28.
        size: u32,
    },
}

/// One dense layer: y = σ(W x + b).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSpec {
    /// Values in.
    pub inputs: u32,
    /// Values out.
    pub outputs: u32,
    /// σ
    pub activation: Activation,
}

impl LayerSpec {
    /// Weights and biases of this layer. Files may say any widths: what is too many for a number stays the largest one.
    pub fn parameters(&self) -> usize {
        (self.inputs as usize).saturating_add(1).saturating_mul(self.outputs as usize)
    }
}

/// An autoencoder d(e(x)) as a list of dense layers, `encoder` of them before z.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Encoder first, then decoder.
    pub layers: Vec<LayerSpec>,
    /// How many layers make the encoder: the output of layer `encoder - 1` is z.
    pub encoder: usize,
}

impl NetworkSpec {
    /// x → widths → z → widths reversed → x̂, with a linear z and `output` after the last layer.
    pub fn autoencoder(inputs: u32, widths: &[u32], z: u32, hidden: Activation, output: Activation) -> Self {
        let sizes: Vec<u32> = [inputs]
            .into_iter()
            .chain(widths.iter().copied())
            .chain([z])
            .chain(widths.iter().rev().copied())
            .chain([inputs])
            .collect();
        let (encoder, last) = (widths.len() + 1, sizes.len() - 2);
        let layers = sizes
            .windows(2)
            .enumerate()
            .map(|(i, pair)| LayerSpec {
                inputs: pair[0],
                outputs: pair[1],
                activation: match i {
                    i if i + 1 == encoder => Activation::Identity,
                    i if i == last => output,
                    _ => hidden,
                },
            })
            .collect();
        Self { layers, encoder }
    }

    /// Values per input, and per reconstruction.
    pub fn inputs(&self) -> u32 {
        self.layers.first().map_or(0, |l| l.inputs)
    }

    /// The width of the bottleneck, dim(Z).
    pub fn z(&self) -> u32 {
        self.encoder.checked_sub(1).and_then(|i| self.layers.get(i)).map_or(0, |l| l.outputs)
    }

    /// The width of every signal, from x to x̂.
    pub fn widths(&self) -> Vec<u32> {
        [self.inputs()].into_iter().chain(self.layers.iter().map(|l| l.outputs)).collect()
    }

    /// Weights and biases in all.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(LayerSpec::parameters).fold(0, usize::saturating_add)
    }
}
