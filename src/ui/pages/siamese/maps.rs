//! The map before the first pair, and now.
use super::Page;
use crate::lessons::latent::{Chart, View, extent};
use crate::ui::canvas::{Surface, painted};
use crate::ui::palette::css;
use crate::ui::tag::{Tag, again, tag};
use crate::ui::widgets::map::raster::{CLASSES, GLYPHS, Raster};
use leptos::html;
use leptos::prelude::*;
use std::cell::RefCell;
use std::f64::consts::TAU;
use wasm_bindgen::JsCast;

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
            width => format!(" z has {width} values: each map shows the first two principal components of its codes."),
        })
    };
    let head = tag("div").class("head").child(tag("h2").text("Before and after")).child(
        tag("span").class("figure").testid("moved").says(move || {
            page.with(|state| {
                let taught = state.taught.as_ref();
                taught.map_or(String::new(), |taught| format!("codes moved by {:.0} %", 100.0 * taught.moved))
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
                .text("Points: test inputs, of which no pair is made. ◎ your digit, ○ the one you kept.")
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
    tag("figure")
        .child(tag("canvas").set("role", "img").testid(testid).label(format!("Map: {title}")).node(canvas))
        .child(tag("figcaption").text(title))
}

/// Where a code lies.
fn place(chart: &Chart, code: &[f32]) -> Option<[f32; 2]> {
    (!chart.is_empty() && code.len() == chart.width).then(|| chart.first_axes().map(|axis| chart.along(axis, code)))
}

fn paint(surface: &Surface, raster: &mut Raster, scene: &Scene) {
    let size = [surface.width as f32, surface.height as f32];
    let Some(canvas) = surface.ctx.canvas() else { return };
    let density = canvas.width() as f32 / size[0].max(1.0);
    let view = View::of(extent(&scene.places), size);
    raster.begin(canvas.width(), canvas.height(), &surface.palette);
    raster.points_of(2.6 * density);
    for (point, &at) in scene.places.iter().enumerate() {
        let class = scene.labels.get(point).map_or(6, |&label| usize::from(label) % CLASSES);
        let at = view.pixel(at, size).map(|x| x * density);
        raster.point(at, class, surface.palette.classes[class], 190);
    }
    raster.show(&surface.ctx);
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let ring = |[x, y]: [f32; 2], radius: f64, width: f64, colour: &str| {
        ctx.set_stroke_style_str(colour);
        ctx.set_line_width(width);
        ctx.begin_path();
        // It fails only for a negative radius.
        let _ = ctx.arc(x.into(), y.into(), radius, 0.0, TAU);
        ctx.stroke();
    };
    for (i, mark) in scene.marks.into_iter().enumerate() {
        let Some(at) = mark.map(|place| view.pixel(place, size)) else { continue };
        let at = [at[0].clamp(9.0, size[0] - 9.0), at[1].clamp(9.0, size[1] - 9.0)];
        ring(at, 8.0, 6.0, &css(palette.paper, 0.9));
        ring(at, 8.0, 3.0, &css(if i == 0 { palette.blue } else { palette.ink }, 1.0));
        if i == 0 {
            ring(at, 1.5, 3.0, &css(palette.blue, 1.0));
        }
    }
}

/// The classes' colours and shapes.
fn legend(page: Page) -> Tag {
    // Class names as one word: made anew only for other data.
    let names = Memo::new(move |_| page.with(|state| state.before.classes.join("\n")));
    let entry = |(class, name): (usize, &str)| {
        let glyph = tag("span")
            .set("aria-hidden", "true")
            .built(move |glyph| {
                // An element of HTML; its colour is that of its points.
                if let Ok(glyph) = glyph.dyn_into::<web_sys::HtmlElement>() {
                    let _ = glyph.style().set_property("color", &format!("var(--class-{})", class % GLYPHS.len()));
                }
            })
            .text(GLYPHS[class % GLYPHS.len()]);
        tag("span").class("entry").child(glyph).text(format!(" {name}")).into()
    };
    let entries = again(move || {
        let names = names.get();
        names.lines().enumerate().map(entry).collect::<Vec<AnyView>>().into_any()
    });
    tag("div").class("row legend-of-classes").child(entries)
}
