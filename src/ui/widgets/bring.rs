//! Files that a visitor brings, chosen or dropped: read here, and sent nowhere.
use super::packing::{self, packed};
use crate::lessons::own::MOST_UNPACKED;
use crate::ui::desk::Desk;
use crate::ui::tag::{Tag, tag};
use crate::words;
use leptos::task::spawn_local;
use std::borrow::Cow;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

/// What has been read, with its name.
pub type Files = Vec<(String, Vec<u8>)>;

/// More would not fit into a phone's memory, read and on its way to the engine.
const MOST_BYTES: f64 = 67_108_864.0;

/// A field that chooses a file with one of these endings; `take` is given its name and what is in it.
pub fn picker(
    desk: Desk,
    accept: impl Into<Cow<'static, str>>,
    label: &'static str,
    take: impl Fn(String, Vec<u8>) + Copy + 'static,
) -> Tag {
    chooser(label, move |files| read_first(desk, files, take)).set("accept", accept)
}

/// A field that chooses files, and gives them to `take`.
pub fn chooser(label: &'static str, take: impl Fn(Vec<File>) + 'static) -> Tag {
    let chosen = move |event: Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(input) = input {
            take(listed(input.files()));
            // The same file again is a change again.
            input.set_value("");
        }
    };
    tag("input").set("type", "file").label(label).on("change", chosen)
}

/// A place that takes files which are dropped onto it, likewise.
pub fn dropped_on(place: Tag, desk: Desk, take: impl Fn(String, Vec<u8>) + Copy + 'static) -> Tag {
    all_dropped_on(place, move |files| read_first(desk, files, take))
}

/// A place that takes all files which are dropped onto it.
pub fn all_dropped_on(place: Tag, take: impl Fn(Vec<File>) + 'static) -> Tag {
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        take(listed(event.data_transfer().and_then(|transfer| transfer.files())));
    };
    place.on("dragover", |event: DragEvent| event.prevent_default()).on("drop", dropped)
}

/// Bytes of all of them.
pub fn size_of(files: &[File]) -> f64 {
    files.iter().map(|file| file.size()).sum()
}

/// The files in a list.
pub fn listed(files: Option<FileList>) -> Vec<File> {
    files.map_or(Vec::new(), |files| (0..files.length()).filter_map(|i| files.get(i)).collect())
}

fn read_first(desk: Desk, mut files: Vec<File>, take: impl Fn(String, Vec<u8>) + 'static) {
    files.truncate(1);
    read_all(desk, files, move |files| files.into_iter().flatten().for_each(|(name, bytes)| take(name, bytes)));
}

/// Reads these files, and gives them with their names to `take`. Where one can't be read, says why, and gives `None`.
pub fn read_all(desk: Desk, files: Vec<File>, take: impl FnOnce(Option<Files>) + 'static) {
    read(desk, files, MOST_BYTES, take);
}

/// Likewise, files of data: large ones come packed, which whoever reads data unpacks.
pub fn read_data(desk: Desk, files: Vec<File>, take: impl FnOnce(Option<Files>) + 'static) {
    read(desk, files, MOST_UNPACKED as f64, take);
}

fn read(desk: Desk, files: Vec<File>, most: f64, take: impl FnOnce(Option<Files>) + 'static) {
    let Some(first) = files.first() else { return };
    let bytes = size_of(&files);
    if bytes > most {
        let more = if files.len() > 1 { words!(" and {} more have", files.len() - 1) } else { " has".into() };
        desk.trouble(words!(
            "{}{more} {:.0} MB, and at most {:.0} MB are read: take fewer rows or fewer files.",
            first.name(),
            bytes / 1e6,
            most / 1e6
        ));
        return take(None);
    }
    spawn_local(async move {
        let mut all = Vec::new();
        for file in files {
            let large = bytes > MOST_BYTES && !file.name().to_ascii_lowercase().ends_with(".gz");
            let got = if large { packed(&file).await } else { packing::bytes(file.array_buffer()).await };
            let Ok(got) = got else {
                desk.trouble(words!("{} could not be read: choose it again.", file.name()));
                return take(None);
            };
            all.push((file.name(), got));
        }
        take(Some(all));
    });
}
