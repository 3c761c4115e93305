//! The choices of a recipe by name: short ones for links, full ones for the page.
use super::recipe::{Activation, Init, Loss, Noise, Optimiser};

/// One of a few named things, as menus and links need it.
pub trait Choice: Copy + PartialEq + Sized + Send + Sync + 'static {
    /// All of them, in the order of menus.
    fn all() -> &'static [Self];
    /// Its name in links: short, and never changed.
    fn slug(self) -> &'static str;
    /// Its name on the page.
    fn title(self) -> &'static str;

    /// The one with this name in links.
    fn from_slug(slug: &str) -> Option<Self> {
        Self::all().iter().copied().find(|choice| choice.slug() == slug)
    }
}

impl Choice for Activation {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn slug(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::Identity => "none (linear)",
            Self::Relu => "ReLU",
            Self::LeakyRelu => "leaky ReLU",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }
}

impl Choice for Loss {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn slug(self) -> &'static str {
        match self {
            Self::Mse => "mse",
            Self::Bce => "bce",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::Mse => "MSE",
            Self::Bce => "BCE",
        }
    }
}

impl Choice for Optimiser {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn slug(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Momentum => "momentum",
            Self::Adam => "adam",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Momentum => "momentum",
            Self::Adam => "Adam",
        }
    }
}

impl Choice for Init {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn slug(self) -> &'static str {
        match self {
            Self::He => "he",
            Self::Glorot => "glorot",
            Self::Torch => "torch",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::He => "He",
            Self::Glorot => "Glorot",
            Self::Torch => "PyTorch",
        }
    }
}

/// The kind of a [`Noise`], without its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoiseKind {
    /// Nothing is done to the input.
    None,
    /// Gaussian noise.
    Gaussian,
    /// Salt and pepper.
    SaltPepper,
    /// A block of zeros.
    Block,
}

impl Choice for NoiseKind {
    fn all() -> &'static [Self] {
        &[Self::None, Self::Gaussian, Self::SaltPepper, Self::Block]
    }
    fn slug(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gaussian => "gauss",
            Self::SaltPepper => "salt",
            Self::Block => "block",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gaussian => "Gaussian",
            Self::SaltPepper => "salt and pepper",
            Self::Block => "block",
        }
    }
}

impl NoiseKind {
    /// The kind of this noise.
    pub fn of(noise: Noise) -> Self {
        match noise {
            Noise::None => Self::None,
            Noise::Gaussian { .. } => Self::Gaussian,
            Noise::SaltPepper { .. } => Self::SaltPepper,
            Noise::Block { .. } => Self::Block,
        }
    }

    /// Noise of this kind, so strong that it can be seen, and so weak that a digit can still be read.
    pub fn usual(self) -> Noise {
        match self {
            Self::None => Noise::None,
            Self::Gaussian => Noise::Gaussian { sd: 0.5 },
            Self::SaltPepper => Noise::SaltPepper { share: 0.2 },
            Self::Block => Noise::Block { size: 8 },
        }
    }
}
