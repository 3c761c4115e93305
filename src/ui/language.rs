//! The language of the page: by link, by choice, or as the browser has it.
use super::desk::Desk;
use super::news::News;
use super::palette::storage;
use super::tag::{Tag, button, whenever};
use crate::engine::later;
use crate::engine::protocol::Command;
use crate::words::Tongue;
use leptos::prelude::*;
use leptos::task::spawn_local;

const KEPT: &str = "hourglass-language";

/// The language that is spoken: whoever reads it is made anew in another one.
#[derive(Clone, Copy)]
pub struct Spoken(RwSignal<Tongue>);

/// What this visitor would like: what the link says, else what was chosen here before, else the browser's first language
/// that there is.
pub fn wished(link: Option<Tongue>) -> Tongue {
    let kept = || storage()?.get_item(KEPT).ok().flatten();
    let of_browser = || window().navigator().languages().iter().find_map(|code| Tongue::of(&code.as_string()?));
    link.or_else(|| Tongue::of(&kept()?)).or_else(of_browser).unwrap_or_default()
}

/// Fetches the words of a language; where they cannot be fetched, English is spoken.
pub async fn learned(tongue: Tongue) -> Tongue {
    let spoken = if later::speak(tongue).await.is_ok() { tongue } else { Tongue::English };
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", spoken.code());
    }
    spoken
}

impl Spoken {
    /// This language from the start.
    pub fn provide(tongue: Tongue, desk: Desk, news: News) -> Self {
        let spoken = Self(RwSignal::new(tongue));
        // A link that is opened while the page is open.
        whenever(move || {
            let linked = desk.view().lang;
            if let Some(tongue) = linked.filter(|&tongue| tongue != spoken.0.get_untracked()) {
                spoken.change(tongue, desk, news);
            }
        });
        spoken
    }

    /// The language; followed.
    pub fn get(self) -> Tongue {
        self.0.get()
    }

    /// Changes to this language, now and for later visits.
    fn choose(self, tongue: Tongue, desk: Desk, news: News) {
        desk.without_language();
        if let Some(storage) = storage() {
            // Where nothing may be kept, the choice lasts as long as the visit.
            let _ = storage.set_item(KEPT, tongue.code());
        }
        self.change(tongue, desk, news);
    }

    fn change(self, tongue: Tongue, desk: Desk, news: News) {
        spawn_local(async move {
            if learned(tongue).await != tongue {
                return news.note("The words of this language could not be fetched: check the connection.");
            }
            desk.engine.send(Command::Speak(tongue));
            self.0.set(tongue);
        });
    }
}

/// The other language, to change to it.
pub fn language_button(spoken: Spoken, desk: Desk, news: News) -> Tag {
    let (other, code, name) = match spoken.0.get_untracked() {
        Tongue::English => Tongue::ALL[Tongue::Dutch as usize],
        Tongue::Dutch => Tongue::ALL[Tongue::English as usize],
    };
    button("", move || spoken.choose(other, desk, news))
        .class("quiet language")
        .set("lang", code)
        .set("hreflang", code)
        .set("title", name)
        .verbatim(code.to_ascii_uppercase())
}
