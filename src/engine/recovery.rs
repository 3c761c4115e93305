//! Which device does the work, and what follows when one fails. All that is decided about devices is decided here.
//!
//! A GPU is asked for beside everything else: until it comes, or when it is gone, the processor does the work. Whatever
//! an older device still has to say goes nowhere: each has its own [`Fault`](crate::compute), its request is dropped
//! with it, and questions that it was asked are asked again.
use super::device::{OFF, info, processor};
use super::model::Design;
use super::protocol::{DeviceInfo, Event, GpuChoice};
use super::run::{Problem, Run};
use super::session::Session;
use super::world::World;
use crate::compute::{Device, GpuError};
use crate::data::Split;
use crate::words;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use std::pin::{Pin, pin};
use std::rc::Rc;
use web_time::Instant;

/// Milliseconds that a page waits for its GPU at first, and a run for the next one, before the processor begins: one in
/// software, which somebody asked for, is slower to come.
const FIRST: [u32; 2] = [2000, 3000];
const NEXT: u32 = 500;
/// Milliseconds between two requests: a browser may take a moment to start its GPU anew, and minutes to allow it.
const AGAIN: u32 = 250;
const RETRY: u32 = 15_000;
/// Milliseconds between two looks at a device that owes an answer, and how many of them it may be silent before it
/// counts as busy, and before it is given up.
const TICK: u32 = 500;
const BUSY: u32 = 10;
const MOST: u32 = 40;
/// A device that fails before the run got on, so often in a row, is not replaced at once, and then not any more; after
/// so many seconds it has served.
const FRUITLESS: [u32; 2] = [3, 6];
const SERVED: u64 = 60;

/// When a GPU is asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once.
    Now,
    /// After some seconds, while the processor works.
    Later,
    /// Not any more.
    Never,
}

/// What a look at a device tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As before.
    Same,
    /// It has been silent for long.
    Busy,
    /// It speaks again.
    Awake,
    /// It has been silent for too long.
    Over,
}

/// What is remembered of the devices so far. It knows neither devices nor time.
#[derive(Debug, Default)]
pub struct Rules {
    /// GPUs that have worked here.
    pub gpus: u32,
    fruitless: u32,
    refusals: u32,
    answers: Option<u32>,
    silent: u32,
}

impl Rules {
    /// A GPU is there.
    pub fn came(&mut self) {
        self.gpus += 1;
        self.refusals = 0;
        (self.silent, self.answers) = (0, None);
    }

    /// The device failed; `served`: not before the run got on.
    pub fn failed(&mut self, served: bool) -> Next {
        self.fruitless = if served { 0 } else { self.fruitless + 1 };
        match self.fruitless {
            often if often >= FRUITLESS[1] => Next::Never,
            often if often >= FRUITLESS[0] => Next::Later,
            _ => Next::Now,
        }
    }

    /// There is no GPU now. What has worked may come back; where nothing ever did, only what takes its time may.
    pub fn refused(&mut self, error: &GpuError) -> Next {
        self.refusals += 1;
        let passes =
            matches!(error, GpuError::TimedOut(_) | GpuError::Lost(_) | GpuError::NotRead(_) | GpuError::NotFetched);
        let again = self.gpus > 0 || passes && self.refusals <= FRUITLESS[0];
        if again { Next::Later } else { Next::Never }
    }

    /// A look at the number of answers that the device gave; `None`: it owes none. Looks are counted and not seconds, so
    /// that a laptop that slept finds its GPU as it left it.
    pub fn look(&mut self, answers: Option<u32>) -> Look {
        let was = self.silent;
        self.silent = if answers.is_some() && answers == self.answers { was + 1 } else { 0 };
        self.answers = answers;
        match self.silent {
            0 if was >= BUSY => Look::Awake,
            BUSY => Look::Busy,
            silent if silent >= MOST => Look::Over,
            _ => Look::Same,
        }
    }
}

type Sleep = LocalBoxFuture<'static, ()>;
type Request = LocalBoxFuture<'static, Result<Arrival, GpuError>>;

/// A run as it stood when a GPU was asked for, to be built there while the processor goes on with it.
#[derive(Clone)]
pub struct Blueprint {
    design: Rc<Design>,
    weights: Rc<Vec<f32>>,
    split: Rc<Split>,
}

/// A GPU that came, with the run that was built on it.
pub struct Arrival {
    device: Rc<Device>,
    run: Option<(Blueprint, Box<Run>)>,
}

