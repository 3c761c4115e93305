//! Rate and distortion: how many bytes an input takes, and how near it comes back. A press chooses a point.
use super::Page;
use super::state::{State, words_for};
use crate::lessons::compress::{BITS, METHODS, bytes};
use crate::ui::canvas::{Surface, painted};
use crate::ui::palette::{Rgb, css};
use crate::ui::tag::{Tag, tag};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::MouseEvent;

/// One network at one number of bits.
struct Point {
    z: u32,
    at_hand: bool,
    method: usize,
    bits: usize,
    /// The logarithm of its bytes to base 2, and its PSNR in dB.
    place: [f64; 2],
    chosen: bool,
}

#[derive(Default)]
struct Scene {
    points: Vec<Point>,
    /// Which bits are chosen.
    bits: usize,
    /// Bytes of an exact PNG.
    png: Option<f64>,
}

/// Room for the words of the axes, in CSS pixels.
const LEFT: f64 = 36.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 32.0;

fn scene(state: &State) -> Scene {
    let mut points = Vec::new();
    let chosen = state.chosen().map(|rated| (rated.z, rated.at_hand));
    for rated in state.all() {
        for method in 0..METHODS.len() {
            for (bits, width) in BITS.into_iter().enumerate() {
                let noise = f64::from(rated.psnr(method, bits, &state.original));
                if noise.is_finite() {
                    points.push(Point {
                        z: rated.z,
                        at_hand: rated.at_hand,
                        method,
                        bits,
                        place: [f64::from(bytes(rated.z, width)).log2(), noise],
                        chosen: chosen == Some((rated.z, rated.at_hand)) && bits == state.bits,
                    });
                }
            }
        }
    }
    Scene { points, bits: state.bits, png: state.original.png.map(f64::from) }
}

/// The ends of both axes.
fn ranges(scene: &Scene) -> [[f64; 2]; 2] {
    let ends = |axis: usize, step: f64| {
        let values = || scene.points.iter().map(|point| point.place[axis]);
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        if least > most {
            [0.0, step]
        } else {
            [(least / step - 0.2).floor() * step, (most / step + 0.2).ceil() * step]
        }
    };
    let mut across = ends(0, 1.0);
    // PNG stays in view, for what exactness costs.
    if let Some(png) = scene.png {
        across[1] = across[1].max(png.log2() + 0.6);
    }
    [across, ends(1, 2.0)]
}

/// Where a point is on a canvas of this size.
fn pixel(ranges: &[[f64; 2]; 2], [x, y]: [f64; 2], [width, height]: [f64; 2]) -> [f64; 2] {
    let share = |[least, most]: [f64; 2], value: f64| ((value - least) / (most - least)).clamp(0.0, 1.0);
    let floor = height - BOTTOM;
    [LEFT + share(ranges[0], x) * (width - LEFT - RIGHT), floor - share(ranges[1], y) * (floor - TOP)]
}

/// The chart.
pub fn chart(page: Page, canvas: NodeRef<html::Canvas>) -> Tag {
    painted(canvas, move || page.state.with(scene), paint);
    let press = move |event: MouseEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        let area = element.get_bounding_client_rect();
        let at = [f64::from(event.client_x()) - area.left(), f64::from(event.client_y()) - area.top()];
        let scene = page.state.with_untracked(scene);
        let ranges = ranges(&scene);
        let far = |point: &Point| {
            let [x, y] = pixel(&ranges, point.place, [area.width(), area.height()]);
            (x - at[0]).hypot(y - at[1])
        };
        let near = scene.points.iter().min_by(|a, b| far(a).total_cmp(&far(b))).filter(|point| far(point) < 24.0);
        if let Some(point) = near {
            page.change(|state| (state.chosen, state.bits) = (Some((point.z, point.at_hand)), point.bits));
        }
    };
    let words = move || {
        page.state.with(|state| match state.chosen() {
            Some(rated) => words!(
                "PSNR over bytes. Chosen: z = {}, {}: autoencoder {:.2} dB, PCA {:.2} dB. The table says the same",
                rated.z,
                state.bits_in_words(),
                rated.psnr(0, state.bits, &state.original),
                rated.psnr(1, state.bits, &state.original),
            ),
            None => "PSNR over bytes: nothing is rated yet".into(),
        })
    };
    tag("canvas")
        .class("rates")
        .set("role", "img")
        .testid("rates")
        .shows("aria-label", words)
        .set("title", "Press a point to choose it")
        .node(canvas)
        .on("click", press)
}

