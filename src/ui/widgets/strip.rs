//! Digits the network has never seen, over what it makes of them, live.
use super::picture::{tiles, traces};
use crate::engine::protocol::Command;
use crate::ui::canvas::{Image, painted, pictured, within};
use crate::ui::desk::Desk;
use crate::ui::engine::Strip as Pictures;
use crate::ui::palette::Palette;
use crate::ui::tag::{again, button, fact, tag, whenever};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::MouseEvent;

/// Pairs in a row, and rows of pairs.
const ACROSS: usize = 6;
const DOWN: usize = 2;
const COUNT: u32 = (ACROSS * DOWN) as u32;

/// The strip, and a way on through the test set.
pub fn strip(desk: Desk) -> [AnyView; 2] {
    let engine = desk.engine;
    let first = RwSignal::new(0u32);
    let is_series = fact(move || desk.is_series());
    // A new network's strip starts where the old one's was, if it is told so.
    let total = move || {
        let data = desk.recipe.with(|recipe| recipe.data.clone());
        engine.set(&data).map_or(COUNT, |set| set.test)
    };
    whenever(move || {
        if engine.opened.with(Option::is_some) {
            // Other data may be fewer.
            if first.get() >= untrack(total) {
                return first.set(0);
            }
            engine.send(Command::Strip { first: first.get(), count: COUNT });
        }
    });
    let go = move |back: bool| {
        let (now, total) = (first.get_untracked(), untrack(total).max(COUNT));
        let last = (total - 1) / COUNT * COUNT;
        first.set(match back {
            true => now.checked_sub(COUNT).unwrap_or(last),
            false if now + COUNT > last => 0,
            false => now + COUNT,
        });
    };
    let title = move || {
        let things = desk.thing().among(["Digits", "Pictures", "Heartbeats", "Series"]);
        words!("{things} it has never seen")
    };
    let paging = tag("span")
        .class("paging")
        .child(button("‹", move || go(true)).class("quiet").label("Others before"))
        .child(button("›", move || go(false)).class("quiet").label("Others"));
    let rows = (0..2 * DOWN).map(|i| match i % 2 {
        0 => tag("i").text("x").into(),
        _ => tag("i").class("hat").text("x̂").into(),
    });
    let pictures = again(move || if is_series.get() { series_strip(desk) } else { digit_strip(desk) });
    [
        tag("div").class("head").child(tag("h2").says(title)).child(paging).into(),
        tag("div")
            .class("strip")
            .child(tag("div").class("rows").set("aria-hidden", "true").children(rows))
            .child(pictures)
            .into(),
    ]
}

/// What is on the canvas.
fn label(desk: Desk) -> String {
    let words = [
        "Digits of the test set, each above its reconstruction",
        "Pictures of the test set, each above its reconstruction",
        "Heartbeats of the test set, each above its reconstruction",
        "Series of the test set, each above its reconstruction",
    ];
    desk.thing().among(words).into()
}

fn digit_strip(desk: Desk) -> AnyView {
    let canvas = NodeRef::<html::Canvas>::new();
    pictured(canvas, move |palette| desk.engine.strip.with(|strip| sheet(palette, desk.shape(), strip.as_ref())));
    let take = move |event: MouseEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        let [x, y] = within(&element, &event).map(|share| share.clamp(0.0, 0.999));
        let (column, row) = ((x * ACROSS as f64) as u32, (y * DOWN as f64) as u32);
        if let Some(first) = desk.engine.strip.with_untracked(|strip| strip.as_ref().map(|strip| strip.first)) {
            desk.sample(Some(first + row * ACROSS as u32 + column));
        }
    };
    tag("canvas")
        .class("strip-digits")
        .set("role", "img")
        .testid("strip")
        .shows("aria-label", move || label(desk))
        .set("title", "Press one to put it on the pad")
        .node(canvas)
        .on("click", take)
        .into()
}

/// All pictures on one sheet, each input above its reconstruction.
fn sheet(palette: &Palette, (rows, columns): (u32, u32), strip: Option<&Pictures>) -> Image {
    let shape = (rows as usize, columns as usize);
    tiles(palette, shape, [ACROSS, 2 * DOWN], |i| strip.and_then(|strip| placed(strip, i).map(|(values, _)| values)))
}

/// What stands at this place of the strip, and whether it is a reconstruction.
fn placed(strip: &Pictures, i: usize) -> Option<(&[f32], bool)> {
    let (row, column) = (i / ACROSS, i % ACROSS);
    let below = row % 2 == 1;
    let pictures = if below { &strip.outputs } else { &strip.inputs };
    pictures.get(row / 2 * ACROSS + column).map(|picture| (picture.as_slice(), below))
}

fn series_strip(desk: Desk) -> AnyView {
    let canvas = NodeRef::<html::Canvas>::new();
    painted(
        canvas,
        move || desk.engine.strip.get(),
        |surface, strip| {
            let Some(strip) = strip else { return };
            let colours = [surface.palette.ink, surface.palette.blue];
            traces(surface, [ACROSS, 2 * DOWN], |i| {
                placed(strip, i).map(|(values, below)| (values, colours[usize::from(below)]))
            });
        },
    );
    tag("canvas")
        .class("strip-series")
        .set("role", "img")
        .testid("strip")
        .shows("aria-label", move || label(desk))
        .node(canvas)
        .into()
}