/// News of devices, for a session that waits.
pub enum News {
    /// What became of a request.
    Came(Result<Arrival, GpuError>),
    /// The device that works is broken.
    Failed(GpuError),
    /// Time for a look.
    Tick,
}

/// Devices, over the life of a session.
pub struct Recovery {
    choice: GpuChoice,
    rules: Rules,
    /// Of a GPU that computed wrongly.
    pub(super) report: Option<Rc<str>>,
    /// A GPU on its way.
    request: Option<Request>,
    tick: Option<Sleep>,
    /// When the device that works came, and whether something that it computed was kept since. (Steps alone do not tell:
    /// another network, or the same one from the start, has fewer.)
    since: Instant,
    pub(super) got_on: bool,
}

impl Default for Recovery {
    fn default() -> Self {
        let since = Instant::now();
        Self {
            choice: GpuChoice::Off,
            rules: Rules::default(),
            report: None,
            request: None,
            tick: None,
            since,
            got_on: false,
        }
    }
}

impl Recovery {
    /// The first device, soon; and why it is no GPU.
    pub async fn first<W: World>(&mut self, world: &Rc<W>, choice: GpuChoice) -> (Rc<Device>, Option<String>) {
        self.choice = choice;
        let first = FIRST[usize::from(choice == GpuChoice::Software)];
        let reason = if choice == GpuChoice::Off {
            OFF.into()
        } else {
            let mut request = self.ask(world, 0, None);
            match select(&mut request, sleep(world, first)).await {
                Either::Left((Ok(gpu), _)) => {
                    self.rules.came();
                    return (gpu.device, None);
                }
                Either::Left((Err(error), _)) => self.refused(world, &error, None),
                Either::Right(_) => {
                    self.request = Some(request);
                    WAITING.into()
                }
            }
        };
        (processor(String::new()).device, Some(reason))
    }

    fn ask<W: World>(&self, world: &Rc<W>, after: u32, plan: Option<Blueprint>) -> Request {
        let (world, software) = (world.clone(), self.choice == GpuChoice::Software);
        let pause = (after > 0).then(|| sleep(&world, after));
        async move {
            if let Some(pause) = pause {
                pause.await;
            }
            let device = W::gpu(world.clone(), software).await?;
            let Some(plan) = plan else { return Ok(Arrival { device, run: None }) };
            let limit = sleep(&world, MOST * TICK);
            let run = Run::new(&device, &plan.design, &plan.weights, &plan.split).boxed_local();
            let run = match select(run, limit).await {
                Either::Left((Ok(run), _)) => Some(run),
                Either::Left((Err(Problem::Device(error)), _)) => return Err(error),
                // It is said where the run is built in its turn.
                Either::Left((Err(Problem::Data(_)), _)) => None,
                Either::Right(_) => return Err(GpuError::TimedOut(MOST * TICK / 1000)),
            };
            Ok(Arrival { device, run: run.map(|run| (plan, Box::new(run))) })
        }
        .boxed_local()
    }

    /// There is no GPU now: why, in words.
    fn refused<W: World>(&mut self, world: &Rc<W>, error: &GpuError, plan: Option<Blueprint>) -> String {
        self.request = (self.rules.refused(error) == Next::Later).then(|| self.ask(world, RETRY, plan));
        self.why(error)
    }

    fn why(&mut self, error: &GpuError) -> String {
        if let GpuError::Wrong { report, .. } = error {
            self.report = Some(report.as_str().into());
        }
        match error {
            GpuError::NoAdapter | GpuError::NotOffered(_) if self.rules.gpus > 0 => BLOCKED.into(),
            error => error.to_string(),
        }
    }

    /// What comes next of devices; `asked`: the one that works may owe an answer.
    pub async fn news<W: World>(&mut self, world: &Rc<W>, device: &Device, asked: bool) -> News {
        let Device::Gpu(gpu) = device else {
            return match &mut self.request {
                Some(request) => News::Came(request.await),
                None => std::future::pending().await,
            };
        };
        if !asked {
            return News::Failed(gpu.failed().await);
        }
        let tick = self.tick.get_or_insert_with(|| sleep(world, TICK));
        match select(pin!(gpu.failed()), tick).await {
            Either::Left((error, _)) => News::Failed(error),
            Either::Right(_) => {
                self.tick = None;
                News::Tick
            }
        }
    }
}

