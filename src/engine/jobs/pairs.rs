//! An encoder that learns by pairs, beside the network that stands; and the pairs that a visitor is asked about.
use super::shelf::Slot;
use super::{Scene, Trouble, beside, encode, map};
use crate::compute::Buffer;
use crate::engine::nearest::{Lookup, Pace};
use crate::engine::protocol::{Answer, Topic};
use crate::engine::world::World;
use crate::lessons::neighbours::{Metric, Rows, Stored, USUAL, vote};
use crate::lessons::siamese::{
    By, Choice, Dealer, Dealing, Dealt, MARGINS, MOST_PAIRS, Measure, Measured, Start, Taught, Teaching, distance,
    moved,
};
use crate::nn::spec::Init;
use crate::nn::tasks::pairs::Pairs;
use crate::nn::{Among, NetworkSpec, Pass, State, Trainer, Training, Weights, first_weights, part, signals};
use crate::words;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use web_time::Instant;

/// Inputs of the test set on the map, where it has more than all of them that are shown; and those whose neighbours are
/// asked during a game, among how many.
const SHOWN: u32 = 2000;
const ALL: u32 = 5000;
const ASKED: u32 = 1000;
const KNOWN: u32 = 10_000;
/// Inputs that are searched for at once.
const QUERIES: u32 = 128;
/// Pairs per step, of those that were answered by hand.
const BATCH: u32 = 32;
/// First weights whose codes lie within the margin of each other, or nearly so. He's, as autoencoders take them, make
/// codes so far apart that pairs of different ones teach nothing at first.
const INIT: Init = Init::Torch;
/// Seconds between two looks at an encoder that learns by many pairs.
const LOOK: f64 = 1.0;
/// Of so many pairs the least sure one is taken.
const CANDIDATES: u64 = 32;
/// The most pairs in one answer.
const MOST_DEALT: u32 = 16;

/// What is kept of the encoder between two questions.
#[derive(Default)]
pub struct School {
    pupil: Slot<Pupil>,
    /// Its weights before it saw a pair, and now; empty while there is none.
    values: RefCell<[Rc<Vec<f32>>; 2]>,
    /// How it left another device, while nothing was asked of it on this one.
    left: RefCell<Option<Left>>,
}

/// The encoder without a device.
struct Left {
    state: State,
    first: Vec<f32>,
    steps: u32,
}

/// What goes to the next device: the page asks for a few steps at a time, and would not ask again for those that were lost.
pub struct Pack {
    left: Left,
    values: [Rc<Vec<f32>>; 2],
}

impl School {
    /// Packs, unless there is no encoder.
    pub fn leave(&self) -> Option<Pack> {
        let pupil = self.pupil.take().thing.take();
        let left = pupil.map(|Pupil { state, first, steps, .. }| Left { state, first, steps });
        let left = left.or_else(|| self.left.take())?;
        Some(Pack { left, values: self.values.take() })
    }

    /// Has what another school packed.
    pub fn arrive(&self, pack: Pack) {
        *self.left.borrow_mut() = Some(pack.left);
        *self.values.borrow_mut() = pack.values;
    }
}

/// The encoder.
struct Pupil {
    /// Its weights on the device, to encode with.
    still: Weights,
    passes: [OnceCell<Pass>; 4],
    pace: Pace,
    state: State,
    /// The codes that it had first.
    first: Vec<f32>,
    steps: u32,
    /// What is set up for training, and for which pairs.
    trainer: Option<(Trainer, u32, f32)>,
}

