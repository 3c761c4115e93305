//! What the map says to those who do not see it: where the cursor is, what lies around it, and how far what is decoded
//! there is from that.
use super::atlas::Atlas;
use super::paint::is_shown;
use crate::engine::protocol::bytes::value;
use crate::lessons::latent::{Space, commonest, nearest_places};
use crate::ui::aloud::Aloud;
use crate::ui::numbers;
use crate::words;
use leptos::prelude::*;

/// So many neighbours are asked for their class.
const NEAR: usize = 9;

/// Says what a key did.
pub fn tell(atlas: Atlas, voice: Aloud, key: &str) {
    match key {
        "+" | "=" | "-" | "0" | "Home" => voice.soon(move |_| Some(in_view(atlas))),
        "Enter" | " " => voice.soon(move |_| chosen(atlas)),
        _ => voice.soon(move |last| here(atlas, last)),
    }
}

/// The part of the plane that is in view.
fn in_view(atlas: Atlas) -> String {
    let (view, size) = atlas.view();
    let ([left, top], [right, bottom]) = (view.place([0.0, 0.0], size), view.place(size, size));
    let [across, up] = names(atlas);
    words!("In view: {across} from {left:.1} to {right:.1}, {up} from {bottom:.1} to {top:.1}.")
}

fn names(atlas: Atlas) -> [String; 2] {
    atlas.peek(|state| state.axes.map(|axis| state.chart.name(axis)))
}

/// The digit that is nearest to the cursor was taken.
fn chosen(atlas: Atlas) -> Option<String> {
    let (point, _) = *near(atlas, 1).first()?;
    Some(words!("Chosen: {}.", untrack(|| atlas.describe(point as u32))))
}

/// The points nearest to the cursor, or to the middle of what is in view.
fn near(atlas: Atlas, count: usize) -> Vec<(usize, f32)> {
    let (view, size) = atlas.view();
    atlas.peek(|state| {
        let at = state.cursor.unwrap_or_else(|| view.place(size.map(|side| side / 2.0), size));
        nearest_places(&state.places, at, count, |point| is_shown(state, point))
    })
}

/// The cursor's place. `None`: it is being decoded.
fn here(atlas: Atlas, last: bool) -> Option<String> {
    let Some([x, y]) = atlas.peek(|state| state.cursor) else {
        return Some("Back to your own.".into());
    };
    let near = near(atlas, NEAR);
    let nearest = near.first().copied();
    let error = nearest.and_then(|(point, _)| error(atlas, point as u32));
    if !last && error.is_none() && nearest.is_some() && decodes(atlas) {
        return None;
    }
    let mut said = Vec::new();
    if atlas.peek(|state| state.layout.is_none()) {
        let [across, up] = names(atlas);
        said.push(words!("{across} {x:.2}, {up} {y:.2}."));
    }
    let (labels, classes): (Vec<u8>, Vec<String>) = atlas.peek(|state| {
        let labels = near.iter().filter_map(|&(point, _)| state.chart.labels.get(point).copied()).collect();
        (labels, state.chart.classes.clone())
    });
    if let Some((class, most)) = commonest(&labels)
        && let Some(name) = classes.get(usize::from(class))
    {
        said.push(words!("{most} of the {} nearest: {name}.", labels.len()));
    }
    if let Some((point, far)) = nearest {
        said.push(words!("Nearest: {}, {far:.2} away.", untrack(|| atlas.describe(point as u32))));
    }
    if let Some(error) = error {
        said.push(words!("What is decoded here differs from it by a mean squared error of {}.", numbers::loss(error)));
    }
    Some(said.join(" "))
}

/// Whether there will be a picture for the cursor's place.
fn decodes(atlas: Atlas) -> bool {
    atlas.peek(|state| state.space == Space::Inputs) || untrack(|| atlas.desk.held.with(Option::is_some))
}

/// The mean squared difference between what is decoded at the cursor and an input; `None` as long as one is not here.
fn error(atlas: Atlas, point: u32) -> Option<f32> {
    let desk = atlas.desk;
    let decoded = match atlas.peek(|state| (state.space == Space::Inputs).then_some(state.cursor)) {
        Some(place) => atlas.peek(|state| Some(state.chart.at(state.axes, place?)))?,
        None => untrack(|| {
            let held = desk.held.get()?;
            desk.engine.decoded.with(|decoded| {
                let of_it = decoded.as_ref().filter(|decoded| decoded.z == held)?;
                of_it.signals.last().cloned()
            })
        })?,
    };
    let series = untrack(|| desk.is_series());
    atlas.peek(|state| {
        let input = state.picture(point).filter(|input| input.len() == decoded.len())?;
        let squares = input.iter().zip(&decoded).map(|(&byte, y)| (value(byte, series) - y).powi(2));
        Some(squares.sum::<f32>() / decoded.len() as f32)
    })
}
