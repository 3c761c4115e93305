//! The map on its canvas: points by the raster, and over them what belongs to the visitor.
use super::atlas::{Atlas, State};
use super::raster::{Raster, mark_places};
use super::small::{class, ring};
use crate::lessons::latent::{GRID, Space, View};
use crate::ui::canvas::Surface;
use crate::ui::palette::css;
use crate::words;
use std::hash::{DefaultHasher, Hash};

/// What there is to see beside the map's own state.
pub struct Scene {
    pub own: Option<[f32; 2]>,
    pub held: Option<[f32; 2]>,
    pub focused: bool,
    /// Values in a row of a picture; `None` of series, which have no pictures this small.
    pub columns: Option<usize>,
}

/// Where at most so many points are in view, they are shown as the digits that they are.
const FEW: usize = 250;
/// The side of a digit on the map, and of the one at the pointer, in CSS pixels.
const DIGIT: f32 = 26.0;
const POINTED: f32 = 84.0;

/// The part of the plane that is in view.
pub fn view(state: &State) -> View {
    state.view.unwrap_or_else(|| View::of(state.extent, state.size))
}

/// Whether a point is shown.
pub fn is_shown(state: &State, point: usize) -> bool {
    state.chart.labels.get(point).is_none_or(|&label| state.hidden & (1 << (label % 32)) == 0)
}

/// Codes can be decoded; other places of the map are not codes.
fn shows_grid(state: &State) -> bool {
    state.grid_on && state.is_plane()
}

/// All that the points and the grid are painted from.
fn mark(state: &State, scene: &Scene, view: &View, hasher: &mut DefaultHasher) {
    (state.hidden, state.no_points, shows_grid(state), scene.columns, &state.chart.labels).hash(hasher);
    state.pictures.iter().flatten().count().hash(hasher);
    mark_places(&state.places, view, hasher);
    for value in state.extent.into_iter().chain(state.grid_extent).flatten() {
        value.to_bits().hash(hasher);
    }
    if shows_grid(state) {
        state.grid.hash(hasher);
    }
}

/// Paints it all. Returns the digits in view that are not here yet.
pub fn paint(surface: &Surface, raster: &mut Raster, scene: &Scene, state: &State) -> Vec<u32> {
    let size = [surface.width as f32, surface.height as f32];
    let view = view(state);
    let Some(canvas) = surface.ctx.canvas() else { return Vec::new() };
    let density = canvas.width() as f32 / size[0].max(1.0);
    let mut missing = Vec::new();
    if raster.begins(canvas.width(), canvas.height(), &surface.palette, |hasher| mark(state, scene, &view, hasher)) {
        if shows_grid(state) {
            paint_grid(raster, state, &view, size, density, surface, scene.columns);
        }
        if !state.no_points {
            missing = paint_points(raster, scene, state, &view, size, density, surface);
        }
    }
    let pointed = state.pointed.and_then(|point| Some((point, *state.places.get(point as usize)?)));
    let bubble = pointed.map(|(point, place)| {
        let [x, y] = view.pixel(place, size);
        // Beside the point, on the side where there is more room.
        let half = POINTED / 2.0;
        let beside = |at: f32, whole: f32| if at > whole / 2.0 { at - half - 14.0 } else { at + half + 14.0 };
        let middle = [beside(x, size[0]), y.clamp(half + 4.0, (size[1] - half - 22.0).max(half + 4.0))];
        (point, [x, y], middle)
    });
    match bubble.and_then(|(point, _, middle)| Some((state.picture(point)?, middle))).zip(scene.columns) {
        Some(((picture, middle), columns)) => {
            let colours = [Some(surface.palette.paper), Some(surface.palette.ink)];
            raster.show_with(&surface.ctx, |raster| {
                raster.picture(middle.map(|x| x * density), POINTED * density, picture, columns, colours);
            });
        }
        None => raster.show(&surface.ctx),
    }

    if shows_grid(state) && scene.columns.is_none() {
        trace_grid(surface, state, &view, size);
    }
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    paint_axes(surface, scene, state);
    if let Some(end) = state.ends[1].and_then(|end| state.places.get(end as usize)) {
        let start = state.ends[0].and_then(|start| state.places.get(start as usize)).copied().or(scene.own);
        if let Some(start) = start {
            ctx.set_stroke_style_str(&css(palette.amber, 0.9));
            ctx.set_line_width(2.0);
            let at = |place| view.pixel(place, size).map(f64::from);
            surface.line(at(start), at(*end));
        }
    }
    for (bucket, colour) in state.buckets.iter().zip([palette.amber_deep, palette.muted]) {
        for place in bucket.iter().filter_map(|&point| state.places.get(point as usize)) {
            ring(surface, view.pixel(*place, size), 8.0, &css(colour, 1.0), 2.0);
        }
    }
    if let Some(own) = scene.own {
        let at = view.pixel(own, size);
        ring(surface, at, 9.0, &css(palette.paper, 0.9), 6.0);
        ring(surface, at, 9.0, &css(palette.blue, 1.0), 3.0);
        // The middle too, so that it can be told from a ring around something.
        ring(surface, at, 1.5, &css(palette.blue, 1.0), 3.0);
    }
    if let Some(place) = scene.held.or(state.cursor) {
        let [x, y] = view.pixel(place, size).map(f64::from);
        for (colour, width) in [(css(palette.paper, 0.9), 5.0), (css(palette.amber, 1.0), 2.5)] {
            ctx.set_stroke_style_str(&colour);
            ctx.set_line_width(width);
            surface.line([x - 11.0, y], [x + 11.0, y]);
            surface.line([x, y - 11.0], [x, y + 11.0]);
        }
    }
    if let Some((point, at, middle)) = bubble {
        ring(surface, at, 7.0, &css(palette.ink, 1.0), 2.0);
        let half = f64::from(POINTED) / 2.0;
        let [x, y] = middle.map(f64::from);
        ctx.set_line_width(1.0);
        ctx.set_stroke_style_str(&css(palette.ink, 0.6));
        if scene.columns.is_some() {
            ctx.stroke_rect(x - half, y - half, 2.0 * half, 2.0 * half);
        }
        let class = state.chart.labels.get(point as usize).map(|&label| usize::from(label));
        if let Some(name) = class.and_then(|class| state.chart.classes.get(class)) {
            ctx.set_fill_style_str(&css(palette.paper, 0.9));
            ctx.fill_rect(x - half, y + half, 2.0 * half, 18.0);
            ctx.set_fill_style_str(&css(palette.ink, 1.0));
            ctx.set_text_align("center");
            surface.text(name, x, y + half + 13.0);
            ctx.set_text_align("start");
        }
    }
    if scene.focused && state.cursor.is_none() {
        ctx.set_fill_style_str(&css(palette.muted, 1.0));
        surface.text("arrow keys move the cursor", 10.0, surface.height - 24.0);
    }
    missing
}

