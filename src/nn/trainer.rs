//! A network in training: one step compiled once into a plan, then replayed.
use super::network::{UpdateRule, Weights};
use super::resident::Resident;
use super::spec::{Init, Loss, NetworkSpec, Noise, Optimiser};
use super::task::{Fed, Reconstruct, Signals, Stage, Task};
use super::variational::Variational;
use super::whole::{self, WholeStep};
use crate::compute::{Buffer, Device, GpuError, Plan, Uniform};
use crate::kernels::clock;
use crate::kernels::loss;
use crate::kernels::tick::{TICK, Tick};
use std::rc::Rc;

/// How many losses the device keeps: as many steps may pass between two looks.
pub const SLOTS: u32 = 1024;
/// The most steps of a run: what the clock can count.
pub const MOST_STEPS: u32 = clock::MOST - SLOTS;

/// Everything that decides a run, data and network aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// What becomes small.
    pub loss: Loss,
    /// How gradients become updates.
    pub optimiser: Optimiser,
    /// η
    pub rate: f32,
    /// β₁, or the momentum.
    pub beta1: f64,
    /// β₂
    pub beta2: f64,
    /// ε
    pub epsilon: f64,
    /// Inputs per step.
    pub batch: u32,
    /// What is done to the inputs.
    pub noise: Noise,
    /// β: codes are drawn around the encoder's, and the divergence of their distribution from N(0, 1) costs β.
    pub variational: Option<f32>,
    /// Values per line of a picture, for noise in blocks.
    pub width: u32,
    /// The first weights.
    pub init: Init,
    /// Weights, order and noise follow from it.
    pub seed: u64,
    /// Another order each epoch; else that of the file.
    pub shuffle: bool,
    /// Keep the gradient in the first moment, update nothing: for looking at gradients.
    pub frozen: bool,
    /// Whole steps in one call.
    pub whole: Whole,
}

/// Whether a step is one call, two, or one for each operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whole {
    /// As suits the network and the device.
    #[default]
    Auto,
    /// One call, if the network and its training allow it.
    Always,
    /// One call that works on vectors of four, if all sizes are multiples of four; otherwise as [`Whole::Always`].
    Quads,
    /// Two calls, if they allow it and the batch is worth dividing.
    Parted,
    /// A call for each operation.
    Never,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            loss: Loss::Mse,
            optimiser: Optimiser::Adam,
            rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            batch: 128,
            noise: Noise::None,
            variational: None,
            width: 28,
            init: Init::He,
            seed: 0,
            shuffle: true,
            frozen: false,
            whole: Whole::Auto,
        }
    }
}

/// A look at a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Steps done.
    pub step: u32,
    /// The losses of the steps since the last look, oldest first: each of its batch, before its update.
    pub losses: Vec<f32>,
    /// The first step whose loss was not finite.
    pub bad: Option<u32>,
    /// The weights, if they were asked for.
    pub weights: Option<Vec<f32>>,
}

/// Everything that a run needs to go on elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Weights, with those of a layer that only training needs after all others.
    pub values: Vec<f32>,
    /// First moment.
    pub first: Vec<f32>,
    /// Second moment.
    pub second: Vec<f32>,
    /// See [`clock`].
    pub clock: Vec<f32>,
}

impl State {
    /// As it is on a device.
    ///
    /// # Errors
    /// The device failed.
    pub async fn read(device: &Device, weights: &Weights, clock: &Buffer) -> Result<Self, GpuError> {
        let buffers = [&weights.values, &weights.first, &weights.second, clock];
        let mut read = device.read_all(&buffers).await?.into_iter();
        let mut next = || read.next().unwrap_or_default();
        Ok(Self { values: next(), first: next(), second: next(), clock: next() })
    }

    /// The same, for data that begin with the next batch.
    #[must_use]
    pub fn at_front(mut self) -> Self {
        self.clock[clock::START] = 0.0;
        self
    }

    /// η of the last step, and 1 − β₁ᵗ and 1 − β₂ᵗ there.
    pub fn ticks(&self) -> [f32; 3] {
        [clock::RATE, clock::REST1, clock::REST2].map(|at| self.clock[at])
    }

    /// Of a run that begins with these weights.
    pub fn at_first(values: Vec<f32>) -> Self {
        let zeros = vec![0.0; values.len()];
        Self { values, first: zeros.clone(), second: zeros, clock: vec![0.0; clock::LEN] }
    }

    /// Steps that led to it.
    pub fn steps(&self) -> u32 {
        self.clock.get(clock::STEPS).map_or(0, |&steps| steps as u32)
    }
}

/// How a step is made.
enum Step {
    /// A call for each operation.
    Apart(Plan),
    /// In one call, or two.
    Whole(Box<WholeStep>),
}

