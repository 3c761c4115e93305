//! The drawing pad: pen, touch, mouse and keyboard.
pub mod aloud;

use super::pen::{Pen, STEP, WIDTH};
use crate::lessons::draw::Dot;
use crate::lessons::thing::Thing;
use crate::ui::canvas::{Surface, painted_on};
use crate::ui::desk::Desk;
use crate::ui::palette::{between, css};
use crate::ui::sheet::{Cursor, Sheet, Sheets, example};
use crate::ui::tag::{button, tag};
use leptos::html;
use leptos::prelude::*;
use web_sys::{FocusEvent, KeyboardEvent, PointerEvent};

/// The values that a series spans on the pad: heartbeats are standardised, and the sharpest reach this far.
const SERIES: std::ops::Range<f32> = -6.0..6.0;

const HELP: &str = "Draw with a mouse, a pen or a finger. With keys: the arrow keys move the pen, with Shift in small \
    steps; Space lowers and lifts it; Backspace takes back the last stroke; Delete clears.";

/// The pad and its buttons.
pub fn pad(desk: Desk) -> [AnyView; 2] {
    let canvas = NodeRef::<html::Canvas>::new();
    let pen = StoredValue::new(None::<Pen>);
    let cursor = desk.pen;
    let scene = move || (desk.sheets.with(|sheets| sheets.now().clone()), cursor.get(), desk.shape(), desk.thing());
    painted_on(canvas, scene, grew, paint);

    let down = move |event: PointerEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        if event.button() != 0 || pen.get_value().is_some() {
            return;
        }
        // Strokes go on outside the pad; where a pointer can't be captured they end at its edge.
        let _ = element.set_pointer_capture(event.pointer_id());
        cursor.set(None);
        let start = Pen::down(&event, &element.get_bounding_client_rect());
        pen.set_value(Some(start));
        touch_down(desk, start.last);
    };
    let moved = move |event: PointerEvent| {
        let Some((mut now, element)) = pen.get_value().zip(canvas.get_untracked()) else { return };
        if now.pointer != event.pointer_id() {
            return;
        }
        let mut from = now.last;
        let dots = now.moved(&event, &element.get_bounding_client_rect());
        pen.set_value(Some(now));
        desk.draw(|sheets| {
            for dot in dots {
                sheets.draw_to(dot);
                over_series(desk, sheets, from, dot);
                from = dot;
            }
        });
    };
    let lifted = move |event: PointerEvent| {
        if pen.get_value().is_some_and(|pen| pen.pointer == event.pointer_id()) {
            pen.set_value(None);
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if on_key(desk, cursor, &event.key(), event.shift_key()) {
            event.prevent_default();
        }
    };
    let name = move || {
        let name = ["Draw a digit", "Draw a picture", "Draw a heartbeat", "Draw a series"];
        desk.thing().among(name).to_owned()
    };
    let paper = tag("canvas")
        .class("pad")
        .set("role", "application")
        .set("tabindex", "0")
        .shows("aria-label", name)
        .set("aria-description", HELP)
        .set("title", "Draw here")
        .node(canvas)
        .on("pointerdown", down)
        .on("pointermove", moved)
        .on("pointerup", lifted)
        .on("pointercancel", lifted)
        .on("lostpointercapture", lifted)
        .on("keydown", key)
        .on("blur", move |_: FocusEvent| cursor.set(None));
    let buttons = tag("div")
        .class("row buttons")
        .child(
            button("Undo", move || desk.draw(|sheets| sheets.undo()))
                .flag("disabled", move || !desk.sheets.with(|sheets| sheets.has_before())),
        )
        .child(button("Clear", move || desk.draw(|sheets| sheets.lay(Sheet::Blank))))
        .child(
            button("From the test set", move || desk.sample(None))
                .flag("disabled", move || desk.engine.strip.with(Option::is_none)),
        );
    [paper.into(), buttons.into()]
}

fn touch_down(desk: Desk, dot: Dot) {
    let len = desk.engine.opened.with_untracked(|opened| {
        opened.as_ref().filter(|opened| opened.shape.0 == 1).map(|opened| opened.shape.1 as usize)
    });
    desk.draw(|sheets| match len {
        Some(len) => {
            sheets.start_series(len);
            over_series(desk, sheets, dot, dot);
        }
        None => sheets.start_stroke(dot),
    });
}

/// Whether the key was the pad's.
fn on_key(desk: Desk, cursor: RwSignal<Option<Cursor>>, key: &str, fine: bool) -> bool {
    let step = if fine { STEP / 4.0 } else { STEP };
    let (dx, dy) = match key {
        "ArrowLeft" => (-step, 0.0),
        "ArrowRight" => (step, 0.0),
        "ArrowUp" => (0.0, -step),
        "ArrowDown" => (0.0, step),
        _ => (0.0, 0.0),
    };
    let before = cursor.get_untracked();
    let now = before.unwrap_or(Cursor { x: 0.5, y: 0.5, down: false });
    let dot = |cursor: Cursor| Dot { x: cursor.x, y: cursor.y, width: WIDTH };
    match key {
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" => {
            let next = Cursor { x: (now.x + dx).clamp(0.0, 1.0), y: (now.y + dy).clamp(0.0, 1.0), ..now };
            cursor.set(Some(next));
            if next.down {
                desk.draw(|sheets| {
                    sheets.draw_to(dot(next));
                    over_series(desk, sheets, dot(now), dot(next));
                });
            }
        }
        " " => {
            let next = Cursor { down: !now.down, ..now };
            cursor.set(Some(next));
            if next.down {
                touch_down(desk, dot(next));
            }
        }
        "Escape" if before.is_some() => cursor.set(None),
        "Backspace" | "Delete" => {
            // The stroke that the pen was drawing may be gone.
            cursor.set(Some(Cursor { down: false, ..now }));
            desk.draw(|sheets| if key == "Delete" { sheets.lay(Sheet::Blank) } else { sheets.undo() });
        }
        _ => return false,
    }
    true
}

