//! The map of the latent space: pan, zoom, point, choose, decode; with mouse, fingers or keys.
mod aloud;
pub mod atlas;
mod chosen;
mod paint;
pub mod raster;
pub mod small;
pub mod tsne;

use crate::lessons::latent::{Space, View};
use crate::ui::aloud::Aloud;
use crate::ui::canvas::painted;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::png::{of_classes, png};
use crate::words;
use atlas::{Atlas, Source, State};
use leptos::html;
use leptos::prelude::*;
use paint::{Scene, paint};
use raster::Raster;
use small::glyph;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Event, FocusEvent, KeyboardEvent, PointerEvent, WheelEvent};

/// A finger or a mouse on the map.
#[derive(Clone, Copy)]
struct Touch {
    pointer: i32,
    at: [f32; 2],
    /// It has moved away from where it came down.
    moved: bool,
    from: [f32; 2],
}

/// How near a pointer must be to a point, in pixels: fingers are wide.
const REACH: [f32; 2] = [12.0, 24.0];
/// A press moves at least so far before it is no longer a press.
const STILL: f32 = 5.0;

/// More points than these take t-SNE minutes.
const MOST_LAID_OUT: usize = 12_000;

const HELP: &str = "Point at a place to decode it, drag to move the map, turn the wheel to zoom, press an input to put it on the \
    pad. With a finger: drag to decode, two fingers move and zoom. With keys: arrows move the cursor, with Shift in \
    small steps; + and − zoom; 0 shows everything; Enter chooses the nearest input; Escape goes back to your own.";

/// The canvas, and what is said of it.
pub fn map(atlas: Atlas, canvas: NodeRef<html::Canvas>) -> [AnyView; 2] {
    let voice = Aloud::quiet();
    let focused = RwSignal::new(false);
    let raster = Rc::new(RefCell::new(Raster::default()));
    let scene = move || {
        atlas.with_pointer(|_| ());
        let (rows, columns) = atlas.desk.shape();
        let columns = (rows > 1).then_some(columns as usize);
        Scene { own: atlas.own(), held: atlas.held(), focused: focused.get(), columns }
    };
    painted(canvas, scene, move |surface, scene| {
        let size = [surface.width as f32, surface.height as f32];
        if atlas.peek(|state| state.size) != size {
            atlas.point(|state| state.size = size);
        }
        let missing = atlas.peek(|state| paint(surface, &mut raster.borrow_mut(), scene, state));
        if !missing.is_empty() {
            atlas.fetch(missing.into_iter());
        }
    });
    let touches = StoredValue::new(Vec::<Touch>::new());
    let at = move |client: [i32; 2]| {
        let area = canvas.get_untracked().map(|canvas| canvas.get_bounding_client_rect());
        let corner = area.map_or([0.0, 0.0], |area| [area.left(), area.top()]);
        [(f64::from(client[0]) - corner[0]) as f32, (f64::from(client[1]) - corner[1]) as f32]
    };
    let place = move |event: &PointerEvent| at([event.client_x(), event.client_y()]);
    let reach = |event: &PointerEvent| REACH[usize::from(event.pointer_type() == "touch")];
    let point = move |pixel: [f32; 2], reach: f32| {
        let (view, size) = atlas.view();
        atlas.point_at(Some(view.place(pixel, size)), atlas.nearest(pixel, reach));
    };
    let down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(canvas) = canvas.get_untracked() {
            // Where a pointer can't be captured the gesture ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        let at = place(&event);
        touches.update_value(|touches| {
            touches.retain(|touch| touch.pointer != event.pointer_id());
            touches.push(Touch { pointer: event.pointer_id(), at, moved: false, from: at });
        });
        if event.pointer_type() == "touch" && touches.with_value(Vec::len) == 1 {
            point(at, reach(&event));
        }
    };
    let moved = move |event: PointerEvent| {
        let now = place(&event);
        let before = touches.get_value();
        let Some(index) = before.iter().position(|touch| touch.pointer == event.pointer_id()) else {
            if event.pointer_type() != "touch" {
                point(now, reach(&event));
            }
            return;
        };
        let mut after = before.clone();
        after[index].at = now;
        after[index].moved |= (now[0] - after[index].from[0]).hypot(now[1] - after[index].from[1]) > STILL;
        match (before.as_slice(), after.as_slice()) {
            ([_], [to]) if event.pointer_type() == "touch" => point(to.at, reach(&event)),
            ([from], [to]) if to.moved => {
                let by = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
                let moved = atlas.view().0.moved(by);
                atlas.point(|state| state.view = Some(moved));
            }
            ([a, b, ..], [c, d, ..]) => {
                let (from, to) = (middle(a, b), middle(c, d));
                let (view, size) = atlas.view();
                let zoomed = view.zoomed((apart(c, d) / apart(a, b)).clamp(0.2, 5.0), from, size);
                let moved = zoomed.moved([to[0] - from[0], to[1] - from[1]]);
                atlas.point(|state| state.view = Some(moved));
            }
            _ => {}
        }
        touches.set_value(after);
    };
    let up = move |event: PointerEvent| {
        let mut pressed = None;
        touches.update_value(|touches| {
            pressed = touches.iter().find(|touch| touch.pointer == event.pointer_id() && !touch.moved).copied();
            // With two fingers nothing is pressed.
            pressed = pressed.filter(|_| touches.len() == 1);
            touches.retain(|touch| touch.pointer != event.pointer_id());
        });
        let chosen = pressed.and_then(|touch| atlas.nearest(touch.at, reach(&event)));
        if let Some(point) = chosen {
            atlas.choose(point);
        }
    };
    let cancelled = move |event: PointerEvent| {
        touches.update_value(|touches| touches.retain(|touch| touch.pointer != event.pointer_id()));
    };
    let left = move |event: PointerEvent| {
        // A lifted finger leaves, too, and what it pointed at is still to be looked at.
        if event.pointer_type() != "touch" && touches.with_value(Vec::is_empty) {
            let_go(atlas);
        }
    };
    let wheel = move |event: WheelEvent| {
        event.prevent_default();
        // Lines and pages are larger than pixels.
        let unit = [1.0, 30.0, 300.0][event.delta_mode().min(2) as usize];
        let by = (-event.delta_y() * unit * 0.0016).clamp(-1.0, 1.0).exp() as f32;
        let (view, size) = atlas.view();
        let zoomed = view.zoomed(by, at([event.client_x(), event.client_y()]), size);
        atlas.point(|state| state.view = Some(zoomed));
    };
    let key = move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if !modified && on_key(atlas, &event.key(), event.shift_key()) {
            event.prevent_default();
            aloud::tell(atlas, voice, &event.key());
        }
    };
    let label = move || {
        let what = match atlas.with(|state| state.chart.space) {
            Space::Codes => "Latent space",
            Space::Inputs => atlas.desk.thing().either("Pixel space", "Input space"),
        };
        words!("{what}: {} inputs as points", atlas.with(|state| state.chart.len()))
    };
    let canvas = tag("canvas")
        .class("map")
        .set("role", "application")
        .set("tabindex", "0")
        .shows("aria-label", label)
        .set("aria-description", HELP)
        .testid("map")
        .shows("data-step", move || atlas.with(|state| state.chart.step.to_string()))
        .shows("aria-busy", move || atlas.awaits().to_string())
        .node(canvas)
        .on("pointerdown", down)
        .on("pointermove", moved)
        .on("pointerup", up)
        .on("pointercancel", cancelled)
        .on("pointerleave", left)
        .on("wheel", wheel)
        .on("keydown", key)
        .on("focus", move |_: FocusEvent| focused.set(true))
        .on("blur", move |_: FocusEvent| focused.set(false));
    [canvas.into(), voice.region("map-aloud").into()]
}

