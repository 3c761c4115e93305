//! The latent space: a map of it, and ways through it.
mod tools;

use crate::lessons::latent::{self, Space};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::codes::codes_within;
use crate::ui::widgets::lesson::{card, idea, idea_of, ideas, lesson, run_bar, squeeze};
use crate::ui::widgets::map::atlas::Atlas;
use crate::ui::widgets::map::tsne::Layout;
use crate::ui::widgets::map::{map, map_controls, map_legend};
use crate::ui::widgets::pad::pad;
use crate::ui::widgets::picture::{of_its_kind, values};
use crate::words;
use leptos::prelude::*;
use tools::{digits, directions, holes, walk};

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
    let title = move || desk.thing().yours().to_owned();
    let own = tag("div").class("draw").child(tag("div").class("head").child(tag("h2").says(title))).children(pad(desk));
    let elsewhere = move || {
        let by_pca = atlas.with_pointer(|state| state.space == Space::Inputs && state.cursor.is_some());
        (by_pca, desk.held.with(Option::is_some))
    };
    let title = move || match elsewhere() {
        (true, _) => desk.thing().either("PCA’s picture of here", "Here, by PCA").into(),
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
    let note = move || {
        let what = atlas.desk.thing().among(["the picture", "the picture", "the beat", "the series"]);
        words!("Each value of z over the range that the data have. Where does {what} stop looking like them?")
    };
    tag("div").child(codes_within(atlas.desk, range)).child(tag("p").class("note").says(note))
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
        idea_of(
            desk,
            |_| "forget and learn again",
            |thing| {
                thing.among([
                    "watch the map unfold: who told it which digits are alike?",
                    "watch the map unfold: who told it which pictures are alike?",
                    "watch the map unfold: who told it which beats are alike?",
                    "watch the map unfold: who told it which series are alike?",
                ])
            },
            move || {
                desk.learn_again();
            },
        ),
        idea_of(
            desk,
            |_| "throw a dart",
            |thing| {
                thing.among([
                    "a code at random: a digit, or a hole?",
                    "a code at random: a picture, or a hole?",
                    "a code at random: a heartbeat, or a hole?",
                    "a code at random: a series, or a hole?",
                ])
            },
            dart,
        ),
        idea_of(
            desk,
            |thing| thing.either("look at PCA of the pixels", "look at PCA of the values"),
            |_| "the best that straight lines can do",
            move || atlas.map(|state| state.space = Space::Inputs),
        ),
    ]);
    let narrow = move || {
        let (rows, columns) = desk.shape();
        z() < rows * columns
    };
    let why = card(
        "What is a latent space?",
        [
            formula("z = e ( x ) , ^x = d ( z )"),
            tag("div").flag("hidden", move || !narrow()).child(formula("dim ( Z ) < dim ( X )")).into(),
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
            tag("p")
                .text(
                    "Maps, neighbours and compression need only the encoder; darts, walks and the grid only the decoder.",
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
