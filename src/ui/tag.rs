//! Elements of one type, put together at run time: `tag("p").class("note").text("…")`.
//!
//! A view of typed elements is compiled anew for every attribute and every closure in it. Here the closures are boxed
//! and the attributes erased, so that what Leptos makes of them is in the wasm once, and a lesson is little more than
//! its words.
use leptos::html;
use leptos::prelude::*;
use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::tachys::html::attribute::custom::custom_attribute;
use leptos::tachys::html::class::class;
use leptos::tachys::html::directive::directive;
use leptos::tachys::html::event::{Custom, on};
use leptos::tachys::html::node_ref::node_ref;
use leptos::tachys::html::property::prop;
use std::borrow::Cow;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// Words that change.
type Words = Box<dyn Fn() -> String + Send>;
/// Something that is so or not.
type Flag = Box<dyn Fn() -> bool + Send>;

/// An element that is being put together. Boxed: it is handed on at every step, and a pointer is handed on in one
/// instruction.
pub struct Tag(Box<Parts>);

struct Parts {
    name: &'static str,
    attributes: Vec<AnyAttribute>,
    inside: Vec<AnyView>,
}

/// An empty element of this name.
pub fn tag(name: &'static str) -> Tag {
    Tag(Box::new(Parts { name, attributes: Vec::new(), inside: Vec::new() }))
}

/// A button that looks like one and does this.
pub fn button(words: impl Into<Cow<'static, str>>, act: impl FnMut() + 'static) -> Tag {
    let mut act = act;
    tag("button").set("type", "button").text(words).on("click", move |_: Event| act())
}

/// Words that change, without an element of their own.
pub fn says(words: impl Fn() -> String + Send + 'static) -> AnyView {
    let words: Words = Box::new(words);
    words.into_any()
}

/// A view that is made anew whenever what it is made of changes.
pub fn again(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let view: Box<dyn Fn() -> AnyView + Send> = Box::new(view);
    view.into_any()
}

impl Tag {
    /// An attribute.
    pub fn set(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value: Cow<'static, str> = value.into();
        self.0.attributes.push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// Its class.
    pub fn class(self, name: &'static str) -> Self {
        self.set("class", name)
    }

    /// Its name for those who do not see it.
    pub fn label(self, words: impl Into<Cow<'static, str>>) -> Self {
        self.set("aria-label", words)
    }

    /// Its name for tests.
    pub fn testid(self, id: &'static str) -> Self {
        self.set("data-testid", id)
    }

    /// An attribute that changes.
    pub fn shows(mut self, name: &'static str, words: impl Fn() -> String + Send + 'static) -> Self {
        let words: Words = Box::new(words);
        self.0.attributes.push(custom_attribute(name, words).into_any_attr());
        self
    }

    /// An attribute that is there or not, such as `disabled`.
    pub fn flag(mut self, name: &'static str, is: impl Fn() -> bool + Send + 'static) -> Self {
        let is: Flag = Box::new(is);
        self.0.attributes.push(custom_attribute(name, is).into_any_attr());
        self
    }

    /// A class that is there or not.
    pub fn class_if(mut self, name: &'static str, is: impl Fn() -> bool + Send + 'static) -> Self {
        let is: Flag = Box::new(is);
        self.0.attributes.push(class((name, is)).into_any_attr());
        self
    }

    /// The value of a field, kept true.
    pub fn value(mut self, words: impl Fn() -> String + Send + 'static) -> Self {
        let words: Words = Box::new(words);
        self.0.attributes.push(prop("value", words).into_any_attr());
        self
    }

    /// What an event does.
    pub fn on<E: JsCast + 'static>(mut self, event: &'static str, act: impl FnMut(E) + 'static) -> Self {
        let mut act = act;
        let act: Box<dyn FnMut(Event)> = Box::new(move |event| act(event.unchecked_into()));
        self.0.attributes.push(on(Custom::<Event>::new(event), act).into_any_attr());
        self
    }

    /// What is done to the element when it is made.
    pub fn built(mut self, act: impl Fn(Element) + 'static) -> Self {
        let act: Rc<dyn Fn(Element)> = Rc::new(act);
        let run = |element: Element, act: Rc<dyn Fn(Element)>| act(element);
        let run: fn(Element, Rc<dyn Fn(Element)>) = run;
        self.0.attributes.push(directive(run, act).into_any_attr());
        self
    }

    /// Where a canvas will be found once it is there.
    pub fn node(mut self, node: NodeRef<html::Canvas>) -> Self {
        self.0.attributes.push(node_ref(node).into_any_attr());
        self
    }

    /// Words that stay.
    pub fn text(self, words: impl Into<Cow<'static, str>>) -> Self {
        let words: Cow<'static, str> = words.into();
        self.child(words.into_any())
    }

    /// Words that change.
    pub fn says(mut self, words: impl Fn() -> String + Send + 'static) -> Self {
        self.0.inside.push(says(words));
        self
    }

    /// Something inside, after what is there.
    pub fn child(mut self, view: impl Into<AnyView>) -> Self {
        self.0.inside.push(view.into());
        self
    }

    /// A list of things inside, after what is there.
    pub fn children(mut self, views: impl IntoIterator<Item = AnyView>) -> Self {
        self.0.inside.extend(views);
        self
    }
}

impl From<Tag> for AnyView {
    fn from(tag: Tag) -> Self {
        let Parts { name, attributes, inside } = *tag.0;
        html::custom(name).add_any_attr(attributes).child(inside).into_any()
    }
}
