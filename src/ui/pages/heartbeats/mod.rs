//! Heartbeats: a network that has learned what is normal fails on what is not, and that finds it.
mod errors;
mod own;
mod state;
mod sweep;
mod trace;
mod verdict;

use crate::engine::protocol::{Answer, Ask, Topic};
use crate::lessons::Recipe;
use crate::lessons::heartbeats::LESSON;
use crate::lessons::own::is_own;
use crate::lessons::recipe::limits;
use crate::ui::desk::Desk;
use crate::ui::formula::formula;
use crate::ui::tag::{Tag, tag, whenever};
use crate::ui::widgets::fields::lockable;
use crate::ui::widgets::lesson::{card, idea, ideas, lesson, run_bar};
use crate::words;
use leptos::prelude::*;
use state::State;
use web_sys::Event;

/// The lesson, in the page.
#[derive(Clone, Copy)]
pub struct Hearts {
    desk: Desk,
    state: RwSignal<State>,
}

/// What was asked last.
#[derive(Default)]
struct Asked {
    /// The network, the step it was at and when, in milliseconds.
    opening: u32,
    step: u32,
    at: f64,
    /// An answer is still to come.
    waiting: bool,
    /// The last one took this long, in milliseconds.
    took: f64,
    /// The beats, and by which scores.
    beats: (Vec<u32>, u32),
}

/// While training, scores are asked for this often at most, in milliseconds: they cost as much as many steps.
const OFTEN: f64 = 700.0;
/// And so rarely that training has this many times the time that they take.
const SHARE: f64 = 4.0;

impl Hearts {
    /// Changes what the lesson knows.
    fn change(self, change: &mut dyn FnMut(&mut State)) {
        // An answer can come after the visitor has left.
        self.state.try_update(|state| change(state));
    }

    fn hear(self, answer: Answer) {
        let mut answer = Some(answer);
        self.change(&mut |state| {
            if let Some(answer) = answer.take() {
                state.hear(answer);
            }
        });
    }

    /// Keeps asking for what the page shows.
    fn follow(self) {
        let engine = self.desk.engine;
        let asked = StoredValue::new(Asked::default());
        for topic in [Topic::Scores, Topic::Yardsticks, Topic::Sweep, Topic::Beats] {
            engine.answers(topic, move |answer| {
                if topic == Topic::Scores {
                    asked.try_update_value(|asked| {
                        (asked.waiting, asked.took) = (false, js_sys::Date::now() - asked.at);
                    });
                }
                self.hear(answer);
            });
        }
        Effect::new(move |_| {
            let opening = engine.openings.get();
            let (step, running) = engine.progress.with(|progress| (progress.step, progress.running));
            let now = js_sys::Date::now();
            if opening == 0 {
                return;
            }
            let is_new = asked.with_value(|asked| asked.opening != opening);
            if is_new {
                self.change(&mut State::forget);
                engine.ask(Ask::Yardsticks);
            }
            let shown = self.state.with(|s| (s.page(), s.scored));
            asked.update_value(|asked| {
                if is_new {
                    // Also the beats of a list that is the same again are asked of this network.
                    (asked.opening, asked.waiting, asked.beats) = (opening, false, Default::default());
                }
                let rested = now - asked.at > OFTEN.max((1.0 + SHARE) * asked.took);
                let due = is_new || asked.step != step && (!running || rested);
                if due && !asked.waiting {
                    engine.ask(Ask::Scores);
                    (asked.step, asked.at, asked.waiting) = (step, now, true);
                }
                if asked.beats != shown && !shown.0.is_empty() {
                    engine.ask(Ask::Beats { rows: shown.0.clone() });
                    asked.beats = shown;
                }
            });
        });
        // Why, is said above the page.
        whenever(move || {
            if engine.unanswered.get() == Some(Topic::Sweep) {
                self.change(&mut |s| s.sweeping = false);
            }
        });
        // All that was asked for has been answered: the last word of a sweep.
        Effect::new(move |_| {
            if engine.answering.with(Option::is_none) {
                let over = self
                    .state
                    .with_untracked(|s| s.sweeping && s.sweep.len() == crate::lessons::heartbeats::SWEEP.len());
                if over {
                    self.change(&mut |s| s.sweeping = false);
                }
            }
        });
    }
}

/// The page.
pub fn heartbeats(desk: Desk) -> Tag {
    let hearts = Hearts { desk, state: RwSignal::new(State::new()) };
    hearts.follow();
    // Elsewhere there is no switch that would say so.
    on_cleanup(move || desk.bends.set(false));
    let stage: [AnyView; 4] = [
        run_bar(desk).child(share(hearts)).into(),
        tag("div").class("pair-of-cards").child(trace::trace(hearts)).child(errors::errors(hearts)).into(),
        tag("div").class("pair-of-cards").child(trace::browser(hearts)).child(verdict::verdict(hearts)).into(),
        tag("div").class("pair-of-cards").child(sweep::sweep(hearts)).child(own::own(hearts)).into(),
    ];
    lesson("lesson heartbeats", stage, [explain(hearts).into(), tries(hearts).into(), data(hearts).into()])
}

