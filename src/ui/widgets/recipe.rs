//! The recipe: everything that decides a run. A change opens the network that it describes.
use super::encoder::encoder;
use super::fields::{Refusal, choice, complaint, lockable, menu, number, numeral, parsed};
use crate::lessons::Recipe;
use crate::lessons::choices::{Choice, NoiseKind};
use crate::lessons::link;
use crate::lessons::recipe::Noise;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, tag};
use crate::words;
use leptos::prelude::*;

/// All fields.
pub fn recipe_panel(desk: Desk) -> Tag {
    let recipe = desk.recipe;
    let apply = move |edit: &dyn Fn(&mut Recipe)| {
        let mut recipe = recipe.get_untracked();
        edit(&mut recipe);
        desk.apply(recipe).map_err(|error| words::sentence(&error.to_string()))
    };
    let of = move |part: fn(&Recipe) -> String| move || recipe.with(part);
    let epochs = number("Epochs", of(|r| r.epochs.to_string()), move |text| {
        let epochs = parsed("The number of epochs", text, recipe.with_untracked(|r| r.epochs))?;
        apply(&|r| r.epochs = epochs)
    });
    let batch = number("Batch", of(|r| r.batch.to_string()), move |text| {
        let batch = parsed("The batch", text, recipe.with_untracked(|r| r.batch))?;
        apply(&|r| r.batch = batch)
    });
    let seed = number("Seed", of(|r| r.seed.to_string()), move |text| {
        let seed = parsed("The seed", text, recipe.with_untracked(|r| r.seed))?;
        apply(&|r| r.seed = seed)
    });
    let activation =
        choice("Activation", move || recipe.with(|r| r.activation), move |choice| apply(&|r| r.activation = choice));
    let optimiser =
        choice("Optimiser", move || recipe.with(|r| r.optimiser), move |choice| apply(&|r| r.optimiser = choice));
    let loss = choice("Loss", move || recipe.with(|r| r.loss), move |choice| apply(&|r| r.loss = choice));
    let init = choice("First weights", move || recipe.with(|r| r.init), move |choice| apply(&|r| r.init = choice));
    let locked = move || {
        let names: Vec<_> = link::lockable().filter(|(key, _)| desk.is_locked(key)).map(|(_, name)| name).collect();
        if names.is_empty() { String::new() } else { words!("Kept by the link: {}.", names.join(", ")) }
    };
    tag("div")
        .class("fields")
        .child(tag("p").class("note locks").says(locked))
        .child(lockable(desk, "data", data(desk)))
        .children(encoder(desk))
        .child(lockable(desk, "act", activation))
        .child(lockable(desk, "loss", loss))
        .child(lockable(desk, "opt", optimiser))
        .child(lockable(desk, "batch", batch))
        .child(lockable(desk, "noise", noise(desk)))
        .child(lockable(desk, "epochs", epochs))
        .child(lockable(desk, "seed", seed))
        .child(lockable(desk, "init", init))
}

/// The data sets that this site has.
fn data(desk: Desk) -> [AnyView; 2] {
    let wrong = RwSignal::new(None);
    let now = move || desk.recipe.with(|recipe| recipe.data.clone());
    let origin = move || match desk.engine.set(&now()).map(|set| (set.built_in, set.bytes)) {
        Some((true, _)) => "made by formula".to_owned(),
        None | Some((false, 0)) => String::new(),
        Some((false, bytes)) => numbers::megabytes(bytes),
    };
    let sets = again(move || {
        let words = |set: &crate::engine::protocol::SetInfo| {
            (set.slug.clone(), format!("{} · {}", words::said(set.title.as_str()), numbers::count(set.train.into())))
        };
        let options = desk.engine.sets.with(|sets| sets.iter().map(words).collect());
        let change =
            move |slug: &str| desk.apply(desk.recipe_on(slug)).map_err(|error| words::sentence(&error.to_string()));
        menu(wrong, options, now, change).into()
    });
    let name = tag("span").text("Data ").child(tag("small").says(origin));
    [tag("label").class("field wide").child(name).child(sets).into(), complaint(wrong).into()]
}

/// What is done to the inputs, and how much of it.
fn noise(desk: Desk) -> [AnyView; 2] {
    let noise = move || desk.recipe.with(|recipe| recipe.noise);
    let wrong: Refusal = RwSignal::new(None);
    let set = move |noise: Noise| {
        let recipe = Recipe { noise, ..desk.recipe.get_untracked() };
        desk.apply(recipe).map_err(|error| words::sentence(&error.to_string()))
    };
    let kind = Memo::new(move |_| NoiseKind::of(noise()));
    let strength = move || match noise() {
        Noise::None => String::new(),
        Noise::Gaussian { sd } => sd.to_string(),
        Noise::SaltPepper { share } => share.to_string(),
        Noise::Block { size } => size.to_string(),
    };
    let change = move |text: &str| {
        set(match untrack(noise) {
            Noise::None => return Ok(()),
            Noise::Gaussian { sd } => Noise::Gaussian { sd: parsed("The standard deviation", text, sd)? },
            Noise::SaltPepper { share } => Noise::SaltPepper { share: parsed("The share", text, share)? },
            Noise::Block { size } => {
                let name = untrack(|| desk.thing()).either("The edge", "The length");
                Noise::Block { size: parsed(name, text, size)? }
            }
        })
    };
    let amount = again(move || {
        let [of_pictures, of_series] = match kind.get() {
            NoiseKind::None => return ().into_any(),
            NoiseKind::Gaussian => ["Standard deviation of the noise"; 2],
            NoiseKind::SaltPepper => ["Share of the values"; 2],
            NoiseKind::Block => ["Edge of the block", "Length of the block"],
        };
        let label = move || desk.thing().either(of_pictures, of_series).to_owned();
        numeral(wrong, strength, change).class("number").shows("aria-label", label).shows("title", label).into()
    });
    let kinds = NoiseKind::all().iter().map(|kind| (kind.slug().to_owned(), kind.title().to_owned())).collect();
    let choose = move |slug: &str| NoiseKind::from_slug(slug).map_or(Ok(()), |kind| set(kind.usual()));
    let kinds = menu(wrong, kinds, move || kind.get().slug().to_owned(), choose).label("Kind of noise");
    let row = tag("div")
        .class("field wide")
        .set("role", "group")
        .label("Noise on the inputs")
        .child(tag("span").text("Noise"))
        .child(tag("span").class("pair").child(amount).child(kinds));
    [row.into(), complaint(wrong).into()]
}
