//! Files that a visitor brings, chosen or dropped: read here, and sent nowhere.
use crate::ui::desk::Desk;
use crate::ui::tag::{Tag, tag};
use std::borrow::Cow;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

/// Larger files would not fit into a phone's memory, read.
const MOST_BYTES: f64 = 67_108_864.0;

/// A field that chooses a file with one of these endings; `take` is given its name and what is in it.
pub fn picker(
    desk: Desk,
    accept: impl Into<Cow<'static, str>>,
    label: &'static str,
    take: impl Fn(String, Vec<u8>) + Copy + 'static,
) -> Tag {
    let chosen = move |event: Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(input) = input {
            read(desk, input.files(), take);
            // The same file again is a change again.
            input.set_value("");
        }
    };
    tag("input").set("type", "file").set("accept", accept).label(label).on("change", chosen)
}

/// A place that takes files which are dropped onto it, likewise.
pub fn dropped_on(place: Tag, desk: Desk, take: impl Fn(String, Vec<u8>) + Copy + 'static) -> Tag {
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        read(desk, event.data_transfer().and_then(|transfer| transfer.files()), take);
    };
    place.on("dragover", |event: DragEvent| event.prevent_default()).on("drop", dropped)
}

/// The first of these files.
fn read(desk: Desk, files: Option<FileList>, take: impl Fn(String, Vec<u8>) + 'static) {
    let Some(file): Option<File> = files.and_then(|files| files.get(0)) else { return };
    let name = file.name();
    if file.size() > MOST_BYTES {
        return desk.trouble(format!("{name} has {:.0} MB, and at most 64 MiB are read.", file.size() / 1e6));
    }
    leptos::task::spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => take(name, js_sys::Uint8Array::new(&buffer).to_vec()),
            Err(_) => desk.trouble(format!("{name} could not be read: choose it again.")),
        }
    });
}
