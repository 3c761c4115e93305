//! What lessons ask of the network that stands.
use super::{About, Compress, Exact, Kernels, Runs};
use crate::data::own::{Named, Wishes};
use crate::lessons::Recipe;
use crate::lessons::latent::Space;
use crate::lessons::neighbours::Metric;
use crate::lessons::recipe::Noise;
use crate::lessons::siamese::{Dealing, Teaching};
use crate::lessons::worlds::Piece;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf as Bytes;

/// What a question is about. Of each topic one question is answered at a time: a new one takes the old one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// [`Ask::Scores`]
    Scores,
    /// [`Ask::Yardsticks`]
    Yardsticks,
    /// [`Ask::Sweep`]
    Sweep,
    /// [`Ask::Beats`]
    Beats,
    /// [`Ask::Own`]
    Own,
    /// [`Ask::Map`]
    Map,
    /// [`Ask::Pictures`]
    Pictures,
    /// [`Ask::Grid`]
    Grid,
    /// [`Ask::Neighbours`]
    Neighbours,
    /// [`Ask::Accuracy`]
    Accuracy,
    /// [`Ask::Embedding`]
    Embedding,
    /// [`Ask::Classifier`]
    Classifier,
    /// [`Ask::Classes`]
    Classes,
    /// [`Ask::Labels`]
    Labels,
    /// [`Ask::Pairs`]
    Pairs,
    /// [`Ask::Deal`]
    Deal,
    /// [`Ask::Apart`]
    Apart,
    /// [`Ask::Denoisers`]
    Denoisers,
    /// [`Ask::Cleaned`]
    Cleaned,
    /// [`Ask::Gallery`]
    Gallery,
    /// [`Ask::Levels`]
    Levels,
    /// [`Compress::Rate`]
    Rate,
    /// [`Compress::Rates`]
    Rates,
    /// [`Compress::Look`]
    Look,
    /// [`Compress::Pack`]
    Pack,
    /// [`Compress::Unpack`]
    Unpack,
    /// [`Kernels::Update`]
    Update,
    /// [`Kernels::Follow`]
    Follow,
    /// [`Kernels::Times`]
    Times,
    /// [`Kernels::Check`]
    Check,
    /// [`Kernels::Compare`]
    Compare,
    /// [`Ask::Weights`]
    Weights,
    /// [`Ask::Exact`]
    Exact,
    /// [`Ask::Bring`]
    Bring,
    /// [`Ask::Runs`]
    Runs,
    /// What the session keeps by itself; nobody asks for it.
    Keep,
    /// [`Ask::Drawn`]
    Drawn,
    /// [`Ask::Report`]
    Report,
}

impl Topic {
    /// It is about a visitor's own file or about what is kept, and so needs no network.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Own | Self::Bring | Self::Runs | Self::Keep)
    }

    /// It is about the last update that was made in slow motion.
    pub fn is_of_an_update(self) -> bool {
        matches!(self, Self::Follow | Self::Times | Self::Check | Self::Compare)
    }
}

