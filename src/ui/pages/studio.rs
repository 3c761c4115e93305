//! The Studio: draw, train, and see what the network makes of it.
use super::later::beside;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::sheet::Sheet;
use crate::ui::tag::{Tag, button, fact, next, tag};
use crate::ui::widgets::chart::loss_chart;
use crate::ui::widgets::codes::codes;
use crate::ui::widgets::controls::{controls, learn_again};
use crate::ui::widgets::figures::figures;
use crate::ui::widgets::hourglass::hourglass;
use crate::ui::widgets::lesson::back_to_kept;
use crate::ui::widgets::pad::pad;
use crate::ui::widgets::picture::{Show, picture};
use crate::ui::widgets::recipe::recipe_panel;
use crate::ui::widgets::strip::strip;
use crate::words;
use leptos::prelude::*;

/// The page.
pub fn studio(desk: Desk) -> Tag {
    let card = |class: &'static str, label: &'static str| tag("section").class(class).label(label);
    let hero = move || {
        card("card hero", "Yours and what the network makes of it")
            .child(draw(desk))
            .child(see(desk))
            .child(through(desk))
            .child(back(desk))
            .child(codes(desk))
            .into()
    };
    let training = move || {
        card("card training", "Training")
            .children(controls(desk))
            .child(figures(desk))
            .children(loss_chart(desk))
            .into()
    };
    let unseen = move || card("card unseen", "Inputs it has never seen").children(strip(desk)).into();
    let recipe = move || {
        let head =
            tag("div").class("head").child(tag("h2").text("Recipe")).child(back_to_kept(desk)).child(parameters(desk));
        let panel = card("card", "Recipe").set("data-part", "recipe").child(head).child(recipe_panel(desk));
        tag("aside").class("side").child(panel).child(beside(desk)).into()
    };
    tag("main").class("studio").child(next(hero)).child(next(training)).child(next(unseen)).child(next(recipe))
}

fn draw(desk: Desk) -> Tag {
    let drawn = move || desk.sheets.with(|sheets| matches!(sheets.now(), Sheet::Strokes(_) | Sheet::Series(_)));
    let what = move || desk.thing().yours().to_owned();
    let hint = move || match (drawn(), desk.thing()) {
        (true, _) => String::new(),
        (false, thing) if thing.is_series() => "draw here".into(),
        (false, thing) => thing.to_draw().into(),
    };
    let head = tag("div").class("head").child(tag("h2").says(what)).child(tag("span").class("hint").says(hint));
    tag("div").class("draw").child(head).children(pad(desk))
}

fn see(desk: Desk) -> Tag {
    let note = move || match desk.is_series() {
        false => "what the network sees: fitted and centred, as MNIST was made".into(),
        true => "what the network sees: the values in a row".into(),
    };
    let shape = move || match desk.shape() {
        (1, columns) => columns.to_string(),
        (rows, columns) => format!("{rows} × {columns}"),
    };
    let head = tag("div")
        .class("head")
        .child(tag("h2").child(tag("i").text("x")))
        .child(tag("span").class("figure").says(shape));
    tag("div")
        .class("see")
        .child(head)
        .child(picture(desk, Signal::stored(Show::Input), "seen", "What the network sees"))
        .child(tag("p").class("note").says(note))
}

fn through(desk: Desk) -> Tag {
    let symbols = tag("h2")
        .child(tag("i").text("x"))
        .text(" → ")
        .child(tag("i").class("latent").text("z"))
        .text(" → ")
        .child(tag("i").text("x̂"));
    let head = tag("div").class("head").child(symbols).child(learn_again(desk));
    tag("div").class("through").child(head).children(hourglass(desk))
}

fn parameters(desk: Desk) -> Tag {
    let count = move || desk.engine.opened.with(|opened| opened.as_ref().map(|opened| opened.parameters));
    let words = move || count().map_or_else(String::new, |count| words!("{} parameters", numbers::count(count.into())));
    tag("span").class("figure").says(words)
}

fn back(desk: Desk) -> Tag {
    let show = RwSignal::new(Show::Output);
    let held = fact(move || desk.held.with(Option::is_some));
    let error = move || desk.engine.seen.with(|seen| seen.as_ref().map(|seen| seen.mse));
    let switch = move |choice: Show, name: &'static str, words: &'static str| {
        button(name, move || show.set(choice))
            .set("title", words)
            .label(words)
            .shows("aria-pressed", move || (show.get() == choice).to_string())
    };
    let figure = tag("span").class("figure").flag("hidden", move || held.get()).text("MSE ").child(
        tag("b").testid("reconstruction-error").says(move || error().map_or("–".into(), |mse| format!("{mse:.4}"))),
    );
    let title = move || if held.get() { "From the sliders".into() } else { "Reconstruction".into() };
    let switches = tag("div")
        .class("row buttons switch")
        .set("role", "group")
        .label("What is shown")
        .child(switch(Show::Output, "x̂", "x̂, the reconstruction"))
        .child(switch(Show::Difference, "|x − x̂|", "|x − x̂|, the difference"))
        .child(switch(Show::Overlay, "overlay", "overlay: one over the other"));
    let release = button("Back to my drawing", move || desk.held.set(None))
        .class("latent release")
        .flag("hidden", move || !held.get());
    tag("div")
        .class("back")
        .child(tag("div").class("head").child(tag("h2").says(title)).child(figure))
        .child(picture(desk, show.into(), "reconstruction", "Reconstruction"))
        .child(switches)
        .child(release)
}
