//! Curves over two axes: plain data in, a canvas out.
use crate::ui::canvas::{Surface, painted};
use crate::ui::palette::{Palette, Rgb, css};
use crate::ui::tag::{Tag, tag};
use leptos::html;
use leptos::prelude::*;

/// What an axis shows, from its lower end to its upper one.
#[derive(Clone, Default)]
pub struct Axis {
    /// Both ends.
    pub range: [f64; 2],
    /// Where there are marks, and their words.
    pub ticks: Vec<(f64, String)>,
    /// What it measures.
    pub name: &'static str,
}

/// A curve.
#[derive(Clone, Default)]
pub struct Curve {
    /// Its corners.
    pub places: Vec<[f64; 2]>,
    /// 0: data. 1: the linear yardstick. 2: the plainest yardstick. With [`DASHED`] on top: the same colour, dashed.
    pub kind: usize,
    /// With a dot at each corner.
    pub dots: bool,
}

/// Added to the kind of a curve that is dashed.
pub const DASHED: usize = 3;

/// All there is to see.
#[derive(Clone, Default)]
pub struct Plot {
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// The first one lies on top.
    pub curves: Vec<Curve>,
    /// A place that is marked.
    pub mark: Option<[f64; 2]>,
    /// For those who do not see it.
    pub words: String,
}

/// The colour of a kind of curve.
pub fn colour(palette: &Palette, kind: usize) -> Rgb {
    [palette.blue, palette.amber_deep, palette.muted][kind % DASHED]
}

/// Room for the words of the axes, in CSS pixels.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 32.0;

/// A canvas that keeps showing a plot.
pub fn plot(
    canvas: NodeRef<html::Canvas>,
    class: &'static str,
    testid: &'static str,
    scene: impl Fn() -> Plot + Send + Clone + 'static,
) -> Tag {
    let words = scene.clone();
    painted(canvas, scene, paint);
    tag("canvas").class(class).set("role", "img").testid(testid).shows("aria-label", move || words().words).node(canvas)
}

fn paint(surface: &Surface, plot: &Plot) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let share = |axis: &Axis, value: f64| ((value - axis.range[0]) / (axis.range[1] - axis.range[0])).clamp(0.0, 1.0);
    let floor = surface.height - BOTTOM;
    let x = |value: f64| LEFT + share(&plot.x, value) * (surface.width - LEFT - RIGHT);
    let y = |value: f64| floor - share(&plot.y, value) * (floor - TOP);
    ctx.set_font("11px system-ui, sans-serif");
    ctx.set_line_width(1.0);
    ctx.set_stroke_style_str(&css(palette.line, 0.7));
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    ctx.set_text_align("right");
    for (value, words) in &plot.y.ticks {
        // On a half, so that the line is one pixel and not two of half the colour.
        let at = y(*value).round() + 0.5;
        surface.line([LEFT, at], [surface.width - RIGHT, at]);
        surface.text(words, LEFT - 5.0, at + 3.5);
    }
    ctx.set_text_align("center");
    for (value, words) in &plot.x.ticks {
        // The words at an end stay within the picture.
        let half = ctx.measure_text(words).map_or(0.0, |measured| measured.width() / 2.0) + 1.0;
        surface.text(words, x(*value).min(surface.width - half), floor + 14.0);
    }
    surface.text(plot.x.name, (LEFT + surface.width) / 2.0, surface.height - 4.0);
    ctx.save();
    // It can fail only for a context that is gone.
    let _ = ctx.translate(10.0, f64::midpoint(TOP, floor));
    let _ = ctx.rotate(-std::f64::consts::FRAC_PI_2);
    surface.text(plot.y.name, 0.0, 0.0);
    ctx.restore();
    ctx.set_line_join("round");
    for curve in plot.curves.iter().rev() {
        let ink = css(colour(palette, curve.kind), 1.0);
        ctx.set_stroke_style_str(&ink);
        ctx.set_fill_style_str(&ink);
        ctx.set_line_width(if curve.kind == 0 { 2.0 } else { 1.4 });
        let dash = js_sys::Array::new();
        if curve.kind >= DASHED {
            dash.push(&5.into());
            dash.push(&4.into());
        }
        // It can fail only for what is no list of numbers.
        let _ = ctx.set_line_dash(&dash);
        surface.path(curve.places.iter().map(|[a, b]| [x(*a), y(*b)]));
        if curve.dots {
            for [a, b] in &curve.places {
                ctx.fill_rect(x(*a) - 2.5, y(*b) - 2.5, 5.0, 5.0);
            }
        }
    }
    let _ = ctx.set_line_dash(&js_sys::Array::new());
    if let Some([a, b]) = plot.mark {
        ctx.begin_path();
        let _ = ctx.arc(x(a), y(b), 5.0, 0.0, std::f64::consts::TAU);
        ctx.set_fill_style_str(&css(palette.paper, 1.0));
        ctx.fill();
        ctx.set_stroke_style_str(&css(palette.ink, 1.0));
        ctx.set_line_width(2.0);
        ctx.stroke();
    }
}
