//! Ways to a code that is on no input: between two inputs, along a difference, over a grid, at random.
use crate::engine::protocol::bytes::value;
use crate::lessons::Recipe;
use crate::lessons::latent::GRID;
use crate::lessons::thing::Thing;
use crate::ui::canvas::{Image, drawn, painted, pictured, put};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::fields::lockable;
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::map::atlas::{Atlas, Slot, Source, State};
use crate::ui::widgets::picture::{of_its_kind, tiles, traces, values, with_full_opacity};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlCanvasElement};

/// The picture of an end of the walk: where no start was chosen, of the visitor's own.
fn tile(atlas: Atlas, which: usize, name: &'static str) -> AnyView {
    let desk = atlas.desk;
    let shown = move || match atlas.with(|state| state.ends[which]) {
        None if which == 1 => None,
        Some(point) => atlas.with(|state| {
            let series = desk.is_series();
            Some(state.picture(point)?.iter().map(|&byte| value(byte, series)).collect())
        }),
        None => desk.input.get(),
    };
    of_its_kind(desk, move || values(desk, shown).label(name))
}

/// A button without a name that sends the next chosen points somewhere.
fn taker(atlas: Atlas, slot: Slot) -> Tag {
    // An end is asked for when a start is there: whoever presses it then means it.
    let always = matches!(slot, Slot::End(1));
    let next = move |into: Option<Slot>| if into == Some(slot) && !always { None } else { Some(slot) };
    button("", move || atlas.turn(|state| state.into = next(state.into)))
        .shows("aria-pressed", move || atlas.with(|state| state.into == Some(slot)).to_string())
        .set("title", "Then choose on the map")
}

pub fn walk(atlas: Atlas, tool: RwSignal<u32>) -> Tag {
    let playing = RwSignal::new(false);
    whenever(move || {
        if tool.get() != 1 {
            playing.set(false);
        }
    });
    let end = move |which: usize, name: &'static str| {
        tag("div").class("end").child(tile(atlas, which, name)).child(taker(atlas, Slot::End(which)).text(name))
    };
    let ready = move || atlas.with(|state| state.ends[1].is_some());
    on_cleanup(move || playing.set(false));
    let slider = tag("input")
        .set("type", "range")
        .set("min", "0")
        .set("max", "1")
        .set("step", "any")
        .label("How far the walk is")
        .flag("disabled", move || !ready())
        .value(move || atlas.with(|state| state.walk).to_string())
        .on("input", move |event: Event| {
            playing.set(false);
            let share = event_target_value(&event).parse().unwrap_or(0.0);
            atlas.go(Source::Walk, |state| state.walk = share);
        });
    let press = move || {
        playing.update(|playing| *playing = !*playing);
        if playing.get_untracked() {
            atlas.go(Source::Walk, |_| {});
            stroll(atlas, playing);
        }
    };
    let play = button("", press)
        .class("main")
        .flag("disabled", move || !ready())
        .says(move || if playing.get() { "Stop".into() } else { "Play".into() });
    let note = move || match (ready(), atlas.with(|state| state.into)) {
        (_, Some(Slot::End(_))) => "Now choose an input on the map.".into(),
        (false, _) => "Choose where to end, and from where to start if not from your own.".into(),
        _ => "z goes straight from one code to the other; each step is decoded.".into(),
    };
    tag("div")
        .child(
            tag("div")
                .class("row")
                .child(end(0, "Start"))
                .child(tag("div").class("way").child(slider).child(play))
                .child(end(1, "End")),
        )
        .child(tag("p").class("note").says(note))
}

/// One step of a walk there and back in seven seconds, and those after it.
fn stroll(atlas: Atlas, playing: RwSignal<bool>) {
    if playing.try_get_untracked() != Some(true) {
        return;
    }
    // Somebody took another way, or another network's map has no ends yet.
    let held = atlas.desk.held.get_untracked();
    if atlas.peek(|state| !state.is_walking(held.as_deref())) {
        return playing.set(false);
    }
    atlas.go(Source::Walk, |state| {
        state.phase = (state.phase + 0.0048) % 2.0;
        state.walk = 1.0 - (1.0 - state.phase).abs();
    });
    request_animation_frame(move || stroll(atlas, playing));
}