/// A network in training on a device.
pub struct Trainer {
    device: Rc<Device>,
    training: Training,
    /// Its weights.
    pub weights: Weights,
    clock: Buffer,
    losses: Buffer,
    tick: Uniform<Tick>,
    tick_params: Tick,
    first_weights: Plan,
    step: Step,
    /// No better form of a kernel is on its way.
    pub settled: bool,
    /// So many steps that show what calls cost are still to be made.
    unweighed: u32,
    /// Steps enqueued, and those whose losses have been looked at.
    steps: u32,
    seen: u32,
    /// The input and the output of the last step, for tests and for looking into a step; not where a step is one call.
    pub input: Buffer,
    /// Every layer's output.
    pub outputs: Vec<Buffer>,
    /// Every layer's gradient by what stood before its σ.
    pub gradients: Vec<Buffer>,
}

impl Trainer {
    /// Compiles the run of an autoencoder; its weights are drawn from the seed. `data` has as many values per row as
    /// the network has inputs, `training.batch` is at least 1, and both are checked where recipes are.
    pub fn new(device: Rc<Device>, spec: &NetworkSpec, training: Training, data: &Resident) -> Self {
        match training.variational {
            Some(_) => Self::with_task(device, spec, training, &Variational::new(data, spec)),
            None => Self::compiled(device, spec, training, &Reconstruct(data), Some(data)),
        }
    }

    /// Compiles a run of another task, a call for each operation.
    pub fn with_task(device: Rc<Device>, spec: &NetworkSpec, training: Training, task: &dyn Task) -> Self {
        Self::compiled(device, spec, training, task, None)
    }

    /// `data`: of a task whose step may be one call.
    fn compiled(
        device: Rc<Device>,
        spec: &NetworkSpec,
        training: Training,
        task: &dyn Task,
        data: Option<&Resident>,
    ) -> Self {
        let d = &*device;
        let weights = Weights::with_layer(d, spec, task.layer());
        let (clock, losses) = (d.zeros(clock::LEN), d.zeros(SLOTS as usize));
        let sums = d.zeros(training.batch as usize);
        let rows = task.rows(training.batch);
        let stage = Stage { device: d, weights: &weights, training: &training, clock: &clock, rows };
        let mut calls = Vec::new();
        let Fed { input, target } = task.feed(&stage, &mut calls);
        let (outputs, gradients) = (weights.signals(d, rows), weights.signals(d, rows));
        let signals = Signals { input, outputs, gradients };
        task.forward(&stage, &signals, &mut calls);
        task.loss(&stage, &signals, &target, &sums, &mut calls);
        let tick_params = Tick {
            rows: training.batch,
            len: task.examples(),
            slots: SLOTS,
            scale: task.scale(&stage),
            rate: training.rate,
            beta1: training.beta1 as f32,
            beta2: training.beta2 as f32,
            rest1: (1.0 - training.beta1) as f32,
            rest2: (1.0 - training.beta2) as f32,
        };
        let tick = d.uniform(tick_params);
        calls.push(TICK.call(&tick, [&sums], [&clock, &losses]));
        task.backward(&stage, &signals, &mut calls);

        let first_weights = d.plan(weights.init(d, training.init, training.seed));
        let data = data.filter(|data| whole::is_possible(&weights, &training, data));
        let step = match data.zip(whole::span(d, &weights, &training)) {
            Some((data, span)) => {
                let whole = WholeStep::new(d, &weights, &training, span, data, [&clock, &losses]);
                Step::Whole(Box::new(whole))
            }
            None => Step::Apart(d.plan(calls)),
        };
        let Signals { input, outputs, gradients } = signals;
        let trainer = Self {
            training,
            weights,
            clock,
            losses,
            tick,
            tick_params,
            first_weights,
            step,
            settled: false,
            unweighed: 2,
            steps: 0,
            seen: 0,
            input,
            outputs,
            gradients,
            device: device.clone(),
        };
        device.run(&trainer.first_weights, 1);
        trainer
    }

    /// The device that it runs on.
    pub fn device(&self) -> &Rc<Device> {
        &self.device
    }

    /// See [`clock`].
    pub fn clock(&self) -> &Buffer {
        &self.clock
    }

    /// What decides this run.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// Steps done or enqueued.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Kernel calls per step.
    pub fn calls_per_step(&self) -> usize {
        self.plan().len()
    }

    /// The calls of a step.
    pub fn plan(&self) -> &Plan {
        match &self.step {
            Step::Apart(plan) => plan,
            Step::Whole(whole) => whole.plan(),
        }
    }

    /// Enqueues `steps` steps in one submit: at most [`SLOTS`] between two snapshots, or losses go by unseen.
    pub fn run(&mut self, steps: u32) {
        match &mut self.step {
            Step::Whole(whole) => {
                whole.run(&self.device, steps);
                self.settled = true;
            }
            Step::Apart(plan) => {
                // The first step comes early; what is compiled for speed does not keep it waiting.
                if !self.settled && self.steps > 0 {
                    self.settled = self.device.refine(plan);
                }
                self.device.run(plan, steps);
            }
        }
        self.steps += steps;
    }

