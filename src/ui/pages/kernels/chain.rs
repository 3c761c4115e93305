//! The chain of a step as boxes: what the followed weight meets in each, and how long each takes.
use super::Page;
use super::state::State;
use crate::lessons::kernels::Stage;
use crate::ui::numbers;
use crate::ui::tag::{Tag, tag};
use crate::words;
use leptos::prelude::*;

/// The card.
pub fn chain(page: Page) -> Tag {
    let boxes = Stage::ALL.into_iter().map(|stage| tag("li").child(link(page, stage)).into());
    tag("section").class("card").label("The chain of a step").child(tag("ol").class("chain").children(boxes))
}

fn link(page: Page, stage: Stage) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let encoder = move || desk.widths().1;
    let missing = move || stage == Stage::Encoder && encoder() < 2;
    let time = move || {
        state.with(|state| {
            let calls = state.calls_of(stage, encoder());
            let Some(times) = &state.times else { return plural(calls.len()) };
            let ms: f64 = calls.iter().filter_map(|&call| times.calls.calls[call].ms).sum();
            let milliseconds = numbers::milliseconds(ms as f32);
            if stage == Stage::Update { "with ∂Loss/∂w".into() } else { words!("{milliseconds} ms") }
        })
    };
    tag("button")
        .set("type", "button")
        .class("link")
        .class_if("latent", move || stage == Stage::Code)
        .shows("aria-pressed", move || state.with(|state| state.stage == stage).to_string())
        .flag("disabled", missing)
        .on("click", move |_: web_sys::Event| page.open(stage))
        .child(tag("b").text(stage.symbol()))
        .child(tag("small").text(stage.title()))
        .child(
            tag("span")
                .class("value")
                .testid(testid(stage))
                .says(move || state.with(|state| value(state, stage, encoder()))),
        )
        .child(tag("small").says(time))
}

fn plural(calls: usize) -> String {
    if calls == 1 { "1 call".into() } else { words!("{calls} calls") }
}

/// The name of a box's number for tests.
fn testid(stage: Stage) -> &'static str {
    ["box-x", "box-e", "box-z", "box-d", "box-loss", "box-gradient", "box-update"][stage as usize]
}

/// What the followed weight meets in a box.
fn value(state: &State, stage: Stage, encoder: usize) -> String {
    let (Some(updated), Some(followed)) = (&state.updated, &state.followed) else { return "–".into() };
    match stage {
        Stage::Input => match followed.inputs.get(followed.place.input as usize) {
            Some(&x) if followed.place.layer == 0 => format!("x = {}", numbers::scientific(x.into())),
            _ => "·".into(),
        },
        Stage::Loss => numbers::loss(updated.loss),
        Stage::Gradient => numbers::scientific(followed.gradient.into()),
        Stage::Update => {
            let [before, after] = followed.weight.map(f64::from);
            format!("Δw = {}", numbers::scientific(after - before))
        }
        layers if Stage::of_layer(followed.place.layer, encoder) == layers => {
            format!("a = {}", numbers::scientific(followed.value.into()))
        }
        _ => "·".into(),
    }
}
