//! The page. All of Leptos is here and nowhere else.
//!
//! [`engine`] is the worker as signals, [`desk`] is what the visitor has in hand (the recipe, the drawing, the code),
//! `widgets` show them and change them, `pages` put widgets together.
pub mod address;
mod app;
pub mod bench;
pub mod canvas;
pub mod desk;
pub mod download;
pub mod drops;
pub mod engine;
pub mod formula;
pub mod news;
pub mod numbers;
pub mod offline;
mod pages;
pub mod palette;
mod present;
pub mod sheet;
pub mod spawn;
pub mod tag;
mod widgets;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Puts the page where `index.html` shows its first picture, which was there before this wasm was.
pub fn mount() {
    let document = document();
    let place = document.get_element_by_id("app").and_then(|place| place.dyn_into().ok());
    match place {
        Some(place) => leptos::mount::mount_to(place, app::App).forget(),
        None => leptos::mount::mount_to_body(app::App),
    }
    // In the same task as the mounting, so that nobody sees the page without either.
    if let Some(shell) = document.get_element_by_id("shell") {
        shell.remove();
    }
}