const WAITING: &str = "the GPU has not answered yet; it takes over when it does";
const BLOCKED: &str = "the browser keeps the GPU from this page, as browsers do for two minutes after it failed twice; it \
    is asked for every 15 seconds, and takes over again by itself";

fn sleep<W: World>(world: &Rc<W>, milliseconds: u32) -> Sleep {
    let world = world.clone();
    async move { world.sleep(milliseconds).await }.boxed_local()
}

impl<W: World> Session<W> {
    /// What there is of devices between two pieces of work.
    pub(super) async fn look_at_devices(&mut self) {
        if let Err(error) = self.device.health() {
            self.change_device(error).await;
        }
        if let Some(came) = self.recovery.request.as_mut().and_then(|request| request.now_or_never()) {
            self.hear_of_device(News::Came(came)).await;
        }
    }

    /// Takes news in.
    pub(super) async fn hear_of_device(&mut self, news: News) {
        match news {
            News::Failed(error) => self.change_device(error).await,
            News::Tick => {
                if let Some(error) = self.look() {
                    self.change_device(error).await;
                }
            }
            News::Came(came) => {
                self.recovery.request = None;
                match came {
                    Ok(gpu) => self.welcome(gpu).await,
                    Err(error) => {
                        let plan = self.blueprint();
                        let reason = self.recovery.refused(&self.world, &error, plan);
                        self.say_device(Some(reason), None);
                    }
                }
            }
        }
    }

    /// A GPU takes the work over from the processor, without the loss of a step.
    async fn welcome(&mut self, gpu: Arrival) {
        if let Some(run) = self.run.as_mut() {
            // A processor that works hands over what it has.
            let _ = run.keep(true).await;
        }
        let late = self.recovery.rules.gpus == 0;
        self.recovery.rules.came();
        match self.work_on(gpu).await {
            Ok(()) => self.say_device(None, (!late).then(|| self.kept_words("The GPU is back."))),
            Err(error) => self.change_device(error).await,
        }
    }

