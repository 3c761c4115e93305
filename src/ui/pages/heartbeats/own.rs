//! Files: the visitor's own series in, scores out. Nothing leaves the device.
use super::Hearts;
use crate::engine::protocol::{Ask, Origin, SetInfo, Topic};
use crate::lessons::anomaly::scores_csv;
use crate::lessons::heartbeats::recipe_for;
use crate::ui::download;
use crate::ui::tag::{Tag, button, tag};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

/// Larger files would not fit into a phone's memory, read.
const MOST_BYTES: f64 = 67_108_864.0;

/// The card.
pub fn own(hearts: Hearts) -> Tag {
    let state = hearts.state;
    let chosen = move |event: Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(input) = input {
            take(hearts, input.files());
            // The same file again is a change again.
            input.set_value("");
        }
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        take(hearts, event.data_transfer().and_then(|transfer| transfer.files()));
    };
    let picker =
        tag("input").set("type", "file").set("accept", ".csv,.txt,.tsv,text/csv,text/plain").on("change", chosen);
    let export = move || {
        let csv = state.with_untracked(|s| scores_csv(&s.detectors[0].test, |row| s.labels.class(row)));
        download::text("scores.csv", "text/csv", &csv);
    };
    let reading = move || match hearts.desk.engine.answering.get() {
        Some((Topic::Own, _)) => "reading …".into(),
        _ => state.with(|s| s.own.clone()),
    };
    tag("section")
        .class("card drop")
        .label("Your own series")
        .child(tag("div").class("head").child(tag("h2").text("Your own series")))
        .child(
            tag("label").class("row wrap").text("CSV, one series per row ").child(picker.label("Your own series as CSV")),
        )
        .child(tag("p").class("note").testid("own").says(reading))
        .child(tag("p").class("note").text(
            "Or drop the file here. It is read in this browser and never leaves this device. A class is optional: a column \
             called label or class, or a first column of whole numbers.",
        ))
        .child(
            button("Save scores.csv", export)
                .set("title", "index, label and reconstruction error of every test beat")
                .flag("disabled", move || state.with(|s| s.detectors[0].test.is_empty())),
        )
        .on("dragover", |event: DragEvent| event.prevent_default())
        .on("drop", dropped)
}

/// Sends the first of these files to the engine.
fn take(hearts: Hearts, files: Option<FileList>) {
    let Some(file): Option<File> = files.and_then(|files| files.get(0)) else { return };
    let (name, engine) = (file.name(), hearts.desk.engine);
    if file.size() > MOST_BYTES {
        return hearts.desk.trouble(format!("{name} has {:.0} MB, and at most 64 MiB are read.", file.size() / 1e6));
    }
    leptos::task::spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => engine.ask(Ask::Own { name, text: js_sys::Uint8Array::new(&buffer).to_vec() }),
            Err(_) => hearts.desk.trouble(format!("{name} could not be read: choose it again.")),
        }
    });
}

/// The series were read: they can be trained on.
pub fn open(hearts: Hearts, set: SetInfo) {
    let desk = hearts.desk;
    let recipe = recipe_for(&set.slug, set.train, set.shape.1);
    desk.engine.sets.update(|sets| {
        sets.retain(|other| other.slug != set.slug);
        sets.push(set);
    });
    desk.open(recipe, Origin::Seed);
}
