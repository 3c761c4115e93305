//! Two inputs and their distance; accuracy over answers; and pairs from the true labels.
use super::{Page, picture};
use crate::engine::protocol::Topic;
use crate::lessons::Recipe;
use crate::lessons::siamese::game::{State, Work};
use crate::lessons::siamese::{MOST_PAIRS, Measured, distance, says_same};
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::answering;
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;
use web_sys::Event;

/// How far two inputs are from each other.
pub fn apart(page: Page) -> Tag {
    let desk = page.desk;
    let keep = button("Keep this one", move || {
        let own = desk.input.get_untracked();
        page.turn(|state| state.kept = own);
        page.look();
    })
    .set("title", "Keep what lies on the pad as the other one of two")
    .flag("disabled", move || desk.input.with(Option::is_none));
    let says = move || {
        page.with(|state| match state.codes.as_slice() {
            [own, kept] => {
                let [before, now] = [0, 1].map(|i| distance(&own[i], &kept[i]));
                let half = state.margin / 2.0;
                let (word, sign) = if says_same(now, state.margin) { ("same", "<") } else { ("different", "≥") };
                words!("s = {now:.2} {sign} m / 2 = {half:.2}: {word}. Before the first pair: s = {before:.2}")
            }
            _ => {
                let ask = [
                    "Keep a digit, then draw another one: how far are they from each other?",
                    "Keep this picture, then take another one: how far are they from each other?",
                    "Keep this heartbeat, then take another one: how far are they from each other?",
                    "Keep this series, then take another one: how far are they from each other?",
                ];
                desk.thing().among(ask).into()
            }
        })
    };
    tag("section")
        .class("card apart")
        .label("Two inputs")
        .child(tag("div").class("head").child(tag("h2").text("How far from the one you kept?")).child(keep))
        .child(
            tag("div")
                .class("couple")
                .child(picture(page, "The one you kept", |page| page.with(|state| state.kept.clone())))
                .child(picture(page, "The one on the pad", |page| page.desk.input.get())),
        )
        .child(tag("p").class("figure latent").testid("apart").set("aria-live", "polite").says(says))
}

/// Accuracy against the number of answers.
pub fn accuracy(page: Page) -> Tag {
    let measure = button("", move || {
        if page.peek(|state| state.work == Some(Work::Whole)) {
            page.stop();
        } else {
            page.begin(Work::Whole);
        }
    })
    .flag("disabled", move || {
        let busy = page.with(|state| !state.begun || state.work.is_some_and(|work| work != Work::Whole));
        busy || page.with(|state| state.points.is_empty())
    })
    .says(move || match page.with(|state| state.work) {
        Some(Work::Whole) => "Stop".into(),
        _ => "Measure with all of both sets".into(),
    });
    let whole = move || {
        page.with(|state| {
            let words = |m: Measured| words!("{:.2} % of all {} among all {}", m.percent(), m.asked, m.known);
            state.whole.map_or(String::new(), words)
        })
    };
    let verdict = move || {
        page.with(|state| match state.is_unlabelled() {
            true => "These data have no labels: the game works, and nothing can be measured.".into(),
            false => state.verdict(),
        })
    };
    let title = "Accuracy over answers";
    let canvas = NodeRef::new();
    let picture = png(canvas, "siamese.png", title, of_curves([(0, "by your answers"), (1, "by labels")]))
        .flag("disabled", move || page.with(|state| state.points.is_empty() && state.by_labels.is_none()));
    tag("section")
        .class("card reached")
        .label(title)
        .child(tag("div").class("head").child(tag("h2").text("What came of it?")).child(picture))
        .child(plot(canvas, "pairs-chart", "accuracy", move || page.with(curve)))
        .child(tag("p").class("figure").testid("verdict").set("aria-live", "polite").says(verdict))
        .child(
            tag("div")
                .class("row wrap")
                .child(measure)
                .child(progress(page, Work::Whole))
                .child(tag("span").class("figure").testid("whole").says(whole)),
        )
}

