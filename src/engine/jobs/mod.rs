//! What lessons ask for beside training. Each question is answered by an async function over what stood when it was
//! asked; it rests every few milliseconds, so that training, drawings and other answers go on.
//!
//! A new question: a variant each of `Topic`, [`Ask`] and [`Answer`] in `protocol/`, a file here, an arm in
//! [`answer`].
mod beats;
mod beside;
mod bring;
mod classifier;
mod compress;
mod denoise;
mod drawn;
// Only a worker of the page answers this; the command line has better tools for it.
#[cfg(any(test, all(target_arch = "wasm32", feature = "web")))]
mod embedding;
mod encode;
mod exact;
mod kernels;
mod labels;
mod library;
mod map;
mod neighbours;
mod networks;
mod own;
mod pairs;
mod pictures;
mod report;
mod runs;
mod scores;
mod shelf;
mod sweep;
mod weights;
mod yardsticks;

pub use networks::Networks;
pub use pairs::Pack;
pub use shelf::Shelf;

use super::comparison::Fit;
use super::model::Design;
use super::protocol::{About, Answer, Ask, Event, Sealed, SetInfo, Topic};
use super::world::World;
use crate::compute::{Buffer, Device, GpuError};
use crate::data::pca::Pca;
use crate::data::{DataError, Dataset, Split};
use crate::nn::{Resident, Weights};
use crate::words;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_time::Instant;

pub use bring::{Brought, Header, WeightsFile, header as weights_header, read as weights_file};
pub use own::Place;

/// A question that is being answered.
pub struct Job {
    pub topic: Topic,
    pub ask: Sealed<Ask>,
    future: LocalBoxFuture<'static, Outcome>,
}

/// Why a question was not answered.
pub enum Trouble {
    /// In words, with the next step.
    Words(String),
    /// The device failed: the question can be asked again on another.
    Device(GpuError),
}

impl From<DataError> for Trouble {
    fn from(error: DataError) -> Self {
        Self::Words(error.to_string())
    }
}

impl From<GpuError> for Trouble {
    fn from(error: GpuError) -> Self {
        Self::Device(error)
    }
}

/// What a question is about: what stands now, shared with training, which goes on.
pub struct Scene<W> {
    pub world: Rc<W>,
    pub device: Rc<Device>,
    pub design: Rc<Design>,
    /// The network on the device: as training moves it.
    pub weights: Weights,
    /// Its run's clock there.
    pub clock: Buffer,
    /// A copy in this process, of when the question was asked.
    pub values: Rc<Vec<f32>>,
    /// Steps that the copy has seen.
    pub step: u32,
    /// Steps that the weights on the device had seen, and whether they go on.
    pub steps: u32,
    pub running: bool,
    /// The network has learned something, here or before it came here.
    pub learned: bool,
    pub split: Rc<Split>,
    /// The rows of the training set that are learned from, where those are not all.
    pub part: Option<Rc<Dataset>>,
    /// What is learned from, and the test set, on the device.
    pub train: Resident,
    pub test: Resident,
    /// What answers leave for later ones about this run.
    pub shelf: Rc<Shelf>,
    /// Networks that were trained beside this one, and beside others.
    pub networks: Rc<Networks>,
    /// PCA of the training set.
    pub fit: Rc<RefCell<Fit>>,
    /// On the last GPU that computed wrongly.
    pub report: Option<Rc<str>>,
    pub out: Rc<dyn Fn(Event)>,
    /// The session works beside its jobs: what is waited for takes a turn of it at least, so clocks say nothing.
    pub busy: Rc<Cell<bool>>,
    /// When this job last rested.
    pub rested: Cell<Instant>,
}

/// Milliseconds of work between two rests.
const WORK: f64 = 8.0;

impl<W> Scene<W> {
    /// What is learned from: row by row the inputs of `train`, which may be fewer than the file's.
    pub fn known(&self) -> &Dataset {
        self.part.as_deref().unwrap_or(&self.split.train)
    }

    /// PCA of what is learned from, if it is there by now.
    pub fn pca_by_now(&self) -> Option<Rc<Pca>> {
        match &*self.fit.borrow() {
            Fit::Done(pca) => Some(pca.clone()),
            _ => None,
        }
    }
}

impl<W: World> Scene<W> {
    /// PCA of what is learned from, once it is there. Where there will be none `otherwise` ends the sentence that says so.
    ///
    /// # Errors
    /// The inputs are too wide.
    pub async fn pca(&self, otherwise: &str) -> Result<Rc<Pca>, Trouble> {
        loop {
            if let Some(pca) = self.pca_by_now() {
                return Ok(pca);
            }
            if matches!(*self.fit.borrow(), Fit::None) {
                return Err(Trouble::Words(words!("these inputs are too wide for PCA{otherwise}")));
            }
            self.world.rest().await;
        }
    }

    /// Says a part of the answer, or all of it.
    pub fn answer(&self, answer: Answer) {
        (self.out)(Event::Answer(answer.sealed()));
    }

    /// Says how far the answer is, from 0 to 1.
    pub fn progress(&self, topic: Topic, done: f32) {
        (self.out)(Event::Answering { topic, done });
    }

    /// Lets others work, if this job has worked long enough. Boxed, because jobs call it everywhere.
    pub fn rest(&self) -> LocalBoxFuture<'_, ()> {
        if self.rested.get().elapsed().as_secs_f64() * 1e3 < WORK {
            return std::future::ready(()).boxed_local();
        }
        async {
            self.world.rest().await;
            self.rested.set(Instant::now());
        }
        .boxed_local()
    }
}

