//! What labels are worth: a classifier trained on some of them alone, against the votes of the same inputs by codes that
//! were learned without any.
use super::classifier::{Taught, tested, training};
use super::encode::Encoder;
use super::{Scene, Trouble, beside};
use crate::data::drawn;
use crate::engine::model::rows;
use crate::engine::nearest::Lookup;
use crate::engine::protocol::{Answer, Topic};
use crate::engine::world::World;
use crate::lessons::neighbours::{MOST, Metric, Rows, Stored, Tally};
use crate::lessons::worlds::{Measured, Piece, best_k, leave_one_out, schedule};
use crate::nn::tasks::classify::{Classify, labels};
use crate::nn::{Among, Resident, Trainer, Training};
use crate::words;

/// Inputs whose neighbours are looked for at once.
const QUERIES: u32 = 128;
/// Steps of training that take about as long as all votes of a piece.
const VOTES: u32 = 300;
/// Labelled inputs that are asked about among the others, to choose k.
const LEFT_OUT: usize = 500;

/// A classifier of few labels that is not done.
pub struct Partial {
    piece: Piece,
    trainer: Trainer,
}

pub async fn answer<W: World>(scene: Scene<W>, pieces: Vec<Piece>) -> Result<(), Trouble> {
    let taught = Taught::of(&scene)?;
    let recipe = &scene.design.recipe;
    let library = scene.shelf.library(&scene);
    library.refresh(&scene, true, Topic::Labels).await?;
    // Until all is measured the codes stay those of this step, even if it trains on.
    let _lent = library.lend();
    let step = library.step();
    let known = library.codes();
    let asked = library.encoder.codes(&scene, false, &|_| {}).await?;
    let cost = |piece: &Piece| (schedule(recipe, piece.n).0 + VOTES) as f32;
    let whole: f32 = pieces.iter().map(cost).sum();
    let mut before = 0.0;
    for piece in pieces {
        let len = taught.set.len();
        let chosen = &drawn(len, recipe.seed, piece.draw)[..(piece.n as usize).min(len)];
        if chosen.is_empty() {
            return Err(Trouble::Words("no labels are too few".into()));
        }
        let steps = schedule(recipe, piece.n).0 as f32;
        let taking = |part: f32| scene.progress(Topic::Labels, (before + part * steps) / whole);
        let right = classified(&scene, &taught, piece, chosen, &taking).await?;
        let voting = |part: f32| scene.progress(Topic::Labels, (before + steps + part * VOTES as f32) / whole);
        let votes = voted(&scene, &taught, chosen, [&known, &asked], &voting).await?;
        before += cost(&piece);
        let own_k = own_k(&scene, &taught, chosen, &known).await;
        scene.answer(Answer::Labels(Measured { piece, step, asked: votes.asked, right, votes, own_k }));
    }
    Ok(())
}

/// How many of the test set a classifier gets right that knows these labels alone. Dropped midway, it goes on where it
/// was the next time.
async fn classified<W: World>(
    scene: &Scene<W>,
    taught: &Taught<'_>,
    piece: Piece,
    chosen: &[usize],
    done: &dyn Fn(f32),
) -> Result<u32, Trouble> {
    let recipe = &scene.design.recipe;
    let (steps, batch) = schedule(recipe, piece.n);
    let mut lent = scene.shelf.partial.take();
    let begun = lent.thing.take().filter(|partial| partial.piece == piece);
    let begun = match begun {
        Some(partial) => partial,
        None => {
            let some = taught.set.select(chosen)?;
            let inputs = Resident::new(&scene.device, rows(&some), scene.train.cols)?;
            let labels = labels(&scene.device, some.labels())?;
            let (task, training) = (Classify { inputs: &inputs, labels: &labels }, training(scene));
            let training = Training { batch, ..training };
            Partial { piece, trainer: Trainer::with_task(scene.device.clone(), &taught.spec(scene), training, &task) }
        }
    };
    let Partial { trainer, .. } = lent.thing.insert(begun);
    let name = words!("the classifier of {} labels", piece.n);
    trainer.set_rate(recipe.learning_rate);
    beside::train(scene, trainer, steps, &name, done).await?;
    let values = trainer.snapshot(true).await?.weights.unwrap_or_default();
    let encoder = Encoder::of(trainer.weights.clone());
    let (right, _) = tested(scene, &encoder, &trainer.weights.spec, &values).await?;
    lent.thing = None;
    Ok(right)
}

/// How many of the nearest should vote, as the labels themselves say: each (or some of them) is asked about among the
/// others, and the k counts that is right most often. No label of the test set is looked at.
async fn own_k<W: World>(scene: &Scene<W>, taught: &Taught<'_>, chosen: &[usize], known: &[f32]) -> u32 {
    let width = scene.design.spec.z() as usize;
    let some = codes_of(known, width, chosen);
    let rows = Rows { values: Stored::Floats(&some), width };
    let labels: Vec<u8> = chosen.iter().map(|&row| taught.set.label(row).unwrap_or_default()).collect();
    let mut tally = Tally::default();
    for row in 0..chosen.len().min(LEFT_OUT) {
        leave_one_out(rows, &labels, row, &mut tally);
        scene.rest().await;
    }
    best_k(&tally)
}

fn codes_of(known: &[f32], width: usize, chosen: &[usize]) -> Vec<f32> {
    chosen.iter().flat_map(|&row| &known[row * width..(row + 1) * width]).copied().collect()
}

/// How often the nearest of the chosen inputs vote right, for every input of the test set: by codes, which are those of
/// all training inputs and of the test set.
async fn voted<W: World>(
    scene: &Scene<W>,
    taught: &Taught<'_>,
    chosen: &[usize],
    [known, asked]: [&[f32]; 2],
    done: &dyn Fn(f32),
) -> Result<Tally, Trouble> {
    let width = scene.design.spec.z() as usize;
    let some = codes_of(known, width, chosen);
    let among = scene.device.buffer(&some);
    let among = Among::Codes { values: &among, width: width as u32 };
    let test = &scene.split.test;
    let queries = QUERIES.min(test.len() as u32);
    let lookup = Lookup::new(&scene.device, among, chosen.len() as u32, queries, Metric::Euclidean).await?;
    let rows = Rows { values: Stored::Floats(&some), width };
    let mut tally = Tally::default();
    for (first, queries) in (0..).step_by(lookup.queries()).zip(asked.chunks(lookup.queries() * width)) {
        let exact = |i: usize| rows.query(&queries[i * width..(i + 1) * width]);
        for (i, near) in lookup.nearest(rows, queries, &exact, MOST, &|| scene.rest()).await?.iter().enumerate() {
            let says = near.iter().filter_map(|near| taught.set.label(*chosen.get(near.place as usize)?));
            tally.add(test.label(first + i).unwrap_or_default(), says);
        }
        done((first + queries.len() / width) as f32 / test.len() as f32);
        scene.rest().await;
    }
    Ok(tally)
}
