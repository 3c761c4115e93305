//! What one width of z comes to, at every number of bits.
use super::Page;
use super::state::{State, words_for};
use crate::lessons::compress::{BITS, bytes};
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, tag};
use crate::ui::widgets::lesson::heads;
use crate::words;
use leptos::prelude::*;

/// The card.
pub fn table(page: Page) -> Tag {
    let title = move || {
        page.state.with(|state| match state.chosen() {
            Some(rated) if rated.at_hand => words!("z = {}, the network at hand", rated.z),
            Some(rated) => words!("z = {}, after {} steps", rated.z, rated.step),
            None => "Not rated yet".into(),
        })
    };
    tag("section")
        .class("card table-card")
        .label("The chosen width of z")
        .child(tag("div").class("head").child(tag("h2").testid("chosen").says(title)))
        .child(again(move || page.state.with(rows)))
        .child(
            tag("p")
                .class("note")
                .flag("hidden", move || page.state.with(|state| state.chosen().is_some()))
                .text("The network at hand is rated when it stands still; that takes a few seconds."),
        )
}

fn rows(state: &State) -> AnyView {
    let Some(rated) = state.chosen() else { return ().into_any() };
    let original = &state.original;
    let raw = if original.png.is_some() { "raw ÷" } else { "floats ÷" };
    let names = ["", "bytes", raw, "PNG ÷", "MSE", "PSNR", "MSE, PCA", "PSNR, PCA"];
    let kept = move |i: &usize| original.png.is_some() || *i != 3;
    let head = names.into_iter().enumerate().filter(|(i, _)| kept(i));
    let head = heads(head.map(|(_, name)| name));
    let row = |(i, bits): (usize, u32)| {
        let size = bytes(rated.z, bits);
        let times = |whole: f32| {
            let times = whole / size;
            if times >= 10.0 { format!("{times:.0}×") } else { format!("{times:.1}×") }
        };
        let error = |method: usize| numbers::loss(rated.mse[method][i]);
        let noise = |method: usize| format!("{:.2}", rated.psnr(method, i, original));
        let cells = [
            size.to_string(),
            times(original.bytes as f32),
            original.png.map_or_else(String::new, times),
            error(0),
            noise(0),
            error(1),
            noise(1),
        ];
        let cells = cells.into_iter().enumerate().filter(|(at, _)| kept(&(at + 1)));
        let cells: Vec<AnyView> = cells.map(|(_, words)| tag("td").text(words).into()).collect();
        let name = tag("th").set("scope", "row").text(words_for(bits));
        tag("tr").class(if i == state.bits { "shown" } else { "" }).child(name).children(cells).into()
    };
    let rows: Vec<AnyView> = BITS.into_iter().enumerate().map(row).collect();
    tag("table").class("confusion rated").testid("rated").child(head).children(rows).into()
}