/// Teaches it.
pub async fn teach<W: World>(scene: Scene<W>, teaching: Teaching) -> Result<(), Trouble> {
    let scene = &scene;
    let margin = teaching.margin;
    if !MARGINS.contains(&margin) {
        let (least, most) = (MARGINS.start(), MARGINS.end());
        return Err(Trouble::Words(words!("the margin is {margin}: it must be from {least} to {most}")));
    }
    let mut lent = scene.shelf.school.pupil.take();
    let (stayed, left) = (lent.thing.take(), scene.shelf.school.left.take());
    let kept = match teaching.start {
        None => stayed.or_else(|| left.map(|left| Pupil::of(scene, left))),
        Some(_) => None,
    };
    let begun = kept.is_none();
    let pupil = match kept {
        Some(pupil) => pupil,
        None => Pupil::new(scene, teaching.start.unwrap_or_default()).await?,
    };
    let pupil = lent.thing.insert(pupil);
    if begun {
        // How it stood, so that there is something to compare with.
        pupil.report(scene, None, 0, Measure::Part, true, false).await?;
    }
    let (pairs, batch, steps) = match teaching.by {
        By::Answers { pairs, steps } => {
            let list: Vec<_> = pairs.iter().map(|pair| (pair.a, pair.b, pair.same)).collect();
            (list, BATCH, steps)
        }
        By::Labels { pairs, epochs } => {
            let pairs = pairs.min(MOST_PAIRS);
            let list = drawn(scene, pairs).await?;
            let batch = scene.design.recipe.batch;
            (list, batch, (u64::from(pairs) * u64::from(epochs)).div_ceil(batch.into()).min(1 << 22) as u32)
        }
    };
    let count = pairs.len() as u32;
    let mut loss = None;
    if count > 0 && steps > 0 {
        pupil.set_up(scene, &pairs, batch, margin)?;
        let all = steps.max(1) as f32;
        let mut left = steps;
        let mut looked = Instant::now();
        while left > 0 {
            // In parts, so that the map is seen to move; the first are short, when nothing is known of the pace.
            let part = (steps / 40).clamp(10, 200).min(left);
            let before = (steps - left) as f32;
            let heard = |share: f32| scene.progress(Topic::Pairs, (before + share * part as f32) / all);
            loss = Some(pupil.train(scene, part, &heard).await?);
            left -= part;
            if left > 0 && looked.elapsed().as_secs_f64() >= LOOK {
                pupil.report(scene, loss, count, Measure::No, false, false).await?;
                looked = Instant::now();
            }
        }
    }
    // What was measured before is still so where there was nothing to learn.
    let measure = if begun && loss.is_none() { Measure::No } else { teaching.measure };
    pupil.report(scene, loss, count, measure, false, true).await
}

/// Pairs from the true labels, half of them of one class.
async fn drawn<W: World>(scene: &Scene<W>, count: u32) -> Result<Vec<(u32, u32, bool)>, Trouble> {
    let learned = scene.known();
    if learned.labels().is_empty() {
        let words = "this data set has no labels to draw pairs from: play the game, your answers are the labels";
        return Err(Trouble::Words(words.into()));
    }
    let dealer = Dealer::new(learned.labels(), learned.len(), scene.design.recipe.seed);
    let mut all = Vec::with_capacity(count as usize);
    for index in 0..u64::from(count) {
        let (a, b) = dealer.deal(index, dealer.coin(index));
        all.push((a, b, dealer.truth(a, b).unwrap_or_default()));
        if index % 4096 == 0 {
            scene.rest().await;
        }
    }
    Ok(all)
}

impl Pupil {
    async fn new<W: World>(scene: &Scene<W>, start: Start) -> Result<Self, Trouble> {
        let recipe = &scene.design.recipe;
        let spec = part::encoder(&scene.design.spec);
        let values = match start {
            Start::Network => {
                let values = scene.device.read(&scene.weights.values).await?;
                part::encoder_values(&scene.design.spec, &values).to_vec()
            }
            Start::Scratch => first_weights(&spec, INIT, recipe.seed),
        };
        if values.iter().any(|w| !w.is_finite()) {
            return Err(Trouble::Words("the network's weights are no longer numbers: reset it first".into()));
        }
        let shared = Rc::new(values.clone());
        *scene.shelf.school.values.borrow_mut() = [shared.clone(), shared];
        let mut pupil = Self::of(scene, Left { state: State::at_first(values), first: Vec::new(), steps: 0 });
        pupil.first = pupil.codes(scene, 0, &|_| {}).await?;
        Ok(pupil)
    }

    /// On this device: as it left another one, or before its first step.
    fn of<W>(scene: &Scene<W>, Left { state, first, steps }: Left) -> Self {
        let still = part::still(&scene.device, &part::encoder(&scene.design.spec), &state.values);
        let (passes, pace) = Default::default();
        Self { still, passes, pace, state, first, steps, trainer: None }
    }

    fn spec(&self) -> &NetworkSpec {
        &self.still.spec
    }

    fn set_up<W: World>(
        &mut self,
        scene: &Scene<W>,
        pairs: &[(u32, u32, bool)],
        batch: u32,
        margin: f32,
    ) -> Result<(), Trouble> {
        let key = (pairs.len() as u32, margin);
        let training = Training { batch, ..scene.design.training() };
        // A list only grows, so that its length tells lists apart.
        if let Some((trainer, len, m)) = &self.trainer
            && (*len, *m) == key
            && trainer.training() == &training
        {
            return Ok(());
        }
        self.trainer = None;
        let task = Pairs::new(&scene.device, &scene.train, pairs, margin);
        let task = task.ok_or_else(|| Trouble::Words("these pairs are of other data: begin the game anew".into()))?;
        let mut trainer = Trainer::with_task(scene.device.clone(), self.spec(), training, &task);
        trainer.restore(&self.state);
        self.trainer = Some((trainer, key.0, margin));
        Ok(())
    }

