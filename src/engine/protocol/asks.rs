//! What lessons ask of the network that stands, and the answers.
use super::{About, Compress, Compressed, SetInfo};
use crate::lessons::Recipe;
use crate::lessons::anomaly::TrainingErrors;
use crate::lessons::latent::{Chart, Space};
use crate::lessons::neighbours::{Metric, Nearest, Tally};
use crate::lessons::verdict::TestLabels;
use serde::{Deserialize, Serialize};

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
    /// [`Ask::Weights`]
    Weights,
    /// [`Ask::Bring`]
    Bring,
}

impl Topic {
    /// It is about a visitor's own file, and so needs no network.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Own | Self::Bring)
    }
}

/// A question about the network that stands. It waits until the data are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The loss of every input of the training and of the test set. Answered by [`Answer::Scores`].
    Scores,
    /// The classes of all inputs, and what the plainest detectors make of the same data. Answered by
    /// [`Answer::Yardsticks`].
    Yardsticks,
    /// Train the same network with other widths of z, from first weights of the same seed, beside the one that
    /// stands. Answered by an [`Answer::Swept`] for each.
    Sweep {
        /// The widths.
        zs: Vec<u32>,
    },
    /// Inputs of the test set with their reconstructions. Answered by [`Answer::Beats`].
    Beats {
        /// Which, at most 64.
        rows: Vec<u32>,
    },
    /// Read a visitor's own series (CSV or UCR text), which become the data set `own` in place of earlier ones. They
    /// need no network. Answered by [`Answer::Own`].
    Own {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        text: Vec<u8>,
    },
    /// Every input of the test set as a point. Answered by [`Answer::Map`].
    Map {
        /// Its code, or the input itself.
        space: Space,
        /// The training set too, after the test set.
        all: bool,
    },
    /// What inputs look like. Answered by [`Answer::Pictures`] in parts, of which the last is empty.
    Pictures {
        /// Which: of the test set, and counting on, of the training set.
        indices: Vec<u32>,
    },
    /// What the decoder makes of many codes. Answered by [`Answer::Grid`].
    Grid {
        /// The codes, one after the other.
        codes: Vec<f32>,
    },
    /// The training inputs that are nearest to an input, by their codes and by their values. Answered by
    /// [`Answer::Neighbours`].
    Neighbours {
        /// As many values as the network has inputs.
        input: Vec<f32>,
        /// What makes two rows near.
        metric: Metric,
        /// How many.
        k: u32,
    },
    /// How often the nearest training inputs vote right, over the whole test set, by codes and then by values. Answered by
    /// [`Answer::Accuracy`] again and again, until the whole set was asked.
    Accuracy {
        /// What makes two rows near.
        metric: Metric,
    },
    /// Codes on a plane by t-SNE. It is asked of a worker of its own, that holds no network: this takes seconds in which
    /// that worker hears nothing. Answered by [`Answer::Embedding`] again and again.
    Embedding {
        /// The codes, one after the other.
        codes: Vec<f32>,
        /// Values of each.
        width: u32,
        /// Where each starts, two values.
        start: Vec<f32>,
    },
    /// On compression. Answered by [`Answer::Compress`].
    Compress(Compress),
    /// The weights as they are now, as a file. Answered by [`Answer::Weights`].
    Weights {
        /// Steps that the first weights of this run had seen.
        before: u32,
    },
    /// Read a file of weights, which [`super::Origin::File`] then opens. Answered by [`Answer::Brought`].
    Bring {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// What a file that names no recipe is taken to be trained by, its widths aside.
        now: Recipe,
    },
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
            Self::Compress(ask) => ask.topic(),
            Self::Weights { .. } => Topic::Weights,
            Self::Bring { .. } => Topic::Bring,
        }
    }
}

/// PCA as a detector, fitted on the rows that are learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Components; 0 is the distance to the mean input.
    pub components: u32,
    /// The mean squared error per value of every row that is learned from.
    pub train: TrainingErrors,
    /// Of every row of the test set.
    pub test: Vec<f32>,
}

/// One point of a sweep over z.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Swept {
    /// Width of z, and number of components.
    pub z: u32,
    /// The network's and PCA's AUC on the test set, where it has labels of both kinds.
    pub auc: Option<[f32; 2]>,
    /// Their mean errors on the normal inputs of the test set; without labels on all.
    pub error: [f32; 2],
}

