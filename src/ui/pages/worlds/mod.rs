//! Two worlds: the same encoder on the same data, with labels and without.
mod maps;
mod shown;
mod state;
mod worth;

use crate::engine::protocol::Origin;
use crate::lessons::Recipe;
use crate::lessons::recipe::{Init, Loss};
use crate::lessons::worlds::Voters;
use crate::ui::desk::Desk;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::sheet::Sheet;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::{
    back_to_kept, card, idea, idea_of, ideas, learn_from_all, lesson, own_digit, squeeze, trains_beside,
};
use crate::words;
use leptos::prelude::*;
use state::Page;

/// The page.
pub fn worlds(desk: Desk) -> Tag {
    let page = Page::new(desk);
    trains_beside(desk, move || page.training.get());
    let stage = [
        bar(page).into(),
        own_digit(desk).into(),
        shown::world(page).into(),
        shown::both_say(page).into(),
        maps::maps(page).into(),
        worth::worth(page).into(),
    ];
    lesson("lesson worlds-lesson", stage, side(page))
}

/// The switch, the buttons that train both, and how far they are.
fn bar(page: Page) -> Tag {
    let desk = page.desk;
    let engine = desk.engine;
    let world = move |supervised: bool, name: &'static str| {
        button(name, move || page.supervised.set(supervised))
            .shows("aria-pressed", move || (page.supervised.get() == supervised).to_string())
    };
    let switch = tag("div")
        .class("row switch")
        .set("role", "group")
        .label("World")
        .child(world(true, "supervised"))
        .child(world(false, "autoencoder"));
    let without = move || {
        let loss = engine.test.get().map_or(String::new(), |test| words!(", test loss {}", numbers::loss(test)));
        let shipped = engine.opened.with(|opened| opened.as_ref().map_or(0, |opened| opened.step));
        match engine.progress.with(|progress| progress.step) {
            0 if shipped > 0 => words!("autoencoder: came trained, {shipped} steps"),
            step => words!("autoencoder: step {step}{loss}"),
        }
    };
    let with = move || {
        page.with(|state| {
            let pupil = &state.pupil;
            let right = pupil.right.last().map_or(String::new(), |(_, right)| words!(", {:.1} % right", 100.0 * right));
            words!("classifier: step {}{right}", pupil.step)
        })
    };
    tag("section")
        .class("card run-bar")
        .label("Training")
        .child(switch)
        .child(
            button("", move || page.train_both())
                .class("main train")
                .class_if("running", move || page.is_running())
                .flag("disabled", move || !page.is_teachable())
                .says(move || if page.is_running() { "Pause both".into() } else { "Train both".into() }),
        )
        .child(
            button("Reset both", move || page.reset_both())
                .set("title", "Back to step 0: both from the same first weights")
                .flag("disabled", move || engine.opened.with(Option::is_none)),
        )
        .child(tag("span").class("figure").testid("pupil").says(with))
        .child(tag("span").class("figure latent").testid("autoencoder").says(without))
        .child(back_to_kept(desk))
        .child(trouble(page))
}

/// Why there is no classifier, and the way out.
fn trouble(page: Page) -> Tag {
    tag("p")
        .class("note worlds-trouble")
        .testid("no-classifier")
        .flag("hidden", move || page.why_not().is_empty())
        .says(move || page.why_not())
        .child(learn_from_all(page.desk))
}

fn side(page: Page) -> [AnyView; 2] {
    let desk = page.desk;
    let list = ideas([
        idea("look at the other world", "what changes, and what stays?", move || {
            page.supervised.update(|supervised| *supervised = !*supervised);
        }),
        idea("train both", "which map falls into islands first?", move || {
            if !page.is_running() && page.is_teachable() {
                page.train_both();
            }
        }),
        idea("squeeze z to 2", "whose plane would you rather have?", move || squeeze(desk)),
        idea("let only one vote", "k = 1: better with ten labels, or worse?", move || {
            page.voters.set(Voters::These(1))
        }),
        idea("start as PyTorch does", "with smaller first weights: who needs more labels then?", move || {
            desk.open(Recipe { init: Init::Torch, ..desk.recipe.get_untracked() }, Origin::Seed);
        }),
        idea_of(
            desk,
            |thing| {
                thing.among([
                    "draw no digit at all",
                    "draw something else entirely",
                    "draw no heartbeat at all",
                    "draw something else entirely",
                ])
            },
            |thing| {
                thing.either(
                    "on an empty pad, a house, say: how sure is the classifier?",
                    "on an empty pad, a straight line, say: how sure is the classifier?",
                )
            },
            move || desk.draw(|sheets| sheets.lay(Sheet::Blank)),
        ),
    ]);
    let by = move |loss: Loss, text: &'static str| {
        tag("div").flag("hidden", move || desk.recipe.with(|recipe| recipe.loss != loss)).child(formula(text)).into()
    };
    let why = card(
        "One encoder, two worlds",
        [
            tag("p")
                .text(
                    "Supervised: a linear layer after z gives each class a number, softmax makes probabilities of \
                       them, and the label says which should have been 1.",
                )
                .into(),
            formula("^y_c = { \"exp\" a_c / Σ_j \"exp\" a_j }"),
            formula("Loss ( y , ^y ) = − \"log\" ^y_y"),
            tag("p")
                .text(
                    "Autoencoder: a decoder after z paints the input again, which is its own target. No label is \
                       needed.",
                )
                .into(),
            by(Loss::Mse, "Loss ( x , d ( e ( x ) ) ) = { 1 / n } Σ_i ( x_i − ^x_i )^2"),
            by(Loss::Bce, "Loss ( x , d ( e ( x ) ) ) = { 1 / n } Σ_i ℓ_i"),
            by(Loss::Bce, "ℓ_i = − x_i \"log\" ^x_i − ( 1 − x_i ) \"log\" ( 1 − ^x_i )"),
            tag("p")
                .class("note")
                .text(
                    "Both start from the same first weights of the encoder and see the same batches in the same \
                       order, with the recipe’s optimiser, learning rate and epochs.",
                )
                .into(),
        ],
    );
    [list.into(), why.into()]
}