fn paint_points(
    raster: &mut Raster,
    scene: &Scene,
    state: &State,
    view: &View,
    size: [f32; 2],
    density: f32,
    surface: &Surface,
) -> Vec<u32> {
    let colour = |point: usize| {
        let class = class(&state.chart.labels, point);
        (class, surface.palette.classes[class])
    };
    let within = |[x, y]: [f32; 2]| (-DIGIT..size[0] + DIGIT).contains(&x) && (-DIGIT..size[1] + DIGIT).contains(&y);
    let pixels = state.places.iter().enumerate().map(|(point, place)| (point, view.pixel(*place, size)));
    let shown: Vec<(usize, [f32; 2])> =
        pixels.filter(|&(point, pixel)| within(pixel) && is_shown(state, point)).collect();
    let mut missing = Vec::new();
    let as_digits = scene.columns.filter(|_| shown.len() <= FEW);
    // Larger as one comes nearer, so that few points are still seen.
    let nearer = view.scale / View::of(state.extent, size).scale.max(1e-9);
    raster.points_of((2.9 * nearer.powf(0.25)).clamp(2.9, 6.0) * density);
    // Over the grid, as faint as lets it be seen: many points lie upon each other.
    let opacity = if shows_grid(state) { (800_000 / shown.len().max(1)).clamp(14, 80) as u32 } else { 225 };
    for (point, pixel) in shown {
        let at = pixel.map(|x| x * density);
        let (class, colour) = colour(point);
        if let Some(columns) = as_digits {
            match state.picture(point as u32) {
                Some(picture) => {
                    raster.picture(at, DIGIT * density, picture, columns, [None, Some(colour)]);
                    continue;
                }
                None => missing.push(point as u32),
            }
        }
        raster.point(at, class, colour, opacity);
    }
    missing
}