/// An answer, or a part of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The loss of every input, in the order of the files: the mean over its values.
    Scores {
        /// Steps that the weights had seen.
        step: u32,
        /// Of the rows of the training set that are learned from.
        train: TrainingErrors,
        /// Of the test set.
        test: Vec<f32>,
    },
    /// The classes, where they are known, and plain detectors.
    Yardsticks {
        /// Of the rows of the training set that are learned from.
        train: Vec<u8>,
        /// Of the test set.
        test: TestLabels,
        /// Their names.
        classes: Vec<String>,
        /// The distance to the mean, and PCA with as many components as z.
        baselines: Vec<Baseline>,
    },
    /// One width of a sweep is done.
    Swept(Swept),
    /// Inputs and reconstructions.
    Beats {
        /// As asked, but for rows that are not there.
        rows: Vec<u32>,
        /// Each of the network's width.
        inputs: Vec<Vec<f32>>,
        /// Likewise.
        outputs: Vec<Vec<f32>>,
    },
    /// The visitor's own series can be opened as `own`.
    Own {
        /// What they are.
        set: SetInfo,
        /// What was done with them, in a few sentences.
        facts: String,
    },
    /// The map: without points if the network's codes are no longer numbers.
    Map(Chart),
    /// Some inputs; none at the end.
    Pictures {
        /// Which.
        indices: Vec<u32>,
        /// Their values, one byte each: 0..1 as 0..255, values of a series from -6 to 6 likewise.
        #[serde(with = "serde_bytes")]
        pictures: Vec<u8>,
    },
    /// What was decoded, in the order of the codes.
    Grid {
        /// Steps that the weights had seen.
        step: u32,
        /// Values as in [`Answer::Pictures`].
        #[serde(with = "serde_bytes")]
        pictures: Vec<u8>,
    },
    /// The nearest training inputs of one input.
    Neighbours(Neighbours),
    /// How often the vote was right so far.
    Accuracy {
        /// By codes, or by values.
        space: Space,
        /// Steps that the network had seen.
        step: u32,
        /// Of the inputs that were asked about so far, the first of the test set.
        tally: Tally,
        /// Of how many.
        of: u32,
        /// Seconds that this took.
        seconds: f32,
        /// After the last input: the nearest of each, for `neighbours.csv`; else empty.
        near: Nearest,
        /// With them, the classes of the test set.
        #[serde(with = "serde_bytes")]
        truth: Vec<u8>,
        /// And of the training set.
        #[serde(with = "serde_bytes")]
        known: Vec<u8>,
    },
    /// Where the codes lie by now.
    Embedding {
        /// Two values each.
        places: Vec<f32>,
        /// Epochs of t-SNE that are done.
        epoch: u32,
        /// Of how many.
        of: u32,
    },
    /// On compression.
    Compress(Compressed),
    /// The weights as a file that PyTorch takes.
    Weights {
        /// safetensors
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// Steps that they have seen.
        step: u32,
        /// Their loss over the whole test set: the mean over its inputs and their values.
        test: f32,
        /// Inputs of the test set.
        inputs: u32,
    },
    /// Weights were read: they can be opened.
    Brought {
        /// The recipe that their file names, or the one that was at hand with the widths of the file.
        recipe: Recipe,
        /// Steps that they have seen, as far as the file says.
        step: u32,
        /// The file does not say what they were trained by.
        foreign: bool,
    },
}

/// The nearest training inputs of one input: by codes, and after as many of them, by values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Steps that the network had seen by which the training set was encoded, and the input.
    pub step: u32,
    /// The two lists.
    pub near: Nearest,
    /// The classes of all in the lists, or empty.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// Their values, one after the other.
    pub inputs: Vec<f32>,
}

impl About for Answer {
    fn topic(&self) -> Topic {
        match self {
            Self::Scores { .. } => Topic::Scores,
            Self::Yardsticks { .. } => Topic::Yardsticks,
            Self::Swept(_) => Topic::Sweep,
            Self::Beats { .. } => Topic::Beats,
            Self::Own { .. } => Topic::Own,
            Self::Map(_) => Topic::Map,
            Self::Pictures { .. } => Topic::Pictures,
            Self::Grid { .. } => Topic::Grid,
            Self::Neighbours(_) => Topic::Neighbours,
            Self::Accuracy { .. } => Topic::Accuracy,
            Self::Embedding { .. } => Topic::Embedding,
            Self::Compress(answer) => answer.topic(),
            Self::Weights { .. } => Topic::Weights,
            Self::Brought { .. } => Topic::Bring,
        }
    }
}
