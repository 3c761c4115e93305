//! The pair game: by buttons, keys and swipes.
use super::{Page, judged, picture};
use crate::lessons::siamese::game::{State, Work};
use crate::lessons::siamese::{Choice, MARGINS, Start, differing, says_same};
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::only_normal;
use crate::words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent};

/// A finger that moves so far to the side has answered, in pixels.
const SWIPE: f32 = 45.0;

/// The pair in view, the two answers, and how it is played.
pub fn game(page: Page) -> Tag {
    let listening = window_event_listener_untyped("keydown", move |event: Event| {
        let event: KeyboardEvent = event.unchecked_into();
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key() || event.repeat();
        if let Some(same) = answer_of(&event).filter(|_| !modified && page.peek(|state| !state.queue.is_empty())) {
            event.prevent_default();
            page.judge(same);
        }
    });
    on_cleanup(move || listening.remove());
    // Where a finger came down; how far it has gone.
    let from = RwSignal::new(None::<[f32; 2]>);
    let gone = RwSignal::new(0.0f32);
    let at = |event: &PointerEvent| [event.client_x() as f32, event.client_y() as f32];
    let couple = tag("div")
        .class("couple")
        .testid("couple")
        .class_if("to-same", move || gone.get() > SWIPE / 3.0)
        .class_if("to-different", move || gone.get() < -SWIPE / 3.0)
        .child(picture(page, "The first of the pair", |page| judged(page, 0)))
        .child(picture(page, "The second of the pair", |page| judged(page, 1)))
        .on("pointerdown", move |event: PointerEvent| from.set(Some(at(&event))))
        .on("pointermove", move |event: PointerEvent| {
            if let Some([x, _]) = from.get_untracked() {
                gone.set((at(&event)[0] - x).clamp(-2.0 * SWIPE, 2.0 * SWIPE));
            }
        })
        .on("pointercancel", move |_: PointerEvent| {
            from.set(None);
            gone.set(0.0);
        })
        .on("pointerleave", move |_: PointerEvent| {
            from.set(None);
            gone.set(0.0);
        })
        .on("pointerup", move |event: PointerEvent| {
            let start = from.get_untracked();
            from.set(None);
            gone.set(0.0);
            if let Some([x, y]) = start {
                let [dx, dy] = [at(&event)[0] - x, at(&event)[1] - y];
                if dx.abs() > SWIPE && dx.abs() > dy.abs() && page.peek(|state| !state.queue.is_empty()) {
                    page.judge(dx > 0.0);
                }
            }
        });
    let empty = move || page.with(|state| state.queue.is_empty());
    let answers = tag("div")
        .class("answers")
        .child(
            button("← different", move || page.judge(false))
                .class("main")
                .label("Different")
                .set("aria-keyshortcuts", "D ArrowLeft")
                .flag("disabled", empty),
        )
        .child(
            button("same →", move || page.judge(true))
                .class("main")
                .label("Same")
                .set("aria-keyshortcuts", "S ArrowRight")
                .flag("disabled", empty),
        );
    tag("section")
        .class("card game")
        .label("The pair game")
        .child(
            tag("div")
                .class("head")
                .child(tag("h2").text("Same or different?"))
                .child(tag("span").class("figure").testid("answered").says(move || page.with(count))),
        )
        .child(only_normal(
            page.desk,
            "This recipe learns from inputs of the normal class, so all pairs are of one class and none is different:",
        ))
        .child(couple)
        .child(answers)
        .child(tag("p").class("note").text("Keys: D or ←, S or →. Or swipe the pair."))
        .child(tag("p").class("figure").testid("last").set("aria-live", "polite").says(move || page.with(feedback)))
        .child(tag("p").class("note").testid("learning").says(move || page.with(learning)))
        .child(settings(page))
}

/// What a key answers. Keys that somebody types, draws or moves with are not the game's.
fn answer_of(event: &KeyboardEvent) -> Option<bool> {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let taken = target.is_some_and(|target| {
        let name = target.tag_name().to_ascii_lowercase();
        ["input", "select", "textarea", "canvas"].contains(&name.as_str())
    });
    match event.key().as_str() {
        _ if taken => None,
        "s" | "S" | "ArrowRight" => Some(true),
        "d" | "D" | "ArrowLeft" => Some(false),
        _ => None,
    }
}

