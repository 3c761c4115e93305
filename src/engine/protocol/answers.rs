//! The answers to lessons' questions.
use super::{About, Card, Compressed, Exactly, SetInfo, Topic, Unfolded};
use crate::data::own::Wishes;
use crate::lessons::Recipe;
use crate::lessons::anomaly::TrainingErrors;
use crate::lessons::denoise::{Level, METHODS, Trained};
use crate::lessons::latent::{Chart, Space};
use crate::lessons::neighbours::{Nearest, Tally};
use crate::lessons::siamese::{Dealt, Taught};
use crate::lessons::verdict::TestLabels;
use crate::lessons::worlds::Measured;
use serde::{Deserialize, Serialize};

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

/// A visitor's own data, to be looked at before they are used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// What they are.
    pub set: SetInfo,
    /// Least and largest value, as the files have them.
    pub range: [f32; 2],
    /// What was found and decided, a sentence each.
    pub facts: Vec<String>,
    /// How they were taken, where there was a choice.
    pub taken: Wishes,
    /// The classes, and how many of each are learned from and tested with.
    pub classes: Vec<(String, u32, u32)>,
    /// Some of what is learned from, all over the file: values as in [`Answer::Pictures`].
    #[serde(with = "serde_bytes")]
    pub pictures: Vec<u8>,
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
    /// The visitor's own files can be opened.
    Own(Preview),
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
    /// The classifier as it is by now.
    Classifier(Pupil),
    /// What the classifier makes of an input.
    Classes {
        /// Steps that it had seen.
        step: u32,
        /// Every signal from x over z to what softmax makes probabilities of.
        signals: Vec<Vec<f32>>,
    },
    /// What some labels were worth.
    Labels(Measured),
    /// How the encoder stands that learns by pairs.
    Taught(Taught),
    /// Pairs to be judged.
    Dealt(Vec<Dealt>),
    /// The codes of some inputs.
    Apart {
        /// Each by the encoder before it saw a pair, and as it is now.
        codes: Vec<[Vec<f32>; 2]>,
    },
    /// On compression.
    Compress(Compressed),
    /// On a step and its kernels.
    Kernels(Unfolded),
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
    /// An exact run.
    Exact(Exactly),
    /// The runs that this browser keeps, newest first.
    Runs(Vec<Card>),
    /// Weights were read: they can be opened.
    Brought {
        /// The recipe that their file names, or the one that was at hand with the widths of the file.
        recipe: Recipe,
        /// Steps that they have seen, as far as the file says.
        step: u32,
        /// The file does not say what they were trained by.
        foreign: bool,
        /// They learned from data that are not here: the recipe names those at hand in their place.
        moved: bool,
    },
    /// How far the two networks have come.
    Denoisers(Trained),
    /// What each method makes of the inputs.
    Cleaned(Cleaned),
    /// A part of the test set.
    Gallery {
        /// The first of this part.
        first: u32,
        /// Of how many.
        of: u32,
        /// The inputs, one after the other.
        clean: Vec<f32>,
        /// With noise, and without it again.
        cleaned: Cleaned,
    },
    /// One strength of noise is measured.
    Level {
        /// The errors.
        level: Level,
        /// How far the networks had come.
        trained: Trained,
    },
    /// Inputs from elsewhere, in the order in which they were asked.
    Drawn {
        /// Steps that the weights had seen.
        step: u32,
        /// Their codes.
        codes: Vec<Vec<f32>>,
        /// Their reconstructions.
        outputs: Vec<Vec<f32>>,
    },
    /// On the GPU, as JSON.
    Report(String),
}

/// Noisy inputs, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cleaned {
    /// How far the two networks had come, where there are some.
    pub trained: Option<Trained>,
    /// The inputs, one after the other.
    pub noisy: Vec<f32>,
    /// By every method but the first, likewise; empty where a method is not there yet.
    pub outputs: [Vec<f32>; METHODS - 1],
}

/// A classifier in training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pupil {
    /// Steps that it has seen.
    pub step: u32,
    /// Of how many.
    pub of: u32,
    /// Weights and biases.
    pub parameters: u32,
    /// The mean loss of some steps, and the last of them.
    pub losses: Vec<(u32, f32)>,
    /// The share of the test set that it got right, and after which step.
    pub right: Vec<(u32, f32)>,
    /// The codes of the test set by its encoder, where they are new.
    pub chart: Option<Chart>,
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
    /// The classes' names, where they have some.
    pub classes: Vec<String>,
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
            Self::Own(_) => Topic::Own,
            Self::Map(_) => Topic::Map,
            Self::Pictures { .. } => Topic::Pictures,
            Self::Grid { .. } => Topic::Grid,
            Self::Neighbours(_) => Topic::Neighbours,
            Self::Accuracy { .. } => Topic::Accuracy,
            Self::Embedding { .. } => Topic::Embedding,
            Self::Denoisers(_) => Topic::Denoisers,
            Self::Cleaned(_) => Topic::Cleaned,
            Self::Gallery { .. } => Topic::Gallery,
            Self::Level { .. } => Topic::Levels,
            Self::Compress(answer) => answer.topic(),
            Self::Kernels(answer) => answer.topic(),
            Self::Weights { .. } => Topic::Weights,
            Self::Exact(_) => Topic::Exact,
            Self::Brought { .. } => Topic::Bring,
            Self::Runs(_) => Topic::Runs,
            Self::Taught(_) => Topic::Pairs,
            Self::Dealt(_) => Topic::Deal,
            Self::Apart { .. } => Topic::Apart,
            Self::Classifier(_) => Topic::Classifier,
            Self::Classes { .. } => Topic::Classes,
            Self::Labels(_) => Topic::Labels,
            Self::Drawn { .. } => Topic::Drawn,
            Self::Report(_) => Topic::Report,
        }
    }
}
