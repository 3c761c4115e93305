//! What smaller maps share with the large one: points in their classes' colours and shapes, rings around some of them.
use super::raster::{CLASSES, GLYPHS, Raster, mark_places};
use crate::lessons::latent::View;
use crate::ui::canvas::Surface;
use crate::ui::tag::{Tag, tag};
use std::f64::consts::TAU;
use std::hash::{DefaultHasher, Hash};
use wasm_bindgen::JsCast;

/// The class of a point as the raster counts them; without a label one of them all the same.
pub fn class(labels: &[u8], point: usize) -> usize {
    labels.get(point).map_or(6, |&label| usize::from(label) % CLASSES)
}

/// Paints all points of a map, `radius` CSS pixels wide to each side.
pub fn scatter(
    surface: &Surface,
    raster: &mut Raster,
    (places, labels): (&[[f32; 2]], &[u8]),
    view: &View,
    radius: f32,
    opacity: u32,
) {
    let size = [surface.width as f32, surface.height as f32];
    let Some(canvas) = surface.ctx.canvas() else { return };
    let density = canvas.width() as f32 / size[0].max(1.0);
    let of = |hasher: &mut DefaultHasher| {
        (labels, radius.to_bits(), opacity).hash(hasher);
        mark_places(places, view, hasher);
    };
    if raster.begins(canvas.width(), canvas.height(), &surface.palette, of) {
        raster.points_of(radius * density);
        for (point, &place) in places.iter().enumerate() {
            let class = class(labels, point);
            let at = view.pixel(place, size).map(|x| x * density);
            raster.point(at, class, surface.palette.classes[class], opacity);
        }
    }
    raster.show(&surface.ctx);
}

/// A ring around a pixel.
pub fn ring(surface: &Surface, [x, y]: [f32; 2], radius: f64, colour: &str, width: f64) {
    let ctx = &surface.ctx;
    ctx.set_stroke_style_str(colour);
    ctx.set_line_width(width);
    ctx.begin_path();
    // It fails only for a negative radius.
    let _ = ctx.arc(x.into(), y.into(), radius, 0.0, TAU);
    ctx.stroke();
}

/// The shape of a class, in its colour.
pub fn glyph(class: usize) -> Tag {
    tag("span")
        .set("aria-hidden", "true")
        .built(move |glyph| {
            // An element of HTML; its colour is that of its points.
            if let Ok(glyph) = glyph.dyn_into::<web_sys::HtmlElement>() {
                let _ = glyph.style().set_property("color", &format!("var(--class-{})", class % GLYPHS.len()));
            }
        })
        .text(GLYPHS[class % GLYPHS.len()])
}
