//! The lessons behind the first: their pages come in a part of the wasm of their own, fetched when one is opened.
use super::{Desk, lesson};
use crate::ui::tag::{again, button, tag, turn, whenever};
use crate::ui::widgets::explain::words;
use crate::ui::widgets::pad::aloud::aloud;
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// The page of a lesson, once its part of the wasm is here, and the data that it is about.
pub fn later(desk: Desk, slug: String) -> AnyView {
    let here = RwSignal::new(None);
    let fetch = move || {
        here.set(None);
        spawn_local(async move { here.set(Some(fetched().await.is_ok())) });
    };
    fetch();
    // Then it stays, whatever is opened.
    let stands = RwSignal::new(false);
    whenever(move || {
        desk.engine.openings.track();
        desk.engine.refused.track();
        if !desk.is_changing_data() {
            turn(stands, true);
        }
    });
    again(move || match here.get() {
        Some(true) if !stands.get() => {
            tag("p").class("welcome").set("role", "status").text("Opening its network …").into()
        }
        // Fetched, so that nothing is waited for.
        Some(true) => made(desk, slug.clone()).now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any()),
        Some(false) => tag("p")
            .class("welcome")
            .set("role", "alert")
            .text("This lesson could not be fetched: check the connection. ")
            .child(button("Try again", fetch))
            .into(),
        None => tag("p").class("welcome").set("role", "status").text("Fetching this lesson …").into(),
    })
}

/// The card of the lecture's stop, and the pad's voice: nothing until they are here, and nothing where they cannot be
/// fetched, since the lessons do without.
pub fn path(desk: Desk) -> AnyView {
    beyond(async { fetched_path().await.is_ok() }, move || made_path(desk).now_or_never())
}

/// What the Studio says beside its panel, likewise: whoever waits for the page waits for its pad and its buttons.
pub fn beside(desk: Desk) -> AnyView {
    beyond(async { fetched_beside().await.is_ok() }, move || made_beside(desk).now_or_never())
}

/// Something without which the page works, once it is `fetched`.
fn beyond(
    fetched: impl Future<Output = bool> + 'static,
    made: impl Fn() -> Option<Result<AnyView, SplitLoaderError>> + Send + 'static,
) -> AnyView {
    let here = RwSignal::new(false);
    spawn_local(async move {
        let came = fetched.await;
        // The lesson may have been left meanwhile.
        here.try_set(came);
    });
    again(move || match here.get() {
        true => made().and_then(Result::ok).unwrap_or_else(|| ().into_any()),
        false => ().into_any(),
    })
}

/// What the check of the GPU said: fetched when somebody wants to know.
pub fn machine(desk: Desk) -> AnyView {
    beyond(async { fetched_machine().await.is_ok() }, move || made_machine(desk).now_or_never())
}

#[wasm_split(machine, fallible, preload(fetched_machine))]
fn made_machine(desk: Desk) -> Result<AnyView, SplitLoaderError> {
    Ok(super::machine::machine(desk))
}

#[wasm_split(path, fallible, preload(fetched_path))]
fn made_path(desk: Desk) -> Result<AnyView, SplitLoaderError> {
    Ok(vec![super::path::path(desk), aloud(desk).into()].into_any())
}

#[wasm_split(path, fallible, preload(fetched_beside))]
fn made_beside(desk: Desk) -> Result<AnyView, SplitLoaderError> {
    Ok(words(desk))
}

#[wasm_split(pages, fallible, preload(fetched))]
fn made(desk: Desk, slug: String) -> Result<AnyView, SplitLoaderError> {
    Ok(lesson(desk, &slug))
}
