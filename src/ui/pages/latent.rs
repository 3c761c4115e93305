//! The latent space: a map of it, and ways through it.
use crate::engine::protocol::bytes::value;
use crate::lessons::Recipe;
use crate::lessons::latent::{self, GRID, Space};
use crate::ui::canvas::{Image, drawn, painted, pictured, put};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::codes::codes_within;
use crate::ui::widgets::fields::lockable;
use crate::ui::widgets::lesson::{card, idea, ideas, lesson, run_bar, squeeze};
use crate::ui::widgets::map::atlas::{Atlas, Slot, Source, State};
use crate::ui::widgets::map::tsne::Layout;
use crate::ui::widgets::map::{map, map_controls, map_legend};
use crate::ui::widgets::pad::pad;
use crate::ui::widgets::picture::{of_its_kind, tiles, traces, values, with_full_opacity};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlCanvasElement};

/// The page.
pub fn latent(desk: Desk) -> Tag {
    let atlas = Atlas::new(desk);
    let canvas = NodeRef::new();
    let pointed = move || match atlas.with_pointer(|state| state.pointed) {
        Some(point) => atlas.describe(point),
        None if atlas.with(|state| state.layout.is_some()) => {
            atlas.with(|state| state.layout.as_ref().map(Layout::describe).unwrap_or_default())
        }
        None if atlas.with(|state| state.all) => {
            "Points: the test and the training set. Labels only colour them.".into()
        }
        None => "Points: inputs that no training has seen. Labels only colour them.".into(),
    };
    let plane = tag("section")
        .class("card plane")
        .label("Map")
        .child(map_controls(atlas, canvas))
        .children(map(atlas, canvas))
        .child(map_legend(atlas))
        .child(tag("p").class("note").testid("pointed").says(pointed));
    lesson("lesson latent-lesson", [run_bar(desk).into(), plane.into(), mine(atlas).into()], side(atlas))
}

/// The visitor's digit, what is decoded, and the ways to a code.
fn mine(atlas: Atlas) -> Tag {
    let desk = atlas.desk;
    let title = move || if desk.is_series() { "Your heartbeat".into() } else { "Your digit".into() };
    let own = tag("div").class("draw").child(tag("div").class("head").child(tag("h2").says(title))).children(pad(desk));
    let elsewhere = move || {
        let by_pca = atlas.with_pointer(|state| state.space == Space::Inputs && state.cursor.is_some());
        (by_pca, desk.held.with(Option::is_some))
    };
    let title = move || match elsewhere() {
        (true, _) => "PCA’s picture of here".into(),
        (_, true) => "Decoded from here".into(),
        _ => "Reconstruction".into(),
    };
    let shown = move || {
        let by_pca = atlas.with_pointer(|state| match (state.space, state.cursor) {
            (Space::Inputs, Some(place)) => Some(state.chart.at(state.axes, place)),
            _ => None,
        });
        by_pca.or_else(|| desk.output())
    };
    let back = tag("div")
        .class("back")
        .child(tag("div").class("head").child(tag("h2").testid("shown").says(title)))
        .child(of_its_kind(desk, move || {
            values(desk, shown).testid("reconstruction").label("What the decoder makes of it")
        }))
        .child(
            button("Back to my drawing", move || {
                atlas.point_at(None, None);
                desk.held.set(None);
            })
            .class("latent release")
            .flag("hidden", move || elsewhere() == (false, false)),
        );
    let place = move || match atlas.own() {
        Some(_) if atlas.with(|state| state.layout.is_some()) => {
            "yours is marked at the test input whose code is nearest to its own".into()
        }
        Some([x, y]) => {
            let [right, up] = atlas.with(|state| state.axes.map(|axis| state.chart.name(axis)));
            match right == up {
                true => words!("yours lies at {right} = {}", numbers::place(x)),
                false => words!("yours lies at {right} = {}, {up} = {}", numbers::place(x), numbers::place(y)),
            }
        }
        None => String::new(),
    };
    let tool = RwSignal::new(0u32);
    let names = ["Sliders", "Walk", "Directions", "Grid"];
    let tab = move |(i, name): (u32, &'static str)| {
        button(name, move || {
            tool.set(i);
            // What was to be chosen was for the one that is left.
            atlas.turn(|state| state.into = None);
        })
        .shows("aria-pressed", move || (tool.get() == i).to_string())
        .into()
    };
    let tools = [sliders(atlas), walk(atlas, tool), directions(atlas), digits(atlas)];
    let tool_of = move |(i, inside): (u32, Tag)| inside.class("tool").flag("hidden", move || tool.get() != i).into();
    tag("section")
        .class("card mine")
        .label("Yours")
        .child(tag("div").class("pair-of-pictures").child(own).child(back))
        .child(tag("p").class("figure").testid("own-place").says(place))
        .child(
            tag("div")
                .class("row buttons switch")
                .set("role", "group")
                .label("Ways through the latent space")
                .children((0..).zip(names).map(tab)),
        )
        .children((0..).zip(tools).map(tool_of))
}

fn sliders(atlas: Atlas) -> Tag {
    let range =
        move |i: usize| atlas.with(|state| state.ranges.get(i).copied().filter(|_| state.chart.space == Space::Codes));
    let note = "Each value of z over the range that the data have. Where does the picture stop looking like them?";
    tag("div").child(codes_within(atlas.desk, range)).child(tag("p").class("note").text(note))
}

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