fn paint_grid(
    raster: &mut Raster,
    state: &State,
    view: &View,
    size: [f32; 2],
    density: f32,
    surface: &Surface,
    columns: Option<usize>,
) {
    let values = state.grid.len() / (GRID * GRID);
    let Some(columns) = columns.filter(|_| values > 0) else { return };
    let places = crate::lessons::latent::grid(state.grid_extent);
    let [across, down] = state.grid_extent.map(|[least, most]| (most - least) / (GRID - 1) as f32 * view.scale);
    let side = across.min(down).max(1.0);
    let ink = crate::ui::palette::between(surface.palette.paper, surface.palette.ink, 0.8);
    for (place, picture) in places.into_iter().zip(state.grid.chunks_exact(values)) {
        let at = view.pixel(place, size).map(|x| x * density);
        raster.picture(at, side * density, picture, columns, [None, Some(ink)]);
    }
}

/// The same of series, whose lines are thinner than the raster's dots.
fn trace_grid(surface: &Surface, state: &State, view: &View, size: [f32; 2]) {
    /// Every so many values are drawn: more would lie on the same pixels.
    const STRIDE: usize = 3;
    let values = state.grid.len() / (GRID * GRID);
    if values == 0 {
        return;
    }
    let places = crate::lessons::latent::grid(state.grid_extent);
    let [across, down] = state.grid_extent.map(|[least, most]| (most - least) / (GRID - 1) as f32 * view.scale);
    let last = (values - 1).max(1) as f32;
    surface.ctx.set_stroke_style_str(&css(surface.palette.ink, 0.8));
    surface.ctx.set_line_width(1.0);
    for (place, trace) in places.into_iter().zip(state.grid.chunks_exact(values)) {
        let [x, y] = view.pixel(place, size);
        let seen = (-across..size[0] + across).contains(&x) && (-down..size[1] + down).contains(&y);
        if !seen {
            continue;
        }
        surface.path(trace.iter().enumerate().step_by(STRIDE).map(|(i, &byte)| {
            let (right, up) = (i as f32 / last - 0.5, f32::from(byte) / 255.0 - 0.5);
            [f64::from(x + 0.9 * right * across), f64::from(y - up * down)]
        }));
    }
}

fn paint_axes(surface: &Surface, scene: &Scene, state: &State) {
    let (ctx, chart) = (&surface.ctx, &state.chart);
    if chart.is_empty() {
        ctx.set_fill_style_str(&css(surface.palette.muted, 1.0));
        ctx.set_text_align("center");
        surface.text("encoding the test set …", surface.width / 2.0, surface.height / 2.0);
        ctx.set_text_align("start");
        return;
    }
    let what = match (state.space, scene.columns) {
        (Space::Codes, _) => "",
        (Space::Inputs, Some(_)) => "pixels, ",
        (Space::Inputs, None) => "values, ",
    };
    let [right, up] = state.axes.map(|axis| {
        let share =
            chart.shares.get(axis).map_or_else(String::new, |share| words!(", {:.0} % of the variance", 100.0 * share));
        words!("{what}{}{share}", chart.name(axis))
    });
    let labels = match &state.layout {
        Some(_) => {
            [("t-SNE: the axes have no meaning".into(), surface.width - 8.0, surface.height - 8.0, "end"); 1].to_vec()
        }
        None => vec![
            (format!("{right} →"), surface.width - 8.0, surface.height - 8.0, "end"),
            (format!("↑ {up}"), 8.0, 16.0, "start"),
        ],
    };
    for (words, x, y, align) in labels {
        ctx.set_text_align(align);
        let width = ctx.measure_text(&words).map_or(80.0, |measured| measured.width());
        ctx.set_fill_style_str(&css(surface.palette.paper, 0.8));
        let left = if align == "end" { x - width } else { x };
        ctx.fill_rect(left - 3.0, y - 12.0, width + 6.0, 16.0);
        ctx.set_fill_style_str(&css(surface.palette.muted, 1.0));
        surface.text(&words, x, y);
    }
    ctx.set_text_align("start");
}

impl Atlas {
    /// The part of the plane that is in view, and the size of the canvas that shows it.
    pub fn view(self) -> (View, [f32; 2]) {
        self.peek(|state| (view(state), state.size))
    }

    /// The point that is shown within so many pixels of a pixel, if there is one.
    pub fn nearest(self, pixel: [f32; 2], reach: f32) -> Option<u32> {
        let (view, size) = self.view();
        self.peek(|state| {
            let mut best = (None, reach);
            for (point, place) in state.places.iter().enumerate().filter(|_| !state.no_points) {
                let [x, y] = view.pixel(*place, size);
                let far = (x - pixel[0]).hypot(y - pixel[1]);
                if far <= best.1 && is_shown(state, point) {
                    best = (Some(point as u32), far);
                }
            }
            best.0
        })
    }
}
