//! The classifier beside the network that stands: the same encoder from the same first weights, on the same data in the
//! same order, with labels.
use super::encode::Encoder;
use super::shelf::Lent;
use super::{Scene, Trouble, beside, map};
use crate::data::Dataset;
use crate::engine::protocol::{Answer, Pupil, Topic};
use crate::engine::world::World;
use crate::lessons::latent::{Chart, Space};
use crate::lessons::worlds::right;
use crate::nn::spec::{NetworkSpec, Noise};
use crate::nn::tasks::classify::{Classify, classifier, labels};
use crate::nn::{Resident, ResidentError, Trainer, Training, first_weights, signals};
use crate::words;
use std::rc::Rc;
use web_time::Instant;

/// Points of the loss curve in an epoch.
const POINTS: u32 = 4;
/// Milliseconds between two tests, and how many times longer than a test training goes on before the next.
const BETWEEN: f64 = 700.0;
const PATIENCE: f64 = 6.0;

/// A classifier in training.
pub struct Learner {
    trainer: Trainer,
    encoder: Encoder,
    pupil: Pupil,
}

/// A classifier as it was after some step, in this process.
pub struct Known {
    spec: NetworkSpec,
    values: Vec<f32>,
    step: u32,
}

/// What is learned from, with labels.
pub struct Taught<'a> {
    pub set: &'a Dataset,
    pub classes: u32,
}

impl<'a> Taught<'a> {
    /// The rows that the recipe learns from.
    ///
    /// # Errors
    /// There is nothing to tell apart: in words.
    pub fn of<W>(scene: &'a Scene<W>) -> Result<Self, Trouble> {
        let set = scene.known();
        let all = || set.labels().iter().chain(scene.split.test.labels());
        let classes = all().max().map_or(0, |&most| u32::from(most) + 1);
        let several = set.labels().windows(2).any(|pair| pair[0] != pair[1]);
        if set.labels().is_empty() || scene.split.test.labels().is_empty() {
            return Err(Trouble::Words(
                "this data set has no labels, and a classifier learns from nothing else".into(),
            ));
        }
        if !several {
            let message = "all inputs that are learned from are of one class, so there is nothing to tell apart: let \
                           the others in";
            return Err(Trouble::Words(message.into()));
        }
        Ok(Self { set, classes })
    }

    /// The classifier.
    pub fn spec<W>(&self, scene: &Scene<W>) -> NetworkSpec {
        classifier(&scene.design.spec, self.classes)
    }
}

/// How a classifier is trained: as the recipe says, without noise.
pub fn training<W>(scene: &Scene<W>) -> Training {
    Training { noise: Noise::None, variational: None, ..scene.design.training() }
}

impl From<ResidentError> for Trouble {
    fn from(error: ResidentError) -> Self {
        Self::Words(error.to_string())
    }
}

/// How many of the test set a classifier gets right, and the codes of all of it by its encoder.
pub async fn tested<W: World>(
    scene: &Scene<W>,
    encoder: &Encoder,
    spec: &NetworkSpec,
    values: &[f32],
) -> Result<(u32, Vec<f32>), Trouble> {
    let codes = encoder.codes(scene, false, &|_| {}).await?;
    let last = spec.encoder..spec.layers.len();
    // The last layer is small, and is done here.
    let y = signals(spec, values, last, scene.test.len, codes.clone()).pop().unwrap_or_default();
    let width = spec.layers.last().map_or(1, |layer| layer.outputs);
    Ok((right(&y, width as usize, scene.split.test.labels()), codes))
}

impl Learner {
    fn new<W>(scene: &Scene<W>, taught: &Taught) -> Result<Self, Trouble> {
        let spec = taught.spec(scene);
        let labels: Resident = labels(&scene.device, taught.set.labels())?;
        let task = Classify { inputs: &scene.train, labels: &labels };
        let trainer = Trainer::with_task(scene.device.clone(), &spec, training(scene), &task);
        let encoder = Encoder::of(trainer.weights.clone());
        let pupil = Pupil { parameters: spec.parameters() as u32, ..Pupil::default() };
        Ok(Self { trainer, encoder, pupil })
    }