/// A button that sends the next chosen points somewhere.
fn taker(atlas: Atlas, slot: Slot, name: &'static str) -> Tag {
    // An end is asked for when a start is there: whoever presses it then means it.
    let always = matches!(slot, Slot::End(1));
    let next = move |into: Option<Slot>| if into == Some(slot) && !always { None } else { Some(slot) };
    button(name, move || atlas.turn(|state| state.into = next(state.into)))
        .shows("aria-pressed", move || atlas.with(|state| state.into == Some(slot)).to_string())
        .set("title", "Then choose on the map")
}

fn walk(atlas: Atlas, tool: RwSignal<u32>) -> Tag {
    let playing = RwSignal::new(false);
    whenever(move || {
        if tool.get() != 1 {
            playing.set(false);
        }
    });
    let end = move |which: usize, name: &'static str| {
        tag("div").class("end").child(tile(atlas, which, name)).child(taker(atlas, Slot::End(which), name))
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

fn directions(atlas: Atlas) -> Tag {
    let bucket = move |which: usize, name: &'static str| {
        tag("div")
            .class("bucket")
            .child(taker(atlas, Slot::Bucket(which), name))
            .child(of_its_kind(atlas.desk, move || examples(atlas, which).label(words!("Examples: {name}"))))
            .child(
                button("×", move || atlas.turn(|state| state.buckets[which].clear()))
                    .class("quiet")
                    .label(words!("Empty: {name}")),
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
        _ => "Fill two buckets from the map, thick digits and thin ones, say (or slanted and upright). The difference \
              of their mean codes is a direction that has a meaning."
            .into(),
    };
    tag("div")
        .child(bucket(0, "more: thick"))
        .child(bucket(1, "less: thin"))
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

fn digits(atlas: Atlas) -> Tag {
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
    let note = "20 × 20 places of the plane, decoded. Between digits that are near, the pictures change smoothly; in the holes, \
                where no data lie, the decoder was never told what to do.";
    tag("div").child(tag("div").class("row").child(show).child(export)).child(tag("p").class("note").text(note))
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
fn holes(desk: Desk) -> Tag {
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
        None => "Throw a few darts first: between the islands of digits there are places that decode to no digit at \
                 all. Nothing in the loss asked for more."
            .to_owned(),
        Some(0.0) => "With β = 0 the noise can shrink to nothing: the holes come back.".into(),
        Some(_) => {
            "Each code is now a cloud, and the decoder learns from draws out of it, so that near codes must mean \
                    similar digits; β pulls all clouds towards N(0, 1), and a dart is a draw from that. The price is a \
                    less exact picture. Train, then throw darts again."
                .into()
        }
    };
    card(
        "Fill the holes",
        [
            lockable(desk, "kl", [tag("div").class("row").child(on).into()]),
            formula("z ~ N ( μ , σ^2 )"),
            formula("Loss = ‖ x − ^x ‖^2 + β · KL"),
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

fn side(atlas: Atlas) -> [AnyView; 4] {
    let desk = atlas.desk;
    let z = move || desk.recipe.with(|recipe| recipe.z);
    let dart = move || {
        let code = atlas.peek(|state| {
            // A variational space was made to be drawn from like this.
            let drawn = untrack(move || desk.recipe.with(|recipe| recipe.variational.is_some()));
            let at = |[least, most]: &[f32; 2]| match drawn {
                true => latent::normal([js_sys::Math::random(), js_sys::Math::random()]),
                false => least + (most - least) * js_sys::Math::random() as f32,
            };
            (state.chart.space == Space::Codes).then(|| state.ranges.iter().map(at).collect())
        });
        atlas.point_at(None, None);
        desk.held.set(code);
    };
    let list = ideas([
        idea("squeeze z to 2", "the whole space on one plane, nothing hidden", move || squeeze(desk)),
        idea("forget and learn again", "watch the map unfold: who told it which digits are alike?", move || {
            desk.learn_again();
        }),
        idea("throw a dart", "a code at random: a digit, or a hole?", dart),
        idea("look at PCA of the pixels", "the best that straight lines can do", move || {
            atlas.map(|state| state.space = Space::Inputs);
        }),
    ]);
    let why = card(
        "What is a latent space?",
        [
            formula("z = e ( x ) , ^x = d ( z )"),
            tag("p")
                .text("The encoder sends each input to a code of ")
                .child(tag("b").class("latent").says(move || z().to_string()))
                .says(move || if z() == 1 { " number".into() } else { " numbers".into() })
                .text(": a place in a space that is much smaller than that of the inputs. ")
                .says(move || match z() {
                    0..=2 => "Here it is.".into(),
                    _ => "Here it is seen along its directions of largest variance (PCA of the codes), so near points on \
                          the map may still lie apart."
                        .into(),
                })
                .into(),
            tag("p")
                .text(
                    "To summarise well, the network puts like to like: classes become regions, though it never saw a \
                     label. And every place can be decoded, also one where no input has ever been.",
                )
                .into(),
        ],
    );
    let save = move || download::text("latents.csv", "text/csv", &atlas.peek(|state| state.chart.csv()));
    let there = move || atlas.with(|state| state.chart.space == Space::Codes && !state.chart.is_empty());
    let export = card(
        "Take it with you",
        [
            button("latents.csv", save).flag("disabled", move || !there()).into(),
            tag("p").class("note").text("index, label, z0, z1, … of every point on the map.").into(),
        ],
    );
    [list.into(), why.into(), holes(desk).into(), export.into()]
}