    /// The same in pieces where a processor does it: see [`Device::run_resting`].
    pub async fn run_resting(&mut self, steps: u32, rest: impl AsyncFnMut()) {
        match &self.step {
            Step::Apart(plan) if !matches!(&*self.device, Device::Gpu(_)) => {
                self.device.run_resting(plan, steps, rest).await;
                self.steps += steps;
            }
            _ => self.run(steps),
        }
    }

    /// A step that shows what its calls cost, so that submits are kept short: see [`Device::weigh`]. Twice is enough.
    ///
    /// # Errors
    /// The device failed.
    pub async fn weigh(&mut self) -> Result<(), GpuError> {
        match &mut self.step {
            Step::Whole(_) => self.run(1),
            Step::Apart(plan) => {
                self.device.weigh(plan).await?;
                self.steps += 1;
            }
        }
        Ok(())
    }

    /// Cuts its calls into so many dispatches, as far as they can be: for tests.
    pub fn cut(&mut self, dispatches: u32) {
        if let Step::Apart(plan) = &mut self.step {
            self.device.cut(plan, dispatches);
        }
    }

    /// Whether the next step is to be one that shows what calls cost: the forms of its kernels stand, and this was asked
    /// less than twice since.
    pub fn wants_weighing(&mut self) -> bool {
        let wants = self.settled && self.unweighed > 0;
        self.unweighed -= u32::from(wants);
        wants
    }

    /// Changes η for the steps that follow.
    pub fn set_rate(&mut self, rate: f32) {
        self.tick_params.rate = rate;
        self.training.rate = rate;
        self.device.set(&self.tick, self.tick_params);
        if let Step::Whole(whole) = &self.step {
            whole.set_rate(&self.device, rate);
        }
    }

    /// Back to step 0 with the first weights: what follows is the same run again.
    pub fn reset(&mut self) {
        let zeros = vec![0.0; self.weights.count()];
        self.device.write(&self.weights.first, &zeros);
        self.device.write(&self.weights.second, &zeros);
        self.device.write(&self.clock, &[0.0; clock::LEN]);
        self.device.run(&self.first_weights, 1);
        (self.steps, self.seen) = (0, 0);
    }

    /// Takes these weights, laid out as in [`Weights`], at step 0.
    pub fn load(&mut self, values: &[f32]) {
        self.reset();
        self.device.write(&self.weights.values, values);
    }

    /// Waits for the steps enqueued, and looks.
    ///
    /// # Errors
    /// The device failed.
    pub async fn snapshot(&mut self, with_weights: bool) -> Result<Snapshot, GpuError> {
        let mut wanted = vec![&self.clock, &self.losses];
        if with_weights {
            wanted.push(&self.weights.values);
        }
        let mut read = self.device.read_all(&wanted).await?.into_iter();
        let (clock, ring) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
        let step = clock[clock::STEPS] as u32;
        let from = self.seen.max(step.saturating_sub(SLOTS));
        let losses = (from + 1..=step).map(|t| ring[(t % SLOTS) as usize]).collect();
        self.seen = step;
        let bad = Some(clock[clock::BAD] as u32).filter(|&bad| bad != 0);
        let mut weights = read.next();
        if let Some(weights) = weights.as_mut() {
            weights.truncate(self.weights.spec.parameters());
        }
        Ok(Snapshot { step, losses, bad, weights })
    }

    /// Everything that [`Trainer::restore`] needs, on this device or another.
    ///
    /// # Errors
    /// The device failed.
    pub async fn state(&self) -> Result<State, GpuError> {
        State::read(&self.device, &self.weights, &self.clock).await
    }

    /// Goes on from a state of the same network.
    pub fn restore(&mut self, state: &State) {
        let w = &self.weights;
        for (buffer, values) in [(&w.values, &state.values), (&w.first, &state.first), (&w.second, &state.second)] {
            self.device.write(buffer, values);
        }
        self.device.write(&self.clock, &state.clock);
        self.steps = state.steps();
        self.seen = self.steps;
    }
}

/// How the optimiser is called.
pub fn rule(training: &Training) -> UpdateRule {
    let code = match training.optimiser {
        _ if training.frozen => 0,
        Optimiser::Sgd => 1,
        Optimiser::Momentum => 2,
        Optimiser::Adam => 3,
    };
    UpdateRule { code, beta1: training.beta1, beta2: training.beta2, epsilon: training.epsilon }
}

/// The loss kernel after a network's last layer. `whole`: the sums of a data set of so many, not of one batch.
pub(super) fn loss_params(spec: &NetworkSpec, kind: Loss, rows: u32, scale: f32, whole: Option<u32>) -> loss::Loss {
    loss::Loss {
        rows,
        cols: spec.inputs(),
        kind: kind as u32,
        activation: spec.layers.last().map_or(0, |l| l.activation.code()),
        spread: whole.is_some().into(),
        len: whole.unwrap_or(rows),
        scale,
    }
}
