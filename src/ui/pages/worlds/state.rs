//! What the lesson knows, what it asks the engine, and when.
use crate::engine::protocol::{Answer, Ask, Command, Neighbours, Origin, Pupil, Topic};
use crate::lessons::Recipe;
use crate::lessons::latent::{Chart, Space, extent};
use crate::lessons::neighbours::{Metric, USUAL, vote};
use crate::lessons::worlds::{Measured, Piece, Voters, pieces, probabilities};
use crate::ui::desk::Desk;
use crate::ui::engine::newest::Newest;
use crate::ui::sheet::Sheet;
use crate::ui::tag::whenever;
use leptos::prelude::*;
use std::cell::RefCell;

/// A map, with its points where they lie.
#[derive(Default)]
pub struct Plane {
    /// The codes and their components.
    pub chart: Chart,
    /// The directions to the right and up.
    pub axes: [usize; 2],
    /// Every point along them, and the rectangle that holds most.
    pub places: Vec<[f32; 2]>,
    pub extent: [[f32; 2]; 2],
}

impl Plane {
    /// A newer one.
    fn take(&mut self, mut chart: Chart) {
        chart.align(&self.chart);
        self.axes = chart.first_axes();
        self.places = chart.places(self.axes);
        self.extent = extent(&self.places);
        self.chart = chart;
    }
}

/// What the page knows. It is too large for a signal, which would copy it: [`Page`] counts its changes instead.
#[derive(Default)]
pub struct State {
    /// The classifier.
    pub pupil: Pupil,
    /// The maps of its codes, and of the autoencoder's.
    pub planes: [Plane; 2],
    /// What the classifier makes of the pad, and who is near by the autoencoder's codes.
    pub signals: Vec<Vec<f32>>,
    pub found: Neighbours,
    /// What labels were worth.
    pub measured: Vec<Measured>,
    classes: Newest<Vec<f32>>,
    nearest: Newest<Vec<f32>>,
    /// The step of the map that was last asked for; it has not come yet.
    mapped: Option<u32>,
    mapping: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// The lesson, in the page.
#[derive(Clone, Copy)]
pub struct Page {
    pub desk: Desk,
    /// Counts changes of the state.
    changed: RwSignal<u32>,
    /// Which world is looked at.
    pub supervised: RwSignal<bool>,
    /// The classifier is to be trained; labels are being measured.
    pub training: RwSignal<bool>,
    pub measuring: RwSignal<bool>,
    /// How many neighbours vote over the test set.
    pub voters: RwSignal<Voters>,
}

/// While it trains, the autoencoder is mapped anew after so many epochs: a map costs about a fiftieth of one.
const EPOCHS: f64 = 0.3;

impl Page {
    pub fn new(desk: Desk) -> Self {
        STATE.take();
        on_cleanup(|| drop(STATE.take()));
        let page = Self {
            desk,
            changed: RwSignal::new(0),
            supervised: RwSignal::new(true),
            training: RwSignal::new(false),
            measuring: RwSignal::new(false),
            voters: RwSignal::default(),
        };
        page.hear();
        page.follow();
        page
    }

    /// Reads, and follows.
    pub fn with<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.changed.track();
        STATE.with_borrow(read)
    }

