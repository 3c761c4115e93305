//! What the page has to say beside its figures: troubles and their ways out, in plain words, until dismissed.
use crate::words::{self, Tongue};
use leptos::prelude::*;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Note,
    /// Something did not work.
    Trouble,
}

/// What it is about. Of what goes on changing only the newest is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// What the newest link did.
    Link,
    /// The GPU, which may fail many times in one lesson.
    Device,
    /// Anything else, each for itself.
    Other,
}

impl About {
    /// So many are kept: of a GPU, that it failed and that it came back.
    fn most(self) -> usize {
        match self {
            Self::Device => 2,
            Self::Link | Self::Other => MOST,
        }
    }
}

/// One thing said.
#[derive(Clone)]
pub struct Item {
    /// Tells it from all others.
    pub id: u32,
    /// How much it matters.
    pub tone: Tone,
    /// What it is about.
    pub about: About,
    /// In whole sentences.
    pub text: String,
    /// The language that they were put together in; `None`: they are looked up where they are shown.
    pub tongue: Option<Tongue>,
    /// A button's name, and what it does.
    pub action: Option<(String, Callback<()>)>,
}

/// All that is said now, newest last.
#[derive(Clone, Copy)]
pub struct News {
    items: RwSignal<Vec<Item>>,
    next: StoredValue<u32>,
}

/// More would push the page away; the oldest goes first.
const MOST: usize = 4;

impl News {
    /// In the context for everything below.
    pub fn provide() -> Self {
        let news = Self { items: RwSignal::default(), next: StoredValue::new(0) };
        provide_context(news);
        news
    }

    /// All of it, followed.
    pub fn items(self) -> Vec<Item> {
        self.items.get()
    }

    /// Says something that is good to know.
    pub fn note(self, text: impl Into<String>) {
        self.say(Tone::Note, About::Other, text.into(), None);
    }

    /// Says that something did not work.
    pub fn trouble(self, text: impl Into<String>) {
        self.say(Tone::Trouble, About::Other, text.into(), None);
    }

    /// Says something with a button to press.
    pub fn offer(
        self,
        tone: Tone,
        text: impl Into<String>,
        button: impl Into<String>,
        act: impl Fn() + Send + Sync + 'static,
    ) {
        let action = (button.into(), Callback::new(move |()| act()));
        self.say(tone, About::Other, text.into(), Some(action));
    }

    /// Says what a link does; what an earlier one did is no longer of interest.
    pub fn of_link(self, text: impl Into<String>, action: Option<(String, Callback<()>)>) {
        // The same words may open something else.
        self.forget_link();
        self.say(Tone::Note, About::Link, text.into(), action);
    }

    /// What a link did is no longer of interest.
    pub fn forget_link(self) {
        // What is not changed is not shown anew.
        if self.items.with_untracked(|items| items.iter().any(|item| item.about == About::Link)) {
            self.items.update(|items| items.retain(|item| item.about != About::Link));
        }
    }

    /// Says what became of the GPU, beside what was said of it last.
    pub fn of_device(self, text: impl Into<String>) {
        self.say(Tone::Note, About::Device, text.into(), None);
    }

    /// Takes it off the page.
    pub fn dismiss(self, id: u32) {
        self.items.update(|items| items.retain(|item| item.id != id));
    }

    fn say(self, tone: Tone, about: About, text: String, action: Option<(String, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let tongue = (words::said(&*text) == text).then(words::tongue);
        let item = Item { id, tone, about, text, tongue, action };
        self.items.update(|items| {
            // The same words twice are one item, at its newest place: the very same, whose button a visitor may be
            // pressing.
            let before = items.iter().position(|before| before.text == item.text).map(|at| items.remove(at));
            items.push(before.unwrap_or(item));
            let mut surplus = items.iter().filter(|item| item.about == about).count().saturating_sub(about.most());
            items.retain(|item| {
                let goes = surplus > 0 && item.about == about;
                surplus -= usize::from(goes);
                !goes
            });
            items.drain(..items.len().saturating_sub(MOST));
        });
    }
}
