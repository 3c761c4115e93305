//! The runs that this browser keeps, as cards: what each was, how it differs from the network at hand, and the way back
//! to it.
use crate::engine::protocol::{Answer, Ask, Card, Point, Runs, Topic};
use crate::lessons::Recipe;
use crate::lessons::link::{Setting, differences};
use crate::lessons::recipe::Loss;
use crate::ui::desk::Desk;
use crate::ui::desk::kept::since;
use crate::ui::list::list;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;
use std::time::Duration;
use web_sys::Event;

#[derive(Clone, Copy)]
struct Kept {
    desk: Desk,
    /// `None` until this browser has said which there are.
    cards: RwSignal<Option<Vec<Card>>>,
    /// The one whose curve stands out.
    chosen: RwSignal<Option<String>>,
    /// The one that is deleted if it is asked for once more.
    doomed: RwSignal<Option<String>>,
}

/// After the end of training its last record is written.
const WRITTEN: Duration = Duration::from_millis(700);

/// The card.
pub fn runs(desk: Desk) -> Tag {
    let kept = Kept { desk, cards: RwSignal::new(None), chosen: RwSignal::new(None), doomed: RwSignal::new(None) };
    kept.follow();
    let some = move || kept.cards.with(|cards| cards.as_ref().is_some_and(|cards| !cards.is_empty()));
    let canvas = NodeRef::new();
    // Each stays as it is when others come and go: a name may be being written.
    let ids = move || kept.cards.with(|cards| cards.iter().flatten().map(|card| card.id.clone()).collect());
    let list = list(tag("ul").class("runs"), ids, move |id| one(kept, id).into());
    card(
        "Your runs",
        [
            tag("p")
                .class("note")
                .testid("runs")
                .says(move || match kept.cards.with(|cards| cards.as_ref().map(Vec::len)) {
                    None => "Looking for the runs that this browser keeps …".into(),
                    Some(0) => {
                        "None yet: whatever trains here is kept by itself, in this browser and nowhere else.".into()
                    }
                    Some(_) => {
                        "Kept by itself, in this browser and nowhere else: the last eight, and those with a name."
                            .into()
                    }
                })
                .into(),
            plot(canvas, "runs-plot", "runs-plot", move || kept.plot()).flag("hidden", move || !some()).into(),
            png(
                canvas,
                "runs.png",
                "Loss curves of your runs",
                of_curves([(1, "the network at hand"), (0, "the chosen run"), (2, "other runs")]),
            )
            .flag("hidden", move || !some())
            .into(),
            list.into(),
        ],
    )
}

impl Kept {
    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Runs, move |answer| {
            if let Answer::Runs(cards) = answer {
                // The engine says the same ones, too.
                if self.cards.with_untracked(|now| now.as_ref() != Some(&cards)) {
                    self.doomed.set(None);
                    self.cards.set(Some(cards));
                }
            }
        });
        let running = Memo::new(move |_| engine.progress.with(|progress| progress.running));
        whenever(move || {
            let wait = if running.get() { Duration::ZERO } else { WRITTEN };
            set_timeout(move || self.ask(Runs::List), wait);
        });
        self.ask(Runs::List);
    }

    /// Something of a run; nothing once it is gone.
    fn of<T>(self, id: StoredValue<String>, read: impl FnOnce(&Card) -> T) -> Option<T> {
        let find = |id: &String| self.cards.with(|cards| cards.iter().flatten().find(|card| card.id == *id).map(read));
        id.try_with_value(find).flatten()
    }

    fn ask(self, runs: Runs) {
        self.desk.engine.ask(Ask::Runs(runs));
    }

    fn name(self, id: String, name: String) {
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        if name.is_some() {
            // Asked for when somebody wants to keep something, because some browsers ask the visitor in turn. If it is
            // refused the run is kept all the same, as long as there is room.
            let _ = window().navigator().storage().persist();
        }
        self.ask(Runs::Name { id, name });
    }

    fn delete(self, id: String) {
        if self.doomed.with_untracked(|doomed| doomed.as_ref() == Some(&id)) {
            return self.ask(Runs::Delete { id });
        }
        self.doomed.set(Some(id));
    }

    /// All curves with the same measure as the one at hand; it is amber, and the chosen one stands out.
    fn plot(self) -> Plot {
        let loss = self.desk.recipe.with(|recipe| recipe.loss);
        let chosen = self.chosen.get();
        let here = (self.desk.engine.curve.get(), 1);
        let kept = self.cards.get().unwrap_or_default().into_iter().filter(|card| card.recipe.loss == loss);
        let mut all: Vec<_> = kept
            .map(|card| {
                let kind = if Some(&card.id) == chosen.as_ref() { 0 } else { 2 };
                (card.curve, kind)
            })
            .chain([here])
            .filter(|(points, _)| points.len() > 1)
            .collect();
        all.sort_by_key(|(_, kind)| *kind);
        painting(&all, loss)
    }
}