fn middle(a: &Touch, b: &Touch) -> [f32; 2] {
    [(a.at[0] + b.at[0]) / 2.0, (a.at[1] + b.at[1]) / 2.0]
}

fn apart(a: &Touch, b: &Touch) -> f32 {
    (a.at[0] - b.at[0]).hypot(a.at[1] - b.at[1]).max(1.0)
}

/// Whatever the pointer held is the visitor's own digit again.
fn let_go(atlas: Atlas) {
    if atlas.peek(|state| state.source == Source::Cursor) {
        atlas.point_at(None, None);
    }
}

/// Whether the key was the map's.
fn on_key(atlas: Atlas, key: &str, fine: bool) -> bool {
    let (view, size) = atlas.view();
    let step = if fine { 3.0 } else { 16.0 };
    let cursor = atlas.peek(|state| state.cursor);
    let here = cursor.map_or([size[0] / 2.0, size[1] / 2.0], |place| view.pixel(place, size));
    let (dx, dy) = match key {
        "ArrowLeft" => (-step, 0.0),
        "ArrowRight" => (step, 0.0),
        "ArrowUp" => (0.0, -step),
        "ArrowDown" => (0.0, step),
        "+" | "=" | "-" => {
            let zoomed = view.zoomed(if key == "-" { 0.8 } else { 1.25 }, here, size);
            atlas.point(|state| state.view = Some(zoomed));
            return true;
        }
        "0" | "Home" => {
            atlas.point(|state| state.view = None);
            return true;
        }
        "Enter" | " " => {
            if let Some(point) = atlas.nearest(here, f32::MAX) {
                atlas.choose(point);
            }
            return true;
        }
        "Escape" if cursor.is_some() => {
            let_go(atlas);
            return true;
        }
        _ => return false,
    };
    let pixel = [here[0] + dx, here[1] + dy];
    let place = view.place(pixel, size);
    // The map follows a cursor that would leave it.
    let over = [0, 1].map(|i| pixel[i].clamp(12.0, size[i] - 12.0) - pixel[i]);
    if over != [0.0, 0.0] {
        let moved = view.moved(over);
        atlas.point(|state| state.view = Some(moved));
    }
    atlas.point_at(Some(place), atlas.nearest(pixel, REACH[1]));
    true
}

