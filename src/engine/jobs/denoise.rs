//! Two networks that differ in one thing: whether they have learned with noise. They are trained beside the one that
//! stands, and stay on the run's shelf, so that drawings and curves need no training again.
use super::shelf::Slot;
use super::{Scene, Trouble, beside};
use crate::compute::Device;
use crate::data::pca::Pca;
use crate::engine::protocol::{Answer, Cleaned, Topic};
use crate::engine::world::World;
use crate::lessons::denoise::{Level, METHODS, Trained, corrupted, median, strength};
use crate::lessons::distortion::{linear, squared_error};
use crate::lessons::recipe::Noise;
use crate::nn::noisy::NoisyPass;
use crate::nn::{Trainer, Training, first_weights, part, signals};
use crate::words;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_time::Instant;

/// The two networks.
pub struct Rivals {
    noise: Noise,
    /// Without noise and with it; lent to whoever trains them.
    trainers: Slot<[Trainer; 2]>,
    /// Copies of their weights, and how far they have come.
    values: RefCell<[Rc<Vec<f32>>; 2]>,
    trained: Cell<Trained>,
}

impl Rivals {
    fn new<W>(scene: &Scene<W>, noise: Noise) -> Self {
        let design = &scene.design;
        let training = Training { variational: None, ..design.training() };
        let rival = |noise| {
            Trainer::new(scene.device.clone(), &design.spec, Training { noise, ..training.clone() }, &scene.train)
        };
        // The same first weights, the same order of the data: the noise is all that differs.
        let first = Rc::new(first_weights(&design.spec, training.init, training.seed));
        let trained = Trained { noise, step: 0, steps: 0, losses: [f32::NAN; 2] };
        Self {
            noise,
            trainers: Slot::of([rival(Noise::None), rival(noise)]),
            values: RefCell::new([first.clone(), first]),
            trained: Cell::new(trained),
        }
    }

    fn values(&self) -> [Rc<Vec<f32>>; 2] {
        self.values.borrow().clone()
    }
}

/// Milliseconds of training between two looks at the weights.
const LOOK: f64 = 400.0;

/// Trains both, in turns; goes on where they were left unless `fresh` networks are wanted, or another noise.
pub async fn train<W: World>(scene: Scene<W>, noise: Noise, fresh: bool) -> Result<(), Trouble> {
    let result = train_on(&scene, noise, fresh).await;
    if matches!(result, Err(Trouble::Words(_))) {
        // Their weights are no longer numbers.
        *scene.shelf.rivals.borrow_mut() = None;
    }
    result
}

async fn train_on<W: World>(scene: &Scene<W>, noise: Noise, fresh: bool) -> Result<(), Trouble> {
    let kept = scene.shelf.rivals.borrow().clone().filter(|rivals| !fresh && rivals.noise == noise);
    let rivals = match kept {
        Some(rivals) => rivals,
        None => {
            let rivals = Rc::new(Rivals::new(scene, noise));
            *scene.shelf.rivals.borrow_mut() = Some(rivals.clone());
            rivals
        }
    };
    let recipe = &scene.design.recipe;
    let steps = recipe.steps(scene.train.len);
    let mut lent = rivals.trainers.take();
    let Some(trainers) = lent.thing.as_mut() else {
        return Err(Trouble::Words("these networks are in training already: stop that first".into()));
    };
    trainers.iter_mut().for_each(|trainer| trainer.set_rate(recipe.learning_rate));
    let mut part = 4;
    loop {
        // The one that was stopped half-way catches up.
        let step = trainers.iter().map(Trainer::steps).min().unwrap_or(0);
        let until = (step + part).min(steps);
        let since = Instant::now();
        let mut losses = rivals.trained.get().losses;
        let mut values = Vec::new();
        for ((trainer, loss), name) in trainers.iter_mut().zip(&mut losses).zip(["the plain one", "the denoising one"])
        {
            let all = beside::train(scene, trainer, until, name, &|_| {}).await?;
            if !all.is_empty() {
                *loss = all.iter().sum::<f32>() / all.len() as f32;
            }
            values.push(Rc::new(trainer.snapshot(true).await?.weights.unwrap_or_default()));
        }
        let values: [_; 2] = values.try_into().unwrap_or_else(|_| rivals.values());
        *rivals.values.borrow_mut() = values;
        let trained = Trained { noise, step: until, steps, losses };
        rivals.trained.set(trained);
        scene.progress(Topic::Denoisers, until as f32 / steps.max(1) as f32);
        scene.answer(Answer::Denoisers(trained));
        if until >= steps {
            return Ok(());
        }
        let change = (LOOK / (since.elapsed().as_secs_f64() * 1e3).max(0.1)).clamp(0.25, 4.0);
        part = ((f64::from(part) * change) as u32).clamp(1, 400);
    }
}

