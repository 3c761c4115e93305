//! Neighbours: classification without a classifier. Who is near in Z, who is near in pixels, and who is right?
mod whole;

use crate::engine::protocol::{Answer, Ask, Command, Neighbours, Topic};
use crate::lessons::latent::Space;
use crate::lessons::neighbours::{MOST, Metric, Nearest, Tally, USUAL, Vote, vote};
use crate::lessons::thing::Thing;
use crate::ui::desk::Desk;
use crate::ui::engine::newest::Newest;
use crate::ui::formula::formula;
use crate::ui::sheet::Sheet;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::lesson::{card, idea, idea_of, ideas, lesson, only_normal, own_digit, run_bar, squeeze};
use crate::ui::widgets::picture::{of_its_kind, values};
use crate::words;
use leptos::prelude::*;
use std::cell::RefCell;
use web_sys::Event;

/// How often votes were right, in one of the spaces.
#[derive(Default)]
struct Measured {
    step: u32,
    tally: Tally,
    of: u32,
    seconds: f32,
    near: Nearest,
    truth: Vec<u8>,
    known: Vec<u8>,
}

/// What the page knows. It is too large for a signal, which would copy it: [`Page`] counts its changes instead.
#[derive(Default)]
struct State {
    /// The neighbours of what lies on the pad.
    found: Neighbours,
    /// By codes, by values.
    measured: [Measured; 2],
    /// The question on its way, and the step when one was last sent.
    question: Newest<Vec<f32>>,
    step: u32,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

#[derive(Clone, Copy)]
struct Page {
    desk: Desk,
    /// Counts changes of the state.
    changed: RwSignal<u32>,
    measuring: RwSignal<bool>,
    k: RwSignal<u32>,
    cosine: RwSignal<bool>,
    revealed: RwSignal<bool>,
}

/// As long as it trains, neighbours are looked for anew after so many epochs: encoding the training set costs as much as
/// a sixth of an epoch, and may take a tenth of the time.
const EPOCHS: f64 = 1.5;

/// The page.
pub fn neighbours(desk: Desk) -> Tag {
    STATE.take();
    let page = Page {
        desk,
        changed: RwSignal::new(0),
        measuring: RwSignal::new(false),
        k: RwSignal::new(USUAL as u32),
        cosine: RwSignal::new(false),
        revealed: RwSignal::new(false),
    };
    page.follow();
    let settings = tag("section").class("card settings").label("Settings").child(controls(page)).child(only_normal(
        desk,
        "This recipe learns from inputs of the normal class, so all neighbours are normal and the vote always says so:",
    ));
    let stage = [
        run_bar(desk).into(),
        own_digit(desk).into(),
        settings.into(),
        nearest(page, 0, |_| "Nearest in Z", "near-codes").into(),
        nearest(page, 1, |thing| thing.either("Nearest in pixels", "Nearest by their values"), "near-inputs").into(),
        whole::whole(page).into(),
    ];
    lesson("lesson neighbours-lesson", stage, side(page))
}

impl Page {
    fn metric(self) -> Metric {
        if self.cosine.get() { Metric::Cosine } else { Metric::Euclidean }
    }

    fn with<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.changed.track();
        STATE.with_borrow(read)
    }

