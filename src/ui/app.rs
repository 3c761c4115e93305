//! The frame around every lesson: name, menu, status, link.
use super::address;
use super::desk::Desk;
use super::engine::Engine;
use super::news::News;
use super::pages::studio::Studio;
use super::palette::Theme;
use super::widgets::notices::Notices;
use super::widgets::share::{CopyLink, ThemeButton};
use super::widgets::status::Status;
use crate::lessons::LESSONS;
use leptos::prelude::*;

/// Everything.
#[component]
pub fn App() -> impl IntoView {
    Theme::provide();
    let news = News::provide();
    let engine = Engine::provide(news, address::gpu());
    Desk::provide(engine, news);
    view! {
        <header class="top">
            <a class="brand" href="#/studio">
                <Sign />
                <h1>"Hourglass"</h1>
            </a>
            <Menu />
            <Status />
            <ThemeButton />
            <CopyLink />
        </header>
        <Notices />
        <Studio />
    }
}

/// The hourglass as a sign.
#[component]
fn Sign() -> impl IntoView {
    view! {
        <svg class="sign" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path d="M7 4h18L17.5 16 25 28H7l7.5-12z" class="glass"></path>
            <path d="M12.5 25.5h7L16 19.5z" class="sand"></path>
        </svg>
    }
}

#[component]
fn Menu() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <nav aria-label="Lessons">
            {LESSONS
                .iter()
                .enumerate()
                .map(|(i, lesson)| {
                    let here = move || (desk.lesson.get().slug == lesson.slug).then_some("page");
                    view! {
                        <a href=format!("#/{}", lesson.slug) aria-current=here>
                            <span class="number">{i + 1}</span>
                            " "
                            {lesson.title}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}
