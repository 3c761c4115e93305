//! How the loss curves come onto the canvas.
use crate::engine::protocol::Point;
use crate::ui::canvas::Surface;
use crate::ui::palette::{Rgb, css};
use crate::words;

/// What there is to see.
pub struct Scene {
    /// The curves.
    pub points: Vec<Point>,
    /// Components, and PCA's error with them.
    pub pca: Option<(u32, f32)>,
    /// To write epochs at the axis.
    pub steps_per_epoch: f64,
    /// How many the whole run has.
    pub epochs: u32,
    /// Where the pointer is, in CSS pixels from the left.
    pub pointed: Option<f64>,
}

const LEFT: f64 = 46.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 6.0;
const BOTTOM: f64 = 32.0;

/// From steps and losses to places.
pub struct Frame {
    width: f64,
    height: f64,
    steps: f64,
    log: [f64; 2],
}

impl Frame {
    /// For what there is to see, on a canvas of this size.
    pub fn new(scene: &Scene, width: f64, height: f64) -> Self {
        let last = scene.points.last().map_or(0.0, |point| f64::from(point.step));
        let whole = (scene.steps_per_epoch * f64::from(scene.epochs)).max(1.0);
        // The axis grows in a few leaps, so that the beginning is seen and the curve does not creep.
        let share = [0.1, 0.2, 0.5, 1.0].into_iter().find(|share| last <= share * whole);
        let steps = share.map_or(last, |share| share * whole).max(1.0);
        let values = scene.points.iter().flat_map(|point| [Some(point.train), point.test]).flatten();
        let values = values.chain(scene.pca.map(|(_, mse)| mse));
        let logs = values.filter(|value| value.is_finite() && *value > 0.0).map(|value| f64::from(value).log10());
        let (mut least, mut most) = logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        if least > most {
            (least, most) = (-2.0, -0.6);
        }
        // At least a factor of 3 from bottom to top: noise is not to look like news.
        let missing = (0.48 - (most - least)).max(0.0) / 2.0;
        let air = 0.04 + missing;
        Self { width, height, steps, log: [least - air, most + air] }
    }

    /// Where a step is.
    fn x(&self, step: f64) -> f64 {
        LEFT + step / self.steps * (self.width - LEFT - RIGHT)
    }

    /// Where a loss is.
    fn y(&self, loss: f64) -> f64 {
        let [least, most] = self.log;
        let up = (loss.max(1e-12).log10() - least) / (most - least);
        self.height - BOTTOM - up * (self.height - TOP - BOTTOM)
    }

    /// The step at a place.
    pub fn step_at(&self, x: f64) -> f64 {
        (x - LEFT) / (self.width - LEFT - RIGHT) * self.steps
    }
}

/// Paints all of it.
pub fn paint(surface: &Surface, scene: &Scene) {
    let frame = Frame::new(scene, surface.width, surface.height);
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    axes(surface, scene, &frame);
    if scene.points.is_empty() {
        ctx.set_fill_style_str(&css(palette.muted, 1.0));
        ctx.set_text_align("center");
        let middle = LEFT + (surface.width - LEFT - RIGHT) / 2.0;
        surface.text("press Train, and the loss falls here", middle, TOP + 16.0);
    }
    let train = scene.points.iter().map(|point| (point.step, Some(point.train)));
    curve(surface, &frame, train, palette.blue, 1.4, false);
    let test = scene.points.iter().map(|point| (point.step, point.test)).filter(|(_, test)| test.is_some());
    // Marked, so that whoever sees no colours can tell them apart.
    curve(surface, &frame, test, palette.ink, 1.8, true);
    pca_line(surface, scene, &frame);
    if let Some(x) = scene.pointed.filter(|x| (LEFT..surface.width - RIGHT).contains(x) && !scene.points.is_empty()) {
        ctx.set_stroke_style_str(&css(palette.muted, 0.8));
        ctx.set_line_width(1.0);
        surface.line([x, TOP], [x, surface.height - BOTTOM]);
    }
}

