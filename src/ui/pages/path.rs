//! The lecture as a path: a card below every lesson that is a stop of it.
use crate::lessons::path::{Progress, STOPS, Stop, stop};
use crate::lessons::{LESSONS, heartbeats};
use crate::ui::desk::Desk;
use crate::ui::palette::storage;
use crate::ui::present::on_key;
use crate::ui::tag::{Tag, again, button, tag};
use crate::words;
use leptos::prelude::*;

/// Where a browser keeps which stops were done.
const KEY: &str = "hourglass path";

#[derive(Clone, Copy)]
struct Path {
    done: RwSignal<Progress>,
    /// The teacher's notes are shown.
    notes: RwSignal<bool>,
}

/// The card of whatever lesson is open; nothing where that is no stop.
pub fn path(desk: Desk) -> AnyView {
    let kept = storage().and_then(|kept| kept.get_item(KEY).ok().flatten()).unwrap_or_default();
    let path = Path { done: RwSignal::new(Progress::read(&kept)), notes: RwSignal::new(false) };
    on_key(move |key| {
        if key == "t" {
            path.notes.update(|notes| *notes = !*notes);
        }
    });
    let here = Memo::new(move |_| stop(desk.lesson.get().slug));
    again(move || match here.get().and_then(|at| Some((at, STOPS.get(at)?))) {
        Some((at, stop)) => card(desk, path, at, stop).into(),
        None => ().into_any(),
    })
}

fn card(desk: Desk, path: Path, at: usize, stop: &'static Stop) -> Tag {
    let answered = RwSignal::new(false);
    let Path { done, notes } = path;
    let finish = move || {
        done.update(|done| *done = done.with(at));
        if let Some(storage) = storage() {
            // A browser that refuses keeps it for this visit.
            let _ = storage.set_item(KEY, &done.get_untracked().words());
        }
        // A hash is always an address; after the last stop the card says that it was the last.
        if let Some(next) = STOPS.get(at + 1) {
            if stop.slug == heartbeats::LESSON.slug {
                desk.back_to_pictures();
            }
            let _ = location().set_hash(&["/", next.slug].concat());
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    };
    let words = move || match STOPS.get(at + 1) {
        Some(next) => words!("Done: on to {}", title(next.slug)),
        None if done.get().has(at) => "Done: that was the lecture".into(),
        None => "Done".into(),
    };
    let line = |name: &'static str, words: &'static str| tag("p").child(tag("b").text(name)).text(" ").text(words);
    let buttons = tag("p")
        .class("row wrap")
        .child(
            button("", move || answered.update(|answered| *answered = !*answered))
                .set("aria-controls", "path-answer")
                .shows("aria-expanded", move || answered.get().to_string())
                .says(move || if answered.get() { "Hide the answer" } else { "Show an answer" }.into()),
        )
        .child(
            button("For the teacher", move || notes.update(|notes| *notes = !*notes))
                .set("title", "Or press t")
                .set("aria-keyshortcuts", "t")
                .shows("aria-expanded", move || notes.get().to_string()),
        )
        .child(button("", finish).class("main").testid("path-next").says(words));
    tag("aside")
        .class("path card")
        .set("id", "path")
        .label("The lecture, stop by stop")
        .child(
            tag("div")
                .class("head wrap")
                .child(tag("h2").text(words!("The lecture: stop {} of {}", at + 1, STOPS.len())))
                .child(stops(path, at)),
        )
        .child(tag("p").class("path-idea").text(stop.idea))
        .child(line("Do this:", stop.task))
        .child(line("Think:", stop.question))
        .child(
            tag("p")
                .set("id", "path-answer")
                .class("path-answer")
                .testid("path-answer")
                .flag("hidden", move || !answered.get())
                .text(stop.answer),
        )
        .child(
            tag("p")
                .class("path-notes note")
                .testid("path-notes")
                .flag("hidden", move || !notes.get())
                .text(stop.notes),
        )
        .child(buttons)
}

/// All stops as links, with a mark on those that are done.
fn stops(path: Path, here: usize) -> Tag {
    let entry = |(at, stop): (usize, &'static Stop)| {
        let done = move || path.done.get().has(at);
        let link = tag("a")
            .set("href", ["#/", stop.slug].concat())
            .set("title", title(stop.slug))
            .class_if("done", done)
            .shows("aria-label", move || {
                words!("{}: {}{}", at + 1, title(stop.slug), if done() { ", done" } else { "" })
            })
            .text((at + 1).to_string());
        let link = if at == here { link.set("aria-current", "step") } else { link };
        tag("li").child(link).into()
    };
    tag("ol").class("path-stops").label("All stops").children(STOPS.iter().enumerate().map(entry))
}

fn title(slug: &str) -> &'static str {
    LESSONS.iter().find(|lesson| lesson.slug == slug).map_or("", |lesson| lesson.title)
}
