//! The encoder's hidden layers as chips: change a width, take a layer away, add one.
use crate::lessons::Recipe;
use crate::lessons::recipe::limits;
use crate::ui::desk::Desk;
use crate::ui::tag::{again, button, tag};
use crate::ui::widgets::fields::{Refusal, complaint, input, lockable, parsed};
use crate::words;
use leptos::prelude::*;

/// The chips, z last.
pub fn encoder(desk: Desk) -> [AnyView; 2] {
    let wrong: Refusal = RwSignal::new(None);
    let width = move |i: usize| desk.recipe.with(|recipe| recipe.encoder.get(i).copied().unwrap_or_default());
    let z = move || desk.recipe.with(|recipe| recipe.z);
    let change = move |edit: &dyn Fn(&mut Recipe)| {
        let mut recipe = desk.recipe.get_untracked();
        edit(&mut recipe);
        desk.apply(recipe).map_err(|error| words::sentence(&error.to_string()))
    };
    let chip = move |i: usize| {
        let field = input(
            wrong,
            move || width(i).to_string(),
            move |text| {
                let width = parsed("The width", text, untrack(|| width(i)))?;
                change(&|recipe| recipe.encoder.iter_mut().skip(i).take(1).for_each(|place| *place = width))
            },
        );
        let remove = move || {
            wrong.set(
                change(&|recipe| {
                    recipe.encoder.remove(i);
                })
                .err(),
            );
        };
        let remove = button("×", remove).class("remove").label(words!("Remove encoder layer {}", i + 1));
        tag("span").class("chip").child(field.label(words!("Width of encoder layer {}", i + 1))).child(remove).into()
    };
    let add = move || {
        let added = change(&|recipe| {
            // Half-way to z, as hourglasses go.
            let before = recipe.encoder.last().copied().unwrap_or(4 * recipe.z);
            recipe.encoder.push((before / 2).max(recipe.z).max(1));
        });
        wrong.set(added.err());
    };
    let code = input(
        wrong,
        move || z().to_string(),
        move |text| {
            let z = parsed("z", text, untrack(z))?;
            change(&|recipe| recipe.z = z)
        },
    );
    // Made anew with their number only: in one of them somebody may be typing the next width.
    let count = Memo::new(move |_| desk.recipe.with(|recipe| recipe.encoder.len()));
    let layers = again(move || (0..count.get()).map(chip).collect::<Vec<AnyView>>().into_any());
    let add = button("+", add)
        .class("add")
        .label("Add an encoder layer")
        .set("title", "Add a layer")
        .flag("disabled", move || count.get() >= *limits::LAYERS.end());
    let code =
        tag("label").class("chip latent").child(tag("i").text("z")).child(code.label("z: values of the latent code"));
    let chips = tag("span").class("chips").child(lockable(desk, "enc", [layers, add.into()])).child(lockable(
        desk,
        "z",
        [code.into()],
    ));
    let row = tag("div")
        .class("field wide")
        .set("role", "group")
        .label("Encoder")
        .child(tag("span").text("Encoder"))
        .child(chips);
    [row.into(), complaint(wrong).into()]
}
