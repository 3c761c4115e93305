//! The card that says what works without a network, and fetches what does not yet.
use crate::engine::protocol::SetInfo;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::offline::Offline;
use crate::ui::tag::{Tag, again, button, tag, whenever};
use crate::ui::widgets::lesson::card;
use leptos::prelude::*;
use std::time::Duration;

/// The card.
pub fn without_network(desk: Desk) -> Tag {
    let offline = expect_context::<Offline>();
    // The engine keeps a set in its own time, some moments after it has loaded it.
    whenever(move || {
        offline.kept.track();
        offline.list();
    });
    let again_and_again = set_interval_with_handle(move || offline.list(), Duration::from_secs(2));
    on_cleanup(move || again_and_again.into_iter().for_each(|handle| handle.clear()));
    let says = move || match (offline.kept.get(), offline.cut_off.get()) {
        (false, _) => "This visit needs its network: this browser, or this address, keeps no pages.".into(),
        (true, true) => "No network: everything here goes on working.".into(),
        (true, false) => "This page works without a network from now on.".into(),
    };
    let sets = again(move || {
        if !offline.kept.get() {
            return ().into_any();
        }
        let sets = desk.engine.sets.get().into_iter().filter(|set| set.bytes > 0);
        let rows = sets.map(|set| row(offline, set)).collect::<Vec<_>>();
        tag("ul").class("kept-sets").testid("kept").children(rows).into()
    });
    let trouble = move || match offline.keeping.get() == "failed" {
        true => "It could not be fetched: check the connection and try again.".into(),
        false => String::new(),
    };
    card(
        "Without a network",
        [
            tag("p").testid("offline").says(says).into(),
            sets,
            tag("p").class("complaint").set("aria-live", "polite").says(trouble).into(),
        ],
    )
}

/// A data set: on this device, or how to have it there.
fn row(offline: Offline, set: SetInfo) -> AnyView {
    let (slug, size) = (set.slug, numbers::megabytes(set.bytes));
    let here = offline.sets.with(|sets| sets.split(' ').any(|kept| kept == slug));
    let coming = offline.keeping.with(|keeping| *keeping == slug);
    let state: AnyView = match (here, coming) {
        (true, _) => tag("span").class("note").text("on this device").into(),
        (false, true) => tag("span").class("note").text("fetching …").into(),
        (false, false) => button(format!("Keep it ({size})"), move || offline.keep(&slug))
            .flag("disabled", move || offline.cut_off.get())
            .into(),
    };
    tag("li").child(tag("span").text(set.title)).child(state).into()
}
