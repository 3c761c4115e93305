//! Everything the page can ask of the engine, and hear from it: plain data, in whole messages.
//!
//! They speak of recipes and pictures, not of buffers. Default enum tagging throughout: the codec between
//! page and worker (postcard) knows no other.
mod answers;
mod asks;
pub mod bytes;
mod compress;
mod exact;
mod kernels;
mod runs;
mod sealed;

pub use answers::{Answer, Baseline, Cleaned, Neighbours, Preview, Pupil, Swept};
pub use asks::{Ask, Topic};
pub use compress::{Compress, Compressed, Look, Sizes, Which};
pub use exact::{Exact, Exactly};
pub use kernels::{Kernels, Unfolded};
pub use runs::{Card, Runs};
pub use sealed::{About, Sealed};

use crate::lessons::Recipe;
use crate::words::Tongue;
use serde::{Deserialize, Serialize};

/// Another one in each build of the page (`build.rs` makes it from the sources), so that a worker of another build is
/// noticed.
pub const VERSION: u32 = match u32::from_str_radix(env!("HOURGLASS_BUILD"), 16) {
    Ok(build) => build,
    Err(_) => panic!("build.rs sets HOURGLASS_BUILD to eight hexadecimal digits"),
};

/// Which device the visitor accepts: the address's `?gpu=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GpuChoice {
    /// A real GPU if one works, else the processor: a software adapter counts as none.
    #[default]
    Auto,
    /// Accept a software adapter too (`?gpu=software`).
    Software,
    /// The processor (`?gpu=off`).
    Off,
}

/// Where the first weights come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Drawn from the recipe's seed.
    Seed,
    /// The weights that ship with the page for this network, if there are any; else from the seed.
    Shipped,
    /// The network of this recipe as it was left for one on other data, with all that it has learned; where there is
    /// none, as [`Origin::Shipped`].
    Kept,
    /// Those that were read last, by [`Ask::Bring`]; where they are of another network, as [`Origin::Shipped`].
    File,
    /// The run that this browser keeps under this name, with its own recipe, its curves and what lay on the pad.
    Saved(String),
}

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Always the first: find a device, read the site's catalogue. Answered by [`Event::Ready`].
    Start {
        /// [`VERSION`] of the page.
        version: u32,
        /// The page's address, ending in `/`: data and models lie under it.
        base: String,
        /// Which device the visitor accepts.
        gpu: GpuChoice,
    },
    /// Build this network; training stops. Answered by [`Event::Opened`], or by [`Event::Failed`] with the old
    /// network kept.
    Open {
        /// The network, its data and its training.
        recipe: Recipe,
        /// Its first weights.
        origin: Origin,
    },
    /// Train until the recipe's epochs are done, or [`Command::Pause`].
    Train,
    /// Stop after the steps in flight. Answered by [`Event::Progress`] with `running: false`.
    Pause,
    /// One step.
    Step,
    /// Back to step 0 with weights from the seed: a replay is identical. (Shipped weights are forgotten.)
    Reset,
    /// Change η from the next step on.
    SetRate(f32),
    /// Change how many epochs the run has.
    SetEpochs(u32),
    /// Look at this input now and whenever the weights change, until the next `Watch`. Answered by
    /// [`Event::Seen`]. `None`: stop looking.
    Watch {
        /// As many values as the network has inputs, and a number that comes back in [`Event::Seen`].
        input: Option<(u32, Vec<f32>)>,
    },
    /// Decode this z once. Answered by [`Event::Decoded`].
    Decode {
        /// dim(Z) values.
        z: Vec<f32>,
    },
    /// An input of the test set: `None` for the next one. Answered by [`Event::Sampled`].
    Sample {
        /// Which, from 0.
        index: Option<u32>,
    },
    /// Which part of the test set the strip shows, live.
    Strip {
        /// The first one.
        first: u32,
        /// How many, at most 64.
        count: u32,
    },
    /// What lies on the pad, in the page's own bytes: it is kept with the run.
    Drawing(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A lesson's question. Answered by [`Event::Answering`] and [`Event::Answer`], or by [`Event::Unanswered`].
    Ask(Sealed<Ask>),
    /// The answer is no longer of interest.
    Drop(Topic),
    /// In which language to speak from now on. Heard before [`Command::Start`], too.
    Speak(Tongue),
}

/// What kind of device does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceKind {
    /// The visitor's GPU.
    WebGpu,
    /// WebGPU in software: slow, and only on request.
    SoftwareWebGpu,
    /// This processor.
    Processor,
}

/// The device that does the work, and why it is not another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What kind.
    pub kind: DeviceKind,
    /// Its own name, such as `Apple M2`; may be empty.
    pub name: String,
    /// Why the processor does the work, if it does: one sentence for visitors.
    pub reason: Option<String>,
    /// It was asked for something seconds ago and has not answered.
    pub busy: bool,
    /// So many devices worked here before: two of one name and kind are not the same.
    pub number: u32,
}

/// One data set that this site has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetInfo {
    /// Its name in recipes.
    pub slug: String,
    /// Its name on the page.
    pub title: String,
    /// Training inputs.
    pub train: u32,
    /// Test inputs.
    pub test: u32,
    /// Values per input as rows and columns: (28, 28), or (1, 140) for series.
    pub shape: (u32, u32),
    /// All values lie in 0..1.
    pub unit: bool,
    /// Made by formula in the page, not downloaded.
    pub built_in: bool,
    /// Bytes to download, 0 if built in.
    pub bytes: u64,
}