/// The pen passes from one place to another over a series, if there is one.
fn over_series(desk: Desk, sheets: &mut Sheets, from: Dot, to: Dot) {
    let (from, to) = (on_series(from), on_series(to));
    if desk.bends.get_untracked() {
        sheets.bend(from.0, to.1 - from.1);
    } else {
        sheets.redraw(from, to);
    }
}

/// A place on the pad as a place in a series.
fn on_series(dot: Dot) -> (f32, f32) {
    (dot.x, SERIES.end + dot.y * (SERIES.start - SERIES.end))
}

/// What lies on the pad, where the keyboard's pen is, rows and columns of an input, and what it is called.
type Scene = (Sheet, Option<Cursor>, (u32, u32), Thing);

/// Whether there is only more ink: a digit of many dots is not painted anew for each of them.
fn grew(before: &Scene, now: &Scene) -> bool {
    let ((Sheet::Strokes(before), None, ..), (Sheet::Strokes(now), None, ..)) = (before, now) else { return false };
    let Some((last, done)) = before.split_last() else { return false };
    now.starts_with(done) && now.get(done.len()).is_some_and(|now| now.starts_with(last))
}

/// All of a scene, or what it has that the one on the pad has not.
fn paint(surface: &Surface, (sheet, cursor, shape, thing): &Scene, there: Option<&Scene>) {
    let series = shape.0 == 1;
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let (width, height) = (surface.width, surface.height);
    ctx.set_line_cap("round");
    ctx.set_line_join("round");
    ctx.set_stroke_style_str(&css(palette.ink, 1.0));
    ctx.set_fill_style_str(&css(palette.ink, 1.0));
    match sheet {
        Sheet::Blank => hint(surface, *thing),
        Sheet::Strokes(strokes) => {
            let there =
                there.map_or(&[][..], |(there, ..)| if let Sheet::Strokes(there) = there { there } else { &[] });
            let dots = there.iter().map(Vec::len).chain(std::iter::repeat(0));
            strokes.iter().zip(dots).for_each(|(stroke, dots)| paint_stroke(surface, stroke, dots));
        }
        Sheet::Example => example().iter().for_each(|stroke| paint_stroke(surface, stroke, 0)),
        Sheet::Sample { input, .. } | Sheet::Linked(input) if !series => paint_sample(surface, input, *shape),
        Sheet::Sample { input: values, .. } | Sheet::Series(values) | Sheet::Linked(values) => {
            ctx.set_line_width(2.0);
            let last = values.len().saturating_sub(1).max(1) as f64;
            surface.path(values.iter().enumerate().map(|(i, &value)| {
                let down = (SERIES.end - value) / (SERIES.end - SERIES.start);
                [i as f64 / last * width, f64::from(down) * height]
            }));
        }
    }
    if let Some(cursor) = cursor {
        ctx.set_stroke_style_str(&css(palette.blue, 1.0));
        ctx.set_fill_style_str(&css(palette.blue, 1.0));
        ctx.set_line_width(2.0);
        ctx.begin_path();
        let radius = f64::from(WIDTH) * width.min(height) / 2.0 + 2.0;
        let _ = ctx.arc(f64::from(cursor.x) * width, f64::from(cursor.y) * height, radius, 0.0, std::f64::consts::TAU);
        if cursor.down { ctx.fill() } else { ctx.stroke() }
    }
}

fn hint(surface: &Surface, thing: Thing) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    ctx.set_text_align("center");
    ctx.set_font("14px system-ui, sans-serif");
    surface.text(thing.to_draw(), surface.width / 2.0, surface.height / 2.0 + 5.0);
}

/// Ink that swells and thins from dot to dot, after so many of them.
fn paint_stroke(surface: &Surface, stroke: &[Dot], dots: usize) {
    let (width, height) = (surface.width, surface.height);
    let place = |dot: &Dot| [f64::from(dot.x) * width, f64::from(dot.y) * height];
    let Some(first) = stroke.first() else { return };
    let all = std::iter::once((first, first)).chain(stroke.iter().zip(stroke.iter().skip(1)));
    for (from, to) in all.skip(dots) {
        surface.ctx.set_line_width(f64::from(from.width + to.width) / 2.0 * width);
        // A line of no length is a dot, by its round caps; some browsers want a little length.
        let [x, y] = place(to);
        surface.line(place(from), [x + 0.01, y]);
    }
}

/// A picture of the test set, as large as the pad.
fn paint_sample(surface: &Surface, input: &[f32], (rows, columns): (u32, u32)) {
    let (rows, columns) = (f64::from(rows), f64::from(columns));
    let cell = (surface.width / columns).min(surface.height / rows);
    let (left, top) = ((surface.width - columns * cell) / 2.0, (surface.height - rows * cell) / 2.0);
    for (i, &value) in input.iter().enumerate() {
        if value > 0.02 {
            let (column, row) = (i as f64 % columns, (i as f64 / columns).floor());
            surface.ctx.set_fill_style_str(&css(between(surface.palette.paper, surface.palette.ink, value), 1.0));
            // Cells overlap by a hair, so that no paper shows between them.
            surface.ctx.fill_rect(left + column * cell, top + row * cell, cell + 0.5, cell + 0.5);
        }
    }
}
