//! The same inputs at every z: the originals, and below each other what the autoencoder and what PCA gives back.
use super::Page;
use super::state::{SHOWN, State};
use crate::engine::protocol::bytes::value;
use crate::lessons::compress::{BITS, bytes};
use crate::ui::canvas::{Image, Surface, painted, pictured};
use crate::ui::palette::{Palette, between};
use crate::ui::tag::{Tag, again, button, fact, tag};
use crate::ui::widgets::picture::{series, with_full_opacity};
use crate::words;
use leptos::html;
use leptos::prelude::*;

/// Inputs on the card: those of the test set, and the visitor's own.
const INPUTS: usize = SHOWN as usize + 1;
/// Pixels between two pictures.
const GAP: usize = 2;

/// The card.
pub fn looks(page: Page) -> Tag {
    let series = fact(move || page.desk.is_series());
    let columns = Memo::new(move |_| {
        page.state.with(|state| state.all().iter().map(|rated| (rated.z, rated.at_hand)).collect::<Vec<_>>())
    });
    let inside = again(move || {
        let series = series.get();
        let all = columns.get();
        let original = tag("div")
            .class("look")
            .child(tag("span").class("look-name").text("x"))
            .child(tag("span").class("look-bytes").says(move || page.state.with(|s| s.original.bytes.to_string())))
            .child(column(page, None, series));
        let of = |which: (u32, bool)| look(page, which, series).into();
        let class = if series { "looks series" } else { "looks" };
        tag("div")
            .class(class)
            .testid("looks")
            .child(original)
            .children(all.into_iter().map(of).collect::<Vec<AnyView>>())
            .into()
    });
    let other = move || {
        let count = page.desk.recipe.with_untracked(|recipe| recipe.data.clone());
        let count = page.desk.engine.set(&count).map_or(SHOWN, |set| set.test);
        page.change(|state| state.first = if state.first + 2 * SHOWN > count { 0 } else { state.first + SHOWN });
    };
    let title = move || {
        let titles = [
            "The same digits at every z",
            "The same pictures at every z",
            "The same beats at every z",
            "The same series at every z",
        ];
        page.desk.thing().among(titles).into()
    };
    let words = move || {
        page.state.with(|state| {
            let own = if page.desk.input.with(Option::is_some) { " Yours is the last." } else { "" };
            words!("Above the autoencoder’s, below PCA’s, with {}.{own}", state.bits_in_words())
        })
    };
    tag("section")
        .class("card looks-card")
        .label("The same inputs at every z")
        .child(
            tag("div")
                .class("head wrap")
                .child(tag("h2").says(title))
                .child(button("Others", other).class("quiet").set("title", "Other inputs of the test set")),
        )
        .child(inside)
        .child(tag("p").class("note").says(words))
}

/// One network: its z, its bytes, what it makes of each input.
fn look(page: Page, which: (u32, bool), series: bool) -> Tag {
    let (z, at_hand) = which;
    let size = move || page.state.with(|state| format!("{} B", bytes(z, state.bits())));
    let chosen = move || page.state.with(|state| state.chosen().is_some_and(|rated| (rated.z, rated.at_hand) == which));
    let name = if at_hand { words!("z = {z}, the network at hand") } else { format!("z = {z}") };
    tag("div")
        .class("look")
        .class_if("chosen", chosen)
        .child(
            button(if at_hand { format!("{z}*") } else { z.to_string() }, move || {
                page.change(|state| state.chosen = Some(which));
            })
            .class("look-name latent")
            .label(name.clone())
            .set("title", if at_hand { "The network at hand" } else { "Look at this one" })
            .shows("aria-pressed", move || chosen().to_string()),
        )
        .child(tag("span").class("look-bytes").says(size))
        .child(column(page, Some(which), series).label(words!("Inputs after {name}")))
}

/// Pictures below each other, each input twice: by the autoencoder and by PCA; of the originals once.
fn column(page: Page, which: Option<(u32, bool)>, is_series: bool) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    let pictures = move || page.state.with(|state| pictures(page, state, which));
    if is_series {
        painted(canvas, pictures, |surface, pictures| {
            let high = surface.height / (2 * INPUTS) as f64;
            for (i, picture) in pictures.iter().enumerate().filter(|(_, picture)| !picture.is_empty()) {
                let values: Vec<f32> = picture.iter().map(|&byte| value(byte, true)).collect();
                surface.ctx.save();
                let _ = surface.ctx.translate(1.0, i as f64 * high);
                let width = surface.width - 2.0;
                let (ctx, palette) = (surface.ctx.clone(), surface.palette.clone());
                let colour = [palette.blue, palette.amber_deep][i % 2];
                let colour = if pictures.len() > INPUTS && pictures[1].is_empty() { palette.ink } else { colour };
                series(&Surface { ctx, width, height: high, palette }, Some(&values), colour);
                surface.ctx.restore();
            }
        });
    } else {
        pictured(canvas, move |palette| image(page, palette, &pictures()));
    }
    tag("canvas").set("role", "img").label("The inputs as they are").node(canvas)
}

/// From top to bottom; empty where there is none.
fn pictures(page: Page, state: &State, which: Option<(u32, bool)>) -> Vec<Vec<u8>> {
    let width = page.width();
    let mut all = vec![Vec::new(); 2 * INPUTS];
    match which {
        None => {
            let own = page.own_bytes();
            let inputs = state.inputs.chunks_exact(width).take(SHOWN as usize).map(<[u8]>::to_vec);
            // The drawing stands after those of the test set, whether they are there or not.
            for (i, input) in inputs.enumerate() {
                all[2 * i] = input;
            }
            all[2 * SHOWN as usize] = own.unwrap_or_default();
        }
        Some(which) => {
            let look = state.looks.iter().find(|look| (look.z, look.at_hand) == which);
            for (method, outputs) in look.iter().flat_map(|look| look.outputs.iter().enumerate()) {
                for (i, output) in outputs.chunks_exact(width).take(INPUTS).enumerate() {
                    all[2 * i + method] = output.to_vec();
                }
            }
        }
    }
    all
}

fn image(page: Page, palette: &Palette, pictures: &[Vec<u8>]) -> Image {
    let (rows, columns) = page.desk.shape();
    let (rows, columns) = (rows as usize, columns as usize);
    let mut rgba = Vec::with_capacity(pictures.len() * (rows + GAP) * columns * 4);
    for picture in pictures {
        for at in 0..rows * columns {
            let value = picture.get(at).map_or(0.0, |&byte| f32::from(byte) / 255.0);
            rgba.extend(with_full_opacity(between(palette.paper, palette.ink, value)));
        }
        rgba.extend([0; 4].repeat(GAP * columns));
    }
    Image { columns, rows: pictures.len() * (rows + GAP), rgba }
}

/// Rounding that the pictures show.
pub fn switch(page: Page) -> Tag {
    let choice = move |i: usize| {
        button(super::state::words_for(BITS[i]), move || page.change(|state| state.bits = i))
            .shows("aria-pressed", move || page.state.with(|state| (state.bits == i).to_string()))
            .into()
    };
    tag("div").class("row switch").set("role", "group").label("Bits per value of a code").children((0..4).map(choice))
}