    /// Takes the weights out, and tests them.
    async fn test<W: World>(&mut self, scene: &Scene<W>) -> Result<(), Trouble> {
        let spec = self.trainer.weights.spec.clone();
        let values = self.trainer.snapshot(true).await?.weights.unwrap_or_default();
        let step = self.trainer.steps();
        let (right, codes) = tested(scene, &self.encoder, &spec, &values).await?;
        *scene.shelf.known.borrow_mut() = Some(Rc::new(Known { spec, values, step }));
        let chart = map::of_codes(scene, codes).await;
        let test = &scene.split.test;
        let (labels, classes) = (test.labels().to_vec(), test.classes().to_vec());
        self.pupil.chart = Some(Chart { space: Space::Codes, step, labels, classes, ..chart });
        self.pupil.right.retain(|point| point.0 != step);
        self.pupil.right.push((step, right as f32 / test.len() as f32));
        Ok(())
    }

    fn say<W: World>(&mut self, scene: &Scene<W>) {
        let chart = self.pupil.chart.take();
        scene.answer(Answer::Classifier(Pupil { chart, ..self.pupil.clone() }));
    }
}

/// How the classifier stands; and its training, if that is wanted.
pub async fn answer<W: World>(scene: Scene<W>, train: bool) -> Result<(), Trouble> {
    let taught = Taught::of(&scene)?;
    let recipe = &scene.design.recipe;
    let mut lent: Lent<Learner> = scene.shelf.learner.take();
    let learner = match &mut lent.thing {
        Some(learner) => learner,
        empty => empty.insert(Learner::new(&scene, &taught)?),
    };
    learner.trainer.set_rate(recipe.learning_rate);
    let of = recipe.steps(scene.train.len);
    learner.pupil.of = of;
    let stride = (of / recipe.epochs.max(1) / POINTS).max(1);
    let (mut tested, mut took) = (Instant::now(), f64::INFINITY);
    loop {
        let step = learner.trainer.steps();
        learner.pupil.step = step;
        let over = !train || step >= of;
        let since = tested.elapsed().as_secs_f64() * 1e3;
        if over || took.is_infinite() || since > f64::max(BETWEEN, PATIENCE * took) {
            let begun = Instant::now();
            learner.test(&scene).await?;
            took = begun.elapsed().as_secs_f64() * 1e3;
            tested = Instant::now();
        }
        learner.say(&scene);
        if over {
            return Ok(());
        }
        let until = (step / stride + 1) * stride;
        let done = |part: f32| scene.progress(Topic::Classifier, part * until as f32 / of as f32);
        let losses = beside::train(&scene, &mut learner.trainer, until.min(of), "the classifier", &done).await?;
        let mean = losses.iter().sum::<f32>() / losses.len().max(1) as f32;
        learner.pupil.losses.push((learner.trainer.steps(), mean));
    }
}

/// What the classifier makes of an input, as it was last tested; before its first step, by its first weights.
pub async fn classes<W: World>(scene: Scene<W>, input: Vec<f32>) -> Result<(), Trouble> {
    let expected = scene.design.spec.inputs() as usize;
    if input.len() != expected {
        return Err(Trouble::Words(words!("{} values, the network takes {expected}", input.len())));
    }
    let known = scene.shelf.known.borrow().clone();
    let known = match known {
        Some(known) => known,
        None => {
            let spec = Taught::of(&scene)?.spec(&scene);
            let values = first_weights(&spec, scene.design.recipe.init, scene.design.recipe.seed);
            Rc::new(Known { spec, values, step: 0 })
        }
    };
    let signals = signals(&known.spec, &known.values, 0..known.spec.layers.len(), 1, input);
    scene.answer(Answer::Classes { step: known.step, signals });
    Ok(())
}