/// How many abnormal beats are let into training.
fn share(hearts: Hearts) -> Tag {
    let desk = hearts.desk;
    let share = move || desk.recipe.with(|recipe| recipe.abnormal);
    let words = move || {
        let (all, abnormal) =
            hearts.state.with(|s| (s.train_labels.len(), s.train_labels.iter().filter(|&&label| label != 0).count()));
        match (share(), all) {
            (None, _) => "learns from all beats, whatever their class".into(),
            (_, 0) => "learns from all".to_owned(),
            (Some(_), all) => words!("learns from {} normal and {abnormal} abnormal", all - abnormal),
        }
    };
    let slid = move |event: Event| {
        if let Ok(percent) = event_target_value(&event).parse::<f32>() {
            learn(desk, Recipe { abnormal: Some(percent / 100.0), ..desk.recipe.get_untracked() });
        }
    };
    let slider = tag("input")
        .set("type", "range")
        .set("min", "0")
        .set("max", (limits::ABNORMAL.end() * 100.0).to_string())
        .set("step", "5")
        .label("Abnormal beats let into training, in per cent")
        .shows("aria-valuetext", move || format!("{:.0} %", share().unwrap_or(0.0) * 100.0))
        .value(move || (share().unwrap_or(0.0) * 100.0).round().to_string())
        .flag("disabled", move || hearts.state.with(|s| s.train_labels.is_empty()))
        .on("change", slid);
    let slider = lockable(desk, "abn", [slider.into()]);
    tag("label").class("row let-in").child(slider).child(tag("span").class("figure").testid("learned").says(words))
}

/// Opens this recipe, and trains: what a hand on a slider expects.
fn learn(desk: Desk, recipe: Recipe) {
    // Every value of these controls is within the limits.
    if desk.apply(recipe).is_ok() {
        desk.engine.train();
    }
}

fn explain(hearts: Hearts) -> Tag {
    let abnormal = move || hearts.desk.recipe.with(|recipe| recipe.abnormal);
    let learns = move || {
        let words = match abnormal() {
            Some(0.0) => "The network learns from normal beats only. It gets good at these and at nothing else:",
            Some(_) => {
                "The network learns from normal beats, with some abnormal ones among them. It gets good at what it sees \
                 often:"
            }
            None => "This network learns from all beats, whatever their class. It gets good at what it sees often:",
        };
        words.into()
    };
    card(
        "Anomalies without labels",
        [
            tag("p").says(learns).into(),
            formula("error ( x ) = { 1 / n } ‖ x − d ( e ( x ) ) ‖^2"),
            tag("p")
                .text(
                    "A beat of another shape does not fit through z, and comes back wrong. So a large error means: not like \
                     what was learned. The threshold comes from the errors of the beats it learned from, and from no \
                     label: labels colour the histogram, and say afterwards how well it did.",
                )
                .into(),
            tag("p")
                .flag("hidden", move || !hearts.desk.recipe.with(Recipe::is_of_normal_only))
                .text("Somebody had to say which beats are normal; nobody had to label a sick one.")
                .into(),
        ],
    )
}

fn tries(hearts: Hearts) -> Tag {
    let desk = hearts.desk;
    let recipe = move |change: fn(Recipe) -> Recipe| learn(desk, change(desk.recipe.get_untracked()));
    ideas([
        idea("let abnormal beats in", "how few spoil it?", move || {
            recipe(|recipe| Recipe { abnormal: Some(0.1), ..recipe });
        }),
        idea("bend a normal beat", "when is it flagged?", move || desk.bends.set(true)),
        idea("squeeze z to 1", "does it still detect?", move || recipe(|recipe| Recipe { z: 1, ..recipe })),
        idea("take away the network", "how good is the mean beat?", move || {
            hearts.change(&mut |s| (s.shown, s.by_hand) = (2, None));
        }),
        idea("go back", "to the lesson's own network", move || {
            let own = LESSON.recipe;
            let data = desk.recipe.with_untracked(|recipe| recipe.data.clone());
            if data == own().data {
                desk.open(own(), crate::engine::protocol::Origin::Shipped);
            } else if let Some(set) = desk.engine.set(&data) {
                learn(desk, crate::lessons::heartbeats::recipe_for(&data, set.train, set.shape.1));
            }
        }),
    ])
}

/// Where the data come from, and what was done to them.
fn data(hearts: Hearts) -> Tag {
    let words = move || {
        match hearts.desk.recipe.with(|recipe| recipe.data.clone()).as_str() {
        "ecg5000" => "ECG5000: 5,000 beats of one patient with heart failure (BIDMC record chf07, PhysioNet), annotated \
            automatically. The published split is upside down: 500 to learn from, 4,500 to test with. The files are sorted \
            by class, so training shuffles anew in every epoch. Each beat was stretched to 140 samples and scaled on its \
            own to mean 0 and standard deviation 1: time and amplitude are gone."
            .into(),
        "beats" => "Made by formula: McSharry's model of a heart (2003), with abnormal beats after textbook descriptions. \
            4,000 to learn from and 1,000 to test with, in random order, each of 140 samples and scaled on its own to mean \
            0 and standard deviation 1."
            .into(),
        own if is_own(own) => hearts.state.with(|s| s.own.clone()),
        _ => "This network is for other data: label 0 counts as normal here.".into(),
    }
    };
    card(
        "The data",
        [
            tag("p").testid("data").says(words).into(),
            tag("p").child(tag("b").text("Not a medical device.")).text(" For teaching, not for any diagnosis.").into(),
        ],
    )
}
