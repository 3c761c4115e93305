//! A run: training in slices that are short enough to stay in conversation.
use super::jobs::{Pack, Shelf};
use super::keeping::Course;
use super::model::{Design, resident};
use super::protocol::{Point, Progress};
use crate::compute::{Device, GpuError};
use crate::data::{Dataset, Split};
use crate::nn::evaluator::mean;
use crate::nn::trainer::SLOTS;
use crate::nn::{Evaluator, Resident, Snapshot, State, Trainer};
use std::borrow::Cow;
use std::rc::Rc;
use web_time::Instant;

/// The live curve's test loss is over so many inputs of the test set; PCA's line over the same.
const TEST_ROWS: usize = 1000;

/// Which those are: from all over the set, as one may begin with all inputs of a class.
pub fn tested(len: usize) -> Vec<usize> {
    let count = len.min(TEST_ROWS);
    (0..count).map(|i| i * len / count).collect()
}

/// Milliseconds that a slice of training should take.
const SLICE: f64 = 30.0;
/// Milliseconds between two looks at the weights, and between two states to fall back on.
const FOLLOW: f64 = 150.0;
const KEEP: f64 = 400.0;
/// Keeping takes at most one in so many milliseconds; but no more than a second of work is ever lost.
const KEEP_SHARE: f64 = 20.0;
const KEEP_MOST: f64 = 700.0;

/// A run on a device.
pub struct Run {
    pub trainer: Trainer,
    evaluator: Evaluator,
    /// The rows of the training set that are learned from, where those are not all.
    pub part: Option<Rc<Dataset>>,
    /// The sets on the device.
    pub train: Resident,
    pub test: Resident,
    /// What lessons keep beside it.
    pub shelf: Rc<Shelf>,
    /// Inputs that are learned from.
    len: u32,
    /// What is new since the last report.
    points: Vec<Point>,
    /// Everything before that.
    course: Course,
    /// Losses since the last point.
    window: Vec<f32>,
    /// Every so many steps makes a point: fixed by the recipe, so that a replay draws the same curve.
    stride: u32,
    next_test: u32,
    ms_per_step: f64,
    /// The same without the wait for an answer: what slices are made from.
    pace: f64,
    /// Milliseconds until an idle device answers. Some browsers look only now and then what their GPU has done.
    wait: f64,
    /// Steps of the longest slice so far.
    longest: u32,
    followed: Instant,
    kept: Instant,
    /// Milliseconds that the last look at the whole state took.
    keep_ms: f64,
    /// The last state known to be good.
    pub good: Rc<State>,
    /// The first weights of a layer that only training has, which come after all others.
    beside: Vec<f32>,
}

/// What a run goes on from: where another one of the same network was.
pub struct Resume {
    pub state: Rc<State>,
    pub course: Course,
    /// The encoder that learned by pairs beside it, on another device.
    pub school: Option<Pack>,
}

impl Run {
    pub async fn new(device: &Rc<Device>, design: &Design, weights: &[f32], split: &Split) -> Result<Self, Problem> {
        let cols = design.spec.inputs();
        let learned = design.recipe.learned_from(&split.train).map_err(|e| Problem::Data(e.to_string()))?;
        let data = resident(device, &learned, cols).map_err(|e| Problem::Data(e.to_string()))?;
        let part = match learned {
            Cow::Owned(part) => Some(Rc::new(part)),
            Cow::Borrowed(_) => None,
        };
        let test = resident(device, &split.test, cols).map_err(|e| Problem::Data(e.to_string()))?;
        let mut trainer = Trainer::new(device.clone(), &design.spec, design.training(), &data);
        trainer.load(weights);
        let rows = tested(split.test.len());
        let some = split.test.select(&rows).map_err(|e| Problem::Data(e.to_string()))?;
        let some = resident(device, &some, cols).map_err(|e| Problem::Data(e.to_string()))?;
        let count = rows.len() as u32;
        let evaluator = Evaluator::new(trainer.device(), &trainer.weights, &some, design.recipe.loss, count, 250);
        let good = Rc::new(trainer.state().await?);
        let mut run = Self {
            trainer,
            evaluator,
            len: data.len,
            part,
            train: data,
            test,
            shelf: Rc::new(Shelf::new(device)),
            points: Vec::new(),
            course: Course::default(),
            window: Vec::new(),
            stride: 1,
            next_test: 0,
            ms_per_step: 0.0,
            pace: 0.0,
            wait: 0.0,
            longest: 0,
            followed: Instant::now(),
            kept: Instant::now(),
            keep_ms: 0.0,
            beside: good.values[design.spec.parameters()..].to_vec(),
            good,
        };
        run.stride = (run.steps(design) / 400).clamp(1, 50);
        run.wait = run.trainer.device().idle().await?;
        Ok(run)
    }

