//! A class's drawings beside each other: links with drawings in them, one per line, each with what the network that
//! stands makes of it, and where it lies on the map of its codes.
use crate::engine::protocol::{Answer, Ask, Topic};
use crate::lessons::latent::{Chart, Space, View, extent};
use crate::lessons::link::{self, Drawing};
use crate::ui::canvas::{Surface, painted};
use crate::ui::desk::Desk;
use crate::ui::palette::css;
use crate::ui::tag::{Tag, again, button, tag, whenever};
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::map::raster::Raster;
use crate::ui::widgets::map::small::{ring, scatter};
use crate::ui::widgets::picture::values;
use crate::ui::widgets::png::{of_classes, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use std::cell::RefCell;
use std::time::Duration;
use web_sys::Event;

/// So many are read.
const MOST: usize = 100;

/// What the network made of the drawings.
#[derive(Clone, Default)]
struct Made {
    codes: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
}

#[derive(Clone, Copy)]
struct Class {
    desk: Desk,
    drawings: RwSignal<Vec<Drawing>>,
    made: RwSignal<Made>,
    chart: RwSignal<Option<Chart>>,
    said: RwSignal<String>,
}

/// The card.
pub fn class(desk: Desk) -> Tag {
    let class = Class {
        desk,
        drawings: RwSignal::default(),
        made: RwSignal::default(),
        chart: RwSignal::new(None),
        said: RwSignal::default(),
    };
    class.follow();
    let text = RwSignal::new(String::new());
    let field = tag("textarea")
        .set("rows", "3")
        .label("Links, one per line")
        .set("placeholder", "Links with drawings in them, one per line")
        .on("input", move |event: Event| text.set(event_target_value(&event)));
    let show = button("Show them", move || class.read(&text.get_untracked()))
        .flag("disabled", move || text.with(|text| text.trim().is_empty()));
    let count = Memo::new(move |_| class.drawings.with(Vec::len));
    let wall = again(move || {
        let each = (0..count.get()).map(|i| digit(class, i)).collect::<Vec<_>>();
        tag("ol").class("tiles class-wall").testid("class").children(each).into()
    });
    card(
        "A class’s digits",
        [
            tag("p")
                .class("note")
                .text(
                    "Everybody draws a digit and copies the link “with the digit on the pad” above; collected in a chat or \
                     a shared page, the links come in here. Nothing is fetched: the drawings are in the links.",
                )
                .into(),
            field.into(),
            tag("div").class("row wrap").child(show).into(),
            tag("p").class("note").set("role", "status").testid("class-said").says(move || class.said.get()).into(),
            wall,
            map(class).into(),
        ],
    )
}

impl Class {
    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Drawn, move |answer| {
            if let Answer::Drawn { codes, outputs, .. } = answer {
                self.made.set(Made { codes, outputs });
                // While it trains the pictures follow, at a pace that leaves time for training.
                if engine.progress.with_untracked(|progress| progress.running) {
                    set_timeout(move || self.ask(), Duration::from_millis(700));
                }
            }
        });
        engine.answers(Topic::Map, move |answer| {
            if let Answer::Map(chart) = answer {
                self.chart.set(Some(chart));
            }
        });
        // A network that was opened, and one that has come to rest.
        let stands = Memo::new(move |_| {
            let rests = engine.progress.with(|progress| (!progress.running).then_some(progress.step));
            (engine.openings.get(), rests)
        });
        whenever(move || {
            let (_, rests) = stands.get();
            self.ask();
            if rests.is_some() && self.drawings.with_untracked(|drawings| !drawings.is_empty()) {
                engine.ask(Ask::Map { space: Space::Codes, all: false });
            }
        });
    }

    /// Takes the drawings out of the links, and says what is not there.
    fn read(self, text: &str) {
        let mut without = Vec::new();
        let mut drawings = Vec::new();
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        for (number, line) in lines {
            let hash = line.find('#').map_or("", |at| &line[at..]);
            match link::read(hash).drawing {
                Some(drawing) => drawings.push(drawing),
                None => without.push((number + 1).to_string()),
            }
        }
        let mut said = words!("{} drawings", drawings.len());
        if !without.is_empty() {
            said.push_str(&words!("; no drawing in line {}", without.join(", ")));
        }
        if drawings.len() > MOST {
            said.push_str(&words!("; the first {MOST} are shown"));
            drawings.truncate(MOST);
        }
        self.said.set(said);
        self.drawings.set(drawings);
        self.ask();
        self.desk.engine.ask(Ask::Map { space: Space::Codes, all: false });
    }

    fn ask(self) {
        let inputs: Vec<_> =
            self.drawings.try_with_untracked(|all| all.iter().map(Drawing::values).collect()).unwrap_or_default();
        if !inputs.is_empty() {
            self.desk.engine.ask(Ask::Drawn { inputs });
        }
    }
}

/// A drawing, and what comes back.
fn digit(class: Class, i: usize) -> AnyView {
    let drawn = move || class.drawings.with(|all| all.get(i).map(Drawing::values));
    let back = move || class.made.with(|made| made.outputs.get(i).cloned());
    tag("li")
        .child(values(class.desk, drawn).label(words!("Drawing {}", i + 1)))
        .child(values(class.desk, back).label(words!("Reconstruction {}", i + 1)))
        .child(tag("b").text((i + 1).to_string()))
        .into()
}

/// Where they lie among the test set.
fn map(class: Class) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    let raster = RefCell::new(Raster::default());
    let scene = move || (class.chart.get(), class.made.with(|made| made.codes.clone()));
    painted(canvas, scene, move |surface, (chart, codes)| {
        if let Some(chart) = chart {
            paint(surface, &mut raster.borrow_mut(), chart, codes);
        }
    });
    let title = "Where they lie on the map";
    let none = move || class.chart.with(Option::is_none) || class.made.with(|made| made.codes.is_empty());
    tag("div")
        .flag("hidden", none)
        .child(tag("canvas").class("class-map").set("role", "img").label(title).node(canvas))
        .child(
            tag("div")
                .class("row")
                .child(tag("p").class("note").text("The class’s drawings among the codes of the test set."))
                .child(png(canvas, "class-map.png", title, move |palette| {
                    class.chart.with(|chart| {
                        chart.as_ref().map_or_else(Vec::new, |chart| of_classes(palette, &chart.classes, |_| true))
                    })
                })),
        )
}

fn paint(surface: &Surface, raster: &mut Raster, chart: &Chart, codes: &[Vec<f32>]) {
    let axes = chart.first_axes();
    let places = chart.places(axes);
    let size = [surface.width as f32, surface.height as f32];
    let view = View::of(extent(&places), size);
    scatter(surface, raster, (&places, &chart.labels), &view, 1.6, 110);
    let ctx = &surface.ctx;
    ctx.set_text_align("center");
    for (i, code) in codes.iter().enumerate() {
        let pixel = view.pixel(axes.map(|axis| chart.along(axis, code)), size);
        ctx.set_fill_style_str(&css(surface.palette.paper, 0.85));
        ring(surface, pixel, 8.0, &css(surface.palette.ink, 1.0), 1.5);
        ctx.fill();
        ctx.set_fill_style_str(&css(surface.palette.ink, 1.0));
        surface.text(&(i + 1).to_string(), pixel[0].into(), f64::from(pixel[1]) + 4.0);
    }
}
