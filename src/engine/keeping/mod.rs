//! Runs that are kept: while it trains the session hands over a record every now and then, and a later visit goes on
//! from it. Where the bytes lie is the [`Store`]'s business.
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod database;
mod record;
pub mod store;

pub use record::Record;
pub use store::Store;

use super::jobs::{Job, Trouble};
use super::protocol::{Card, Event, Origin, Point, Runs, go_on};
use super::run::Run;
use super::session::Session;
use super::world::World;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use web_time::SystemTime;

/// What is wanted of the place that keeps runs.
pub enum Keeping {
    /// Keep this. `new`: it is the run's first record, for which an older run may have to go.
    Save {
        /// The run.
        record: Box<Record>,
        /// In which of its two places.
        place: u8,
        /// Its first.
        new: bool,
    },
    /// Answered by [`Found::Cards`].
    Runs(Runs),
    /// The newest state of this run. Answered by [`Found::Record`].
    Recall(String),
}

/// What the place says.
pub enum Found {
    /// It is done.
    Nothing,
    /// All runs, newest first.
    Cards(Vec<Card>),
    /// A run.
    Record(Box<Record>),
}

/// How the place answers.
pub type Answer = LocalBoxFuture<'static, Result<Found, String>>;

/// Under which name a network's run is kept.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// `None` until its first record.
    id: Option<String>,
    /// Records so far.
    records: u32,
    /// Steps that its first weights had seen.
    pub before: u32,
}

impl Kept {
    /// Of a run that begins with weights of so many steps.
    pub fn anew(before: u32) -> Self {
        Self { before, ..Self::default() }
    }

    /// Of a run that goes on.
    pub fn again(card: &Card) -> Self {
        Self { id: Some(card.id.clone()), records: 1, before: card.before }
    }
}

/// What the session remembers of its records.
#[derive(Default)]
pub struct Keeper {
    /// Records on their way.
    busy: bool,
    /// The run went on since, and stopped.
    owed: bool,
    /// The visitor knows that nothing is kept.
    told: bool,
    /// What lies on the pad.
    pub drawing: Vec<u8>,
}

/// The course of a run so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Points of its curves.
    pub points: Vec<Point>,
    /// Seconds of training.
    pub seconds: f64,
    /// As of the state that was kept last: the losses since its last point, and the step of the next test.
    pub open: (Vec<f32>, u32),
}

impl Course {
    /// Goes on by these points.
    pub fn add(&mut self, points: &[Point]) {
        go_on(&mut self.points, points);
    }
}

impl<W: World> Session<W> {
    /// Looks for the run that was kept last, and tells the page of it.
    pub(super) fn look_for_the_last_run(&mut self) {
        let (world, out) = (self.world.clone(), self.out.clone());
        let looked = async move {
            // Where nothing can be kept, nothing is missed.
            if let Ok(Found::Cards(cards)) = W::keeping(world, Keeping::Runs(Runs::List)).await
                && let Some(Card { id, recipe, step, when, .. }) = cards.into_iter().next()
            {
                out(Event::Left { id, recipe, step, when });
            }
            Ok(())
        };
        self.jobs.push(Job::keep(looked.boxed_local()));
    }

    /// Keeps the run as it last was known to be good; `stopped`: nothing comes after this for a while.
    pub(super) fn keep_run(&mut self, run: &Run, stopped: bool) {
        if self.keeper.busy {
            self.keeper.owed |= stopped;
            return;
        }
        let Some(model) = self.model.as_mut() else { return };
        let step = run.good.steps();
        if step == 0 {
            return;
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64() * 1e3);
        let kept = &mut model.kept;
        let new = kept.id.is_none();
        let id = kept.id.get_or_insert_with(|| format!("{now:.0}-{:06}", model.design.recipe.seed)).clone();
        kept.records += 1;
        let place = (kept.records % 2) as u8;
        let Course { points, seconds, .. } = run.course();
        let card = Card {
            id,
            name: None,
            recipe: model.design.recipe.clone(),
            before: kept.before,
            step,
            when: now,
            seconds,
            curve: points.into_iter().filter(|point| point.step <= step).collect(),
        };
        let record = Box::new(Record { card, state: run.good.clone(), drawing: self.keeper.drawing.clone() });
        self.keeper.busy = true;
        let keeping = W::keeping(self.world.clone(), Keeping::Save { record, place, new });
        self.jobs.push(Job::keep(async move { keeping.await.map(drop).map_err(Trouble::Words) }.boxed_local()));
    }

    /// The page says what lies on the pad: it goes along with the next record, and where nothing trains, at once.
    pub(super) fn keep_drawing(&mut self, drawing: Vec<u8>) {
        self.keeper.drawing = drawing;
        if !self.running {
            self.keep_what_stands();
        }
    }

    /// Keeps the run that stands.
    fn keep_what_stands(&mut self) {
        if let Some(run) = self.run.take() {
            self.keep_run(&run, true);
            self.run = Some(run);
        }
    }

    /// A record is there, or could not be kept.
    pub(super) fn kept(&mut self, result: Result<(), Trouble>) {
        self.keeper.busy = false;
        match result {
            Ok(()) => self.keeper.told = false,
            Err(Trouble::Words(message)) if !self.keeper.told => {
                self.keeper.told = true;
                self.say(Event::NotKept { message });
            }
            Err(_) => {}
        }
        if std::mem::take(&mut self.keeper.owed) {
            self.keep_what_stands();
        }
    }

    /// A kept run as a network to go on with.
    ///
    /// # Errors
    /// In words.
    pub(super) async fn recall(&self, origin: &Origin) -> Result<Option<Box<Record>>, String> {
        let Origin::Saved(id) = origin else { return Ok(None) };
        match W::keeping(self.world.clone(), Keeping::Recall(id.clone())).await {
            Ok(Found::Record(record)) => Ok(Some(record)),
            Ok(_) => Err("the place that keeps runs gave another answer".into()),
            Err(message) => Err(message),
        }
    }
}