fn count(state: &State) -> String {
    match state.answers.len() {
        0 => "no pair answered yet".into(),
        1 => "1 pair answered".into(),
        count => words!("{count} pairs answered"),
    }
}

/// What the encoder made of the last pair before it heard the answer, and how many answers differ from the labels.
fn feedback(state: &State) -> String {
    let Some((pair, distance)) = state.last else { return String::new() };
    let word = |same: bool| if same { "same" } else { "different" };
    let encoder = says_same(distance, state.margin);
    let first = words!("You said {}; the encoder, at s = {distance:.2}, {}.", word(pair.same), word(encoder));
    match differing(&state.answers) {
        (_, 0) => first,
        (differ, known) => words!("{first} {differ} of {known} answers differ from the labels."),
    }
}

fn learning(state: &State) -> String {
    let Some(taught) = &state.taught else { return String::new() };
    let answers = |count: usize| if count == 1 { words!("1 answer") } else { words!("{count} answers") };
    let from = match (state.labelled, state.stopped, state.answers.len()) {
        _ if state.work == Some(Work::Labels) => words!("Learning from {} true pairs", state.wanted),
        (0, false, 0) => return "Your answers are the only labels there are: the encoder learns from them.".into(),
        (0, true, _) => "Learning from true pairs was stopped".to_owned(),
        (0, false, count) => words!("Learned from {}", answers(count)),
        (pairs, _, count) if count <= state.answered_before => words!("Learned from {pairs} true pairs"),
        (pairs, _, count) => words!("Learned from {pairs} true pairs, then {}", answers(count)),
    };
    let loss = taught.loss.map_or(String::new(), |loss| words!(", loss {loss:.4}"));
    words!(
        "{from}: {} steps{loss}. The codes have moved by {:.0} % of their spread.",
        taught.steps,
        100.0 * taught.moved
    )
}

/// How pairs are chosen, where the encoder starts, and m.
fn settings(page: Page) -> Tag {
    let choice = move |choice: Choice, name: &'static str, title: &'static str| {
        button(name, move || page.choose(choice))
            .set("title", title)
            .shows("aria-pressed", move || page.with(|state| state.choice == choice).to_string())
    };
    let start = move |start: Start, name: &'static str, title: &'static str| {
        button(name, move || {
            page.anew(move |state| {
                state.start = start;
                state.renew();
            });
        })
        .set("title", title)
        .shows("aria-pressed", move || page.with(|state| state.start == start).to_string())
    };
    let group = |label: &'static str, inside: [AnyView; 2]| {
        tag("div").class("row switch").set("role", "group").label(label).children(inside)
    };
    let margin = tag("input")
        .set("type", "number")
        .set("min", MARGINS.start().to_string())
        .set("max", MARGINS.end().to_string())
        .set("step", "0.1")
        .label("Margin")
        .value(move || page.with(|state| state.margin.to_string()))
        .on("change", move |event: Event| {
            let value: Option<f32> = event_target_value(&event).parse().ok();
            if let Some(margin) = value.filter(|value| value.is_finite()) {
                page.turn(|state| state.margin = margin.clamp(*MARGINS.start(), *MARGINS.end()));
            } else {
                page.turn(|_| {});
            }
        });
    tag("div")
        .class("game-settings")
        .child(tag("span").text("pairs"))
        .child(group(
            "How pairs are chosen",
            [
                choice(Choice::Chance, "by chance", "About half of them of one class").into(),
                choice(Choice::Unsure, "unsure ones", "Of 32 the one whose distance is nearest to m / 2").into(),
            ],
        ))
        .child(tag("span").text("start"))
        .child(group(
            "Where the encoder starts",
            [
                start(
                    Start::Network,
                    "autoencoder",
                    "From the encoder above, as it is now: begins anew with your answers",
                )
                .into(),
                start(
                    Start::Scratch,
                    "scratch",
                    "From first weights, as PyTorch draws them: begins anew with your answers",
                )
                .into(),
            ],
        ))
        .child(tag("span").text("margin m"))
        .child(
            tag("div").class("row").child(margin).child(
                button("Start over", move || page.anew(State::forget))
                    .set("title", "Forget every answer, and what it taught"),
            ),
        )
}
