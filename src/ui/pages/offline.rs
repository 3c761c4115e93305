//! The card that says what works without a network, and fetches what does not yet.
use crate::engine::protocol::SetInfo;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::offline::{Offline, ask};
use crate::ui::tag::{Tag, again, button, tag, turn, whenever};
use crate::ui::widgets::lesson::card;
use crate::words;
use leptos::prelude::*;
use std::time::Duration;

/// The card.
pub fn without_network(desk: Desk) -> Tag {
    let offline = expect_context::<Offline>();
    let sets = Sets { here: RwSignal::default(), keeping: RwSignal::default() };
    sets.look();
    let listening = window_event_listener_untyped("offline-state", move |_| sets.look());
    on_cleanup(move || listening.remove());
    // The engine keeps a set in its own time, some moments after it has loaded it.
    whenever(move || {
        offline.kept.track();
        ask("offline-list");
    });
    let again_and_again = set_interval_with_handle(|| ask("offline-list"), Duration::from_secs(2));
    on_cleanup(move || again_and_again.into_iter().for_each(|handle| handle.clear()));
    let says = move || match (offline.kept.get(), offline.cut_off.get()) {
        (false, _) => "This visit needs its network: this browser, or this address, keeps no pages.".into(),
        (true, true) => "No network: everything here goes on working.".into(),
        (true, false) => "This page works without a network from now on.".into(),
    };
    let list = again(move || {
        if !offline.kept.get() {
            return ().into_any();
        }
        let all = desk.engine.sets.get().into_iter().filter(|set| set.bytes > 0);
        let rows = all.map(|set| row(sets, offline, set)).collect::<Vec<_>>();
        tag("ul").class("kept-sets").testid("kept").children(rows).into()
    });
    let trouble = move || match sets.keeping.get() == "failed" {
        true => "It could not be fetched: check the connection and try again.".into(),
        false => String::new(),
    };
    card(
        "Without a network",
        [
            tag("p").testid("offline").says(says).into(),
            list,
            tag("p").class("complaint").set("aria-live", "polite").says(trouble).into(),
        ],
    )
}

/// The data sets that are on this device.
#[derive(Clone, Copy)]
struct Sets {
    /// Their names, with blanks between them.
    here: RwSignal<String>,
    /// The one that is being fetched; `failed` if it could not be had.
    keeping: RwSignal<String>,
}

impl Sets {
    fn look(self) {
        let Some(root) = document().document_element() else { return };
        turn(self.here, root.get_attribute("data-kept").unwrap_or_default());
        turn(self.keeping, root.get_attribute("data-keeping").unwrap_or_default());
    }
}

/// Fetches a data set to be kept.
fn keep(slug: &str) {
    if let Some(root) = document().document_element() {
        // A name that can be an attribute, on an element that is there.
        let _ = root.set_attribute("data-keep", slug);
        ask("offline-keep");
    }
}

/// A data set: on this device, or how to have it there.
fn row(sets: Sets, offline: Offline, set: SetInfo) -> AnyView {
    let (slug, size) = (set.slug, numbers::megabytes(set.bytes));
    let here = sets.here.with(|here| here.split(' ').any(|kept| kept == slug));
    let coming = sets.keeping.with(|keeping| *keeping == slug);
    let state: AnyView = match (here, coming) {
        (true, _) => tag("span").class("note").text("on this device").into(),
        (false, true) => tag("span").class("note").text("fetching …").into(),
        (false, false) => button(words!("Keep it ({size})"), move || keep(&slug))
            .flag("disabled", move || offline.cut_off.get())
            .into(),
    };
    tag("li").child(tag("span").text(set.title)).child(state).into()
}