    fn turn(self, change: impl FnOnce(&mut State)) {
        STATE.with_borrow_mut(change);
        self.changed.update(|count| *count = count.wrapping_add(1));
    }

    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Neighbours, move |answer| {
            if let Answer::Neighbours(found) = answer {
                // Of a pad that was cleared since, nobody asks any more.
                if untrack(|| self.input()).is_some() {
                    self.turn(|state| state.found = found);
                }
                let next = STATE.with_borrow_mut(|state| state.question.answered(js_sys::Date::now()));
                if let Some(input) = next {
                    self.send(input);
                }
            }
        });
        engine.answers(Topic::Accuracy, move |answer| {
            if let Answer::Accuracy { space, step, tally, of, seconds, near, truth, known } = answer {
                if space == Space::Inputs && tally.asked == of {
                    self.measuring.set(false);
                }
                let which = usize::from(space == Space::Inputs);
                self.turn(|state| state.measured[which] = Measured { step, tally, of, seconds, near, truth, known });
            }
        });
        // What was measured is of the network that stood then.
        whenever(move || {
            engine.ready.track();
            engine.opened.track();
            untrack(|| self.stop());
            self.turn(|state| (state.measured, state.question) = Default::default());
        });
        whenever(move || {
            // Why, is said above the page.
            if engine.unanswered.get() == Some(Topic::Accuracy) {
                self.measuring.set(false);
            }
        });
        whenever(move || {
            engine.opened.track();
            self.cosine.track();
            self.desk.input.track();
            // A new digit is a new guess.
            self.revealed.set(false);
            untrack(|| self.ask());
        });
        whenever(move || {
            let (step, running) = engine.progress.with(|progress| (progress.step, progress.running));
            let before = STATE.with_borrow(|state| state.step);
            let moved = f64::from(step.abs_diff(before)) / untrack(|| self.desk.steps_per_epoch());
            if step != before && (!running || moved >= EPOCHS) {
                untrack(|| self.ask());
            }
        });
    }

    /// Another distance: what was measured is of the one before, and measured anew if that goes on.
    fn by(self, cosine: bool) {
        if self.cosine.get_untracked() == cosine {
            return;
        }
        let goes_on = self.measuring.get_untracked();
        self.stop();
        self.cosine.set(cosine);
        self.turn(|state| state.measured = Default::default());
        if goes_on {
            self.start();
        }
    }

    /// Asks the whole test set.
    fn start(self) {
        self.turn(|state| state.measured = Default::default());
        self.measuring.set(true);
        self.desk.engine.ask(Ask::Accuracy { metric: untrack(|| self.metric()) });
    }

    /// The whole test set is no longer asked.
    fn stop(self) {
        if self.measuring.get_untracked() {
            self.desk.engine.send(Command::Drop(Topic::Accuracy));
            self.desk.engine.answering.set(None);
            self.measuring.set(false);
        }
    }

    /// What lies on the pad, if the network can read it.
    fn input(self) -> Option<Vec<f32>> {
        let inputs = self.desk.widths().0.first().map(|&width| width as usize);
        self.desk.input.get().filter(|input| Some(input.len()) == inputs)
    }

    fn ask(self) {
        if self.desk.engine.opened.with(Option::is_none) {
            return;
        }
        match self.input() {
            None => self.turn(|state| {
                state.found = Neighbours::default();
                state.question.withdraw();
            }),
            Some(input) => {
                let now = STATE.with_borrow_mut(|state| state.question.offer(input, js_sys::Date::now()));
                if let Some(input) = now {
                    self.send(input);
                }
            }
        }
    }

    fn send(self, input: Vec<f32>) {
        let step = self.desk.engine.progress.with_untracked(|progress| progress.step);
        STATE.with_borrow_mut(|state| state.step = step);
        let metric = untrack(|| self.metric());
        self.desk.engine.ask(Ask::Neighbours { input, metric, k: MOST as u32 });
    }

    /// The class of a neighbour, and its distance.
    fn neighbour(self, which: usize, i: usize) -> Option<(Option<u8>, f32)> {
        self.with(|state| {
            let near = &state.found.near;
            let at = (i < near.each).then_some(which * near.each + i)?;
            Some((state.found.labels.get(at).copied(), *near.distances.get(at)?))
        })
    }

    /// Neighbours have come, and none of them has a class.
    fn has_no_labels(self) -> bool {
        self.with(|state| state.found.near.each > 0 && state.found.labels.is_empty())
    }

    /// Why nobody can say what is right, if so.
    fn why_not(self) -> String {
        if self.has_no_labels() { "This data set has no labels".into() } else { String::new() }
    }

    /// What a class is called.
    fn name(self, label: u8) -> String {
        let name = |state: &State| state.found.classes.get(usize::from(label)).cloned();
        self.with(name).unwrap_or_else(|| label.to_string())
    }

    /// The vote of the first k.
    fn vote(self, which: usize) -> Option<Vote> {
        let k = self.k.get() as usize;
        vote((0..k).filter_map(|i| self.neighbour(which, i)?.0))
    }
}

/// How many vote, what near means, and the labels.
fn controls(page: Page) -> Tag {
    let slider = tag("input")
        .set("type", "range")
        .set("min", "1")
        .set("max", MOST.to_string())
        .label("How many neighbours vote")
        .value(move || page.k.get().to_string())
        .on("input", move |event: Event| {
            if let Ok(k) = event_target_value(&event).parse() {
                page.k.set(k);
            }
        });
    let metric = move |cosine: bool, name: &'static str, title: &'static str| {
        button(name, move || page.by(cosine))
            .set("title", title)
            .shows("aria-pressed", move || (page.cosine.get() == cosine).to_string())
    };
    tag("div")
        .class("row knn-controls")
        .child(
            tag("label")
                .class("row")
                .text("k")
                .child(slider)
                .child(tag("b").testid("k").says(move || page.k.get().to_string())),
        )
        .child(
            tag("div")
                .class("row switch")
                .set("role", "group")
                .label("Distance")
                .child(metric(false, "Euclidean", "√Σ(a − b)²"))
                .child(metric(true, "cosine", "1 − cos: the angle only")),
        )
        .child(
            button("", move || page.revealed.update(|revealed| *revealed = !*revealed))
                .class("main reveal")
                .flag("disabled", move || page.with(|state| state.found.labels.is_empty()))
                .shows("title", move || page.why_not())
                .says(move || if page.revealed.get() { "Hide the labels".into() } else { "Reveal the labels".into() }),
        )
        .child(tag("span").class("figure").testid("truth").says(move || {
            let known = page.desk.sheets.with(|sheets| match sheets.now() {
                Sheet::Sample { label, .. } => *label,
                _ => None,
            });
            match known.filter(|_| page.revealed.get()) {
                Some(label) => words!("the test set says: {}", page.name(label)),
                None => String::new(),
            }
        }))
}

