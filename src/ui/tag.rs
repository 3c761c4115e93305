//! Elements of one type, put together at run time: `tag("p").class("note").text("…")`.
//!
//! A view of typed elements is compiled anew for every attribute and every closure in it. Here the closures are boxed
//! and the attributes erased, so that what Leptos makes of them is in the wasm once, and a lesson is little more than
//! its words.
use crate::ui::typing::Value;
use crate::words::shown;
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
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// Attributes that visitors read or hear, in their language.
const SAID: [&str; 6] = ["alt", "aria-label", "aria-roledescription", "aria-valuetext", "placeholder", "title"];

/// Words that change.
type Words = Box<dyn Fn() -> String + Send>;
/// Something that is so or not.
type Flag = Box<dyn Fn() -> bool + Send>;

/// An element that is being put together. Behind a pointer, and changed by functions that are not inlined: a page is
/// thousands of such steps, and each should be no more than a call.
pub struct Tag(Box<Parts>);

struct Parts {
    name: &'static str,
    attributes: Vec<AnyAttribute>,
    inside: Vec<AnyView>,
}

/// An empty element of this name.
#[inline(never)]
pub fn tag(name: &'static str) -> Tag {
    Tag(Box::new(Parts { name, attributes: Vec::new(), inside: Vec::new() }))
}

/// A button that looks like one and does this.
pub fn button(words: impl Into<Cow<'static, str>>, act: impl FnMut() + 'static) -> Tag {
    let mut act = act;
    plain_button(words.into(), Box::new(move |_| act()))
}

#[inline(never)]
fn plain_button(words: Cow<'static, str>, act: Box<dyn FnMut(Event)>) -> Tag {
    tag("button").set("type", "button").text(words).with_act("click", act)
}

/// Words that change, without an element of their own.
pub fn says(words: impl Fn() -> String + Send + 'static) -> AnyView {
    shown_anew(Box::new(words)).into_any()
}

/// Words that change, in the visitor's language.
#[inline(never)]
fn shown_anew(words: Words) -> Words {
    Box::new(move || shown(words().into()).into_owned())
}

/// A view that is made anew whenever what it is made of changes.
pub fn again(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let view: Box<dyn Fn() -> AnyView + Send> = Box::new(view);
    view.into_any()
}

/// As the page starts: made in a task of its own, so that none keeps the browser for long. Later there is less to make, and
/// it is made at once.
pub fn next(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    static STARTED: AtomicBool = AtomicBool::new(false);
    let here = RwSignal::new(STARTED.load(Relaxed));
    if !here.get_untracked() {
        let come = move || {
            STARTED.store(true, Relaxed);
            // The lesson may have been left meanwhile.
            here.try_set(true);
        };
        set_timeout(come, Duration::ZERO);
    }
    again(move || if here.get() { view() } else { ().into_any() })
}

/// Does this now, and again whenever a signal that it reads has changed: an effect, of one type for all.
pub fn whenever(act: impl Fn() + 'static) {
    boxed_effect(Box::new(act));
}

/// Whether something is so: those who ask run again only when it changes.
pub fn fact(is: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    boxed_fact(Box::new(is))
}

/// Sets a signal, if that is another value: nobody who follows it is called for the same one.
pub fn turn<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if signal.with_untracked(|before| *before != now) {
        signal.set(now);
    }
}

#[inline(never)]
fn boxed_fact(is: Box<dyn Fn() -> bool + Send + Sync>) -> Memo<bool> {
    Memo::new(move |_| is())
}

#[inline(never)]
fn boxed_effect(act: Box<dyn Fn()>) {
    Effect::new(move |_| act());
}

impl Tag {
    #[inline(never)]
    fn with(mut self, attribute: AnyAttribute) -> Self {
        self.0.attributes.push(attribute);
        self
    }

    #[inline(never)]
    fn holding(mut self, view: AnyView) -> Self {
        self.0.inside.push(view);
        self
    }

    #[inline(never)]
    fn with_text(self, name: &'static str, value: Cow<'static, str>) -> Self {
        let value = if SAID.contains(&name) { shown(value) } else { value };
        self.with(custom_attribute(name, value).into_any_attr())
    }

    #[inline(never)]
    fn with_words(self, name: &'static str, words: Words) -> Self {
        let words = if SAID.contains(&name) { shown_anew(words) } else { words };
        self.with(custom_attribute(name, words).into_any_attr())
    }