    /// The device failed: the next one goes on from the last state that was kept.
    pub(super) fn change_device(&mut self, error: GpuError) -> LocalBoxFuture<'_, ()> {
        self.changed(error).boxed_local()
    }

    async fn changed(&mut self, error: GpuError) {
        let mut error = error;
        let (note, reason) = loop {
            if let Device::Gpu(gpu) = &*self.device {
                gpu.destroy();
            }
            let mut said = words!("The GPU failed: {error}.");
            if matches!(error, GpuError::OutOfMemory)
                && let Some(batch) = self.halve()
            {
                said = words!("{said} The batch is {batch} from now on.");
            }
            let Recovery { since, got_on, .. } = self.recovery;
            let served = since.elapsed().as_secs() >= SERVED || got_on;
            let next = match self.recovery.rules.failed(served) {
                Next::Now => self.next_gpu().await,
                next => {
                    let later = next == Next::Later;
                    self.recovery.request = later.then(|| self.recovery.ask(&self.world, RETRY, self.blueprint()));
                    Err(error.to_string())
                }
            };
            let (next, reason) = match next {
                Ok(gpu) => (gpu, None),
                Err(reason) => (Arrival { device: processor(String::new()).device, run: None }, Some(reason)),
            };
            match self.work_on(next).await {
                Ok(()) => break (said, reason),
                Err(again) => error = again,
            }
        };
        let who = if reason.is_some() { "The processor" } else { "A new one" };
        let note = self.kept_words(&words!("{note} {who} took over."));
        self.say_device(reason, Some(note));
        self.report();
    }

    /// The next GPU, if it comes soon; else why not. It is waited for beside the processor's work then.
    async fn next_gpu(&mut self) -> Result<Arrival, String> {
        let world = self.world.clone();
        let mut end = sleep(&world, NEXT);
        let mut request = self.recovery.ask(&world, 0, self.blueprint());
        let mut reason = WAITING.to_owned();
        loop {
            let mut came = None;
            let either = async {
                if let Either::Left((answer, _)) = select(&mut request, &mut end).await {
                    came = Some(answer);
                }
            };
            self.meanwhile(pin!(either)).await;
            match came {
                Some(Ok(gpu)) => {
                    self.recovery.rules.came();
                    return Ok(gpu);
                }
                Some(Err(error)) => {
                    reason = self.recovery.why(&error);
                    request = self.recovery.ask(&world, AGAIN, self.blueprint());
                }
                None => {
                    self.recovery.request = Some(request);
                    return Err(reason);
                }
            }
        }
    }

    /// Everything moves to another device, as it was kept last; questions are asked again there.
    async fn work_on(&mut self, next: Arrival) -> Result<(), GpuError> {
        if let Some(run) = self.run.take() {
            self.resume = Some((run.good.clone(), run.course()));
        }
        let waiting = std::mem::take(&mut self.questions);
        let again: Vec<_> = self.jobs.iter().map(|job| job.ask.clone()).chain(waiting).collect();
        self.drop_answers(None);
        self.networks.leave_run();
        self.questions.extend(again.into_iter().filter(|ask| !ask.topic.is_file()));
        self.device = next.device;
        (self.recovery.since, self.recovery.got_on) = (Instant::now(), false);
        // Another network may stand by now.
        let fits = |plan: &Blueprint| {
            let model = self.model.as_ref();
            model.is_some_and(|model| {
                let same = model.split.as_ref().is_some_and(|split| Rc::ptr_eq(split, &plan.split));
                same && Rc::ptr_eq(&model.design, &plan.design)
            })
        };
        match next.run.filter(|(plan, _)| fits(plan) && self.resume.is_some()) {
            Some((_, run)) => self.stand(*run),
            None => self.try_build().await?,
        }
        Ok(())
    }

    fn blueprint(&self) -> Option<Blueprint> {
        let model = self.model.as_ref().filter(|_| self.run.is_some() || self.resume.is_some())?;
        let split = model.split.clone()?;
        Some(Blueprint { design: model.design.clone(), weights: model.weights.clone(), split })
    }

    fn kept_steps(&self) -> u32 {
        let running = self.run.as_ref().map(|run| run.good.steps());
        running.or(self.resume.as_ref().map(|(state, _)| state.steps())).unwrap_or(0)
    }

    /// Half the batch, where there is one: a GPU without memory for all of it may have enough for that.
    fn halve(&mut self) -> Option<u32> {
        let model = self.model.as_mut()?;
        let batch = model.design.recipe.batch / 2;
        if batch == 0 {
            return None;
        }
        Rc::make_mut(&mut model.design).recipe.batch = batch;
        self.say(Event::Batch(batch));
        Some(batch)
    }

    fn kept_words(&self, what: &str) -> String {
        match self.kept_steps() {
            0 if !self.running => words!("{what} Nothing was lost."),
            step => words!("{what} The run goes on from step {step}, and all else is kept."),
        }
    }

    fn say_device(&self, reason: Option<String>, note: Option<String>) {
        self.say(Event::DeviceChanged { device: info(&self.device, reason), note });
    }

    /// A look at the device: it may be busy, or given up.
    fn look(&mut self) -> Option<GpuError> {
        let Device::Gpu(gpu) = &*self.device else { return None };
        match self.recovery.rules.look(gpu.awaited()) {
            Look::Same => {}
            Look::Over => return Some(GpuError::TimedOut(MOST * TICK / 1000)),
            look => {
                let device = DeviceInfo { busy: look == Look::Busy, ..info(&self.device, None) };
                self.say(Event::DeviceChanged { device, note: None });
            }
        }
        None
    }

    /// The device answered, and owes nothing for now.
    pub(super) fn rested(&mut self) {
        if self.recovery.rules.look(None) == Look::Awake {
            self.say_device(None, None);
        }
    }

    /// Waits for the device, but not without end; drawings are answered meanwhile.
    pub(super) async fn patiently<T, E: From<GpuError>>(
        &mut self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut got = None;
        let over = self.until(pin!(async { got = Some(answer.await) })).await;
        got.unwrap_or_else(|| Err(over.unwrap_or(GpuError::TimedOut(0)).into()))
    }

    /// Until the device has done this; or why it no longer makes sense to wait. Of one type for all, which makes the
    /// wasm smaller.
    async fn until(&mut self, mut done: Pin<&mut dyn Future<Output = ()>>) -> Option<GpuError> {
        loop {
            let mut tick = self.recovery.tick.take().unwrap_or_else(|| sleep(&self.world, TICK));
            let mut ticked = false;
            let either = async { ticked = matches!(select(done.as_mut(), &mut tick).await, Either::Right(_)) };
            self.meanwhile(pin!(either)).await;
            if !ticked {
                self.recovery.tick = Some(tick);
                self.rested();
                return None;
            }
            if let Some(error) = self.look() {
                return Some(error);
            }
        }
    }
}
