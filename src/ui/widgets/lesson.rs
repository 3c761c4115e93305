//! What all lessons but the Studio share: the frame, the bar that trains the network at hand, the sentences to try.
use crate::engine::protocol::{Origin, Topic};
use crate::lessons::Recipe;
use crate::lessons::thing::Thing;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, turn, whenever};
use crate::ui::widgets::controls::train_button;
use crate::ui::widgets::pad::pad;
use crate::words;
use leptos::prelude::*;

/// A lesson: what there is to do on the left, what it means on the right.
pub fn lesson(
    class: &'static str,
    stage: impl IntoIterator<Item = AnyView>,
    side: impl IntoIterator<Item = AnyView>,
) -> Tag {
    tag("main")
        .class(class)
        .child(tag("div").class("stage").children(stage))
        .child(tag("aside").class("side").children(side))
}

/// A card with a title.
pub fn card(title: &'static str, inside: impl IntoIterator<Item = AnyView>) -> Tag {
    let head = tag("div").class("head").child(tag("h2").text(title));
    tag("section").class("card").label(title).child(head).children(inside)
}

/// The network at hand: which it is, how far it is trained, and the buttons that train it.
pub fn run_bar(desk: Desk) -> Tag {
    let engine = desk.engine;
    let network = move || {
        let (widths, _) = desk.widths();
        let sizes: Vec<_> = widths.iter().map(u32::to_string).collect();
        let data = desk.recipe.with(|recipe| recipe.data.clone());
        let data = engine.title_of(&data);
        words!("{} on {data}", sizes.join("–"))
    };
    let loss = move || match (engine.test.get(), engine.curve.with(|curve| curve.last().map(|point| point.train))) {
        (Some(test), _) => words!("test loss {}", numbers::loss(test)),
        (None, Some(train)) => words!("loss {}", numbers::loss(train)),
        (None, None) => String::new(),
    };
    let epoch = tag("span")
        .class("epochs")
        .text("epoch ")
        .child(tag("b").testid("epoch").says(move || format!("{:.1}", desk.epoch())))
        .text(" / ")
        .says(move || desk.recipe.with(|recipe| recipe.epochs.to_string()));
    tag("section")
        .class("card run-bar")
        .label("Training")
        .child(train_button(desk))
        .child(
            button("Reset", move || desk.reset())
                .set("title", "Back to step 0: the same run again")
                .flag("disabled", move || engine.opened.with(Option::is_none)),
        )
        .child(epoch)
        .child(tag("span").class("figure").says(loss))
        .child(tag("span").class("figure network").says(network))
        .child(tag("a").set("href", "#/studio").text("change it in the Studio"))
        .child(back_to_kept(desk))
}

/// Back to the network that was left for one on other data, as it was left.
pub fn back_to_kept(desk: Desk) -> Tag {
    let engine = desk.engine;
    let newest = move || engine.kept.with(|kept| kept.last().map(|kept| kept.recipe.clone()));
    let title = move || newest().map_or(String::new(), |recipe| engine.title_of(&recipe.data));
    let back = move || {
        if let Some(recipe) = untrack(newest) {
            desk.open(recipe, Origin::Kept);
        }
    };
    button("Back to ", back)
        .set("title", "The network that was left, with all it has learned")
        .flag("hidden", move || newest().is_none())
        .says(title)
}

/// The visitor's own digit, small, with its buttons.
pub fn own_digit(desk: Desk) -> Tag {
    let title = move || desk.thing().yours().to_owned();
    let head = tag("div").class("head").child(tag("h2").says(title));
    tag("section").class("card own").label("Yours").child(head).children(pad(desk))
}

/// Something to try: words to press, and the rest of the sentence.
pub fn idea(words: &'static str, rest: &'static str, act: impl FnMut() + 'static) -> AnyView {
    try_it(words, rest, act).into()
}

/// The same, to be shown where it can be tried.
pub fn try_it(words: &'static str, rest: &'static str, act: impl FnMut() + 'static) -> Tag {
    tag("li").child(button(words, act).class("words")).text(" ").text(rest)
}

/// The same, in words that follow the data.
pub fn idea_of(
    desk: Desk,
    words: fn(Thing) -> &'static str,
    rest: fn(Thing) -> &'static str,
    act: impl FnMut() + 'static,
) -> AnyView {
    let says = move |words: fn(Thing) -> &'static str| move || words(desk.thing()).to_owned();
    tag("li")
        .child(button("", act).class("words").says(says(words)))
        .text(" ")
        .child(tag("span").says(says(rest)))
        .into()
}

/// What "squeeze z to 2" does, wherever it is tried: the network that ships with two numbers in the middle, or one of that
/// shape which learns at once.
pub fn squeeze(desk: Desk) {
    let recipe = desk.recipe.get_untracked();
    // None ship for series, whose own layers are narrow.
    let encoder = if untrack(|| desk.is_series()) { recipe.encoder.clone() } else { vec![64, 32] };
    desk.open_learned(Recipe { encoder, z: 2, ..recipe });
}

/// Says in the page's frame that this lesson trains networks of its own, as long as it does.
pub fn trains_beside(desk: Desk, going: impl Fn() -> bool + 'static) {
    whenever(move || turn(desk.beside, going()));
    on_cleanup(move || turn(desk.beside, false));
}

/// Where the recipe learns from normal inputs only: what follows from it in this lesson, and the way out.
pub fn only_normal(desk: Desk, so: &'static str) -> Tag {
    tag("p")
        .class("note only-normal")
        .testid("only-normal")
        .flag("hidden", move || !desk.recipe.with(Recipe::is_of_normal_only))
        .text(so)
        .text(" ")
        .child(learn_from_all(desk))
}

/// The same network, for all classes.
pub fn learn_from_all(desk: Desk) -> Tag {
    button("learn from all of them", move || {
        let recipe = Recipe { abnormal: None, ..desk.recipe.get_untracked() };
        desk.open(recipe, Origin::Seed);
    })
    .flag("hidden", move || desk.recipe.with(|recipe| recipe.abnormal.is_none()))
}

/// The card of things to try.
pub fn ideas(list: impl IntoIterator<Item = AnyView>) -> Tag {
    card("You could try to …", [tag("ul").class("tries").children(list).into()]).set("data-part", "tries")
}

/// How far the answer to a question of this topic is, while it is `going`.
pub fn answering(desk: Desk, topic: Topic, label: &'static str, going: impl Fn() -> bool + Send + 'static) -> Tag {
    let done = move || match desk.engine.answering.get() {
        Some((other, done)) if other == topic => done.to_string(),
        _ => "0".into(),
    };
    tag("progress").set("max", "1").label(label).flag("hidden", move || !going()).value(done)
}

/// The first row of a table: what its columns are. A column of no name has no header.
pub fn heads(names: impl IntoIterator<Item = &'static str>) -> Tag {
    tag("tr").children(names.into_iter().map(|name| match name {
        "" => tag("td").into(),
        name => tag("th").set("scope", "col").text(name).into(),
    }))
}