/// Begins to answer a question.
pub fn begin<W: World>(scene: Scene<W>, ask: Sealed<Ask>) -> Job {
    Job { topic: ask.topic, ask: ask.clone(), future: W::answer(scene, ask) }
}

/// How a question comes out.
pub type Outcome = Result<(), Trouble>;

/// The answer, at work. Called through [`World::answer`], which may have to fetch it first.
pub fn answer<W: World>(scene: Scene<W>, ask: Sealed<Ask>) -> LocalBoxFuture<'static, Outcome> {
    let Some(ask) = ask.open() else { return std::future::ready(Err(unreadable())).boxed_local() };
    match ask {
        Ask::Scores => scores::answer(scene).boxed_local(),
        Ask::Yardsticks => yardsticks::answer(scene).boxed_local(),
        Ask::Sweep { zs } => sweep::answer(scene, zs).boxed_local(),
        Ask::Beats { rows } => beats::answer(scene, rows).boxed_local(),
        // They need no scene: see [`bring`].
        Ask::Own { .. } | Ask::Bring { .. } | Ask::Runs(_) => std::future::ready(Ok(())).boxed_local(),
        Ask::Weights { before } => weights::answer(scene, before).boxed_local(),
        Ask::Exact(run) => exact::answer(scene, run).boxed_local(),
        Ask::Map { space, all } => map::answer(scene, space, all).boxed_local(),
        Ask::Pictures { indices } => pictures::answer(scene, indices).boxed_local(),
        Ask::Grid { codes } => pictures::grid(scene, codes).boxed_local(),
        Ask::Neighbours { input, metric, k } => neighbours::answer(scene, input, metric, k).boxed_local(),
        Ask::Accuracy { metric } => neighbours::accuracy(scene, metric).boxed_local(),
        Ask::Pairs(teaching) => pairs::teach(scene, teaching).boxed_local(),
        Ask::Deal(dealing) => pairs::deal(scene, dealing).boxed_local(),
        Ask::Apart { inputs } => pairs::apart(scene, inputs).boxed_local(),
        Ask::Compress(ask) => compress::answer(scene, ask).boxed_local(),
        Ask::Kernels(ask) => kernels::answer(scene, ask).boxed_local(),
        // Asked of a worker that holds no network: see [`alone`].
        Ask::Embedding { .. } => std::future::ready(Ok(())).boxed_local(),
        Ask::Denoisers { noise, fresh } => denoise::train(scene, noise, fresh).boxed_local(),
        Ask::Cleaned { inputs } => denoise::clean(scene, inputs).boxed_local(),
        Ask::Gallery { count, noise } => denoise::gallery(scene, count, noise).boxed_local(),
        Ask::Levels { levels } => denoise::levels(scene, levels).boxed_local(),
        Ask::Classifier { train } => classifier::answer(scene, train).boxed_local(),
        Ask::Classes { input } => classifier::classes(scene, input).boxed_local(),
        Ask::Report => report::answer(scene).boxed_local(),
        Ask::Drawn { inputs } => drawn::answer(scene, inputs).boxed_local(),
        Ask::Labels { pieces } => labels::answer(scene, pieces).boxed_local(),
    }
}

/// The answer to a question that needs no network, from a worker that does nothing else. Blocks until it is there.
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub fn alone(ask: Sealed<Ask>, out: &dyn Fn(Event)) {
    if let Some(Ask::Embedding { codes, width, start }) = ask.open() {
        embedding::answer(&codes, width as usize, start, out);
    }
}

/// Begins to read a visitor's own file.
pub fn bring<W: World>(world: Rc<W>, file: File) -> Job {
    // No device can fail it, so it is never asked again, and a second copy of the files would be for nothing.
    let topic = file.ask.topic;
    Job { topic, ask: Sealed::empty(topic), future: W::read(world, file) }
}

fn unreadable() -> Trouble {
    Trouble::Words("the page and its engine do not understand each other: reload the page".into())
}

/// A visitor's own file, on its way to a data set or to weights.
pub struct File {
    /// [`Ask::Own`] or [`Ask::Bring`]
    pub ask: Sealed<Ask>,
    pub place: Place,
    pub weights: Brought,
    /// All that can be trained on here.
    pub sets: Vec<SetInfo>,
    pub out: Rc<dyn Fn(Event)>,
}

/// The file, being read. Called through [`World::read`], which may have to fetch the reader first.
pub fn read<W: World>(world: Rc<W>, file: File) -> LocalBoxFuture<'static, Outcome> {
    match file.ask.topic {
        Topic::Bring => std::future::ready(bring::answer(file)).boxed_local(),
        Topic::Runs => runs::answer(world, file).boxed_local(),
        _ => own::answer(world, file).boxed_local(),
    }
}

impl Job {
    /// Something that the session keeps by itself.
    pub fn keep(future: LocalBoxFuture<'static, Outcome>) -> Self {
        Self { topic: Topic::Keep, ask: Sealed::empty(Topic::Keep), future }
    }
}

impl Future for Job {
    type Output = (Topic, Sealed<Ask>, Outcome);

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        self.future.as_mut().poll(context).map(|result| (self.topic, self.ask.clone(), result))
    }
}