    #[inline(never)]
    fn with_flag(self, name: &'static str, is: Flag) -> Self {
        self.with(custom_attribute(name, is).into_any_attr())
    }

    #[inline(never)]
    fn with_class(self, name: &'static str, is: Flag) -> Self {
        self.with(class((name, is)).into_any_attr())
    }

    #[inline(never)]
    fn with_value(self, words: Words) -> Self {
        self.with(prop("value", move || Value(words())).into_any_attr())
    }

    #[inline(never)]
    fn with_act(self, event: &'static str, act: Box<dyn FnMut(Event)>) -> Self {
        self.with(on(Custom::<Event>::new(event), act).into_any_attr())
    }

    #[inline(never)]
    fn with_words_inside(self, words: Cow<'static, str>) -> Self {
        self.holding(shown(words).into_any())
    }

    #[inline(never)]
    fn with_saying(self, words: Words) -> Self {
        self.holding(shown_anew(words).into_any())
    }

    /// An attribute.
    pub fn set(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.with_text(name, value.into())
    }

    /// Its class.
    #[inline(never)]
    pub fn class(self, name: &'static str) -> Self {
        self.with_text("class", name.into())
    }

    /// Its name for those who do not see it.
    pub fn label(self, words: impl Into<Cow<'static, str>>) -> Self {
        self.with_text("aria-label", words.into())
    }

    /// Its name for tests.
    #[inline(never)]
    pub fn testid(self, id: &'static str) -> Self {
        self.with_text("data-testid", id.into())
    }

    /// An attribute that changes.
    pub fn shows(self, name: &'static str, words: impl Fn() -> String + Send + 'static) -> Self {
        self.with_words(name, Box::new(words))
    }

    /// An attribute that is there or not, such as `disabled`.
    pub fn flag(self, name: &'static str, is: impl Fn() -> bool + Send + 'static) -> Self {
        self.with_flag(name, Box::new(is))
    }

    /// A class that is there or not.
    pub fn class_if(self, name: &'static str, is: impl Fn() -> bool + Send + 'static) -> Self {
        self.with_class(name, Box::new(is))
    }

    /// The value of a field, kept true.
    pub fn value(self, words: impl Fn() -> String + Send + 'static) -> Self {
        self.with_value(Box::new(words))
    }

    /// What an event does.
    pub fn on<E: JsCast + 'static>(self, event: &'static str, act: impl FnMut(E) + 'static) -> Self {
        let mut act = act;
        self.with_act(event, Box::new(move |event| act(event.unchecked_into())))
    }

    /// What is done to the element when it is made.
    pub fn built(self, act: impl Fn(Element) + 'static) -> Self {
        let act: Rc<dyn Fn(Element)> = Rc::new(act);
        let run = |element: Element, act: Rc<dyn Fn(Element)>| act(element);
        let run: fn(Element, Rc<dyn Fn(Element)>) = run;
        self.with(directive(run, act).into_any_attr())
    }

    /// Where a canvas will be found once it is there.
    #[inline(never)]
    pub fn node(self, node: NodeRef<html::Canvas>) -> Self {
        self.with(node_ref(node).into_any_attr())
    }

    /// Words that stay.
    pub fn text(self, words: impl Into<Cow<'static, str>>) -> Self {
        self.with_words_inside(words.into())
    }

    /// Names of people and files, and what somebody wrote: shown as it is in every language.
    #[inline(never)]
    pub fn verbatim(self, words: String) -> Self {
        self.holding(words.into_any())
    }

    /// The same of what changes: code, addresses.
    pub fn spells(self, words: impl Fn() -> String + Send + 'static) -> Self {
        let words: Words = Box::new(words);
        self.holding(words.into_any())
    }

    /// Words that change.
    pub fn says(self, words: impl Fn() -> String + Send + 'static) -> Self {
        self.with_saying(Box::new(words))
    }

    /// Something inside, after what is there.
    pub fn child(self, view: impl Into<AnyView>) -> Self {
        self.holding(view.into())
    }

    /// A list of things inside, after what is there.
    pub fn children(self, views: impl IntoIterator<Item = AnyView>) -> Self {
        views.into_iter().fold(self, Self::holding)
    }
}

impl From<Tag> for AnyView {
    #[inline(never)]
    fn from(tag: Tag) -> Self {
        let Parts { name, attributes, inside } = *tag.0;
        html::custom(name).add_any_attr(attributes).child(inside).into_any()
    }
}
