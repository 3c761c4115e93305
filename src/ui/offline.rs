//! Whether the page works without a network, and whether there is a network: what `www/offline.js` and the browser say.
//! Another version of the page is used when the visitor says so, and never by itself.
use super::news::{News, Tone};
use super::tag::turn;
use leptos::prelude::*;
use web_sys::Event;

/// In the context for everything below.
#[derive(Clone, Copy)]
pub struct Offline {
    /// Everything that the page needs is on this device.
    pub kept: RwSignal<bool>,
    /// The browser knows that it has no network. (It may have none without knowing.)
    pub cut_off: RwSignal<bool>,
    /// It was said that another version waits: once is enough.
    told: RwSignal<bool>,
}

impl Offline {
    /// Follows both for as long as the page lives.
    pub fn provide(news: News) -> Self {
        let offline = Self { kept: RwSignal::new(false), cut_off: RwSignal::new(false), told: RwSignal::new(false) };
        provide_context(offline);
        offline.look(news);
        // The page lives as long as its window.
        for event in ["offline-state", "online", "offline"] {
            window_event_listener_untyped(event, move |_| offline.look(news));
        }
        offline
    }

    fn look(self, news: News) {
        // Who follows these asks for the list, whose coming is a reason to look again: only what is new may be told.
        turn(self.cut_off, !window().navigator().on_line());
        let Some(root) = document().document_element() else { return };
        let state = root.get_attribute("data-offline").unwrap_or_default();
        if !state.is_empty() {
            turn(self.kept, true);
        }
        if state == "new" && !self.told.get_untracked() {
            self.told.set(true);
            let text =
                "A new version of this page is there. It is used when you say so, and then the page starts anew.";
            news.offer(Tone::Note, text, "Use it", || ask("offline-use"));
        }
    }
}

/// Says something to `www/offline.js`.
pub fn ask(what: &str) {
    if let Ok(event) = Event::new(what) {
        let _ = window().dispatch_event(&event);
    }
}
