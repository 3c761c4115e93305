//! Which device does the work, and what follows when one fails. All that is decided about devices is decided here.
//!
//! A GPU is asked for beside everything else: until it comes, or when it is gone, the processor does the work. Whatever
//! an older device still has to say goes nowhere: each has its own [`Fault`](crate::compute), its request is dropped
//! with it, and questions that it was asked are asked again.
mod rules;

use rules::MOST;
pub use rules::{Look, Next, Rules};

use super::device::{OFF, info, processor};
use super::model::Design;
use super::protocol::{DeviceInfo, Event, GpuChoice, Topic};
use super::run::{Problem, Resume, Run};
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
/// Milliseconds between two looks at a device that owes an answer.
const TICK: u32 = 500;
/// After so many seconds a device has served.
const SERVED: u64 = 60;

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
    /// Devices that worked before this one.
    devices: u32,
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
            devices: 0,
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
            let mut said = words::sentence(&error.to_string());
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
        let run = self.run.take();
        let waiting = std::mem::take(&mut self.questions);
        let again: Vec<_> = self.jobs.iter().map(|job| job.ask.clone()).chain(waiting).collect();
        self.drop_answers(None);
        self.networks.leave_run();
        if let Some(run) = run {
            // Whatever was lent to an answer is back.
            let school = run.shelf.school.leave();
            self.resume = Some(Resume { state: run.good.clone(), course: run.course(), school });
        }
        // An update stays on its device: the page has another one made, and asks of that.
        let lasts = |topic: Topic| !topic.is_file() && !topic.is_of_an_update();
        self.questions.extend(again.into_iter().filter(|ask| lasts(ask.topic)));
        self.device = next.device;
        self.recovery.devices += 1;
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
        running.or(self.resume.as_ref().map(|resume| resume.state.steps())).unwrap_or(0)
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

    /// What visitors are told of the device that works.
    pub(super) fn device_info(&self, reason: Option<String>) -> DeviceInfo {
        DeviceInfo { number: self.recovery.devices, ..info(&self.device, reason) }
    }

    fn say_device(&self, reason: Option<String>, note: Option<String>) {
        self.say(Event::DeviceChanged { device: self.device_info(reason), note });
    }

    /// A look at the device: it may be busy, or given up.
    fn look(&mut self) -> Option<GpuError> {
        let Device::Gpu(gpu) = &*self.device else { return None };
        match self.recovery.rules.look(gpu.awaited()) {
            Look::Same => {}
            Look::Over => return Some(GpuError::TimedOut(MOST * TICK / 1000)),
            look => {
                let device = DeviceInfo { busy: look == Look::Busy, ..self.device_info(None) };
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