    /// Reads, and does not follow.
    pub fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        STATE.with_borrow(read)
    }

    /// Changes it.
    pub fn turn(self, change: impl FnOnce(&mut State)) {
        STATE.with_borrow_mut(change);
        if let Some(count) = self.changed.try_get_untracked() {
            self.changed.set(count.wrapping_add(1));
        }
    }

    fn hear(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Map, move |answer| {
            if let Answer::Map(chart) = answer {
                let first = STATE.with_borrow(|state| state.planes[1].places.is_empty());
                self.turn(|state| {
                    state.mapping = false;
                    state.planes[1].take(chart);
                });
                // Training ended while this map was made.
                let (step, running) = engine.progress.with_untracked(|progress| (progress.step, progress.running));
                if !running && STATE.with_borrow(|state| state.mapped != Some(step)) {
                    untrack(|| self.map());
                }
                // Only now it is known whether there are labels.
                if first && untrack(|| self.is_teachable()) {
                    engine.ask(Ask::Classifier { train: self.training.get_untracked() });
                    untrack(|| self.look());
                }
            }
        });
        engine.answers(Topic::Classifier, move |answer| {
            if let Answer::Classifier(mut pupil) = answer {
                if pupil.step >= pupil.of {
                    self.training.set(false);
                }
                let tested = pupil.chart.is_some();
                self.turn(|state| {
                    if let Some(chart) = pupil.chart.take() {
                        state.planes[0].take(chart);
                    }
                    state.pupil = pupil;
                });
                if tested {
                    untrack(|| self.look());
                }
            }
        });
        engine.answers(Topic::Classes, move |answer| {
            if let Answer::Classes { signals, .. } = answer {
                self.turn(|state| state.signals = signals);
                let next = STATE.with_borrow_mut(|state| state.classes.answered(js_sys::Date::now()));
                if let Some(input) = next {
                    engine.ask(Ask::Classes { input });
                }
            }
        });
        engine.answers(Topic::Neighbours, move |answer| {
            if let Answer::Neighbours(found) = answer {
                self.turn(|state| state.found = found);
                let next = STATE.with_borrow_mut(|state| state.nearest.answered(js_sys::Date::now()));
                if let Some(input) = next {
                    self.ask_neighbours(input);
                }
            }
        });
        engine.answers(Topic::Labels, move |answer| {
            if let Answer::Labels(one) = answer {
                self.turn(|state| {
                    // By other codes these votes were of another network.
                    state.measured.retain(|other| other.step == one.step && other.piece != one.piece);
                    state.measured.push(one);
                    state.measured.sort_by_key(|one| (one.piece.n, one.piece.draw));
                });
                if untrack(|| self.left_to_measure()).is_empty() {
                    self.measuring.set(false);
                }
            }
        });
    }

    fn follow(self) {
        let engine = self.desk.engine;
        // Another network, or the same from its first weights.
        let standing = Memo::new(move |_| {
            let data = engine.opened.with(|opened| opened.as_ref().map(|opened| opened.recipe.data.clone()));
            (engine.ready.get(), engine.openings.get(), data)
        });
        whenever(move || {
            if standing.with(|standing| standing.2.is_some()) {
                self.measuring.set(false);
                self.turn(|state| *state = State::default());
                untrack(|| self.map());
            }
        });
        // Why, is said above the page.
        whenever(move || match engine.unanswered.get() {
            Some(Topic::Classifier) => self.training.set(false),
            Some(Topic::Labels) => self.measuring.set(false),
            _ => {}
        });
        whenever(move || {
            self.desk.input.track();
            untrack(|| self.look());
        });
        whenever(move || {
            let (step, running) = engine.progress.with(|progress| (progress.step, progress.running));
            let before = STATE.with_borrow(|state| state.mapped);
            let moved = before.map_or(0, |before| step.abs_diff(before));
            let much = f64::from(moved) / untrack(|| self.desk.steps_per_epoch()) >= EPOCHS;
            if moved > 0 && (!running || much) {
                untrack(|| {
                    self.map();
                    self.look();
                });
            }
        });
    }

    /// Asks for the autoencoder's map.
    fn map(self) {
        if self.desk.engine.opened.with(Option::is_none) {
            return;
        }
        let step = self.desk.engine.progress.with(|progress| progress.step);
        let due = STATE.with_borrow_mut(|state| {
            let due = !state.mapping;
            if due {
                (state.mapping, state.mapped) = (true, Some(step));
            }
            due
        });
        if due {
            self.desk.engine.ask(Ask::Map { space: Space::Codes, all: false });
        }
    }

    /// What both make of the pad.
    fn look(self) {
        let inputs = self.desk.widths().0.first().map(|&width| width as usize);
        let input = self.desk.input.get().filter(|input| Some(input.len()) == inputs);
        let Some(input) = input else {
            return self.turn(|state| (state.signals, state.found) = Default::default());
        };
        if !self.is_teachable() {
            return;
        }
        let now = js_sys::Date::now();
        let classes = STATE.with_borrow_mut(|state| state.classes.offer(input.clone(), now));
        if let Some(input) = classes {
            self.desk.engine.ask(Ask::Classes { input });
        }
        let nearest = STATE.with_borrow_mut(|state| state.nearest.offer(input, now));
        if let Some(input) = nearest {
            self.ask_neighbours(input);
        }
    }

    fn ask_neighbours(self, input: Vec<f32>) {
        self.desk.engine.ask(Ask::Neighbours { input, metric: Metric::Euclidean, k: USUAL as u32 });
    }

    /// The classes' names.
    pub fn classes(self) -> Vec<String> {
        self.with(|state| state.planes[1].chart.classes.clone())
    }

    /// The classifier's probabilities of the classes, for what lies on the pad.
    pub fn probabilities(self) -> Vec<f32> {
        self.with(|state| state.signals.last().map_or_else(Vec::new, |last| probabilities(last)))
    }

    /// How many of the nine nearest by the autoencoder's codes are of each class.
    pub fn votes(self) -> Vec<u32> {
        self.with(|state| {
            let mut votes = vec![0; state.planes[1].chart.classes.len()];
            for &label in state.found.labels.iter().take(state.found.near.each) {
                if let Some(votes) = votes.get_mut(usize::from(label)) {
                    *votes += 1;
                }
            }
            votes
        })
    }

    /// What they vote for.
    pub fn vote(self) -> Option<u8> {
        let near =
            self.with(|state| state.found.labels[..state.found.near.each.min(state.found.labels.len())].to_vec());
        vote(near).map(|vote| vote.label)
    }

    /// The class of what lies on the pad, where it is known.
    pub fn truth(self) -> Option<u8> {
        self.desk.sheets.with(|sheets| match sheets.now() {
            Sheet::Sample { label, .. } => *label,
            _ => None,
        })
    }

    /// Why there can be no classifier, in words; empty if there can.
    pub fn why_not(self) -> String {
        let (some, labels, several) = self.with(|state| {
            let labels = &state.planes[1].chart.labels;
            (!state.planes[1].places.is_empty(), !labels.is_empty(), labels.iter().any(|label| *label != labels[0]))
        });
        let words = if self.desk.recipe.with(Recipe::is_of_normal_only) {
            "This recipe learns from inputs of the normal class, so a classifier has nothing to tell apart: "
        } else if some && !labels {
            "This data set has no labels, and a classifier learns from nothing else: only the autoencoder can learn here."
        } else if some && !several {
            "All inputs of this data set are of one class: there is nothing to tell apart."
        } else {
            ""
        };
        words.into()
    }

    /// There are labels, of several classes.
    pub fn is_teachable(self) -> bool {
        self.why_not().is_empty() && self.with(|state| !state.planes[1].places.is_empty())
    }

    /// One of the two is in training.
    pub fn is_running(self) -> bool {
        self.training.get() || self.desk.engine.progress.with(|progress| progress.running)
    }

    /// Starts both, or both again when they are done; or pauses them.
    pub fn train_both(self) {
        let engine = self.desk.engine;
        if untrack(|| self.is_running()) {
            engine.pause();
            engine.send(Command::Drop(Topic::Classifier));
            engine.answering.set(None);
            return self.training.set(false);
        }
        let finished = engine.progress.with_untracked(|progress| progress.finished);
        let shipped = engine
            .opened
            .with_untracked(|opened| opened.as_ref().is_some_and(|opened| opened.origin == Origin::Shipped));
        let graduated = STATE.with_borrow(|state| state.pupil.of > 0 && state.pupil.step >= state.pupil.of);
        self.training.set(true);
        if shipped || (finished && graduated) {
            // From the same first weights; the classifier is asked for when the new network stands.
            return self.desk.learn_again();
        }
        if !finished {
            self.desk.train();
        }
        if !graduated {
            engine.ask(Ask::Classifier { train: true });
        } else {
            self.training.set(false);
        }
    }

    /// Both from their first weights.
    pub fn reset_both(self) {
        self.training.set(false);
        self.desk.engine.send(Command::Drop(Topic::Classifier));
        self.desk.reset();
    }

    /// What is not measured yet of the network as it is.
    pub fn left_to_measure(self) -> Vec<Piece> {
        let data = self.desk.recipe.with(|recipe| recipe.data.clone());
        let len = self.desk.engine.set(&data).map_or(0, |set| set.train);
        let done: Vec<Piece> = self.with(|state| state.measured.iter().map(|one| one.piece).collect());
        pieces(len).into_iter().filter(|piece| !done.contains(piece)).collect()
    }

    /// Measures what is left, or stops; when all is there, anew.
    pub fn measure(self) {
        let engine = self.desk.engine;
        if self.measuring.get_untracked() {
            engine.send(Command::Drop(Topic::Labels));
            engine.answering.set(None);
            return self.measuring.set(false);
        }
        let step = engine.progress.with_untracked(|progress| progress.step);
        let left = untrack(|| self.left_to_measure());
        self.turn(|state| {
            if left.is_empty() || state.measured.iter().any(|one| one.step != step) {
                state.measured.clear();
            }
        });
        self.measuring.set(true);
        engine.ask(Ask::Labels { pieces: untrack(|| self.left_to_measure()) });
    }
}
