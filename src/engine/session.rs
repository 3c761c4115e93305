//! The session: the state machine behind the page. It answers while it trains.
use super::comparison::Comparisons;
use super::jobs::{self, Brought, File, Job, Networks, Place};
use super::keeping::Keeper;
use super::model::Model;
use super::opening::{Kept, Shelf};
use super::protocol::{Ask, Command, Event, GpuChoice, Progress, Sealed, Topic, VERSION};
use super::questions::Answered;
use super::recovery::{News, Recovery};
use super::run::{Problem, Resume, Run};
use super::site::{self, Shipped};
use super::world::World;
use crate::compute::{Device, GpuError};
use crate::data::Split;
use crate::data::catalogue::Catalogue;
use crate::lessons::Recipe;
use crate::words;
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use web_time::Instant;

/// Milliseconds between two reports of progress.
pub(super) const REPORT: f64 = 100.0;
/// Milliseconds between two pictures of the same input while training.
pub(super) const SHOWN: f64 = 100.0;
/// Milliseconds between two strips while training.
pub(super) const STRIP: f64 = 300.0;

pub(super) type Loaded = Result<Split, String>;
/// What data are on their way.
type Loading = (String, LocalBoxFuture<'static, Loaded>);

/// What a waiting session waits for.
enum Came {
    Command(Option<Command>),
    Data(Box<Loaded>),
    Answer(Answered),
    Device(News),
}

/// The program behind the page.
pub struct Session<W> {
    pub(super) world: Rc<W>,
    pub(super) out: Rc<dyn Fn(Event)>,
    pub(super) inbox: UnboundedReceiver<Command>,
    /// Commands that have to wait for the end of a slice.
    backlog: VecDeque<Command>,
    pub(super) open: bool,
    pub(super) device: Rc<Device>,
    pub(super) recovery: Recovery,
    pub(super) catalogue: Rc<Catalogue>,
    pub(super) shipped: Vec<Shipped>,
    /// The visitor's own series.
    pub(super) own: Place,
    /// The weights that were read last.
    pub(super) brought: Brought,
    pub(super) model: Option<Model>,
    pub(super) run: Option<Run>,
    pub(super) running: bool,
    /// Single steps that were asked for.
    pub(super) single: u32,
    pub(super) loading: Option<Loading>,
    pub(super) data: Shelf,
    pub(super) kept: Vec<Kept>,
    /// What the network that is built next goes on from.
    pub(super) resume: Option<Resume>,
    pub(super) keeper: Keeper,
    pub(super) watched: Option<(u32, Vec<f32>)>,
    /// When the drawing last changed.
    pub(super) drawn: Option<Instant>,
    strip: (u32, u32),
    next_sample: u32,
    pub(super) pca: Comparisons,
    /// What lessons trained beside the networks that stood.
    pub(super) networks: Rc<Networks>,
    /// Questions that wait for data and device, and those that are being answered.
    pub(super) questions: Vec<Sealed<Ask>>,
    pub(super) jobs: FuturesUnordered<Job>,
    /// How often devices have refused a question on a topic since the last one that was answered.
    pub(super) failed: Vec<(Topic, u32)>,
    /// The session works beside its jobs, so that they wait for their turn whenever they wait for the device.
    pub(super) busy: Rc<Cell<bool>>,
    pub(super) reported: Instant,
    pub(super) stripped: Instant,
    pub(super) shown: Instant,
    /// When this thread last let others in.
    pub(super) breathed: Instant,
}

impl<W: World> Session<W> {
    /// A session that hears `inbox` and speaks through `out`.
    pub fn new(world: W, inbox: UnboundedReceiver<Command>, out: impl Fn(Event) + 'static) -> Self {
        Self {
            world: Rc::new(world),
            out: Rc::new(out),
            inbox,
            backlog: VecDeque::new(),
            open: true,
            device: Rc::new(Device::Processor),
            recovery: Recovery::default(),
            catalogue: Rc::new(Catalogue::empty()),
            shipped: Vec::new(),
            own: Place::default(),
            brought: Brought::default(),
            model: None,
            run: None,
            running: false,
            single: 0,
            loading: None,
            data: Shelf::default(),
            kept: Vec::new(),
            resume: None,
            keeper: Keeper::default(),
            watched: None,
            drawn: None,
            strip: (0, 12),
            next_sample: 0,
            pca: Comparisons::default(),
            networks: Rc::default(),
            questions: Vec::new(),
            jobs: FuturesUnordered::new(),
            failed: Vec::new(),
            busy: Rc::default(),
            reported: Instant::now(),
            stripped: Instant::now(),
            shown: Instant::now(),
            breathed: Instant::now(),
        }
    }

    /// Goes on until the inbox is closed and everything asked for is done.
    pub async fn run(mut self) {
        loop {
            while let Ok(command) = self.inbox.try_recv() {
                self.hear(command);
            }
            while let Some(command) = self.backlog.pop_front() {
                self.obey(command).await;
            }
            self.poll_loading();
            self.look_at_devices().await;
            self.begin_answers().await;
            let trains = (self.running || self.single > 0) && self.data_is_there();
            self.busy.set(trains || self.pca.is_busy());
            if trains {
                self.slice().await;
                self.compare();
                self.poll_jobs().await;
                self.world.rest().await;
            } else if self.pca.is_busy() {
                self.compare();
                self.poll_jobs().await;
                self.world.rest().await;
            } else if !self.wait().await {
                return;
            }
        }
    }

    /// Until a command, the data or an answer arrive, or something becomes of a device. False: nothing can come any more.
    async fn wait(&mut self) -> bool {
        if !self.open && self.loading.is_none() && self.jobs.is_empty() {
            return false;
        }
        match self.next().await {
            Came::Command(Some(command)) => self.hear(command),
            Came::Command(None) => self.open = false,
            Came::Data(loaded) => {
                self.loaded(*loaded);
            }
            Came::Answer(answered) => {
                self.rested();
                self.answered(answered).await;
            }
            Came::Device(news) => self.hear_of_device(news).await,
        }
        true
    }

    async fn next(&mut self) -> Came {
        let (open, loading, inbox, jobs) = (self.open, &mut self.loading, &mut self.inbox, &mut self.jobs);
        let asked = !jobs.is_empty();
        let news = pin!(self.recovery.news(&self.world, &self.device, asked));
        let command = pin!(async { if open { inbox.next().await } else { std::future::pending().await } });
        let loaded = pin!(async {
            match loading {
                Some((_, loading)) => loading.await,
                None => std::future::pending().await,
            }
        });
        let answered = pin!(async {
            match jobs.next().await {
                Some(answered) => answered,
                None => std::future::pending().await,
            }
        });
        match select(select(command, loaded), select(answered, news)).await {
            Either::Left((Either::Left((command, _)), _)) => Came::Command(command),
            Either::Left((Either::Right((loaded, _)), _)) => Came::Data(Box::new(loaded)),
            Either::Right((Either::Left((answered, _)), _)) => Came::Answer(answered),
            Either::Right((Either::Right((news, _)), _)) => Came::Device(news),
        }
    }

    fn poll_loading(&mut self) {
        if let Some(loaded) = self.loading.as_mut().and_then(|(_, loading)| loading.now_or_never()) {
            self.loaded(loaded);
        }
    }

    /// What takes no time is done at once, even in the middle of a slice; the rest waits.
    pub(super) fn hear(&mut self, command: Command) {
        let model = self.model.as_ref();
        match command {
            Command::Watch { input } => {
                self.watched = input;
                self.drawn = Some(Instant::now());
                self.say_seen();
            }
            Command::Decode { z } => {
                let got = z.len();
                match model.and_then(|model| model.decode(z)) {
                    Some(decoded) => self.say(decoded),
                    None => {
                        let z = model.map_or(0, |model| model.design.spec.z());
                        self.fail("decode", &words!("this z has {got} values, the network's has {z}"));
                    }
                }
            }
            Command::Strip { first, count } => {
                self.strip = (first, count);
                self.say_strip();
            }
            Command::Sample { index } => self.sample(index),
            Command::Ask(ask) => {
                self.drop_answers(Some(ask.topic));
                if ask.topic.is_file() {
                    let (world, out) = (self.world.clone(), self.out.clone());
                    let (place, weights, sets) = (self.own.clone(), self.brought.clone(), self.sets());
                    self.jobs.push(jobs::bring(world, File { ask, place, weights, sets, out }));
                } else {
                    self.questions.push(ask);
                    self.fetch_data();
                }
            }
            Command::Drop(topic) => self.drop_answers(Some(topic)),
            Command::Drawing(drawing) => self.keep_drawing(drawing),
            later => self.backlog.push_back(later),
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Start { version, base: _, gpu } => self.start(version, gpu).await,
            Command::Open { recipe, origin } => self.open(recipe, origin).await,
            Command::Train => {
                self.running = self.model.is_some();
                self.fetch_data();
            }
            Command::Pause => {
                self.running = false;
                self.settle().await;
                self.report();
            }
            Command::Step => {
                self.single += 1;
                self.fetch_data();
            }
            Command::Reset => self.reset(),
            Command::SetRate(rate) => self.set(|recipe| recipe.learning_rate = rate),
            Command::SetEpochs(epochs) => self.set(|recipe| recipe.epochs = epochs),
            light => self.hear(light),
        }
    }

    async fn start(&mut self, version: u32, gpu: GpuChoice) {
        if version != VERSION {
            let message = words!("the page speaks version {version}, its worker {VERSION}: reload the page");
            return self.fail("start", &message);
        }
        let ((device, reason), catalogue, shipped) = futures_util::join!(
            self.recovery.first(&self.world, gpu),
            site::catalogue(&*self.world),
            site::shipped(&*self.world)
        );
        self.device = device;
        self.shipped = shipped;
        match catalogue {
            Ok(catalogue) => self.catalogue = Rc::new(catalogue),
            Err(message) => self.fail("read the site's list of data sets", &message),
        }
        self.say(Event::Ready {
            version: VERSION,
            device: self.device_info(reason),
            sets: site::sets(&self.catalogue),
        });
        self.look_for_the_last_run();
    }

    pub(super) fn data_is_there(&self) -> bool {
        self.model.as_ref().is_some_and(|model| model.split.is_some())
    }

    /// Puts the network and its data on the device, and measures where it stands.
    pub(super) async fn build(&mut self) {
        if let Err(error) = self.try_build().await {
            self.change_device(error).await;
        }
    }

    /// The same.
    ///
    /// # Errors
    /// The device failed.
    pub(super) async fn try_build(&mut self) -> Result<(), GpuError> {
        if self.run.is_some() {
            return Ok(());
        }
        let Some(model) = &self.model else { return Ok(()) };
        let Some(split) = model.split.clone() else { return Ok(()) };
        let (device, design, weights) = (self.device.clone(), model.design.clone(), model.weights.clone());
        match self.patiently(Run::new(&device, &design, &weights, &split)).await {
            Ok(run) => self.stand(run),
            Err(Problem::Data(message)) => {
                self.running = false;
                self.single = 0;
                self.fail("train", &message);
            }
            Err(Problem::Device(error)) => return Err(error),
        }
        Ok(())
    }

    /// A run takes its place, and goes on from what was kept.
    pub(super) fn stand(&mut self, mut run: Run) {
        let resumed = self.resume.take().map(|resume| run.go_on_from(resume));
        self.run = Some(run);
        match resumed {
            Some(true) => self.report(),
            Some(false) => self.fail("go on where it was", "what was kept is of another network"),
            None => {}
        }
    }

    fn reset(&mut self) {
        (self.running, self.single, self.resume) = (false, 0, None);
        // What is being answered is of the weights that go, and what was trained beside them returns to its shelf first.
        self.drop_answers(None);
        let Some(model) = self.model.as_mut() else { return };
        model.forget();
        if let Some(run) = self.run.as_mut() {
            run.restart(&model.weights);
        }
        let opened = model.opened(0);
        self.say(opened);
        self.report();
        self.show();
    }

    /// Changes what may change while it runs.
    fn set(&mut self, change: impl Fn(&mut Recipe)) {
        let Some(model) = self.model.as_mut() else { return };
        let mut recipe = model.design.recipe.clone();
        change(&mut recipe);
        if let Err(error) = recipe.check() {
            return self.fail("change the recipe", &error.to_string());
        }
        if let Some(run) = self.run.as_mut() {
            run.trainer.set_rate(recipe.learning_rate);
        }
        Rc::make_mut(&mut model.design).recipe = recipe;
        self.report();
    }

    fn sample(&mut self, index: Option<u32>) {
        let Some(split) = self.model.as_ref().and_then(|model| model.split.clone()) else {
            return self.fail("take a digit of the test set", "the data are still on their way");
        };
        let index = index.unwrap_or(self.next_sample) % split.test.len().max(1) as u32;
        self.next_sample = index + 1;
        if let Some(input) = split.test.row(index as usize) {
            self.say(Event::Sampled { index, input, label: split.test.label(index as usize) });
        }
    }

    pub(super) fn report(&mut self) {
        let Some(model) = &self.model else { return };
        let progress = match self.run.as_mut() {
            Some(run) => run.report(&model.design, self.running),
            None => Progress {
                running: self.running,
                finished: false,
                step: 0,
                steps: 0,
                epoch: 0.0,
                points: Vec::new(),
                samples_per_second: 0.0,
                ms_per_step: 0.0,
                seconds_left: 0.0,
            },
        };
        self.say(Event::Progress(progress));
    }

    /// What is looked at, by the weights there are.
    pub(super) fn show(&mut self) {
        self.say_seen();
        self.say_strip();
    }

    pub(super) fn say_seen(&mut self) {
        self.shown = Instant::now();
        let Some(((id, input), model)) = self.watched.as_ref().zip(self.model.as_ref()) else { return };
        match model.see(*id, input) {
            Some(seen) => self.say(seen),
            None => {
                let (got, expected) = (input.len(), model.design.spec.inputs());
                self.fail("look at the input", &words!("it has {got} values, the network takes {expected}"));
            }
        }
    }

    pub(super) fn say_strip(&mut self) {
        self.stripped = Instant::now();
        if let Some(strip) = self.model.as_ref().and_then(|model| model.strip(self.strip.0, self.strip.1)) {
            self.say(strip);
        }
    }

    pub(super) fn say(&self, event: Event) {
        (self.out)(event);
    }

    pub(super) fn fail(&self, doing: &str, message: &str) {
        self.say(Event::Failed { doing: doing.into(), message: message.into() });
    }
}
