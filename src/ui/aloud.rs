//! What is said to those who do not see the page, where what they do shows only in a picture: once their keys rest, and
//! one thing at a time.
use super::tag::{Tag, tag};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// So long nothing else is to be said before something is: whoever holds a key down hears where that ends.
const REST: Duration = Duration::from_millis(350);
/// So often it is looked whether what is to be said is known, before it is said without.
const LOOKS: u32 = 8;

/// A voice.
#[derive(Clone, Copy)]
pub struct Aloud {
    words: RwSignal<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Aloud {
    /// A voice that has said nothing yet.
    pub fn quiet() -> Self {
        let voice = Self { words: RwSignal::default(), timer: StoredValue::new(None) };
        on_cleanup(move || voice.stop());
        voice
    }

    /// Says these words soon, unless others come before. `None`: they are not known yet; when they are asked for the
    /// last time, that is said.
    pub fn soon(self, words: impl Fn(bool) -> Option<String> + 'static) {
        self.look(Rc::new(words), LOOKS);
    }

    fn look(self, words: Rc<dyn Fn(bool) -> Option<String>>, looks: u32) {
        self.stop();
        let say = move || match words(looks == 0) {
            Some(words) => self.words.set(words),
            None if looks > 0 => self.look(words.clone(), looks - 1),
            None => {}
        };
        // Without a timer there is nothing to wait with, and nothing is said.
        self.timer.set_value(set_timeout_with_handle(say, REST).ok());
    }

    fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }

    /// The place in the page that is read out.
    pub fn region(self, id: &'static str) -> Tag {
        tag("p").class("aloud").testid(id).set("aria-live", "polite").says(move || self.words.get())
    }
}
