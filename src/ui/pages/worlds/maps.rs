//! Both maps side by side: the test set by the classifier's encoder, and by the autoencoder's.
use super::state::{Page, Plane};
use crate::lessons::latent::View;
use crate::ui::canvas::{Surface, painted};
use crate::ui::palette::css;
use crate::ui::tag::{Tag, tag};
use crate::ui::widgets::map::raster::Raster;
use crate::ui::widgets::map::small::{ring, scatter};
use crate::ui::widgets::png::{of_classes, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::MouseEvent;

/// How near a press must be to a point, in pixels.
const REACH: f32 = 14.0;

/// The card.
pub fn maps(page: Page) -> Tag {
    tag("section")
        .class("card worlds-maps")
        .label("Both maps of the test set")
        .child(
            tag("div")
                .class("head wrap")
                .child(tag("h2").text("z of the test set"))
                .child(tag("span").class("note").text("colour is the class · press a point to take that input")),
        )
        .child(tag("div").class("row").child(map(page, 0, "classifier", "map-supervised")).child(map(
            page,
            1,
            "autoencoder",
            "map-autoencoder",
        )))
}

fn map(page: Page, which: usize, name: &'static str, testid: &'static str) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    let raster = Rc::new(RefCell::new(Raster::default()));
    let scene = move || {
        page.with(|_| ());
        own(page, which)
    };
    painted(canvas, scene, move |surface, own| {
        // What is shown was read when it changed; this only looks at it.
        page.peek(|state| paint(surface, &mut raster.borrow_mut(), &state.planes[which], *own));
    });
    let pressed = move |event: MouseEvent| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let size = [canvas.client_width() as f32, canvas.client_height() as f32];
        let at = [event.offset_x() as f32, event.offset_y() as f32];
        let found = page.peek(|state| nearest(&state.planes[which], at, size));
        if found.is_some() {
            page.desk.sample(found);
        }
    };
    let label = move || {
        page.with(|state| {
            let chart = &state.planes[which].chart;
            words!("The {name}’s codes after {} steps: {} test inputs as points", chart.step, chart.len())
        })
    };
    let says = move || {
        let shares = page.with(|state| {
            let plane = &state.planes[which];
            let share = |axis: usize| plane.chart.shares.get(plane.axes[axis]).copied();
            share(0).zip(share(1)).map(|(a, b)| 100.0 * (a + b))
        });
        match shares {
            Some(share) => words!("{name}: PC 1 and 2, {share:.0} % of the variance"),
            None => name.into(),
        }
    };
    let (file, title) = [
        ("worlds-map-classifier.png", "Map of the classifier’s codes"),
        ("worlds-map-autoencoder.png", "Map of the autoencoder’s codes"),
    ][which];
    let picture = png(canvas, file, title, move |palette| {
        page.with(|state| of_classes(palette, &state.planes[which].chart.classes, |_| true))
    })
    .flag("disabled", move || page.with(|state| state.planes[which].places.is_empty()));
    tag("figure")
        .class(if which == 0 { "world-map" } else { "world-map latent" })
        .child(
            tag("canvas")
                .set("role", "img")
                .testid(testid)
                .shows("aria-label", label)
                .shows("data-step", move || page.with(|state| state.planes[which].chart.step.to_string()))
                .node(canvas)
                .on("click", pressed),
        )
        .child(tag("figcaption").child(tag("span").says(says)).child(picture))
}

/// Where the visitor's digit lies.
fn own(page: Page, which: usize) -> Option<[f32; 2]> {
    let code = match which {
        0 => page.with(|state| state.signals.iter().rev().nth(1).cloned()),
        _ => page.desk.own_code(),
    }?;
    page.with(|state| {
        let plane = &state.planes[which];
        let fits = code.len() == plane.chart.width && !plane.places.is_empty();
        fits.then(|| plane.axes.map(|axis| plane.chart.along(axis, &code)))
    })
}

fn nearest(plane: &Plane, at: [f32; 2], size: [f32; 2]) -> Option<u32> {
    let view = View::of(plane.extent, size);
    let far = |place: &[f32; 2]| {
        let [x, y] = view.pixel(*place, size);
        (x - at[0]).hypot(y - at[1])
    };
    let all = plane.places.iter().map(far).zip(0..);
    all.filter(|(far, _)| *far <= REACH).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, point)| point)
}

fn paint(surface: &Surface, raster: &mut Raster, plane: &Plane, own: Option<[f32; 2]>) {
    let size = [surface.width as f32, surface.height as f32];
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    if plane.places.is_empty() {
        ctx.set_fill_style_str(&css(palette.muted, 1.0));
        ctx.set_text_align("center");
        return surface.text("not encoded yet", surface.width / 2.0, surface.height / 2.0);
    }
    let view = View::of(plane.extent, size);
    scatter(surface, raster, (&plane.places, &plane.chart.labels), &view, 2.2, 225);
    if let Some(place) = own {
        let at = view.pixel(place, size);
        ring(surface, at, 9.0, &css(palette.paper, 0.9), 6.0);
        ring(surface, at, 9.0, &css(palette.blue, 1.0), 3.0);
    }
}
