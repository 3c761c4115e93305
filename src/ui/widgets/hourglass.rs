//! The hourglass: every layer as a column of its signals, from x through z to x̂.
use crate::ui::canvas::{Surface, painted};
use crate::ui::desk::Desk;
use crate::ui::palette::{Rgb, between, css};
use crate::ui::tag::{again, tag, turn};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::PointerEvent;

/// What there is to see.
pub struct Scene {
    /// Width of every signal.
    pub widths: Vec<u32>,
    /// Which of them is z.
    pub z_at: usize,
    /// The signals, where they are known.
    pub signals: Vec<Vec<f32>>,
    /// The column at the pointer.
    pub pointed: Option<usize>,
}

/// Room for the widths below the columns, in CSS pixels.
const FOOT: f64 = 20.0;
/// Room left and right of the first and the last column's middle.
const SIDE: f64 = 18.0;
/// A cell shows one value, or the strongest of several, and is at least this high.
const CELL: f64 = 3.0;

/// The picture, and a line that says what is pointed at.
pub fn hourglass(desk: Desk) -> [AnyView; 2] {
    let canvas = NodeRef::<html::Canvas>::new();
    let pointed = RwSignal::new(None::<usize>);
    let widths = Memo::new(move |_| desk.widths());
    let scene = move || {
        let (widths, z_at) = widths.get();
        Scene { widths, z_at, signals: signals(desk), pointed: pointed.get() }
    };
    painted(canvas, scene, paint);

    let point = move |event: PointerEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        let area = element.get_bounding_client_rect();
        let count = widths.with_untracked(|(widths, _)| widths.len());
        let x = f64::from(event.client_x()) - area.left();
        let nearest = (0..count).min_by(|&a, &b| {
            let distance = |i: usize| (column_at(i, count, area.width()) - x).abs();
            distance(a).total_cmp(&distance(b))
        });
        turn(pointed, nearest);
    };
    let label = move || {
        let (widths, _) = widths.get();
        let sizes: Vec<_> = widths.iter().map(u32::to_string).collect();
        words!("The network, layer by layer: {} values", sizes.join(", "))
    };
    let part = |name: &'static str, symbol: &'static str| tag("span").text(name).child(tag("i").text(symbol));
    let legend = again(move || match pointed.get() {
        Some(column) => tag("span").text(describe(desk, column)).into(),
        None => vec![
            AnyView::from(part("encoder ", "e")),
            part("latent code ", "z").class("latent").into(),
            part("decoder ", "d").into(),
        ]
        .into_any(),
    });
    let picture = tag("canvas")
        .class("hourglass")
        .set("role", "img")
        .shows("aria-label", label)
        .node(canvas)
        .on("pointermove", point)
        .on("pointerdown", point)
        .on("pointerleave", move |event: PointerEvent| {
            // A finger leaves when it is lifted, and what it pointed at is still to be read.
            if event.pointer_type() != "touch" {
                pointed.set(None);
            }
        });
    [picture.into(), tag("p").class("legend").child(legend).into()]
}

/// Of the drawing; from z on of the held code, if one is held.
pub fn signals(desk: Desk) -> Vec<Vec<f32>> {
    let mut signals = desk.engine.seen.with(|seen| seen.as_ref().map(|seen| seen.signals.clone())).unwrap_or_default();
    let z_at = desk.engine.opened.with(|opened| opened.as_ref().map_or(0, |opened| opened.z_at));
    if desk.held.with(Option::is_some)
        && let Some(decoded) = desk.engine.decoded.get()
    {
        signals.truncate(z_at);
        signals.resize(z_at, Vec::new());
        signals.extend(decoded.signals);
    }
    signals
}

/// A sentence on a column.
fn describe(desk: Desk, column: usize) -> String {
    let opened = desk.engine.opened.get();
    let Some((opened, width)) = opened.as_ref().and_then(|o| o.widths.get(column).map(|width| (o, *width))) else {
        return String::new();
    };
    let last = opened.widths.len() - 1;
    let name = match column {
        0 => words!("x: {width} values in"),
        c if c == opened.z_at && width == 1 => words!("z: the code, 1 value in place of {}", opened.widths[0]),
        c if c == opened.z_at => words!("z: the code, {width} values in place of {}", opened.widths[0]),
        c if c == last => words!("x̂: {width} values out"),
        c if c < opened.z_at => words!("encoder, layer {c}: {width} values"),
        c => words!("decoder, layer {}: {width} values", c - opened.z_at),
    };
    let active = signals(desk).get(column).map(|signal| signal.iter().filter(|value| value.abs() > 1e-3).count());
    match active {
        Some(active) if column != opened.z_at => words!("{name}, {active} not 0 now"),
        _ => name,
    }
}

/// The middle of a column.
fn column_at(column: usize, count: usize, width: f64) -> f64 {
    SIDE + (width - 2.0 * SIDE) * column as f64 / (count.max(2) - 1) as f64
}

/// Heights follow the logarithm: 784 and 10 would not fit on one picture otherwise.
fn heights(widths: &[u32], most: f64) -> Vec<f64> {
    let log = |width: u32| f64::from(width.max(1)).ln();
    let widest = widths.iter().copied().map(log).fold(1.0, f64::max);
    widths.iter().map(|&width| most * (0.12 + 0.88 * (log(width) / widest).powf(1.6))).collect()
}

