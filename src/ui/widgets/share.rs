//! The link to exactly this, and the theme.
use crate::ui::address;
use crate::ui::desk::Desk;
use crate::ui::news::News;
use crate::ui::palette::Theme;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// Copies the link. In view all the time.
#[component]
pub fn CopyLink() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let news = expect_context::<News>();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let link = address::whole(desk.lesson.get_untracked(), &desk.recipe.get_untracked());
        leptos::task::spawn_local(async move {
            // Without https there is no clipboard at all, and a browser may refuse it.
            let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
            let there = clipboard.is_ok_and(|clipboard| clipboard.is_object());
            let done = there && JsFuture::from(window().navigator().clipboard().write_text(&link)).await.is_ok();
            if done {
                copied.set(true);
                set_timeout(move || copied.set(false), Duration::from_secs(2));
            } else {
                news.note(format!("This browser keeps its clipboard to itself. The link is {link}"));
            }
        });
    };
    view! {
        <span class="copy">
            <button type="button" title="A link to exactly this recipe" on:click=copy>"Copy link"</button>
            <span class="copied" class:shown=copied aria-live="polite">{move || copied.get().then_some("copied")}</span>
        </span>
    }
}

/// Light or dark.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let name = move || if theme.is_dark() { "Light colours" } else { "Dark colours" };
    view! {
        <button type="button" class="quiet theme" aria-label=name title=name on:click=move |_| theme.toggle()>
            <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
                <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6"></circle>
                <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"></path>
            </svg>
        </button>
    }
}
