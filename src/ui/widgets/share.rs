//! The link to exactly this, and the theme.
use crate::ui::address;
use crate::ui::desk::Desk;
use crate::ui::news::News;
use crate::ui::palette::Theme;
use crate::ui::tag::{Tag, button, tag};
use crate::words;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// Copies the link. In view all the time.
pub fn copy_link(desk: Desk, news: News) -> Tag {
    let copied = RwSignal::new(false);
    let copy = move || {
        let link = address::whole(&untrack(|| desk.link()));
        leptos::task::spawn_local(async move {
            if copy(&link).await {
                copied.set(true);
                set_timeout(move || copied.set(false), Duration::from_secs(2));
            } else {
                news.note(words!("This browser keeps its clipboard to itself. The link is “{link}”"));
            }
        });
    };
    tag("span").class("copy").child(button("Copy link", copy).set("title", "A link to exactly this recipe")).child(
        tag("span")
            .class("copied")
            .class_if("shown", move || copied.get())
            .set("aria-live", "polite")
            .says(move || if copied.get() { "copied".into() } else { String::new() }),
    )
}

/// Puts a text onto the clipboard, if there is one.
pub async fn copy(text: &str) -> bool {
    // Without https there is no clipboard at all, and a browser may refuse it.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    let there = clipboard.is_ok_and(|clipboard| clipboard.is_object());
    there && JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Light or dark.
pub fn theme_button(theme: Theme) -> Tag {
    let name = move || if theme.is_dark() { "Light colours".to_owned() } else { "Dark colours".to_owned() };
    let sign = view! {
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
            <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6"></circle>
            <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"></path>
        </svg>
    };
    button("", move || theme.toggle())
        .class("quiet theme")
        .shows("aria-label", name)
        .shows("title", name)
        .child(sign.into_any())
}