    /// Steps that the recipe's epochs take.
    pub fn steps(&self, design: &Design) -> u32 {
        design.recipe.steps(self.len)
    }

    pub fn finished(&self, design: &Design) -> bool {
        self.trainer.steps() >= self.steps(design)
    }

    /// Enqueues the steps of one slice, but not past a test of the curve. A processor does them now, with rests.
    pub async fn enqueue(&mut self, design: &Design, most: u32, rest: impl AsyncFnMut()) {
        let now = self.trainer.steps();
        // A wait that is longer than a slice is worth a longer one. What a wait was taken for work, or the other way round, is
        // soon put right: slices grow step by step.
        let wanted = if self.pace > 0.0 { (SLICE.max(self.wait) / self.pace) as u32 } else { 1 };
        let until = self.next_test.max(now + 1).min(self.steps(design).max(now + 1));
        let steps = wanted.min(2 * self.longest).clamp(1, SLOTS / 2).min(most).min(until - now);
        self.trainer.run_resting(steps, rest).await;
    }

    /// It is time to look at the weights too.
    pub fn follows(&self) -> bool {
        self.followed.elapsed().as_secs_f64() * 1e3 >= FOLLOW
    }

    /// After a slice: its losses go into the curve.
    pub fn account(&mut self, snapshot: &Snapshot, since: Instant, design: &Design) {
        let ms = since.elapsed().as_secs_f64() * 1e3;
        self.course.seconds += ms / 1e3;
        let count = snapshot.losses.len() as u32;
        if count > 0 {
            let each = ms / f64::from(count);
            // The first slice compiles and warms up: later ones soon outweigh it.
            let newer = |old: f64, new: f64| if old == 0.0 { new } else { 0.7 * old + 0.3 * new };
            self.ms_per_step = newer(self.ms_per_step, each);
            self.pace = newer(self.pace, each.min((ms - self.wait).max(0.1 * ms) / f64::from(count)));
            self.longest = self.longest.max(count);
        }
        let first = snapshot.step - count;
        for (step, &loss) in (first + 1..).zip(&snapshot.losses) {
            self.window.push(loss);
            // The first steps fall fast: each of them is a point.
            if step <= 20 || step.is_multiple_of(self.stride) || step == self.steps(design) {
                self.point(step, design);
            }
        }
        if snapshot.weights.is_some() {
            self.followed = Instant::now();
        }
    }

    fn point(&mut self, step: u32, design: &Design) {
        if self.window.is_empty() {
            return;
        }
        let train = self.window.iter().sum::<f32>() / self.window.len() as f32;
        self.window.clear();
        let (learning_rate, seconds) = (design.recipe.learning_rate, self.course.seconds as f32);
        self.points.push(Point { step, train, test: None, learning_rate, seconds });
    }

    /// The curve wants the test loss at this step.
    pub fn wants_test(&self, design: &Design) -> bool {
        self.trainer.steps() >= self.next_test || self.finished(design)
    }

    /// How many pieces the test takes; start it.
    pub fn begin_test(&mut self) -> u32 {
        self.evaluator.begin();
        self.evaluator.pieces
    }

    pub async fn test_piece(&self, rest: impl AsyncFnMut()) {
        self.evaluator.run_resting(rest).await;
    }

