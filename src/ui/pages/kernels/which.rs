//! Which weight is followed: of which layer, unit and input, by number or by pointing; and which batch.
use super::Page;
use crate::lessons::kernels::{Followed, Place, Stage};
use crate::ui::canvas::{Image, pictured};
use crate::ui::palette::{Palette, between};
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::fields::menu;
use crate::ui::widgets::picture::with_full_opacity;
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::{Event, MouseEvent};

/// The card.
pub fn which(page: Page) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let batch = move |own: bool, title: &'static str| {
        button("", move || page.take(own))
            .set("title", title)
            .shows("aria-pressed", move || state.with(|state| state.own == own).to_string())
            .says(move || match own {
                true => "yours alone".into(),
                false => words!("the next {}", desk.recipe.with(|recipe| recipe.batch)),
            })
    };
    let batches = tag("div")
        .class("row switch")
        .set("role", "group")
        .label("Batch")
        .child(batch(true, "A batch of one: what lies on the pad"))
        .child(batch(false, "The batch that the network’s next step takes"));
    // Options are made anew with the layers.
    let layers = Memo::new(move |_| desk.widths());
    let layer = again(move || {
        let (widths, encoder) = layers.get();
        let name = |(layer, pair): (u32, &[u32])| {
            let part = Stage::of_layer(layer, encoder).symbol();
            (layer.to_string(), format!("{part}: {} → {}", pair[0], pair[1]))
        };
        let options = (0..).zip(widths.windows(2)).map(name).collect();
        let choose = move |layer: &str| {
            page.go(Place { layer: layer.parse().unwrap_or(0), unit: 0, input: 0 });
            Ok(())
        };
        let now = move || state.with(|state| state.place.layer).to_string();
        menu(RwSignal::new(None), options, now, choose).label("Layer").into()
    });
    let fields = tag("div")
        .class("which-fields")
        .child(tag("label").class("field").child(tag("span").text("layer")).child(layer))
        .child(number(
            page,
            "unit",
            "Unit",
            |place| place.unit,
            |place, unit| Place { unit, ..place },
            |(_, units)| units,
        ))
        .child(number(
            page,
            "input",
            "Input of the unit",
            |place| place.input,
            |place, input| Place { input, ..place },
            |(inputs, _)| inputs,
        ));
    let units = cells(
        page,
        "units",
        "The layer’s units: press one to follow it",
        |followed| (followed.units.iter().map(|unit| unit.abs()).collect(), followed.place.unit),
        |place, unit| Place { unit, ..place },
    );
    let inputs = cells(
        page,
        "inputs",
        "What enters, times its weight: press one to follow that weight",
        |followed| {
            let terms = followed.inputs.iter().zip(&followed.weights).map(|(a, w)| (a * w).abs());
            (terms.collect(), followed.place.input)
        },
        |place, input| Place { input, ..place },
    );
    let steepest = button("steepest", move || page.steepest())
        .set("title", "The weight of this unit whose gradient is the largest")
        .flag("disabled", move || state.with(|state| state.followed.is_none()));
    let picture = |words: &'static str, canvas: Tag| {
        tag("figure").child(tag("figcaption").class("note").text(words)).child(canvas).into()
    };
    tag("section")
        .class("card which")
        .label("Which weight")
        .child(tag("div").class("head").child(tag("h2").text("Which weight?")).child(steepest))
        .child(batches)
        .child(fields)
        .child(
            tag("div")
                .class("which-pictures")
                .children([picture("units: |a|", units), picture("inputs: |w · a|", inputs)]),
        )
}

/// A number counted from 1, with its field.
fn number(
    page: Page,
    words: &'static str,
    label: &'static str,
    of: fn(Place) -> u32,
    set: fn(Place, u32) -> Place,
    most: fn((u32, u32)) -> u32,
) -> Tag {
    let state = page.state;
    let most = move || most(state.with(|state| state.place).layer_of(&page.desk.widths().0));
    let changed = move |event: Event| {
        let place = state.with_untracked(|state| state.place);
        let typed = event_target_value(&event).trim().parse::<u32>().unwrap_or(of(place) + 1);
        // Said again even where it stays, so that the field shows what holds.
        page.go(set(place, typed.clamp(1, untrack(most).max(1)) - 1));
    };
    tag("label").class("field").child(tag("span").says(move || words!("{words} of {}", most()))).child(
        tag("input")
            .set("type", "number")
            .set("min", "1")
            .set("step", "1")
            .shows("max", move || most().to_string())
            .label(label)
            .class("number")
            .value(move || (of(state.with(|state| state.place)) + 1).to_string())
            .on("change", changed),
    )
}

/// Values as cells, the chosen one in blue; one that is pressed is the next to be followed.
fn cells(
    page: Page,
    testid: &'static str,
    label: &'static str,
    of: fn(&Followed) -> (Vec<f32>, u32),
    set: fn(Place, u32) -> Place,
) -> Tag {
    let state = page.state;
    let press = move |event: MouseEvent| {
        let count = state.with_untracked(|state| state.followed.as_ref().map_or(0, |followed| of(followed).0.len()));
        if let Some(cell) = cell_at(&event, count) {
            page.go(set(state.with_untracked(|state| state.place), cell));
        }
    };
    let canvas = NodeRef::<html::Canvas>::new();
    pictured(canvas, move |palette| {
        let (values, chosen) = state.with(|state| state.followed.as_ref().map(of)).unwrap_or_default();
        image(palette, &values, chosen)
    });
    tag("canvas")
        .class("cells")
        .set("role", "img")
        .label(label)
        .set("title", label)
        .testid(testid)
        .node(canvas)
        .on("click", press)
}

/// Cells beside each other: as many as make the picture square.
fn columns(count: usize) -> usize {
    (count as f64).sqrt().ceil().max(1.0) as usize
}

fn image(palette: &Palette, values: &[f32], chosen: u32) -> Image {
    let columns = columns(values.len());
    let rows = values.len().div_ceil(columns).max(1);
    let most = values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let pixel = |i: usize| match values.get(i) {
        Some(_) if i == chosen as usize => with_full_opacity(palette.blue),
        Some(value) => with_full_opacity(between(palette.paper, palette.ink, value / most)),
        None => [0; 4],
    };
    Image { columns, rows, rgba: (0..rows * columns).flat_map(pixel).collect() }
}

/// Which of so many cells was pressed.
fn cell_at(event: &MouseEvent, count: usize) -> Option<u32> {
    let area = event_target::<web_sys::Element>(event).get_bounding_client_rect();
    let columns = columns(count);
    let rows = count.div_ceil(columns);
    let share = |at: i32, from: f64, size: f64| ((f64::from(at) - from) / size.max(1.0)).clamp(0.0, 0.999_999);
    let column = (share(event.client_x(), area.left(), area.width()) * columns as f64) as usize;
    let row = (share(event.client_y(), area.top(), area.height()) * rows as f64) as usize;
    Some(row * columns + column).filter(|&cell| cell < count).map(|cell| cell as u32)
}