fn progress(page: Page, work: Work) -> Tag {
    let here = move || page.with(|state| state.work == Some(work));
    answering(page.desk, Topic::Pairs, "How much is done", here)
}

fn curve(state: &State) -> Plot {
    let by_hand: Vec<[f64; 2]> =
        state.points.iter().map(|(count, measured)| [*count as f64, measured.percent()]).collect();
    let most = (state.answers.len().max(20) as f64 * 1.05).ceil();
    let level = state.by_labels.map(|(_, measured)| measured.percent());
    let all = || by_hand.iter().map(|place| place[1]).chain(level);
    let least = (all().fold(100.0, f64::min) - 2.0).floor().max(0.0);
    let top = (all().fold(0.0, f64::max) + 1.0).ceil().clamp(least + 1.0, 100.0);
    let step = (most / 4.0).ceil().max(1.0);
    let marks = (0..=4).map(|i| f64::from(i) * step).filter(|at| *at <= most);
    let heights = [least, f64::midpoint(least, top), top];
    let words = by_hand.iter().map(|[count, percent]| words!("{count:.0} pairs: {percent:.1} %")).collect::<Vec<_>>();
    let level = level.map(|level| Curve { places: vec![[0.0, level], [most, level]], kind: 1, dots: false });
    Plot {
        x: Axis {
            range: [0.0, most],
            ticks: marks.map(|at| (at, format!("{at:.0}"))).collect(),
            name: "pairs answered",
        },
        y: Axis { range: [least, top], ticks: heights.map(|at| (at, format!("{at:.1}"))).into(), name: "% right" },
        curves: std::iter::once(Curve { places: by_hand, kind: 0, dots: true }).chain(level).collect(),
        mark: None,
        words: words!("Accuracy of nearest neighbours: {}", words.join(", ")),
    }
}

/// Pairs that the labels answer.
pub fn labels(page: Page) -> Tag {
    let field = move |label: &'static str, most: u32, read: fn(&State) -> u32, write: fn(&mut State, u32)| {
        tag("input")
            .set("type", "number")
            .set("min", "1")
            .set("max", most.to_string())
            .label(label)
            .value(move || page.with(|state| read(state).to_string()))
            .on("change", move |event: Event| {
                let value: Option<u32> = event_target_value(&event).parse().ok();
                page.turn(|state| {
                    let value = value.unwrap_or(read(state)).clamp(1, most);
                    write(state, value);
                });
            })
    };
    let going = move || page.with(|state| state.work == Some(Work::Labels));
    // Of normal inputs alone all pairs are the same.
    let one_class = move || page.desk.recipe.with(Recipe::is_of_normal_only);
    let learn = button("", move || if untrack(going) { page.stop() } else { page.learn_from_labels() })
        .class("main")
        .flag("disabled", move || {
            page.with(|state| !going() && (!state.begun || state.points.is_empty() || one_class()))
        })
        .says(move || match going() {
            true => "Stop".into(),
            false => "Learn from true pairs".into(),
        });
    let result = move || {
        page.with(|state| match state.by_labels {
            Some((pairs, measured)) => words!(
                "{pairs} true pairs: {:.1} % ({} test inputs among {})",
                measured.percent(),
                measured.asked,
                measured.known
            ),
            None => String::new(),
        })
    };
    tag("section")
        .class("card true-pairs")
        .label("Pairs from the true labels")
        .child(tag("div").class("head").child(tag("h2").text("Or let the labels answer")))
        .child(
            tag("div")
                .class("row wrap")
                .child(field("How many true pairs", MOST_PAIRS, |s| s.wanted, |s, value| s.wanted = value))
                .text("pairs,")
                .child(field("Passes over them", 50, |s| s.epochs, |s, value| s.epochs = value))
                .text("epochs")
                .child(learn)
                .child(progress(page, Work::Labels)),
        )
        .child(tag("p").class("figure latent").testid("by-labels").says(result))
        .child(
            tag("p")
                .class("note")
                .text("Begins anew from where you chose to start; half of the pairs are of one class."),
        )
}