/// The nearest in one of the spaces, with their distances; their labels when they are revealed.
fn nearest(page: Page, which: usize, title: fn(Thing) -> &'static str, testid: &'static str) -> Tag {
    let title = move || title(page.desk.thing()).to_owned();
    let tile = move |i: usize| {
        let neighbour = move || page.neighbour(which, i);
        let label = move || match neighbour().and_then(|(label, _)| label) {
            Some(label) if page.revealed.get() => page.name(label),
            _ => "?".into(),
        };
        let input = move || {
            page.with(|state| {
                let (found, each) = (&state.found, state.found.near.each);
                let width = found.inputs.len() / found.near.places.len().max(1);
                let at = (which * each + i) * width;
                found.inputs.get(at..at + width).filter(|_| i < each).map(<[f32]>::to_vec)
            })
        };
        tag("li")
            .flag("hidden", move || (i as u32) >= page.k.get() || neighbour().is_none())
            .child(of_its_kind(page.desk, move || values(page.desk, input).label(words!("Neighbour {}", i + 1))))
            .child(tag("span").class("distance").says(move || {
                let distance = neighbour().map_or(0.0, |near| near.1);
                // Most cosine distances are near 0.
                match distance {
                    1.0.. => format!("{distance:.2}"),
                    1e-3.. => format!("{distance:.3}"),
                    0.0 => "0".into(),
                    _ => format!("{distance:.0e}"),
                }
            }))
            .child(tag("b").class("label").class_if("shown", move || page.revealed.get()).says(label))
            .into()
    };
    let says = move || match page.vote(which) {
        None => String::new(),
        Some(_) if !page.revealed.get() => "What would you say?".into(),
        Some(vote) => {
            let k = page.k.get();
            words!("{} of {k} say {}: {} more than the next", vote.votes, page.name(vote.label), vote.margin)
        }
    };
    let class = if which == 0 { "card near latent-near" } else { "card near" };
    tag("section")
        .class(class)
        .shows("aria-label", title)
        .child(
            tag("div")
                .class("head")
                .child(tag("h2").says(title))
                .child(tag("span").class("figure").testid(["vote-codes", "vote-inputs"][which]).says(says)),
        )
        .child(tag("ol").class("tiles").testid(testid).children((0..MOST).map(tile)))
}

fn side(page: Page) -> [AnyView; 2] {
    let desk = page.desk;
    let list = ideas([
        idea_of(
            desk,
            |thing| thing.among(["take a test digit", "take a test picture", "take a test beat", "take a test series"]),
            |_| "guess from its neighbours, then reveal",
            move || desk.sample(None),
        ),
        idea("ask only one", "k = 1: a single odd neighbour decides", move || page.k.set(1)),
        idea("squeeze z to 2", "who gets mixed up on a plane?", move || squeeze(desk)),
        idea(
            "forget and learn again",
            "a fresh network’s codes are already of some use. How much better do they get?",
            move || {
                desk.learn_again();
            },
        ),
        idea("compare angles", "the cosine distance compares directions and ignores lengths", move || page.by(true)),
    ]);
    let z = move || desk.recipe.with(|recipe| recipe.z.to_string());
    let labels = move || match desk.recipe.with(|recipe| recipe.abnormal) {
        None => "The network was trained without a single label; only the vote of the neighbours uses them. ".into(),
        Some(_) => {
            "Labels only chose the inputs that the network was trained on, and give the neighbours their votes. ".into()
        }
    };
    let distance = move |cosine: bool, text: &'static str| {
        tag("div").flag("hidden", move || page.cosine.get() != cosine).child(formula(text)).into()
    };
    let why = card(
        "Classes without training on classes",
        [
            tag("p")
                .says(move || {
                    let new = desk.thing().among(["a new digit", "a new picture", "a new heartbeat", "a new series"]);
                    words!("Encode the training set, encode {new}, look who is near:")
                })
                .into(),
            distance(false, "s ( z , z_i ) = ‖ z − z_i ‖"),
            distance(true, "s ( z , z_i ) = 1 − { z · z_i / ‖ z ‖ ‖ z_i ‖ }"),
            tag("p")
                .says(labels)
                .text("Distances of ")
                .child(tag("b").class("latent").says(z))
                .text(" numbers are compared in place of all values of the inputs, so the search is faster. How often it is right, the curve measures.")
                .into(),
            tag("p")
                .class("note")
                .text("Exact: every training input is compared, equal distances go by their order in the file, and a tie of votes goes to the lower class, as in scikit-learn.")
                .into(),
        ],
    );
    [list.into(), why.into()]
}