/// A point of the loss curves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps done.
    pub step: u32,
    /// Loss of the batches since the last point (their mean), before their updates.
    pub train: f32,
    /// Loss over the test set (or its first part), where it was measured here.
    pub test: Option<f32>,
    /// η at this step.
    pub learning_rate: f32,
    /// Seconds of training so far, pauses left out.
    pub seconds: f32,
}

/// A curve goes on by these points. After a divergence, or on another day, a run goes on from earlier weights: the curve
/// does, too.
pub fn go_on(curve: &mut Vec<Point>, points: &[Point]) {
    let Some(first) = points.first().map(|point| point.step) else { return };
    curve.retain(|point| point.step < first);
    curve.extend(points);
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Training is going on.
    pub running: bool,
    /// All epochs are done.
    pub finished: bool,
    /// Steps done.
    pub step: u32,
    /// Steps that the recipe's epochs take.
    pub steps: u32,
    /// Epochs done, with the fraction of the current one.
    pub epoch: f32,
    /// Points of the curves since the last `Progress`; after `Opened` they start anew.
    pub points: Vec<Point>,
    /// Inputs per second, over the last second or so; 0 while nothing runs.
    pub samples_per_second: f32,
    /// Milliseconds per step, likewise.
    pub ms_per_step: f32,
    /// Seconds until all epochs are done, at this speed; 0 while nothing runs.
    pub seconds_left: f32,
}

/// One input with everything the network made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The number from [`Command::Watch`].
    pub id: u32,
    /// Steps that the weights had seen.
    pub step: u32,
    /// Every signal from x to x̂: `signals[0]` is the input, the last one the reconstruction.
    pub signals: Vec<Vec<f32>>,
    /// Mean squared error between x and x̂, over the features.
    pub mse: f32,
}

/// What the page hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A device was found and the site's data listed.
    Ready {
        /// [`VERSION`] of the worker.
        version: u32,
        /// Who does the work.
        device: DeviceInfo,
        /// What can be trained on here.
        sets: Vec<SetInfo>,
    },
    /// Something takes time: show it. `done == total` ends it.
    Loading {
        /// What, as a phrase: `MNIST`.
        what: String,
        /// Bytes, or items, so far.
        done: u64,
        /// Of how many; 0 if unknown.
        total: u64,
    },
    /// A network stands, at the step of its weights (0, or more for shipped ones).
    Opened {
        /// As it was asked for.
        recipe: Recipe,
        /// Where the weights really come from.
        origin: Origin,
        /// Width of every signal from x to x̂.
        widths: Vec<u32>,
        /// Which of them is z.
        z_at: usize,
        /// Weights and biases.
        parameters: u32,
        /// Rows and columns of an input.
        shape: (u32, u32),
        /// Steps that its weights have seen.
        step: u32,
        /// Its loss over the test set, once that is there.
        test: Option<f32>,
    },
    /// How training stands.
    Progress(Progress),
    /// The watched input, by the current weights.
    Seen(Seen),
    /// Answer to [`Command::Decode`].
    Decoded {
        /// As asked.
        z: Vec<f32>,
        /// Every signal from z to x̂.
        signals: Vec<Vec<f32>>,
    },
    /// Answer to [`Command::Sample`].
    Sampled {
        /// Which of the test set.
        index: u32,
        /// Its values.
        input: Vec<f32>,
        /// Its class, where the set has labels.
        label: Option<u8>,
    },
    /// A part of the test set and its reconstructions, by the current weights.
    Strip {
        /// The first one's index.
        first: u32,
        /// Inputs, each of the network's width.
        inputs: Vec<Vec<f32>>,
        /// Their reconstructions.
        outputs: Vec<Vec<f32>>,
        /// Steps that the weights had seen.
        step: u32,
    },
    /// Test error of PCA on this data: `mse[k]` with k components, k = 0 (the mean) to 64 or so.
    Pca {
        /// The data set.
        data: String,
        /// Mean squared error per value.
        mse: Vec<f32>,
    },
    /// The loss or the weights are no longer finite: training stopped, the last good weights are back.
    Diverged {
        /// At this step.
        step: u32,
        /// η there.
        learning_rate: f32,
    },
    /// Another device does the work, or more is known of the one that does.
    DeviceChanged {
        /// Who does the work now.
        device: DeviceInfo,
        /// What happened and what was kept, in sentences; `None` where nobody needs to know.
        note: Option<String>,
    },
    /// The batch was made smaller, because the GPU has no memory for the larger one: the run goes on with this one.
    Batch(u32),
    /// The run that was kept last: it can be gone on with.
    Left {
        /// Its name for [`Origin::Saved`].
        id: String,
        /// What it was made from.
        recipe: Recipe,
        /// Steps.
        step: u32,
        /// When it was kept, in milliseconds since 1970.
        when: f64,
    },
    /// What lay on the pad when the run that was just opened was kept.
    Drawing(#[serde(with = "serde_bytes")] Vec<u8>),
    /// The run can't be kept; said once, until it can again.
    NotKept {
        /// Why, and what to do.
        message: String,
    },
    /// How far an answer is.
    Answering {
        /// To which question.
        topic: Topic,
        /// From 0 to 1.
        done: f32,
    },
    /// An answer, or a part of one.
    Answer(Sealed<Answer>),
    /// A question could not be answered.
    Unanswered {
        /// Which.
        topic: Topic,
        /// Why, with numbers and the next step.
        message: String,
    },
    /// A command could not be done. What was before still is.
    Failed {
        /// What was tried, as a phrase: `open the recipe`.
        doing: String,
        /// Why, with numbers and the next step.
        message: String,
    },
}
