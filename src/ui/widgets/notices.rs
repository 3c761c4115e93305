//! What the page has to say beside its figures.
use crate::ui::list::list;
use crate::ui::news::{Item, News, Tone};
use crate::ui::tag::{Tag, button, tag};
use crate::words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// All notices, each of which can be dismissed.
pub fn notices(news: News) -> Tag {
    // What comes is read out, each for itself, and leaves the others as they are.
    let place = tag("div").class("notices").set("role", "log").label("Messages");
    let keys = move || news.items().into_iter().map(|item| item.id.to_string()).collect();
    list(place, keys, move |key| {
        let item = news.items().into_iter().find(|item| item.id.to_string() == key);
        item.map_or_else(|| ().into_any(), |item| notice(news, item))
    })
}

/// The focus goes on to the next notice, or the one before, as the one that has it goes: who was at its button would else
/// have to look for it from the top of the page.
fn pass_on() {
    let notice = document().active_element().and_then(|focused| focused.closest(".notice").ok().flatten());
    let next = notice.and_then(|notice| notice.next_element_sibling().or(notice.previous_element_sibling()));
    // The one that only dismisses: whoever presses Enter once more does nothing else.
    let button = next.and_then(|next| next.query_selector(".quiet").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // It is there, and can have it.
        let _ = button.focus();
    }
}

fn notice(news: News, item: Item) -> AnyView {
    let id = item.id;
    let act = item.action.map(|(name, act)| {
        button(name, move || {
            pass_on();
            news.dismiss(id);
            act.run(());
        })
    });
    let dismiss = move || {
        pass_on();
        news.dismiss(id);
    };
    let dismiss = button("×", dismiss).class("quiet").label("Dismiss");
    // What was said before the language was changed stays as it was said.
    let as_said = item.tongue.filter(|&said| said != words::tongue() && words::said(&*item.text) == item.text);
    let words = tag("p").text(item.text);
    let words = if let Some(said) = as_said { words.set("lang", said.code()) } else { words };
    tag("div")
        .class(if item.tone == Tone::Trouble { "notice trouble" } else { "notice" })
        .child(words)
        .children(act.map(AnyView::from))
        .child(dismiss)
        .into()
}
