//! Files dropped anywhere on the page: they are looked at under Your files, and no browser goes away to show them.
use crate::ui::desk::Desk;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, FileList};

thread_local! {
    static DROPPED: RefCell<Option<FileList>> = const { RefCell::new(None) };
}

/// Hears of them, for as long as the page lives. Places that take files of their own do so first.
pub fn follow(desk: Desk) {
    window_event_listener_untyped("dragover", |event| {
        if !event.default_prevented() && files_of(&event).is_some() {
            event.prevent_default();
        }
    });
    window_event_listener_untyped("drop", move |event| {
        let files = files_of(&event).filter(|_| !event.default_prevented());
        if files.as_ref().is_some_and(|files| files.length() > 0) {
            event.prevent_default();
            DROPPED.set(files);
            desk.drops.update(|drops| *drops += 1);
            // It fails for no address of this page.
            let _ = location().set_hash("#/files");
        }
    });
}

/// What was dropped last, once.
pub fn take() -> Option<FileList> {
    DROPPED.take()
}

/// The files that are dragged: while they still are, how many there are is a secret. `None` if it is something else.
fn files_of(event: &web_sys::Event) -> Option<FileList> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    transfer.types().includes(&"Files".into(), 0).then(|| transfer.files()).flatten()
}