/// What is mapped and along which axes, what is shown, and how near; and what `canvas` shows, to keep.
pub fn map_controls(atlas: Atlas, canvas: NodeRef<html::Canvas>) -> Tag {
    let switch = move |space: Space, name: &'static str| {
        let is = move || atlas.with(|state| state.space == space && state.layout.is_none());
        button(name, move || atlas.map(|state| state.space = space)).shows("aria-pressed", move || is().to_string())
    };
    let tsne = button("t-SNE", move || atlas.lay_out_by_tsne())
        .shows("aria-pressed", move || atlas.with(|state| state.layout.is_some()).to_string())
        .set("title", "Neighbours of the latent space on a plane; takes some seconds")
        .flag("disabled", move || {
            let few = |len: usize| (1..=MOST_LAID_OUT).contains(&len);
            atlas.with(|state| state.chart.space != Space::Codes || !few(state.chart.len()))
        });
    // Made anew only when there are others: a menu in use must not change with every map.
    let directions = Memo::new(move |_| atlas.with(|state| state.chart.directions()));
    let axis = move |which: usize, label: &'static str| {
        let option = move |value: usize| {
            tag("option")
                .set("value", value.to_string())
                .flag("selected", move || atlas.with(|state| state.axes[which] == value))
                .text(atlas.peek(|state| state.chart.name(value)))
                .into()
        };
        let options = again(move || (0..directions.get()).map(option).collect::<Vec<AnyView>>().into_any());
        tag("select").label(label).child(options).on("change", move |event: Event| {
            if let Ok(value) = event_target_value(&event).parse() {
                atlas.set_axis(which, value);
            }
        })
    };
    let near = move |name: &'static str, label: &'static str, by: f32| {
        button(name, move || {
            let view = atlas.view().0;
            atlas.point(|state| {
                state.view = (by > 0.0).then_some(View { scale: view.scale * by, ..view });
                if by == 0.0 {
                    state.whole = true;
                    state.measure();
                }
            });
        })
        .label(label)
        .set("title", label)
    };
    let group = |label: &'static str, inside: Vec<AnyView>| {
        tag("div").class("row switch").set("role", "group").label(label).children(inside).into()
    };
    let grid = move || {
        atlas.turn(|state| state.grid_on ^= true);
        atlas.decode_grid();
    };
    let shown = vec![
        button("points", move || atlas.turn(|state| state.no_points ^= true))
            .shows("aria-pressed", move || atlas.with(|state| !state.no_points).to_string())
            .into(),
        button("decoded grid", grid)
            .shows("aria-pressed", move || atlas.with(|state| state.grid_on).to_string())
            .flag("disabled", move || !atlas.with(State::is_plane))
            .into(),
        button("+ training set", move || atlas.map(|state| state.all ^= true))
            .shows("aria-pressed", move || atlas.with(|state| state.all).to_string())
            .into(),
    ];
    tag("div").class("row map-controls").children([
        group(
            "What is mapped",
            vec![
                switch(Space::Codes, "latent space").into(),
                tsne.into(),
                switch(Space::Inputs, "")
                    .says(move || atlas.desk.thing().either("PCA of the pixels", "PCA of the values").to_owned())
                    .into(),
            ],
        ),
        axis(0, "Axis to the right").into(),
        axis(1, "Axis upwards").into(),
        group("What is shown", shown),
        group(
            "How near",
            vec![
                near("−", "Zoom out", 0.8).into(),
                near("+", "Zoom in", 1.25).into(),
                near("all", "Show all of it", 0.0).into(),
            ],
        ),
        png(canvas, "latent-map.png", "Map", move |palette| {
            atlas.peek(|state| of_classes(palette, &state.chart.classes, |class| state.hidden & 1 << (class % 32) == 0))
        })
        .flag("disabled", move || atlas.with(|state| state.chart.is_empty()))
        .into(),
    ])
}

/// The classes, each of which can be left out.
pub fn map_legend(atlas: Atlas) -> Tag {
    // Class names as one word: made anew only for other data.
    let names = Memo::new(move |_| atlas.with(|state| state.chart.classes.concat()));
    let entry = move |(class, name): (usize, String)| {
        let bit = 1 << (class % 32);
        button("", move || atlas.turn(|state| state.hidden ^= bit))
            .shows("aria-pressed", move || atlas.with(|state| state.hidden & bit == 0).to_string())
            .label(name.clone())
            .child(glyph(class))
            .text(name)
            .into()
    };
    let entries = again(move || {
        // A memo that is only tracked is never computed.
        names.with(|_| ());
        let classes = atlas.peek(|state| state.chart.classes.clone());
        classes.into_iter().enumerate().map(entry).collect::<Vec<AnyView>>().into_any()
    });
    let all = move || atlas.with(|state| state.hidden == 0);
    tag("div").class("map-legend").set("role", "group").label("Classes").child(entries).child(
        button("", move || atlas.turn(|state| state.hidden = if state.hidden == 0 { u32::MAX } else { 0 }))
            .class("quiet")
            .says(move || if all() { "none".into() } else { "all".into() }),
    )
}
