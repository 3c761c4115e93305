//! Pictures of inputs and reconstructions: digits pixel by pixel, series as lines.
use crate::ui::canvas::{Image, Surface, painted, pictured};
use crate::ui::desk::Desk;
use crate::ui::palette::{Palette, Rgb, between, css};
use crate::ui::tag::{Tag, again, fact, tag};
use leptos::html;
use leptos::prelude::*;

/// What to show of x and x̂.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// x: what the network sees.
    Input,
    /// x̂: what it makes of it.
    Output,
    /// |x - x̂|
    Difference,
    /// Both, one over the other.
    Overlay,
}

/// A picture of what is on the pad, as the network has it: with a name for tests, and one for those who do not see it.
pub fn picture(desk: Desk, show: Signal<Show>, testid: &'static str, label: &'static str) -> AnyView {
    // Two canvases, because a series is painted on the screen's own pixels and a digit on its 28 x 28.
    let is_series = fact(move || desk.is_series());
    again(move || {
        let canvas = NodeRef::<html::Canvas>::new();
        if is_series.get() {
            painted(
                canvas,
                move || (desk.input.get(), desk.output(), show.get()),
                |surface, (input, output, show)| paint_series(surface, input.as_deref(), output.as_deref(), *show),
            );
        } else {
            pictured(canvas, move |palette| {
                let (rows, columns) = desk.shape();
                let (input, output) = (desk.input.get(), desk.output());
                digit(palette, (rows as usize, columns as usize), input.as_deref(), output.as_deref(), show.get())
            });
        }
        tag("canvas").class("picture").set("role", "img").testid(testid).label(label).node(canvas).into()
    })
}

/// What is made of [`values`], made anew where digits give way to series, or series to digits.
pub fn of_its_kind(desk: Desk, made: impl Fn() -> Tag + Send + 'static) -> AnyView {
    let series = fact(move || desk.is_series());
    again(move || {
        // A memo that is only tracked is never computed.
        series.with(|_| ());
        made().into()
    })
}

/// A picture of any values that an input could have, of the kind that they are of now; an empty one where there are none.
pub fn values(desk: Desk, values: impl Fn() -> Option<Vec<f32>> + 'static) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    if untrack(|| desk.is_series()) {
        painted(canvas, values, |surface, values| series(surface, values.as_deref(), surface.palette.blue));
    } else {
        pictured(canvas, move |palette| {
            let (rows, columns) = desk.shape();
            digit(palette, (rows as usize, columns as usize), values().as_deref(), None, Show::Input)
        });
    }
    tag("canvas").class("picture").set("role", "img").node(canvas)
}

fn paint_series(surface: &Surface, input: Option<&[f32]>, output: Option<&[f32]>, show: Show) {
    let palette = &surface.palette;
    match show {
        Show::Input => series(surface, input, palette.ink),
        Show::Output => series(surface, output, palette.blue),
        Show::Difference => {
            if let Some((x, y)) = input.zip(output) {
                let gap: Vec<f32> = x.iter().zip(y).map(|(x, y)| (x - y).abs()).collect();
                series(surface, Some(&gap), palette.blue);
            }
        }
        Show::Overlay => {
            series(surface, input, palette.ink);
            series(surface, output, palette.blue);
        }
    }
}

/// The range that series are shown in.
const SERIES: std::ops::Range<f32> = -6.0..6.0;

/// A series as a line across the whole canvas.
pub fn series(surface: &Surface, values: Option<&[f32]>, colour: Rgb) {
    let Some(values) = values else { return };
    let last = values.len().saturating_sub(1).max(1) as f64;
    surface.ctx.set_stroke_style_str(&css(colour, 1.0));
    surface.ctx.set_line_width(1.5);
    surface.path(values.iter().enumerate().map(|(i, &value)| {
        let down = (SERIES.end - value) / (SERIES.end - SERIES.start);
        [i as f64 / last * surface.width, f64::from(down) * surface.height]
    }));
}

/// A picture's values as an image; an empty one where there are none.
pub fn sheet_of(palette: &Palette, (rows, columns): (u32, u32), values: Option<&[f32]>) -> Image {
    digit(palette, (rows as usize, columns as usize), values, None, Show::Input)
}

fn digit(
    palette: &Palette,
    (rows, columns): (usize, usize),
    input: Option<&[f32]>,
    output: Option<&[f32]>,
    show: Show,
) -> Image {
    let pixel = |i: usize| {
        let at = |values: Option<&[f32]>| values.and_then(|values| values.get(i).copied());
        let (x, y) = (at(input), at(output));
        match show {
            Show::Input => between(palette.paper, palette.ink, x.unwrap_or(0.0)),
            Show::Output => between(palette.paper, palette.ink, y.unwrap_or(0.0)),
            // Without both there is no difference to show.
            Show::Difference => between(palette.paper, palette.blue, x.zip(y).map_or(0.0, |(x, y)| (x - y).abs())),
            Show::Overlay => {
                // The digit in grey; what the network made of it in blue over it.
                let under = between(palette.paper, palette.ink, 0.55 * x.unwrap_or(0.0));
                between(under, palette.blue, 0.75 * y.unwrap_or(0.0))
            }
        }
    };
    let rgba = (0..rows * columns).flat_map(|i| with_full_opacity(pixel(i))).collect();
    Image { columns, rows, rgba }
}

/// A pixel's four bytes.
pub fn with_full_opacity([r, g, b]: Rgb) -> [u8; 4] {
    [r, g, b, 255]
}

/// Paper between two pictures, in their own pixels.
const GAP: usize = 3;

/// Pictures of one shape on a sheet, so many across and down: `at` has each, or nothing.
pub fn tiles<'a>(
    palette: &Palette,
    (rows, columns): (usize, usize),
    [across, down]: [usize; 2],
    at: impl Fn(usize) -> Option<&'a [f32]>,
) -> Image {
    let (wide, high) = (across * (columns + GAP) - GAP, down * (rows + GAP) - GAP);
    let mut rgba: Vec<u8> = with_full_opacity(palette.paper).repeat(wide * high);
    for i in 0..across * down {
        let Some(picture) = at(i).filter(|picture| picture.len() == rows * columns) else { continue };
        let (top, left) = (i / across * (rows + GAP), i % across * (columns + GAP));
        for (at, &value) in picture.iter().enumerate() {
            let place = ((top + at / columns) * wide + left + at % columns) * 4;
            rgba[place..place + 4].copy_from_slice(&with_full_opacity(between(palette.paper, palette.ink, value)));
        }
    }
    Image { columns: wide, rows: high, rgba }
}

/// Series beside and below each other, likewise, each in its colour.
pub fn traces<'a>(surface: &Surface, [across, down]: [usize; 2], at: impl Fn(usize) -> Option<(&'a [f32], Rgb)>) {
    let (wide, high) = (surface.width / across as f64, surface.height / down as f64);
    for i in 0..across * down {
        let Some((values, colour)) = at(i) else { continue };
        surface.ctx.save();
        let _ = surface.ctx.translate((i % across) as f64 * wide + 3.0, (i / across) as f64 * high);
        let cell =
            Surface { ctx: surface.ctx.clone(), width: wide - 6.0, height: high, palette: surface.palette.clone() };
        series(&cell, Some(values), colour);
        surface.ctx.restore();
    }
}
