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

/// One thing said.
#[derive(Clone)]
pub struct Item {
    /// Tells it from all others.
    pub id: u32,
    /// How much it matters.
    pub tone: Tone,
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
    link: StoredValue<Option<u32>>,
}

/// More would push the page away; the oldest goes first.
const MOST: usize = 4;

impl News {
    /// In the context for everything below.
    pub fn provide() -> Self {
        let news = Self { items: RwSignal::default(), next: StoredValue::new(0), link: StoredValue::new(None) };
        provide_context(news);
        news
    }

    /// All of it, followed.
    pub fn items(self) -> Vec<Item> {
        self.items.get()
    }

    /// Says something that is good to know.
    pub fn note(self, text: impl Into<String>) {
        self.say(Tone::Note, text.into(), None);
    }

    /// Says that something did not work.
    pub fn trouble(self, text: impl Into<String>) {
        self.say(Tone::Trouble, text.into(), None);
    }

    /// Says something with a button to press.
    pub fn offer(
        self,
        tone: Tone,
        text: impl Into<String>,
        button: impl Into<String>,
        act: impl Fn() + Send + Sync + 'static,
    ) {
        self.say(tone, text.into(), Some((button.into(), Callback::new(move |()| act()))));
    }

    /// Says what a link does; what an earlier one did is no longer of interest.
    pub fn of_link(self, text: impl Into<String>, action: Option<(String, Callback<()>)>) {
        self.forget_link();
        let id = self.say(Tone::Note, text.into(), action);
        self.link.set_value(id);
    }

    /// What a link did is no longer of interest.
    pub fn forget_link(self) {
        if let Some(id) = self.link.get_value() {
            self.dismiss(id);
        }
        self.link.set_value(None);
    }

    /// Takes it off the page.
    pub fn dismiss(self, id: u32) {
        self.items.update(|items| items.retain(|item| item.id != id));
    }

    fn say(self, tone: Tone, text: String, action: Option<(String, Callback<()>)>) -> Option<u32> {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let tongue = (words::said(&*text) == text).then(words::tongue);
        let item = Item { id, tone, text, tongue, action };
        let mut said = id;
        self.items.update(|items| {
            // The same words twice are one item, at its newest place: the very same, whose button a visitor may be
            // pressing.
            let before = items.iter().position(|before| before.text == item.text).map(|at| items.remove(at));
            let item = before.unwrap_or(item);
            said = item.id;
            items.push(item);
            let surplus = items.len().saturating_sub(MOST);
            items.drain(..surplus);
        });
        Some(said)
    }
}