    /// So many steps: the mean of their losses.
    async fn train<W: World>(&mut self, scene: &Scene<W>, steps: u32, done: &dyn Fn(f32)) -> Result<f32, Trouble> {
        let Some((trainer, ..)) = self.trainer.as_mut() else { return Ok(0.0) };
        let from = trainer.steps();
        let heard = |share: f32| {
            let until = (from + steps) as f32;
            done(((share * until - from as f32) / steps as f32).clamp(0.0, 1.0));
        };
        let losses = beside::train(scene, trainer, from + steps, "the siamese encoder", &heard).await;
        let losses = match losses {
            Ok(losses) => losses,
            Err(trouble) => {
                // Back to the last state that was good.
                trainer.restore(&self.state);
                return Err(trouble);
            }
        };
        let state = trainer.state().await?;
        scene.device.write(&self.still.values, &state.values);
        scene.shelf.school.values.borrow_mut()[1] = Rc::new(state.values.clone());
        (self.state, self.steps) = (state, self.steps + steps);
        Ok((losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() / losses.len().max(1) as f64) as f32)
    }

    /// A pass: over what is shown of the test set (0), what a game asks (1), all of both sets (2, 3).
    fn pass<W>(&self, scene: &Scene<W>, which: usize) -> &Pass {
        self.passes[which].get_or_init(|| {
            let (set, len) = match which {
                // Files are often sorted by class: the first part of a small set may be of one.
                0 => (&scene.test, if scene.test.len > ALL { SHOWN } else { ALL }),
                1 => (&scene.train, KNOWN),
                2 => (&scene.test, scene.test.len),
                _ => (&scene.train, scene.train.len),
            };
            let layers = self.spec().layers.len();
            Pass::new(&scene.device, &self.still, set, layers, len.min(set.len), encode::rows(self.spec(), layers))
        })
    }

    async fn codes<W: World>(&self, scene: &Scene<W>, which: usize, done: &dyn Fn(f32)) -> Result<Vec<f32>, Trouble> {
        match which {
            2 => encode::fits(&scene.test, self.spec().z())?,
            3 => encode::fits(&scene.train, self.spec().z())?,
            _ => {}
        }
        let codes = encode::outputs(scene, self.pass(scene, which), &self.pace, done).await?;
        match codes.iter().all(|code| code.is_finite()) {
            true => Ok(codes),
            false => {
                Err(Trouble::Words("the codes are no longer numbers: begin anew with a lower learning rate".into()))
            }
        }
    }

    async fn report<W: World>(
        &self,
        scene: &Scene<W>,
        loss: Option<f32>,
        pairs: u32,
        measure: Measure,
        begun: bool,
        done: bool,
    ) -> Result<(), Trouble> {
        let measured = self.measured(scene, measure).await?;
        let codes = self.codes(scene, 0, &|_| {}).await?;
        let moved = moved(&self.first, &codes, self.spec().z() as usize);
        let mut chart = map::of_codes(scene, codes).await;
        let test = &scene.split.test;
        chart.labels = test.labels().iter().take(chart.len()).copied().collect();
        (chart.classes, chart.step) = (test.classes().to_vec(), self.steps);
        let steps = self.steps;
        scene.answer(Answer::Taught(Taught { begun, done, steps, pairs, loss, chart, moved, measured }));
        Ok(())
    }

