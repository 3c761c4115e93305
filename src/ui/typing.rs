//! The value of a field, which is kept true and yet lets the visitor type.
//!
//! What a field shows is said anew whenever what it is made from changes, also where the words stay: a value that was
//! refused is replaced so. An answer of the engine may come between two keys; then what is being typed stays.
use leptos::prelude::document;
use leptos::tachys::html::property::IntoProperty;
use leptos::tachys::renderer::Rndr;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlInputElement};

thread_local! {
    /// The field that somebody types in, and whose value was not given yet.
    static TYPED: RefCell<Option<Element>> = const { RefCell::new(None) };
    /// Made with the first field. It hears all events before the fields themselves do.
    static LISTENING: () = listen();
}

fn listen() {
    let hear = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        // Menus and sliders give a value with every movement.
        let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let typed = field.filter(|field| event.type_() == "input" && matches!(&*field.type_(), "number" | "text"));
        TYPED.set(typed.map(Element::from));
    });
    for event in ["input", "change", "focusout"] {
        let heard = hear.as_ref().unchecked_ref();
        // Unheard, a field would be what it was without this.
        document().add_event_listener_with_callback_and_bool(event, heard, true).ok();
    }
    // As long as the page.
    hear.forget();
}

/// Such a value.
#[derive(Clone)]
pub struct Value(pub String);

impl IntoProperty for Value {
    type State = (Element, String);
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn hydrate<const FROM_SERVER: bool>(self, field: &Element, key: &str) -> Self::State {
        self.build(field, key)
    }

    fn build(self, field: &Element, key: &str) -> Self::State {
        LISTENING.with(|()| ());
        Rndr::set_property_or_value(field, key, &JsValue::from_str(&self.0));
        (field.clone(), self.0)
    }

    fn rebuild(self, (field, said): &mut Self::State, key: &str) {
        if self.0 == *said && TYPED.with_borrow(|typed| typed.as_ref() == Some(&*field)) {
            return;
        }
        Rndr::set_property_or_value(field, key, &JsValue::from_str(&self.0));
        *said = self.0;
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }
}
