//! What the page has to say beside its figures.
use crate::ui::news::{Item, News, Tone};
use crate::ui::tag::{Tag, again, button, tag};
use crate::words;
use leptos::prelude::*;

/// All notices, each of which can be dismissed.
pub fn notices(news: News) -> Tag {
    let all = move || news.items().into_iter().map(move |item| notice(news, item)).collect::<Vec<_>>().into_any();
    // What comes is read out, each for itself.
    tag("div").class("notices").set("role", "log").label("Messages").child(again(all))
}

fn notice(news: News, item: Item) -> AnyView {
    let id = item.id;
    let act = item.action.map(|(name, act)| {
        button(name, move || {
            news.dismiss(id);
            act.run(());
        })
    });
    let dismiss = button("×", move || news.dismiss(id)).class("quiet").label("Dismiss");
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