fn paint(surface: &Surface, scene: &Scene) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let size = [surface.width, surface.height];
    let ranges = ranges(scene);
    let at = |place: [f64; 2]| pixel(&ranges, place, size);
    let floor = surface.height - BOTTOM;
    ctx.set_font("11px system-ui, sans-serif");
    ctx.set_line_width(1.0);
    ctx.set_stroke_style_str(&css(palette.line, 0.7));
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    ctx.set_text_align("right");
    let [across, up] = ranges;
    let step = if up[1] - up[0] > 14.0 { 4.0 } else { 2.0 };
    let mut tick = (up[0] / step).ceil() * step;
    while tick <= up[1] {
        // On a half, so that the line is one pixel and not two of half the colour.
        let y = at([0.0, tick])[1].round() + 0.5;
        surface.line([LEFT, y], [surface.width - RIGHT, y]);
        surface.text(&tick.to_string(), LEFT - 4.0, y + 3.5);
        tick += step;
    }
    ctx.set_text_align("center");
    let step = if across[1] - across[0] > 7.0 { 2 } else { 1 };
    for exponent in (across[0] as i32..=across[1] as i32).step_by(step) {
        let [x, _] = at([f64::from(exponent), up[0]]);
        surface.text(&2f64.powi(exponent).to_string(), x, floor + 14.0);
    }
    surface.text("bytes for each input", (LEFT + surface.width) / 2.0, surface.height - 3.0);
    ctx.save();
    // It can fail only for a context that is gone.
    let _ = ctx.translate(9.0, f64::midpoint(TOP, floor));
    let _ = ctx.rotate(-std::f64::consts::FRAC_PI_2);
    surface.text("PSNR, dB", 0.0, 0.0);
    ctx.restore();
    if let Some(png) = scene.png {
        let [x, _] = at([png.log2(), up[0]]);
        ctx.set_stroke_style_str(&css(palette.muted, 0.8));
        surface.line([x, TOP], [x, floor]);
        ctx.set_text_align("right");
        surface.text("PNG, exact", x - 4.0, TOP + 9.0);
    }
    for method in (0..METHODS.len()).rev() {
        let colour = [palette.blue, palette.amber_deep][method];
        // The chosen bits come last, on top.
        for bits in (0..BITS.len()).filter(|bits| *bits != scene.bits).chain([scene.bits]) {
            let opacity = if bits == scene.bits { 1.0 } else { 0.3 };
            let of = |point: &&Point| (point.method, point.bits) == (method, bits);
            curve(surface, colour, opacity, &at, &scene.points.iter().filter(of).collect::<Vec<_>>());
        }
    }
    ctx.set_line_width(2.0);
    ctx.set_stroke_style_str(&css(palette.ink, 1.0));
    for point in scene.points.iter().filter(|point| point.chosen) {
        let [x, y] = at(point.place);
        ctx.begin_path();
        let _ = ctx.arc(x, y, 6.5, 0.0, std::f64::consts::TAU);
        ctx.stroke();
    }
}

/// The networks of a sweep as a line with squares, the one at hand as a dot; what they take at the line's upper end.
fn curve(surface: &Surface, colour: Rgb, opacity: f64, at: &dyn Fn([f64; 2]) -> [f64; 2], points: &[&Point]) {
    let ctx = &surface.ctx;
    let ink = css(colour, opacity);
    ctx.set_stroke_style_str(&ink);
    ctx.set_fill_style_str(&ink);
    ctx.set_line_width(if opacity < 1.0 { 1.2 } else { 2.0 });
    surface.path(points.iter().filter(|point| !point.at_hand).map(|point| at(point.place)));
    for point in points {
        let [x, y] = at(point.place);
        if point.at_hand {
            ctx.begin_path();
            let _ = ctx.arc(x, y, 3.5, 0.0, std::f64::consts::TAU);
            ctx.fill();
        } else {
            ctx.fill_rect(x - 2.5, y - 2.5, 5.0, 5.0);
        }
    }
    if let Some(last) = points.last().filter(|last| opacity == 1.0 && last.method == 0) {
        let [x, y] = at(last.place);
        ctx.set_text_align("right");
        surface.text(words_for(BITS[last.bits]), x - 8.0, y - 6.0);
    }
}
