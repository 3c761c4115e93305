//! The frame around every lesson: name, menu, status, link.
use super::address;
use super::desk::Desk;
use super::drops;
use super::engine::Engine;
use super::language::{Spoken, language_button};
use super::news::News;
use super::offline::Offline;
use super::pages::{page, path};
use super::palette::Theme;
use super::present;
use super::tag::{Tag, again, tag, whenever};
use super::widgets::notices::notices;
use super::widgets::share::{copy_link, theme_button};
use super::widgets::status::status;
use crate::lessons::{LESSONS, Lesson};
use crate::words::Tongue;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Everything.
pub fn app(tongue: Tongue) -> AnyView {
    let theme = Theme::provide();
    let news = News::provide();
    let offline = Offline::provide(news);
    let engine = Engine::provide(news, address::gpu());
    let desk = Desk::provide(engine, news);
    let spoken = Spoken::provide(tongue, desk, news);
    present::follow(desk);
    drops::follow(desk);
    // By its name, so that a link that sets the lesson that is open does not make its page anew.
    let slug = Memo::new(move |_| desk.lesson.get().slug);
    let frame = move || {
        let brand = tag("a").class("brand").set("href", "#/studio").child(sign()).child(tag("h1").text("Hourglass"));
        let top = tag("header")
            .class("top")
            .child(brand)
            .child(menu(desk))
            .child(status(desk, offline))
            .child(language_button(spoken, desk, news))
            .child(theme_button(theme))
            .child(copy_link(desk, news));
        vec![AnyView::from(top), notices(news).into(), again(move || page(desk, slug.get())), path(desk)].into_any()
    };
    again(move || {
        spoken.get();
        untrack(frame)
    })
}

/// The hourglass as a sign.
fn sign() -> AnyView {
    view! {
        <svg class="sign" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path d="M7 4h18L17.5 16 25 28H7l7.5-12z" class="glass"></path>
            <path d="M12.5 25.5h7L16 19.5z" class="sand"></path>
        </svg>
    }
    .into_any()
}

fn menu(desk: Desk) -> Tag {
    let entry = |(i, lesson): (usize, &'static Lesson)| {
        let here = move || if desk.lesson.get().slug == lesson.slug { "page".into() } else { "false".into() };
        tag("a")
            .set("href", format!("#/{}", lesson.slug))
            .shows("aria-current", here)
            .child(tag("span").class("number").text((i + 1).to_string()))
            .text(" ")
            .text(lesson.title)
            .into()
    };
    whenever(move || {
        desk.lesson.get();
        // The entries take their weights with the lesson, and so their widths, and are not there at first.
        request_animation_frame(bring_entry);
    });
    tag("nav").label("Lessons").children(LESSONS.iter().enumerate().map(entry))
}

/// On phones the row of lessons is wider than the screen, and a link may open one that is out of sight.
fn bring_entry() {
    let entry = document().query_selector("nav [aria-current=page]").ok().flatten();
    let row = entry.as_ref().and_then(|entry| entry.parent_element());
    let element = |found: Element| found.dyn_into::<HtmlElement>().ok();
    let Some((row, entry)) = row.and_then(element).zip(entry.and_then(element)) else { return };
    let (shown, left, width) = (row.client_width(), entry.offset_left() - row.offset_left(), entry.offset_width());
    if left < row.scroll_left() || left + width > row.scroll_left() + shown {
        row.set_scroll_left(left - (shown - width) / 2);
    }
}