/// A question about the network that stands. It waits until the data are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The loss of every input of the training and of the test set. Answered by [`super::Answer::Scores`].
    Scores,
    /// The classes of all inputs, and what the plainest detectors make of the same data. Answered by
    /// [`super::Answer::Yardsticks`].
    Yardsticks,
    /// Train the same network with other widths of z, from first weights of the same seed, beside the one that
    /// stands. Answered by an [`super::Answer::Swept`] for each.
    Sweep {
        /// The widths.
        zs: Vec<u32>,
    },
    /// Inputs of the test set with their reconstructions. Answered by [`super::Answer::Beats`].
    Beats {
        /// Which, at most 64.
        rows: Vec<u32>,
    },
    /// Read a visitor's own files, which together become a data set that can be opened; they need no network. Answered by
    /// [`super::Answer::Own`].
    Own {
        /// The files, with their bytes.
        files: Vec<Named<Bytes>>,
        /// How they are to be taken.
        wishes: Wishes,
    },
    /// Every input of the test set as a point. Answered by [`super::Answer::Map`].
    Map {
        /// Its code, or the input itself.
        space: Space,
        /// The training set too, after the test set.
        all: bool,
    },
    /// What inputs look like. Answered by [`super::Answer::Pictures`] in parts, of which the last is empty.
    Pictures {
        /// Which: of the test set, and counting on, of the training set.
        indices: Vec<u32>,
    },
    /// What the decoder makes of many codes. Answered by [`super::Answer::Grid`].
    Grid {
        /// The codes, one after the other.
        codes: Vec<f32>,
    },
    /// The training inputs that are nearest to an input, by their codes and by their values. Answered by
    /// [`super::Answer::Neighbours`].
    Neighbours {
        /// As many values as the network has inputs.
        input: Vec<f32>,
        /// What makes two rows near.
        metric: Metric,
        /// How many.
        k: u32,
    },
    /// How often the nearest training inputs vote right, over the whole test set, by codes and then by values. Answered by
    /// [`super::Answer::Accuracy`] again and again, until the whole set was asked.
    Accuracy {
        /// What makes two rows near.
        metric: Metric,
    },
    /// Codes on a plane by t-SNE. It is asked of a worker of its own, that holds no network: this takes seconds in which
    /// that worker hears nothing. Answered by [`super::Answer::Embedding`] again and again.
    Embedding {
        /// The codes, one after the other.
        codes: Vec<f32>,
        /// Values of each.
        width: u32,
        /// Where each starts, two values.
        start: Vec<f32>,
    },
    /// On compression. Answered by [`super::Answer::Compress`].
    Compress(Compress),
    /// On a step and its kernels. Answered by [`super::Answer::Kernels`].
    Kernels(Kernels),
    /// The weights as they are now, as a file. Answered by [`super::Answer::Weights`].
    Weights {
        /// Steps that the first weights of this run had seen.
        before: u32,
    },
    /// Exactly so many steps, on a copy of the network. Answered by [`super::Answer::Exact`].
    Exact(Exact),
    /// Read a file of weights, which [`super::Origin::File`] then opens. Answered by [`super::Answer::Brought`].
    Bring {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// What a file that names no recipe is taken to be trained by, its widths aside.
        now: Recipe,
    },
    /// On the runs that this browser keeps. Answered by [`super::Answer::Runs`].
    Runs(Runs),
    /// Train two networks beside the one that stands, without noise and with it, or go on with them; they stay with this
    /// run. Answered by [`super::Answer::Denoisers`] again and again.
    Denoisers {
        /// What one of them learns with.
        noise: Noise,
        /// New ones, even if there are some.
        fresh: bool,
    },
    /// What the two networks, PCA and a median filter make of noisy inputs. Answered by [`super::Answer::Cleaned`].
    Cleaned {
        /// The inputs, one after the other.
        inputs: Vec<f32>,
    },
    /// The same of the first inputs of the test set, with noise of this kind. Answered by [`super::Answer::Gallery`] in parts.
    Gallery {
        /// How many.
        count: u32,
        /// Which noise.
        noise: Noise,
    },
    /// How well each does over the whole test set, at several strengths of one kind of noise. Answered by an
    /// [`super::Answer::Level`] for each.
    Levels {
        /// The strengths.
        levels: Vec<Noise>,
    },
    /// Teach an encoder by pairs, beside the network that stands. Answered by [`super::Answer::Taught`], while it lasts again
    /// and again.
    Pairs(Teaching),
    /// Pairs of training inputs to be judged. Answered by [`super::Answer::Dealt`].
    Deal(Dealing),
    /// What the encoder that learns by pairs makes of some inputs. Answered by [`super::Answer::Apart`].
    Apart {
        /// The inputs.
        inputs: Vec<Vec<f32>>,
    },
    /// The classifier that has the standing network's encoder: how it stands, and if wanted its training, from where it
    /// was left to the recipe's last epoch. Answered by [`super::Answer::Classifier`] again and again.
    Classifier {
        /// Train it.
        train: bool,
    },
    /// What that classifier makes of an input. Answered by [`super::Answer::Classes`].
    Classes {
        /// As many values as the network has inputs.
        input: Vec<f32>,
    },
    /// What some labels are worth: to a classifier that is trained on these alone, and to the votes of the nearest by
    /// the standing network's codes. Answered by [`super::Answer::Labels`] for each piece.
    Labels {
        /// How many labels, and which.
        pieces: Vec<Piece>,
    },
    /// What the network makes of inputs from elsewhere, all at once. Answered by [`super::Answer::Drawn`].
    Drawn {
        /// Each as wide as the network's input; at most 100.
        inputs: Vec<Vec<f32>>,
    },
    /// Whether the GPU computes rightly, kernel by kernel, and all about it. Answered by [`super::Answer::Report`].
    Report,
}

impl About for Ask {
    fn topic(&self) -> Topic {
        match self {
            Self::Scores => Topic::Scores,
            Self::Yardsticks => Topic::Yardsticks,
            Self::Sweep { .. } => Topic::Sweep,
            Self::Beats { .. } => Topic::Beats,
            Self::Own { .. } => Topic::Own,
            Self::Map { .. } => Topic::Map,
            Self::Pictures { .. } => Topic::Pictures,
            Self::Grid { .. } => Topic::Grid,
            Self::Neighbours { .. } => Topic::Neighbours,
            Self::Accuracy { .. } => Topic::Accuracy,
            Self::Embedding { .. } => Topic::Embedding,
            Self::Denoisers { .. } => Topic::Denoisers,
            Self::Cleaned { .. } => Topic::Cleaned,
            Self::Gallery { .. } => Topic::Gallery,
            Self::Levels { .. } => Topic::Levels,
            Self::Compress(ask) => ask.topic(),
            Self::Kernels(ask) => ask.topic(),
            Self::Weights { .. } => Topic::Weights,
            Self::Exact(_) => Topic::Exact,
            Self::Bring { .. } => Topic::Bring,
            Self::Runs(_) => Topic::Runs,
            Self::Pairs(_) => Topic::Pairs,
            Self::Deal(_) => Topic::Deal,
            Self::Apart { .. } => Topic::Apart,
            Self::Classifier { .. } => Topic::Classifier,
            Self::Classes { .. } => Topic::Classes,
            Self::Labels { .. } => Topic::Labels,
            Self::Drawn { .. } => Topic::Drawn,
            Self::Report => Topic::Report,
        }
    }
}