pub fn directions(atlas: Atlas) -> Tag {
    // Of digits, and of all others.
    let bucket = move |which: usize, names: [&'static str; 2]| {
        let name = move || names[usize::from(atlas.desk.thing() != Thing::Digit)].to_owned();
        tag("div")
            .class("bucket")
            .child(taker(atlas, Slot::Bucket(which)).says(name))
            .child(of_its_kind(atlas.desk, move || {
                examples(atlas, which).shows("aria-label", move || words!("Examples: {}", name()))
            }))
            .child(
                button("×", move || atlas.turn(|state| state.buckets[which].clear()))
                    .class("quiet")
                    .shows("aria-label", move || words!("Empty: {}", name())),
            )
    };
    let ready = move || atlas.with(|state| state.buckets.iter().all(|bucket| !bucket.is_empty()));
    let slider = tag("input")
        .set("type", "range")
        .set("min", "-2")
        .set("max", "2")
        .set("step", "any")
        .label("How far along the direction")
        .flag("disabled", move || !ready())
        .value(move || atlas.with(|state| state.strength).to_string())
        .on("input", move |event: Event| {
            let strength = event_target_value(&event).parse().unwrap_or(0.0);
            atlas.go(Source::Buckets, |state| state.strength = strength);
        });
    let note = move || match (ready(), atlas.with(|state| state.into)) {
        (_, Some(Slot::Bucket(_))) => "Now press inputs on the map: each goes into this bucket.".into(),
        (true, _) => "The difference of the two mean codes is a direction: go along it from your own input.".into(),
        _ => {
            let kinds = atlas.desk.thing().among([
                "thick digits and thin ones, say (or slanted and upright)",
                "pictures of two kinds, say",
                "normal beats and others, say",
                "series of two kinds, say",
            ]);
            words!(
                "Fill two buckets from the map, {kinds}. The difference of their mean codes is a direction that has a \
                 meaning."
            )
        }
    };
    tag("div")
        .child(bucket(0, ["more: thick", "more: one kind"]))
        .child(bucket(1, ["less: thin", "less: the other"]))
        .child(tag("label").class("row code").text("less").child(slider).text("more"))
        .child(tag("p").class("note").says(note))
}

/// The examples of a bucket side by side, the newest of them first, up to six.
fn examples(atlas: Atlas, bucket: usize) -> Tag {
    const MOST: usize = 6;
    let canvas = NodeRef::<html::Canvas>::new();
    let series = untrack(|| atlas.desk.is_series());
    let shown = move || -> Vec<Vec<f32>> {
        atlas.with(|state| {
            let newest = state.buckets[bucket].iter().rev().take(MOST).filter_map(|&point| state.picture(point));
            newest.map(|picture| picture.iter().map(|&byte| value(byte, series)).collect()).collect()
        })
    };
    if series {
        painted(canvas, shown, |surface, shown| {
            traces(surface, [MOST, 1], |i| shown.get(i).map(|values| (values.as_slice(), surface.palette.ink)));
        });
    } else {
        pictured(canvas, move |palette| {
            let (rows, columns) = atlas.desk.shape();
            let shown = shown();
            tiles(palette, (rows as usize, columns as usize), [MOST, 1], |i| shown.get(i).map(Vec::as_slice))
        });
    }
    tag("canvas").set("role", "img").node(canvas)
}

pub fn digits(atlas: Atlas) -> Tag {
    let here = move || atlas.with(|state| state.grid_on && !state.grid.is_empty());
    let show = button("", move || {
        atlas.turn(|state| state.grid_on ^= true);
        atlas.decode_grid();
    })
    .class("main")
    .flag("disabled", move || !atlas.with(State::is_plane))
    .says(move || if atlas.with(|state| state.grid_on) { "Hide the grid".into() } else { "Decode a grid".into() });
    let export = button("PNG", move || export_grid(atlas))
        .set("title", "Download the grid as a picture")
        .flag("disabled", move || !here());
    let note = move || {
        let between = atlas.desk.thing().among([
            "Between digits that are near, the pictures change smoothly",
            "Between pictures that are near, what is decoded changes smoothly",
            "Between beats that are near, the shapes change smoothly",
            "Between series that are near, the shapes change smoothly",
        ]);
        words!(
            "20 × 20 places of the plane, decoded. {between}; in the holes, where no data lie, the decoder was never \
             told what to do."
        )
    };
    tag("div").child(tag("div").class("row").child(show).child(export)).child(tag("p").class("note").says(note))
}

