//! Starting, stopping, and how fast to learn.
use crate::engine::Command;
use crate::lessons::recipe::limits;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, fact, tag};
use crate::ui::widgets::fields::{Refusal, complaint, lockable, numeral};
use crate::words;
use leptos::prelude::*;
use web_sys::Event;

/// Train or pause, step, reset, other first weights; and how far the run is.
pub fn controls(desk: Desk) -> [AnyView; 2] {
    let engine = desk.engine;
    let progress = engine.progress;
    let running = fact(move || progress.with(|progress| progress.running));
    let standing = fact(move || engine.opened.with(Option::is_some));
    let share = move || desk.epoch() / f64::from(desk.recipe.with(|recipe| recipe.epochs).max(1));
    let run = tag("div")
        .class("run")
        .child(tag("progress").set("max", "1").label("Progress of the run").value(move || share().min(1.0).to_string()))
        .child(
            tag("span")
                .class("epochs")
                .text("epoch ")
                .child(tag("b").testid("epoch").says(move || format!("{:.1}", desk.epoch())))
                .text(" / ")
                .says(move || desk.recipe.with(|recipe| recipe.epochs.to_string())),
        );
    let row = tag("div")
        .class("row controls")
        .child(train_button(desk))
        .child(
            button("Step", move || engine.send(Command::Step))
                .flag("disabled", move || !standing.get() || running.get()),
        )
        .child(
            button("Reset", move || desk.reset())
                .set("title", "Back to step 0: the same run again")
                .flag("disabled", move || !standing.get()),
        )
        .child(
            button("New seed", move || desk.new_seed())
                .set("title", "Other first weights, another order of the data")
                .flag("disabled", move || !standing.get() || desk.is_locked("seed")),
        )
        .child(run);
    [row.into(), rate(desk).into()]
}

/// Train or pause.
pub fn train_button(desk: Desk) -> Tag {
    let engine = desk.engine;
    let running = fact(move || engine.progress.with(|progress| progress.running));
    button("", move || if running.get_untracked() { engine.pause() } else { desk.train() })
        .class("main train")
        .class_if("running", move || running.get())
        .flag("disabled", move || engine.opened.with(Option::is_none))
        .says(move || if running.get() { "Pause".into() } else { "Train".into() })
}

/// The button that the first minute leads to.
pub fn learn_again(desk: Desk) -> Tag {
    button("Forget everything and learn again", move || desk.learn_again())
        .class("main again")
        .flag("disabled", move || desk.engine.opened.with(Option::is_none))
}

/// The learning rate: a slider over its logarithm, and the number itself. Both act on the run that is there.
fn rate(desk: Desk) -> Tag {
    let rate = move || desk.recipe.with(|recipe| recipe.learning_rate);
    let wrong: Refusal = RwSignal::new(None);
    let (least, most) = (limits::RATE.start().log10(), limits::RATE.end().log10());
    let slid = move |event: Event| {
        if let Ok(exponent) = event_target_value(&event).parse::<f32>() {
            // Two digits that matter: 0.0012, not 0.001194.
            let raw = 10f32.powf(exponent);
            let unit = 10f32.powf(raw.log10().floor() - 1.0);
            let rounded = ((raw / unit).round() * unit).clamp(*limits::RATE.start(), *limits::RATE.end());
            wrong.set(None);
            desk.set_rate(numbers::rate(rounded).parse().unwrap_or(rounded));
        }
    };
    let typed = move |text: &str| {
        let range = limits::RATE;
        match text.parse::<f32>() {
            Ok(value) if range.contains(&value) => {
                desk.set_rate(value);
                Ok(())
            }
            _ => Err(words!(
                "The learning rate is a number from {} to {}; it stays {}.",
                numbers::rate(*range.start()),
                range.end(),
                numbers::rate(untrack(rate)),
            )),
        }
    };
    let slider = tag("input")
        .set("id", "rate-slider")
        .set("type", "range")
        .set("step", "any")
        .set("min", least.to_string())
        .set("max", most.to_string())
        .shows("aria-valuetext", move || numbers::rate(rate()))
        .value(move || rate().log10().to_string())
        .on("input", slid);
    let name = tag("label").set("for", "rate-slider").text("learning rate ").child(tag("i").text("η"));
    let number = numeral(wrong, move || numbers::rate(rate()), typed).class("number").label("Learning rate");
    let all = [name.into(), slider.into(), number.into(), complaint(wrong).into()];
    tag("div").class("row rate").child(lockable(desk, "lr", all))
}