/// Losses over steps, on a logarithmic scale.
fn painting(curves: &[(Vec<Point>, usize)], loss: Loss) -> Plot {
    let height = |point: &Point| f64::from(point.train.max(1e-9)).log10();
    let all = || curves.iter().flat_map(|(points, _)| points);
    let most = all().map(|point| point.step).max().unwrap_or(1).max(1);
    let [low, high] = all()
        .map(height)
        .filter(|height| height.is_finite())
        .fold([f64::MAX, f64::MIN], |[low, high], at| [low.min(at), high.max(at)]);
    let (low, high) = if low < high { (low - 0.05, high + 0.05) } else { (-2.0, 0.0) };
    // Powers of ten, and between them where there are few.
    let ticks = (-9..=3)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|digit: f64| digit.log10() + f64::from(power)))
        .filter(|at| (low..=high).contains(at))
        .map(|at| (at, numbers::rate(10_f64.powf(at) as f32)))
        .collect();
    let name = if loss == Loss::Mse { "train loss (MSE)" } else { "train loss (BCE)" };
    let steps = [0, most / 2, most].map(|step| (f64::from(step), numbers::count(step.into()))).to_vec();
    let lines = curves.iter().map(|(points, kind)| Curve {
        places: points.iter().map(|point| [f64::from(point.step), height(point)]).collect(),
        kind: *kind,
        dots: false,
    });
    let words = words!("Loss curves of {} runs, up to {} steps", curves.len(), numbers::count(most.into()));
    Plot {
        x: Axis { range: [0.0, f64::from(most)], ticks: steps, name: "steps" },
        y: Axis { range: [low, high], ticks, name },
        curves: lines.collect(),
        mark: None,
        words,
    }
}

fn one(kept: Kept, id: String) -> Tag {
    let desk = kept.desk;
    let id = StoredValue::new(id);
    let name = move || kept.of(id, |card| card.name.clone()).flatten();
    let title = move || {
        let unnamed = |card: &Card| words!("z = {}, {}", card.recipe.z, since(card.when));
        name().or_else(|| kept.of(id, unnamed)).unwrap_or_default()
    };
    let facts = move || {
        let facts = kept.of(id, |card| {
            let data = desk.engine.title_of(&card.recipe.data);
            let test = card.test().map_or(String::new(), |test| words!(", test loss {}", numbers::loss(test)));
            let (steps, spent) = (numbers::count(card.step.into()), numbers::duration(card.seconds as f32));
            words!("{data}, {steps} steps in {spent}{test}")
        });
        facts.unwrap_or_default()
    };
    let recipe = move || kept.of(id, |card| card.recipe.clone());
    let differs = move || {
        let Some(recipe) = recipe() else { return String::new() };
        let all: Vec<_> = desk.recipe.with(|now| {
            let others = differences(now, &recipe);
            let shown = |setting: &Setting, of: &Recipe| match setting.key {
                "data" => desk.engine.title_of(&of.data),
                _ => setting.shown(),
            };
            let other = |key: &str| {
                others.iter().find(|setting| setting.key == key).map_or(String::new(), |setting| shown(setting, now))
            };
            let said = differences(&recipe, now);
            said.iter()
                .map(|setting| words!("{} {} instead of {}", setting.name, shown(setting, &recipe), other(setting.key)))
                .collect()
        });
        match all.is_empty() {
            true => "The same recipe as the network at hand.".into(),
            false => words!("Differs from the network at hand: {}.", all.join(", ")),
        }
    };
    let gone = move || recipe().is_some_and(|recipe| desk.engine.set(&recipe.data).is_none());
    let go_on = move || {
        if let Some(recipe) = untrack(recipe) {
            desk.go_on(id.get_value(), recipe);
        }
    };
    let named = move |event: Event| kept.name(id.get_value(), event_target_value(&event));
    let field = tag("input")
        .set("type", "text")
        .set("maxlength", "40")
        .set("placeholder", "a name keeps it")
        .shows("aria-label", move || {
            let title = title();
            words!("Name of “{title}”")
        })
        .value(move || name().unwrap_or_default())
        .on("change", named);
    let is = move |one: RwSignal<Option<String>>| {
        id.try_with_value(|id| one.with(|one| one.as_ref() == Some(id))) == Some(true)
    };
    let choose = move || {
        let chosen = untrack(|| is(kept.chosen));
        kept.chosen.set((!chosen).then(|| id.get_value()));
    };
    tag("li")
        .class("kept-run")
        .child(tag("h3").spells(title))
        .child(tag("p").class("figure").says(facts))
        .child(tag("p").class("note").says(differs))
        .child(
            tag("p")
                .class("note")
                .flag("hidden", move || !gone())
                .text("Its data are not here: bring that file again above, and it can go on."),
        )
        .child(
            tag("div")
                .class("row wrap")
                .child(button("Go on", go_on).class("main").flag("disabled", gone))
                .child(button("Curve", choose).shows("aria-pressed", move || is(kept.chosen).to_string()))
                .child(field)
                .child(
                    button("", move || kept.delete(id.get_value()))
                        .says(move || if is(kept.doomed) { "Really delete?".into() } else { "Delete".into() }),
                ),
        )
}
