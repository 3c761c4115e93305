//! The page. All of Leptos is here and nowhere else.
//!
//! [`engine`] is the worker as signals, [`desk`] is what the visitor has in hand (the recipe, the drawing, the code),
//! `widgets` show them and change them, `pages` put widgets together.
pub mod address;
pub mod aloud;
mod app;
pub mod bench;
pub mod canvas;
pub mod desk;
pub mod download;
pub mod drops;
pub mod engine;
pub mod formula;
mod language;
mod list;
pub mod news;
pub mod numbers;
pub mod offline;
mod pages;
pub mod palette;
mod present;
pub mod sheet;
pub mod spawn;
pub mod tag;
mod typing;
mod widgets;

use crate::words::Tongue;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Puts the page where `index.html` shows its first picture, which was there before this wasm was.
pub fn mount() {
    match language::wished(address::tongue()) {
        // In a task of its own: the one that the wasm arrived in was long enough.
        Tongue::English => set_timeout(|| show(Tongue::English), Duration::ZERO),
        // The first words a visitor reads are in the language of all others. Leptos spawns nothing before it is mounted.
        other => wasm_bindgen_futures::spawn_local(async move { show(language::learned(other).await) }),
    }
}

fn show(tongue: Tongue) {
    let document = document();
    let place = document.get_element_by_id("app").and_then(|place| place.dyn_into::<HtmlElement>().ok());
    let Some(place) = place else { return leptos::mount::mount_to_body(move || app::app(tongue)) };
    place.set_hidden(true);
    leptos::mount::mount_to(place.clone(), move || app::app(tongue)).forget();
    // After the tasks that the page is made in, and in one: nobody sees it half made, nor without the first picture.
    let reveal = move || {
        place.set_hidden(false);
        if let Some(shell) = document.get_element_by_id("shell") {
            shell.remove();
        }
    };
    set_timeout(reveal, Duration::ZERO);
}