/// Inputs that are cleaned between two rests.
const ROWS: usize = 4;

/// What each method makes of some noisy inputs, by now.
pub async fn clean<W: World>(scene: Scene<W>, inputs: Vec<f32>) -> Result<(), Trouble> {
    let cols = scene.design.spec.inputs() as usize;
    if !inputs.len().is_multiple_of(cols) || inputs.iter().any(|x| !x.is_finite()) {
        let message = words!("{} values are not whole inputs of {cols} finite ones: ask again", inputs.len());
        return Err(Trouble::Words(message));
    }
    let mut said = begin(&scene);
    for part in inputs.chunks(ROWS * cols) {
        add(&scene, &mut said, part)?;
        scene.rest().await;
    }
    said.noisy = inputs;
    scene.answer(Answer::Cleaned(said.finished()));
    Ok(())
}

/// Inputs in one part of a gallery.
const PART: usize = 100;

/// The first inputs of the test set with noise, and what each method makes of them, in parts.
pub async fn gallery<W: World>(scene: Scene<W>, count: u32, noise: Noise) -> Result<(), Trouble> {
    let test = &scene.split.test;
    let count = test.len().min(count as usize);
    let cols = test.width();
    // All by the same weights.
    let mut said = begin(&scene);
    for first in (0..count).step_by(PART) {
        let rows = first..(first + PART).min(count);
        let mut clean = vec![0.0; rows.len() * cols];
        test.copy_rows(rows.clone(), &mut clean)?;
        let seed = scene.design.recipe.seed;
        for (i, clean) in clean.chunks(ROWS * cols).enumerate() {
            // No two parts have the same draw, nor has any the page's.
            let draw = (1 << 20) + (first + i * ROWS) as u32;
            let noisy = corrupted(noise, seed, draw, clean, cols as u32, scene.design.shape.1);
            add(&scene, &mut said, &noisy)?;
            said.noisy.extend(noisy);
            scene.rest().await;
        }
        let part = said.part();
        scene.answer(Answer::Gallery { first: first as u32, of: count as u32, clean, cleaned: part });
        scene.progress(Topic::Gallery, rows.end as f32 / count as f32);
    }
    Ok(())
}

/// Answers in the making.
struct Saying {
    values: [Option<Rc<Vec<f32>>>; 2],
    pca: Option<Rc<Pca>>,
    trained: Option<Trained>,
    noisy: Vec<f32>,
    outputs: [Vec<f32>; METHODS - 1],
}

impl Saying {
    /// What there is so far; the next part starts empty.
    fn part(&mut self) -> Cleaned {
        Cleaned {
            trained: self.trained,
            noisy: std::mem::take(&mut self.noisy),
            outputs: std::mem::take(&mut self.outputs),
        }
    }

    fn finished(mut self) -> Cleaned {
        self.part()
    }
}

fn begin<W>(scene: &Scene<W>) -> Saying {
    let rivals = scene.shelf.rivals.borrow().clone();
    let recipe = &scene.design.recipe;
    // Until there are two, the network that stands is the plain one, if it has learned, and without noise.
    let plain = scene.learned && recipe.noise == Noise::None && recipe.variational.is_none();
    let standing = || [plain.then(|| scene.values.clone()), None];
    Saying {
        values: rivals.as_ref().map_or_else(standing, |rivals| rivals.values().map(Some)),
        pca: scene.pca_by_now(),
        trained: rivals.map(|rivals| rivals.trained.get()),
        noisy: Vec::new(),
        outputs: Default::default(),
    }
}

