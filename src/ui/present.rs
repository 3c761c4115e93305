//! How a link shows the page: on a projector, in a frame of another page, without some of its parts. What is hidden and
//! how large things are stands in the style sheet; here it is said to the root element.
use super::desk::Desk;
use super::tag::whenever;
use crate::lessons::LESSONS;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Keeps the root element in step with the link, and hears the keys of presenters.
pub fn follow(desk: Desk) {
    whenever(move || {
        let view = desk.view();
        let Some(root) = document().document_element() else { return };
        let hidden = view.hide.join(" ");
        for (name, on, value) in [
            ("data-present", view.present, ""),
            ("data-embed", view.embed, ""),
            ("data-hide", !hidden.is_empty(), &hidden),
        ] {
            // Names that can be attributes, on an element that is there.
            let _ = if on { root.set_attribute(name, value) } else { root.remove_attribute(name) };
        }
    });
    on_key(move |key| {
        let lesson = match key.as_bytes() {
            [digit @ b'1'..=b'9'] => LESSONS.get(usize::from(digit - b'1')),
            // As keyboards have it, behind the nine.
            b"0" => LESSONS.get(9),
            _ => None,
        };
        if let Some(lesson) = lesson.filter(|_| untrack(|| desk.view()).present) {
            // A hash is always an address.
            let _ = location().set_hash(&["/", lesson.slug].concat());
        }
    });
}

/// Hears every key that is pressed alone and not typed into a field, as long as the window lives.
pub fn on_key(act: impl Fn(&str) + 'static) {
    window_event_listener_untyped("keydown", move |event| {
        let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let typed = target.is_some_and(|target| ["INPUT", "TEXTAREA", "SELECT"].contains(&target.tag_name().as_str()));
        if plain && !typed {
            act(&event.key());
        }
    });
}