/// The columns of a network, and the glass around them.
pub fn paint(surface: &Surface, scene: &Scene) {
    let count = scene.widths.len();
    if count < 2 {
        return;
    }
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let full = surface.height - FOOT - 4.0;
    let middle = 2.0 + full / 2.0;
    let heights = heights(&scene.widths, full);
    let across: Vec<f64> = (0..count).map(|i| column_at(i, count, surface.width)).collect();
    let spacing = (surface.width - 2.0 * SIDE) / (count - 1) as f64;
    let bar = (spacing * 0.4).clamp(5.0, 14.0);
    // How near a column is to z: 1 there, 0 at both ends.
    let warmth = |i: usize| {
        let ends = if i <= scene.z_at { scene.z_at } else { count - 1 - scene.z_at };
        1.0 - (i.abs_diff(scene.z_at)) as f32 / ends.max(1) as f32
    };

    for i in 0..count - 1 {
        let tint = |i: usize| between(palette.blue, palette.amber, warmth(i));
        let gradient = ctx.create_linear_gradient(across[i], 0.0, across[i + 1], 0.0);
        let both = gradient.add_color_stop(0.0, &css(tint(i), 0.16 + 0.12 * f64::from(warmth(i))));
        let _ = both.and(gradient.add_color_stop(1.0, &css(tint(i + 1), 0.16 + 0.12 * f64::from(warmth(i + 1)))));
        ctx.set_fill_style_canvas_gradient(&gradient);
        ctx.begin_path();
        ctx.move_to(across[i], middle - heights[i] / 2.0);
        ctx.line_to(across[i + 1], middle - heights[i + 1] / 2.0);
        ctx.line_to(across[i + 1], middle + heights[i + 1] / 2.0);
        ctx.line_to(across[i], middle + heights[i] / 2.0);
        ctx.close_path();
        ctx.fill();
    }
    for i in 0..count {
        let is_z = i == scene.z_at;
        let colour = if is_z { palette.amber } else { palette.blue };
        let at = [across[i] - bar / 2.0, middle - heights[i] / 2.0, bar, heights[i]];
        column(surface, at, scene.signals.get(i), scene.widths[i], colour);
        let edge = if is_z { palette.amber_deep } else { between(palette.line, palette.blue, 0.4) };
        let strong = is_z || scene.pointed == Some(i);
        ctx.set_stroke_style_str(&css(if strong && !is_z { palette.blue } else { edge }, 1.0));
        ctx.set_line_width(if strong { 2.0 } else { 1.0 });
        ctx.stroke_rect(at[0], at[1], at[2], at[3]);
    }
    sizes(surface, scene, &across, spacing);
}

/// One column: as many cells as values, or as fit; each shows the strongest value of its share.
fn column(surface: &Surface, [x, y, w, h]: [f64; 4], signal: Option<&Vec<f32>>, width: u32, colour: Rgb) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    ctx.set_fill_style_str(&css(palette.paper, 1.0));
    ctx.fill_rect(x, y, w, h);
    let Some(signal) = signal.filter(|signal| !signal.is_empty()) else { return };
    let strongest = signal.iter().fold(0.0f32, |most, value| most.max(value.abs())).max(1e-6);
    // Above 0 in the colour, below 0 in grey; strength is depth, as an opacity over the paper: it goes to the canvas as a
    // number, while each colour of its own would be a text to write and to read for every cell.
    let hues = [colour, palette.muted].map(|hue| css(hue, 1.0));
    let mut set = None;
    let cells = ((h / CELL) as usize).clamp(1, width.max(1) as usize);
    let cell = h / cells as f64;
    for i in 0..cells {
        let share = &signal[i * signal.len() / cells..((i + 1) * signal.len() / cells).min(signal.len())];
        let value =
            share.iter().copied().fold(0.0f32, |most, value| if value.abs() > most.abs() { value } else { most });
        if value == 0.0 {
            continue;
        }
        let hue = usize::from(value < 0.0);
        if set != Some(hue) {
            ctx.set_fill_style_str(&hues[hue]);
            set = Some(hue);
        }
        ctx.set_global_alpha((value.abs() / strongest).powf(0.7).into());
        let gap = if cell >= 6.0 { 1.0 } else { 0.0 };
        ctx.fill_rect(x + 1.0, y + i as f64 * cell + gap / 2.0, w - 2.0, cell - gap);
    }
    ctx.set_global_alpha(1.0);
}

/// The widths below: z's and both ends' always, the others where there is room.
fn sizes(surface: &Surface, scene: &Scene, across: &[f64], spacing: f64) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let last = scene.widths.len() - 1;
    ctx.set_text_align("center");
    for (i, &width) in scene.widths.iter().enumerate() {
        let (is_z, is_end) = (i == scene.z_at, i == 0 || i == last);
        if spacing < 30.0 && !is_z && !is_end {
            continue;
        }
        ctx.set_fill_style_str(&css(if is_z { palette.amber_deep } else { palette.muted }, 1.0));
        ctx.set_font(if is_z { "bold 13px system-ui, sans-serif" } else { "12px system-ui, sans-serif" });
        surface.text(&width.to_string(), across[i], surface.height - 5.0);
    }
}
