//! The code z, value by value: what the encoder made of the drawing, and what the visitor makes of that.
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, tag};
use leptos::prelude::*;
use web_sys::Event;

/// The least that a slider reaches to each side: codes of a fresh network are small.
const REACH: f32 = 2.0;

/// A slider for each value of z, as far to both sides as it takes.
pub fn codes(desk: Desk) -> Tag {
    codes_within(desk, |_| None)
}

/// A slider for each value of z, over the range that the data have where that is known.
pub fn codes_within(desk: Desk, range: impl Fn(usize) -> Option<[f32; 2]> + Copy + Send + 'static) -> Tag {
    let dims = Memo::new(move |_| {
        let (widths, z_at) = desk.widths();
        widths.get(z_at).copied().unwrap_or(0) as usize
    });
    // How far sliders reach: a power of two that holds every value seen since the network was opened. It only grows,
    // because a scale that moves under the hand can't be used.
    let reach = Memo::new(move |before: Option<&(usize, f32)>| {
        let dims = dims.get();
        let least = before.filter(|(d, _)| *d == dims).map_or(REACH, |(_, reach)| *reach);
        let most = desk.code().unwrap_or_default().iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let mut reach = least;
        while most > reach && reach < 1e6 {
            reach *= 2.0;
        }
        (dims, reach)
    });
    let code = Memo::new(move |_| desk.code());
    let slider = move |i: usize| {
        let value = move || code.with(|code| code.as_ref().and_then(|code| code.get(i).copied()));
        let slider = tag("input")
            .set("type", "range")
            .set("step", "any")
            .shows("min", move || range(i).map_or(-reach.get().1, |[least, _]| least).to_string())
            .shows("max", move || range(i).map_or(reach.get().1, |[_, most]| most).to_string())
            .flag("disabled", move || value().is_none())
            .value(move || value().unwrap_or(0.0).to_string())
            .on("input", move |event: Event| {
                if let Ok(value) = event_target_value(&event).parse() {
                    desk.hold(i, value);
                }
            });
        tag("label")
            .class("code")
            .child(tag("span").class("name").text("z").child(tag("sub").text((i + 1).to_string())))
            .child(slider)
            .child(tag("span").class("value").says(move || value().map_or("–".into(), numbers::code)))
            .into()
    };
    tag("div")
        .class("codes")
        .class_if("many", move || dims.get() > 10)
        .set("role", "group")
        .label("The latent code z")
        .child(again(move || (0..dims.get()).map(slider).collect::<Vec<AnyView>>().into_any()))
}
