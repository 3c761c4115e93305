//! The visitor's own data, for every lesson; and whatever is dropped onto the page.
use crate::lessons::own::{Wishes, recipe_for};
use crate::ui::desk::Desk;
use crate::ui::drops;
use crate::ui::tag::{Tag, tag, whenever};
use crate::ui::widgets::bring::{listed, read_all};
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::own::OwnData;
use leptos::prelude::*;

/// The card; `weights` takes a file of weights that was dropped anywhere.
pub fn data(desk: Desk, weights: impl Fn(String, Vec<u8>) + Copy + 'static) -> Tag {
    let own = OwnData::new(
        desk,
        Wishes::default(),
        |set, now| recipe_for(&set.slug, set.train, set.shape.0 * set.shape.1, set.unit, now),
        |_| {},
    );
    whenever(move || {
        if desk.drops.get() == 0 {
            return;
        }
        let files = listed(drops::take());
        match files.as_slice() {
            [file] if file.name().ends_with(".safetensors") => {
                read_all(desk, files, move |files| {
                    files.into_iter().flatten().for_each(|(name, bytes)| weights(name, bytes));
                });
            }
            _ => own.take(files),
        }
    });
    let inside = card("Bring your own data", []).class("card drop own-data");
    own.into_card(inside, "Your own data", "IDX, CSV or PNG files ").child(tag("p").class("note").text(
        "Or drop them anywhere on this page. Pictures: IDX as MNIST has it (.gz too, labels and test files along with it), one \
         PNG for each, named after its class (“3_a.png”), or one PNG to cut into tiles, or CSV with a picture per row. Series: \
         CSV or UCR text, one per row. They are read in this browser and never leave this device; what you see first is only a \
         look, and what was learned so far is kept.",
    ))
}