    /// How often the nine nearest vote right. `None`: not asked, or no labels.
    async fn measured<W: World>(&self, scene: &Scene<W>, measure: Measure) -> Result<Option<Measured>, Trouble> {
        let learned = scene.known();
        let test = &scene.split.test;
        if measure == Measure::No || test.labels().is_empty() || learned.labels().is_empty() {
            return Ok(None);
        }
        let [queries, set] = if measure == Measure::Whole { [2, 3] } else { [0, 1] };
        let width = self.spec().z() as usize;
        let known = self.codes(scene, set, &|_| {}).await?;
        let mut asked = self.codes(scene, queries, &|_| {}).await?;
        // From all over what is there, in its order.
        let there = asked.len() / width.max(1);
        let part = if measure == Measure::Part { there.min(ASKED as usize) } else { there };
        // In 64 bits: the square of a large test set is more than wasm's usize holds.
        let row = |i: usize| (i as u64 * there as u64 / part.max(1) as u64) as usize;
        if part < there {
            asked = (0..part).flat_map(|i| &asked[row(i) * width..][..width]).copied().collect();
        }
        let (count, len) = (part, known.len() / width.max(1));
        let values: &Buffer = self.pass(scene, set).all();
        let among = Among::Codes { values, width: width as u32 };
        let rows = QUERIES.min(count as u32);
        let lookup = Lookup::new(&scene.device, among, len as u32, rows, Metric::Euclidean).await?;
        let rows = Rows { values: Stored::Floats(&known), width };
        let mut right = 0;
        for first in (0..count).step_by(lookup.queries()) {
            let part = first..(first + lookup.queries()).min(count);
            let queries = &asked[part.start * width..part.end * width];
            let exact = |i: usize| rows.query(&queries[i * width..(i + 1) * width]);
            let near = lookup.nearest(rows, queries, &exact, USUAL, &|| scene.rest()).await?;
            for (index, near) in part.clone().zip(near) {
                let says = vote(near.iter().filter_map(|near| learned.label(near.place as usize)));
                right += u32::from(says.is_some_and(|vote| Some(vote.label) == test.label(row(index))));
            }
            if measure == Measure::Whole {
                scene.progress(Topic::Pairs, part.end as f32 / count as f32);
            }
            scene.rest().await;
        }
        Ok(Some(Measured { right, asked: count as u32, known: len as u32 }))
    }
}

/// The weights before the first pair, and now: those of the network that stands, if no pair was ever learned from.
fn weights<W>(scene: &Scene<W>) -> [Rc<Vec<f32>>; 2] {
    let kept = scene.shelf.school.values.borrow().clone();
    if kept[0].is_empty() {
        let values = Rc::new(part::encoder_values(&scene.design.spec, &scene.values).to_vec());
        return [values.clone(), values];
    }
    kept
}

/// The codes of some inputs.
pub async fn apart<W: World>(scene: Scene<W>, inputs: Vec<Vec<f32>>) -> Result<(), Trouble> {
    let spec = part::encoder(&scene.design.spec);
    let expected = spec.inputs() as usize;
    if let Some(wrong) = inputs.iter().find(|input| input.len() != expected) {
        return Err(Trouble::Words(words!("{} values, the network takes {expected}", wrong.len())));
    }
    let weights = weights(&scene);
    let code = |values: &[f32], input: &[f32]| {
        signals(&spec, values, 0..spec.layers.len(), 1, input.to_vec()).pop().unwrap_or_default()
    };
    let codes = inputs.iter().map(|input| weights.each_ref().map(|values| code(values, input))).collect();
    scene.answer(Answer::Apart { codes });
    Ok(())
}

/// Pairs to be judged.
pub async fn deal<W: World>(scene: Scene<W>, dealing: Dealing) -> Result<(), Trouble> {
    let learned = scene.known();
    if learned.len() < 2 {
        return Err(Trouble::Words("there is only one training input: two make a pair".into()));
    }
    let spec = part::encoder(&scene.design.spec);
    let dealer = Dealer::new(learned.labels(), learned.len(), dealing.seed);
    let known = !learned.labels().is_empty();
    let [_, values] = weights(&scene);
    let mut all = Vec::new();
    for number in 0..u64::from(dealing.count.min(MOST_DEALT)) {
        // Without labels half of the pairs are the nearest of several, so that both answers come up.
        let same = dealer.coin(number);
        let near = !known && same;
        let several = near || dealing.choice == Choice::Unsure;
        let mut best: Option<(f32, Dealt)> = None;
        for candidate in 0..if several { CANDIDATES } else { 1 } {
            let index = number * CANDIDATES + candidate;
            // All candidates are of one class, or all are not: else most of the unsure ones would be of different ones.
            let (a, b) = dealer.deal(index, same);
            let input = |row: u32| learned.row(row as usize).unwrap_or_default();
            let inputs = [input(a), input(b)];
            let codes = signals(&spec, &values, 0..spec.layers.len(), 2, inputs.concat()).pop().unwrap_or_default();
            let (left, right) = codes.split_at(codes.len() / 2);
            let distance = distance(left, right);
            let rank = match (near, dealing.choice) {
                (true, Choice::Chance) => distance,
                (_, Choice::Unsure) => (distance - dealing.margin / 2.0).abs(),
                _ => 0.0,
            };
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, Dealt { a, b, truth: dealer.truth(a, b), distance, inputs }));
            }
            scene.rest().await;
        }
        all.extend(best.map(|(_, dealt)| dealt));
    }
    scene.answer(Answer::Dealt(all));
    Ok(())
}
