//! What is going on, in sentences and in the lecture's notation; and what to try.
use crate::lessons::recipe::{Loss, Noise};
use crate::lessons::studio::{TRIES, Try};
use crate::ui::desk::Desk;
use crate::ui::formula::formula;
use crate::ui::tag::{Tag, button, fact, tag};
use leptos::prelude::*;

/// Both cards beside the Studio.
pub fn words(desk: Desk) -> AnyView {
    let tries = tag("section")
        .class("card")
        .label("You could try")
        .set("data-part", "tries")
        .child(tag("h2").text("You could try to …"))
        .child(tries(desk));
    let explain = tag("details")
        .class("card explain")
        .set("open", "")
        .child(tag("summary").child(tag("h2").text("What is going on?")))
        .children(explain(desk));
    vec![AnyView::from(tries), explain.into()].into_any()
}

/// The card that says what is going on.
fn explain(desk: Desk) -> Vec<AnyView> {
    let z = move || desk.recipe.with(|recipe| recipe.z);
    let noisy = move || desk.recipe.with(|recipe| recipe.noise != Noise::None);
    // As many numbers as an input has leave room for all of it.
    let narrow = move || {
        let (rows, columns) = desk.shape();
        z() < rows * columns
    };
    let first = tag("p")
        .says(move || {
            let each = [
                "No labels here. Each digit",
                "No labels here. Each picture",
                "No labels here. Each heartbeat",
                "No labels here. Each series",
            ];
            desk.thing().among(each).into()
        })
        .text(" is mapped back to ")
        .says(move || if noisy() { "its clean self".into() } else { "itself".into() })
        .says(move || if narrow() { ", through a bottleneck of only " } else { ", through a layer of " }.into())
        .child(tag("b").class("latent").says(move || z().to_string()))
        .says(move || if z() == 1 { " number:".into() } else { " numbers:".into() });
    let second = tag("p")
        .says(move || match narrow() {
            true => "With so little room it can't copy. It has to summarise, in the ".into(),
            false => "With so much room it could copy, and need not summarise in the ".into(),
        })
        .child(tag("b").class("latent").text("latent space"))
        .text(". Training moves every weight downhill:");
    let loss = move || match desk.recipe.with(|recipe| recipe.loss) {
        Loss::Mse => "with the squared difference as Loss.".into(),
        Loss::Bce => "with the binary cross-entropy as Loss.".into(),
    };
    vec![
        first.into(),
        formula("AE ( x ) = d ( e ( x ) ) = ^x"),
        second.into(),
        formula("w ← w − η { ∂ Loss ( x , ^x ) / ∂ w }"),
        tag("p").says(loss).into(),
        tag("p")
            .class("note")
            .flag("hidden", move || !noisy() && desk.recipe.with(|recipe| recipe.variational.is_none()))
            .text(
                "Train loss is with the noise (and with β · KL); test loss is of clean inputs, so it can be the lower one.",
            )
            .into(),
        button("Follow the lecture, stop by stop", to_the_path).class("words").into(),
    ]
}

/// The card below the lesson, which is below the fold on most screens.
fn to_the_path() {
    if let Some(card) = document().get_element_by_id("path") {
        card.scroll_into_view();
    }
}

/// Sentences of which some words set the page.
fn tries(desk: Desk) -> Tag {
    tag("ul").class("tries").children(TRIES.iter().map(|idea| sentence(desk, idea)))
}

fn sentence(desk: Desk, idea: &'static Try) -> AnyView {
    let changed = move || {
        let has = |slug: &str| desk.engine.sets.with(|sets| sets.iter().any(|set| set.slug == slug));
        let changed = desk.recipe.with(|recipe| (idea.change)(recipe, &has).filter(|changed| changed != recipe));
        changed.filter(|changed| desk.check(changed).is_ok())
    };
    let possible = fact(move || changed().is_some());
    let go = move || {
        if let Some(recipe) = untrack(changed) {
            desk.try_out(recipe, idea.learns);
        }
    };
    tag("li")
        .flag("hidden", move || !possible.get())
        .child(button(idea.words, go).class("words"))
        .text(" ")
        .says(move || (idea.question)(desk.thing()).into())
        .into()
}