/// One curve; of many points within a pixel, their mean.
fn curve(
    surface: &Surface,
    frame: &Frame,
    points: impl Iterator<Item = (u32, Option<f32>)>,
    colour: Rgb,
    width: f64,
    is_marked: bool,
) {
    let mut places: Vec<[f64; 2]> = Vec::new();
    let (mut column, mut sum, mut count) = (f64::NEG_INFINITY, 0.0, 0.0);
    for (step, value) in points {
        let Some(value) = value.filter(|value| value.is_finite()) else { continue };
        let (x, y) = (frame.x(f64::from(step)), frame.y(f64::from(value)));
        if x - column >= 1.0 {
            (column, sum, count) = (x, 0.0, 0.0);
            places.push([x, y]);
        }
        (sum, count) = (sum + y, count + 1.0);
        if let Some(last) = places.last_mut() {
            last[1] = sum / count;
        }
    }
    surface.ctx.set_line_width(width);
    surface.ctx.set_line_join("round");
    surface.ctx.set_stroke_style_str(&css(colour, 1.0));
    surface.ctx.set_fill_style_str(&css(colour, 1.0));
    // One point alone is no line. Of many, those are marked that have room.
    let mut free = f64::NEG_INFINITY;
    for &[x, y] in places.iter().filter(|_| is_marked || places.len() == 1) {
        if x >= free {
            surface.ctx.fill_rect(x - 2.5, y - 2.5, 5.0, 5.0);
            free = x + 14.0;
        }
    }
    surface.path(places);
}

fn pca_line(surface: &Surface, scene: &Scene, frame: &Frame) {
    let Some((components, mse)) = scene.pca else { return };
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let y = frame.y(f64::from(mse));
    ctx.set_stroke_style_str(&css(palette.amber_deep, 1.0));
    ctx.set_line_width(1.2);
    let dashes = js_sys::Array::of2(&2.into(), &4.into());
    let _ = ctx.set_line_dash(&dashes);
    surface.line([LEFT, y], [surface.width - RIGHT, y]);
    let _ = ctx.set_line_dash(&js_sys::Array::new());
    ctx.set_fill_style_str(&css(palette.amber_deep, 1.0));
    ctx.set_text_align("right");
    ctx.set_font("11px system-ui, sans-serif");
    let components = if components == 1 { "1 component".into() } else { words!("{components} components") };
    let words = words!("PCA with {components}");
    let at = [surface.width - RIGHT - 2.0, y - 5.0];
    // Paper around the words, where a curve runs through them.
    ctx.set_stroke_style_str(&css(palette.paper, 1.0));
    ctx.set_line_width(4.0);
    ctx.set_line_join("round");
    let _ = ctx.stroke_text(&words, at[0], at[1]);
    surface.text(&words, at[0], at[1]);
}

fn axes(surface: &Surface, scene: &Scene, frame: &Frame) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    ctx.set_font("11px system-ui, sans-serif");
    ctx.set_line_width(1.0);
    ctx.set_text_align("right");
    let mut above = f64::INFINITY;
    for loss in ticks(frame.log) {
        // On a half, so that the line is one pixel and not two of half the colour.
        let y = frame.y(loss).round() + 0.5;
        ctx.set_stroke_style_str(&css(palette.line, 0.7));
        surface.line([LEFT, y], [surface.width - RIGHT, y]);
        if above - y >= 13.0 {
            ctx.set_fill_style_str(&css(palette.muted, 1.0));
            surface.text(&format!("{loss}"), LEFT - 6.0, y + 3.5);
            above = y;
        }
    }
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    ctx.set_text_align("center");
    let floor = surface.height - BOTTOM;
    let epochs = frame.steps / scene.steps_per_epoch.max(1e-9);
    let gap = nice(epochs / (surface.width / 80.0).max(2.0));
    let mut at = 0.0;
    while at <= epochs * 1.0001 {
        let x = frame.x(at * scene.steps_per_epoch);
        surface.text(&plain(at), x.min(surface.width - RIGHT - 6.0), floor + 14.0);
        at += gap;
    }
    surface.text("epoch", LEFT + (surface.width - LEFT - RIGHT) / 2.0, floor + 28.0);
}

/// 1, 2 and 5 times powers of ten, from the lowest up.
fn ticks([least, most]: [f64; 2]) -> Vec<f64> {
    let exponents = least.floor() as i32..=most.ceil() as i32;
    let all = exponents.flat_map(|exponent| [1, 2, 5].map(|digit| (digit, exponent)));
    // By way of text, because 0.1 * 0.1 is not 0.01 but almost.
    let all = all.filter_map(|(digit, exponent)| format!("{digit}e{exponent}").parse::<f64>().ok());
    all.filter(|loss| (least..=most).contains(&loss.log10())).collect()
}

/// The next of 1, 2, 5 times a power of ten.
fn nice(gap: f64) -> f64 {
    let gap = gap.max(1e-6);
    let unit = 10f64.powf(gap.log10().floor());
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * unit >= gap * 0.999).unwrap_or(10.0);
    digit * unit
}

/// At most three decimals, and no more than it takes.
fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
