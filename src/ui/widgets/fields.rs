//! Fields of a recipe: a name, a control, and what is wrong with the value, if anything.
use crate::lessons::choices::Choice;
use crate::ui::desk::Desk;
use crate::ui::tag::{Tag, fact, tag, whenever};
use crate::words;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

/// Why a value was not taken, as a sentence.
pub type Refusal = RwSignal<Option<String>>;

/// What is wrong with a value, beside its field.
pub fn complaint(wrong: Refusal) -> Tag {
    tag("p").class("complaint").set("aria-live", "polite").says(move || wrong.get().unwrap_or_default())
}

/// A field for a number or a few words: shows `value`, and gives what was typed to `change`, whose error is a sentence.
/// What was refused is replaced by what stays.
pub fn input(
    wrong: Refusal,
    value: impl Fn() -> String + Send + 'static,
    change: impl Fn(&str) -> Result<(), String> + 'static,
) -> Tag {
    tag("input")
        .set("type", "text")
        .set("inputmode", "decimal")
        .shows("aria-invalid", move || wrong.with(Option::is_some).to_string())
        .value(move || {
            wrong.track();
            value()
        })
        .on("change", move |event: Event| wrong.set(change(event_target_value(&event).trim()).err()))
}

/// The same for one number, as the visitor's language writes it.
pub fn numeral(
    wrong: Refusal,
    value: impl Fn() -> String + Send + 'static,
    change: impl Fn(&str) -> Result<(), String> + 'static,
) -> Tag {
    input(wrong, move || words::written(value()), move |text| change(&words::typed(text)))
}

/// A menu of values with their names; `is` says which is chosen, and `change` takes another.
pub fn menu(
    wrong: Refusal,
    options: Vec<(String, String)>,
    is: impl Fn() -> String + Send + Clone + 'static,
    change: impl Fn(&str) -> Result<(), String> + 'static,
) -> Tag {
    let chosen = is.clone();
    let options = options.into_iter().map(|(value, words)| {
        let (is, own) = (chosen.clone(), value.clone());
        tag("option").set("value", value).flag("selected", move || is() == own).text(words).into()
    });
    tag("select")
        .shows("aria-invalid", move || wrong.with(Option::is_some).to_string())
        .children(options.collect::<Vec<_>>())
        .value(move || {
            wrong.track();
            is()
        })
        .on("change", move |event: Event| wrong.set(change(&event_target_value(&event)).err()))
}

/// A field with its name, and below it what is wrong.
pub fn field(label: &'static str, wrong: Refusal, control: Tag) -> [AnyView; 2] {
    let field = tag("label").class("field").child(tag("span").text(label)).child(control);
    [field.into(), complaint(wrong).into()]
}

/// Controls that a link can lock: it keeps them as they are, and they say so.
pub fn lockable(desk: Desk, key: &'static str, controls: impl Into<Vec<AnyView>>) -> AnyView {
    fieldset(desk, key, controls.into())
}

#[inline(never)]
fn fieldset(desk: Desk, key: &'static str, controls: Vec<AnyView>) -> AnyView {
    let locked = fact(move || desk.is_locked(key));
    let why = tag("small").class("locked").flag("hidden", move || !locked.get()).text("kept by the link");
    tag("fieldset").class("lockable").flag("disabled", move || locked.get()).children(controls).child(why).into()
}

/// One of a few named things.
pub fn choice<T: Choice>(
    label: &'static str,
    value: impl Fn() -> T + Send + Clone + 'static,
    change: impl Fn(T) -> Result<(), String> + 'static,
) -> [AnyView; 2] {
    let wrong = RwSignal::new(None);
    let options = T::all().iter().map(|choice| (choice.slug().to_owned(), choice.title().to_owned())).collect();
    let change = move |slug: &str| T::from_slug(slug).map_or(Ok(()), &change);
    field(label, wrong, menu(wrong, options, move || value().slug().to_owned(), change))
}

/// A number.
pub fn number(
    label: &'static str,
    value: impl Fn() -> String + Send + 'static,
    change: impl Fn(&str) -> Result<(), String> + 'static,
) -> [AnyView; 2] {
    let wrong = RwSignal::new(None);
    field(label, wrong, numeral(wrong, value, change).class("number"))
}

/// The number that was typed, or a sentence on what would be one.
pub fn parsed<T: std::str::FromStr>(name: &str, text: &str, kept: impl std::fmt::Display) -> Result<T, String> {
    text.parse().map_err(|_| {
        let whole = std::any::type_name::<T>().starts_with('u');
        let wanted = if whole { "a whole number" } else { "a number such as 0.5" };
        words!("{name} has to be {wanted}; it stays {kept}.")
    })
}

/// Something that is so or not. Whoever ticked it and was refused finds it as it stays.
pub fn check(words: &'static str, is: impl Fn() -> bool + 'static, set: impl Fn(bool) + 'static) -> Tag {
    let is = Rc::new(is);
    let follow = move |place: Element| {
        let (is, place) = (is.clone(), place.unchecked_into::<HtmlInputElement>());
        // The attribute says only what it was at first.
        whenever(move || place.set_checked(is()));
    };
    let box_ = tag("input")
        .set("type", "checkbox")
        .built(follow)
        .on("change", move |event: Event| set(event_target_checked(&event)));
    tag("label").class("check").child(box_).text(words)
}