/// The grid as a picture of its own, dark on light, each pixel of a digit as two.
fn export_grid(atlas: Atlas) {
    const LARGER: usize = 2;
    /// The size of a series, in pixels.
    const TRACE: [u32; 2] = [70, 44];
    let (rows, columns) = untrack(|| atlas.desk.shape());
    let (rows, columns) = (rows as usize, columns as usize);
    if untrack(|| atlas.desk.is_series()) {
        let grid: Vec<f32> = atlas.peek(|state| state.grid.iter().map(|&byte| value(byte, true)).collect());
        let drawn = drawn(TRACE.map(|size| size * GRID as u32), |surface| {
            traces(surface, [GRID; 2], |i| Some((grid.get(i * columns..(i + 1) * columns)?, [0; 3])));
        });
        return drawn.into_iter().for_each(|canvas| download::picture("latent-grid.png", &canvas));
    }
    let (wide, high) = (GRID * columns * LARGER, GRID * rows * LARGER);
    let rgba = atlas.peek(|state| {
        let mut rgba = Vec::with_capacity(wide * high * 4);
        for at in 0..wide * high {
            let (x, y) = (at % wide / LARGER, at / wide / LARGER);
            let picture = y / rows * GRID + x / columns;
            let value = state.grid.get(picture * rows * columns + y % rows * columns + x % columns);
            rgba.extend(with_full_opacity([255 - value.copied().unwrap_or(0); 3]));
        }
        rgba
    });
    let canvas = document().create_element("canvas").ok().and_then(|made| made.dyn_into::<HtmlCanvasElement>().ok());
    if let Some(canvas) = canvas {
        put(&canvas, &Image { columns: wide, rows: high, rgba });
        download::picture("latent-grid.png", &canvas);
    }
}

/// A variational bottleneck, for those who have seen the holes.
pub fn holes(desk: Desk) -> Tag {
    const USUAL: f32 = 1.0;
    let beta = move || desk.recipe.with(|recipe| recipe.variational);
    // A new network, so nothing is refused: the slider's own range is within the recipe's.
    let set = move |variational: Option<f32>| {
        let recipe = desk.recipe.get_untracked();
        let _ = desk.apply(Recipe { variational, ..recipe });
    };
    let turn = move || set(if untrack(beta).is_some() { None } else { Some(USUAL) });
    let on = button("Variational bottleneck", turn).shows("aria-pressed", move || beta().is_some().to_string());
    let slider = tag("input")
        .set("type", "range")
        .set("min", "0")
        .set("max", "8")
        .set("step", "0.25")
        .label("β, the weight of the divergence")
        .flag("disabled", move || beta().is_none() || desk.is_locked("kl"))
        .value(move || beta().unwrap_or(USUAL).to_string())
        .on("change", move |event: Event| set(event_target_value(&event).parse().ok()));
    let note = move || match beta() {
        None => {
            let between = desk.thing().among([
                "between the islands of digits there are places that decode to no digit at all",
                "between the islands of pictures there are places that decode to nothing like them",
                "between the islands of beats there are places that decode to no heartbeat at all",
                "between the islands of series there are places that decode to nothing like them",
            ]);
            words!("Throw a few darts first: {between}. Nothing in the loss asked for more.")
        }
        Some(0.0) => "With β = 0 the noise can shrink to nothing: the holes come back.".into(),
        Some(_) => {
            let thing = desk.thing();
            let similar = thing.among(["similar digits", "similar pictures", "similar beats", "similar series"]);
            let price = ["a less exact picture", "a less exact picture", "a less exact beat", "a less exact series"];
            let price = thing.among(price);
            words!(
                "Each code is now a cloud, and the decoder learns from draws out of it, so that near codes must mean \
                 {similar}; β pulls all clouds towards N(0, 1), and a dart is a draw from that. The price is {price}. \
                 Train, then throw darts again."
            )
        }
    };
    card(
        "Fill the holes",
        [
            lockable(desk, "kl", [tag("div").class("row").child(on).into()]),
            formula("z ~ N ( μ , σ^2 )"),
            formula("Loss = ‖ x − ^x ‖^2 + β · KL"),
            tag("p")
                .text("KL, the Kullback–Leibler divergence, is how far the distribution of a code is from N(0, 1).")
                .into(),
            tag("label")
                .class("row code")
                .child(tag("span").text("β"))
                .child(slider)
                .child(tag("span").class("value").testid("beta").says(move || beta().map_or("–".into(), numbers::code)))
                .into(),
            tag("p").class("note").says(note).into(),
        ],
    )
}
