//! A real file of compressed inputs, out of the page and into it again.
use super::Page;
use super::state::State;
use crate::engine::protocol::Compress;
use crate::lessons::compress::file::EXTENSION;
use crate::lessons::compress::{IN_FILE, METHODS};
use crate::ui::canvas::{Image, pictured};
use crate::ui::numbers::count;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::bring::{dropped_on, picker};
use crate::ui::widgets::picture::with_full_opacity;
use crate::words;
use leptos::html;
use leptos::prelude::*;

/// Pictures on a line of the sheet.
const ACROSS: usize = 50;

/// The card.
pub fn files(page: Page) -> Tag {
    let state = page.state;
    let method = move |i: usize| {
        button(METHODS[i], move || page.change(|state| state.method = i))
            .shows("aria-pressed", move || state.with(|state| (state.method == i).to_string()))
            .into()
    };
    let pack = move || {
        let asked = state.with_untracked(|state| state.which().map(|which| (which, state.method, state.bits())));
        if let Some((which, method, bits)) = asked {
            page.ask(Compress::Pack { which, method, bits });
        }
    };
    let things = move || page.desk.thing().among(["digits", "pictures", "beats", "series"]);
    let number = move || {
        let data = page.desk.recipe.with(|recipe| recipe.data.clone());
        page.desk.engine.set(&data).map_or(IN_FILE, |set| set.test.min(IN_FILE))
    };
    let name = move || words!("Download {} {} compressed", count(number().into()), things());
    let offer = move || {
        state.with(|state| match (state.chosen(), state.bits()) {
            (None, _) => "no network is rated yet".into(),
            (_, 32) => "a file takes rounded codes: choose 8, 4 or 2 bits".into(),
            (Some(rated), _) => words!("z = {}, {}, from the first of the test set", rated.z, state.bits_in_words()),
        })
    };
    let take = move |name, bytes| page.ask(Compress::Unpack { name, bytes });
    let picker = picker(page.desk, format!(".{EXTENSION}"), "A compressed file", take);
    let canvas = NodeRef::<html::Canvas>::new();
    pictured(canvas, move |palette| state.with(|state| sheet(state, [palette.paper, palette.ink])));
    let words = move || {
        state.with(|state| match &state.unpacked {
            Some(unpacked) => unpacked.words.clone(),
            None => "Or drop it here. It is read in this browser and sent nowhere.".into(),
        })
    };
    let card = tag("section")
        .class("card drop files-card")
        .label("A real file")
        .child(tag("div").class("head wrap").child(tag("h2").text("A real file")).child(
            tag("div").class("row switch").set("role", "group").label("Who compresses").children((0..2).map(method)),
        ))
        .child(
            tag("div")
                .class("row wrap")
                .child(
                    button("", pack)
                        .class("main")
                        .testid("pack")
                        .says(name)
                        .flag("disabled", move || state.with(|state| state.chosen().is_none() || state.bits() > 8)),
                )
                .child(tag("span").class("figure").says(offer)),
        )
        .child(tag("p").class("note").testid("packed").says(move || state.with(said)))
        .child(tag("label").class("row wrap").text("Decode a file ").child(picker))
        .child(tag("p").class("note").testid("unpacked").set("aria-live", "polite").says(words))
        .child(
            tag("canvas")
                .class("sheet")
                .set("role", "img")
                .testid("sheet")
                .label("The inputs of the file, decoded")
                .flag("hidden", move || {
                    state.with(|state| state.unpacked.as_ref().is_none_or(|unpacked| unpacked.shape.0 == 1))
                })
                .node(canvas),
        );
    dropped_on(card, page.desk, take)
}

/// What the last file takes, all of it.
fn said(state: &State) -> String {
    let Some((name, sizes)) = &state.packed else {
        return "The file holds the codes, the ranges they are rounded over, and the decoder, so that it is complete."
            .into();
    };
    let inputs = sizes.inputs.max(1) as f32;
    let each = sizes.codes as f32 / inputs;
    let raw = u64::from(state.original.bytes) * u64::from(sizes.inputs);
    let mut words = words!(
        "{name} has {} bytes: {} of codes, {each} for each input, and {} of the decoder (as f16), so {:.1} for each in all. \
         As they are they have {}",
        count(sizes.file.into()),
        count(sizes.codes.into()),
        count(sizes.decoder.into()),
        sizes.file as f32 / inputs,
        count(raw),
    );
    match state.original.png {
        Some(png) => {
            let pays = (sizes.file - sizes.codes) as f32 / (png - each);
            words.push_str(&words!(", as PNG about {}.", count((png * inputs) as u64)));
            if pays > 0.0 {
                words.push_str(&words!(" Against PNG the decoder pays from {} inputs on.", count(pays.ceil() as u64)));
            }
        }
        None => words.push('.'),
    }
    words
}

/// All pictures of the file on one.
fn sheet(state: &State, [paper, ink]: [[u8; 3]; 2]) -> Image {
    let empty = Image { columns: 1, rows: 1, rgba: vec![0; 4] };
    let Some(unpacked) = state.unpacked.as_ref().filter(|unpacked| unpacked.shape.0 > 1) else { return empty };
    let (rows, columns) = (unpacked.shape.0 as usize, unpacked.shape.1 as usize);
    let number = unpacked.pictures.len() / (rows * columns);
    let (wide, high) = (ACROSS * columns, number.div_ceil(ACROSS) * rows);
    let mut rgba = with_full_opacity(paper).repeat(wide * high);
    for (i, picture) in unpacked.pictures.chunks_exact(rows * columns).enumerate() {
        for (at, &value) in picture.iter().enumerate() {
            let (x, y) = (i % ACROSS * columns + at % columns, i / ACROSS * rows + at / columns);
            let pixel = crate::ui::palette::between(paper, ink, f32::from(value) / 255.0);
            rgba[(y * wide + x) * 4..][..4].copy_from_slice(&with_full_opacity(pixel));
        }
    }
    Image { columns: wide, rows: high, rgba }
}