    /// After all pieces: the mean over the rows.
    pub async fn end_test(&mut self, design: &Design) -> Result<f32, GpuError> {
        let errors = self.evaluator.errors().await?;
        let test = mean(&errors) as f32;
        let step = self.trainer.steps();
        // A tenth of the time at most: a test costs as much as a few steps.
        let cap = (self.steps(design) / 40).max(20);
        self.next_test = step + (step / 4).clamp(20, cap);
        self.point(step, design);
        match self.points.last_mut().filter(|point| point.step == step) {
            Some(point) => point.test = Some(test),
            None => {
                let (learning_rate, seconds) = (design.recipe.learning_rate, self.course.seconds as f32);
                // Before the first step there is no batch yet: the curve starts at the test loss.
                self.points.push(Point { step, train: test, test: Some(test), learning_rate, seconds });
            }
        }
        Ok(test)
    }

    /// All of it so far.
    pub fn course(&self) -> Course {
        let mut course = self.course.clone();
        course.add(&self.points);
        course
    }

    /// A few times a second, or `now`, a state to fall back on. True: it is new.
    pub async fn keep(&mut self, now: bool) -> Result<bool, GpuError> {
        let due = now && self.good.steps() != self.trainer.steps();
        if !due && self.kept.elapsed().as_secs_f64() * 1e3 < (KEEP_SHARE * self.keep_ms).clamp(KEEP, KEEP_MOST) {
            return Ok(false);
        }
        let since = Instant::now();
        self.kept = since;
        let state = self.trainer.state().await?;
        let good = state.values.iter().all(|w| w.is_finite());
        if good {
            self.good = Rc::new(state);
            self.course.open = (self.window.clone(), self.next_test);
        }
        self.keep_ms = since.elapsed().as_secs_f64() * 1e3;
        Ok(good)
    }

    /// Begins anew with these weights, the first ones.
    pub fn restart(&mut self, first: &[f32]) {
        self.trainer.reset();
        // Nothing that goes wrong from here on leads back to the run before.
        self.good = Rc::new(State::at_first([first, &self.beside].concat()));
        self.shelf.forget();
        self.points.clear();
        self.course = Course::default();
        self.window.clear();
        (self.next_test, self.ms_per_step, self.pace) = (0, 0.0, 0.0);
    }

    /// Goes on from where another run of the same network was. False: the state is of another network.
    pub fn go_on_from(&mut self, resume: Resume) -> bool {
        let Resume { state, course, school } = resume;
        let fits = [&state.values, &state.first, &state.second];
        if fits.iter().any(|values| values.len() != self.good.values.len())
            || state.clock.len() != self.good.clock.len()
        {
            return false;
        }
        (self.good, self.course) = (state, course);
        // The page, too, may have nothing of it.
        self.points = std::mem::take(&mut self.course.points);
        self.fall_back();
        school.into_iter().for_each(|pack| self.shelf.school.arrive(pack));
        true
    }

    /// Back to the last good state.
    pub fn fall_back(&mut self) {
        self.trainer.restore(&self.good);
        // The points that follow are those of a run that was never interrupted.
        (self.window, self.next_test) = self.course.open.clone();
    }

    pub fn report(&mut self, design: &Design, running: bool) -> Progress {
        let (step, steps) = (self.trainer.steps(), self.steps(design));
        let ms = self.ms_per_step;
        let points = std::mem::take(&mut self.points);
        self.course.add(&points);
        let speed = if running && ms > 0.0 { f64::from(design.recipe.batch) * 1e3 / ms } else { 0.0 };
        Progress {
            running,
            finished: step >= steps,
            step,
            steps,
            epoch: (f64::from(step) * f64::from(design.recipe.batch) / f64::from(self.len)) as f32,
            points,
            samples_per_second: speed as f32,
            ms_per_step: ms as f32,
            seconds_left: if running { (f64::from(steps.saturating_sub(step)) * ms / 1e3) as f32 } else { 0.0 },
        }
    }
}

/// Why a run does not start.
pub enum Problem {
    Data(String),
    Device(GpuError),
}

impl From<GpuError> for Problem {
    fn from(error: GpuError) -> Self {
        Self::Device(error)
    }
}