/// What each method makes of some inputs, after what there is: nothing of networks and PCA that are not there yet.
fn add<W>(scene: &Scene<W>, said: &mut Saying, noisy: &[f32]) -> Result<(), Trouble> {
    let spec = &scene.design.spec;
    let cols = spec.inputs() as usize;
    let rows = (noisy.len() / cols) as u32;
    let [plain, denoising, by_pca, filtered] = &mut said.outputs;
    for (output, values) in [plain, denoising].into_iter().zip(&said.values) {
        let Some(values) = values else { continue };
        let all = signals(spec, values, 0..spec.layers.len(), rows, noisy.to_vec()).pop();
        output.extend(all.unwrap_or_default());
    }
    for input in noisy.chunks(cols) {
        if let Some(pca) = &said.pca {
            by_pca.extend(pca.decode(&pca.code(input, spec.z() as usize)?));
        }
        filtered.extend(median(input, scene.design.shape.1 as usize, scene.split.unit()));
    }
    Ok(())
}

/// Multiplications in one piece of a device's work: some 20 ms of a GPU in software, 5 ms of the processor.
const PIECE: [u32; 2] = [50_000_000, 10_000_000];
/// Inputs in one piece at most.
const MOST: u32 = 500;

/// The errors of all methods over the whole test set, at one strength of noise after the other.
pub async fn levels<W: World>(scene: Scene<W>, levels: Vec<Noise>) -> Result<(), Trouble> {
    let Some(rivals) = scene.shelf.rivals.borrow().clone() else {
        return Err(Trouble::Words("there are no networks to compare yet: train them first".into()));
    };
    let pca = scene.pca(", so there is nothing to compare with").await?;
    let (d, spec) = (&scene.device, &scene.design.spec);
    let [plain, denoising] = rivals.values().map(|values| part::still(d, spec, &values));
    let (linear, its) = linear(&pca, spec.z());
    let linear = part::still(d, &linear, &its);
    let piece = PIECE[usize::from(matches!(**d, Device::Processor))];
    let rows = (piece / spec.parameters() as u32).clamp(1, MOST);
    let Some(&first) = levels.first() else { return Ok(()) };
    let settings = (first, scene.design.recipe.seed, scene.design.shape.1);
    let Some(mut pass) = NoisyPass::new(d, &[&plain, &denoising, &linear], &scene.test, settings, rows) else {
        return Err(Trouble::Words("choose a kind of noise first".into()));
    };
    let (cols, all) = (spec.inputs() as usize, (levels.len() as u32 * pass.pieces()) as f32);
    for (i, &noise) in levels.iter().enumerate() {
        pass.set_strength(strength(noise));
        let mut sums = [[0.0; METHODS]; 2];
        for piece in 0..pass.pieces() {
            let mut results = pass.piece(piece).await?;
            let values = results[0].len();
            let from = (piece * pass.rows) as usize;
            let mut clean = vec![0.0; values];
            scene.split.test.copy_rows(from..from + values / cols, &mut clean)?;
            let lines = results[0].chunks(cols);
            let filtered = lines.flat_map(|x| median(x, scene.design.shape.1 as usize, scene.split.unit())).collect();
            results.push(filtered);
            for (clip, sums) in sums.iter_mut().enumerate() {
                for (sum, result) in sums.iter_mut().zip(&results) {
                    *sum += squared_error(&clean, result, clip == 1);
                }
            }
            scene.progress(Topic::Levels, (i as u32 * pass.pieces() + piece) as f32 / all);
            scene.rest().await;
        }
        let [raw, clipped] = sums.map(|sums| sums.map(|sum| sum / (scene.test.len as usize * cols) as f64));
        scene.answer(Answer::Level { level: Level { noise, raw, clipped }, trained: rivals.trained.get() });
    }
    scene.progress(Topic::Levels, 1.0);
    Ok(())
}
