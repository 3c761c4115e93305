//! The map before the first pair, and now.
use super::Page;
use crate::lessons::latent::{Chart, View, extent};
use crate::ui::canvas::{Surface, painted};
use crate::ui::palette::css;
use crate::ui::tag::{Tag, again, tag};
use crate::ui::widgets::map::raster::Raster;
use crate::ui::widgets::map::small::{glyph, ring, scatter};
use crate::ui::widgets::png::{of_classes, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use std::cell::RefCell;

/// A map as it is painted.
struct Scene {
    places: Vec<[f32; 2]>,
    labels: Vec<u8>,
    /// The visitor's digit, and the one that was kept.
    marks: [Option<[f32; 2]>; 2],
}

/// Both maps and what they show.
pub fn maps(page: Page) -> Tag {
    let axes = move || {
        page.with(|state| match state.before.width {
            0..=2 => String::new(),
            width => words!(" z has {width} values: each map shows the first two principal components of its codes."),
        })
    };
    let head = tag("div").class("head").child(tag("h2").text("Before and after")).child(
        tag("span").class("figure").testid("moved").says(move || {
            page.with(|state| {
                let taught = state.taught.as_ref();
                taught.map_or(String::new(), |taught| words!("codes moved by {:.0} %", 100.0 * taught.moved))
            })
        }),
    );
    tag("section")
        .class("card two-maps")
        .label("Maps before and after")
        .child(head)
        .child(tag("div").class("pair-of-maps").child(map(page, 0, "Before the first pair", "map-before")).child(map(
            page,
            1,
            "Now",
            "map-after",
        )))
        .child(legend(page))
        .child(
            tag("p")
                .class("note")
                .text("Points: test inputs, of which no pair is made. ◎ yours, ○ the one you kept.")
                .says(axes),
        )
}

fn map(page: Page, which: usize, title: &'static str, testid: &'static str) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    let raster = RefCell::new(Raster::default());
    let scene = move || {
        page.with(|state| {
            let chart = [&state.before, &state.after][which];
            let place = |i: usize| state.codes.get(i).and_then(|codes| place(chart, &codes[which]));
            Scene {
                places: chart.places(chart.first_axes()),
                labels: chart.labels.clone(),
                marks: [place(0), place(1)],
            }
        })
    };
    painted(canvas, scene, move |surface, scene| paint(surface, &mut raster.borrow_mut(), scene));
    let (file, name) =
        [("siamese-map-before.png", "Map before the first pair"), ("siamese-map-now.png", "Map now")][which];
    let picture =
        png(canvas, file, name, move |palette| page.with(|state| of_classes(palette, &state.before.classes, |_| true)))
            .flag("disabled", move || page.with(|state| [&state.before, &state.after][which].is_empty()));
    tag("figure")
        .child(tag("canvas").set("role", "img").testid(testid).label(words!("Map: {title}")).node(canvas))
        .child(tag("figcaption").text(title).child(picture))
}

/// Where a code lies.
fn place(chart: &Chart, code: &[f32]) -> Option<[f32; 2]> {
    (!chart.is_empty() && code.len() == chart.width).then(|| chart.first_axes().map(|axis| chart.along(axis, code)))
}

fn paint(surface: &Surface, raster: &mut Raster, scene: &Scene) {
    let size = [surface.width as f32, surface.height as f32];
    let view = View::of(extent(&scene.places), size);
    scatter(surface, raster, (&scene.places, &scene.labels), &view, 2.6, 190);
    let palette = &surface.palette;
    for (i, mark) in scene.marks.into_iter().enumerate() {
        let Some(at) = mark.map(|place| view.pixel(place, size)) else { continue };
        let at = [at[0].clamp(9.0, size[0] - 9.0), at[1].clamp(9.0, size[1] - 9.0)];
        ring(surface, at, 8.0, &css(palette.paper, 0.9), 6.0);
        ring(surface, at, 8.0, &css(if i == 0 { palette.blue } else { palette.ink }, 1.0), 3.0);
        if i == 0 {
            ring(surface, at, 1.5, &css(palette.blue, 1.0), 3.0);
        }
    }
}

/// The classes' colours and shapes.
fn legend(page: Page) -> Tag {
    // Class names as one word: made anew only for other data.
    let names = Memo::new(move |_| page.with(|state| state.before.classes.join("\n")));
    let entry = |(class, name): (usize, &str)| {
        tag("span").class("entry").child(glyph(class)).text(format!(" {}", words::said(name))).into()
    };
    let entries = again(move || {
        let names = names.get();
        names.lines().enumerate().map(entry).collect::<Vec<AnyView>>().into_any()
    });
    tag("div").class("row legend-of-classes").child(entries)
}
