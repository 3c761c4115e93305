//! The run in figures: plain decimals, so that people and programs read the same.
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, tag};
use leptos::prelude::*;

/// Step, losses, speed, time left.
pub fn figures(desk: Desk) -> Tag {
    let engine = desk.engine;
    let progress = engine.progress;
    let train = Memo::new(move |_| engine.curve.with(|curve| curve.last().map(|point| point.train)));
    let positive = |value: f32, text: fn(f32) -> String| if value > 0.0 { text(value) } else { "–".into() };
    let loss = |loss: Option<f32>| loss.map_or("–".into(), numbers::loss);
    tag("dl")
        .class("figures")
        .child(figure("", "step", "step", move || progress.with(|p| p.step.to_string())))
        .child(figure("train-key", "train loss", "train-loss", move || loss(train.get())))
        .child(figure("test-key", "test loss", "test-loss", move || loss(engine.test.get())))
        .child(figure("", "samples/s", "samples-per-second", move || {
            positive(progress.with(|p| p.samples_per_second), |v| format!("{v:.0}"))
        }))
        .child(figure("", "ms per step", "ms-per-step", move || {
            positive(progress.with(|p| p.ms_per_step), numbers::milliseconds)
        }))
        .child(figure("", "time left", "time-left", move || {
            positive(progress.with(|p| p.seconds_left), numbers::duration)
        }))
}

/// A figure with its name above it.
pub fn figure(
    class: &'static str,
    name: &'static str,
    testid: &'static str,
    value: impl Fn() -> String + Send + 'static,
) -> Tag {
    let name = tag("dt").class(class).text(name);
    tag("div").child(name).child(tag("dd").testid(testid).says(value))
}
