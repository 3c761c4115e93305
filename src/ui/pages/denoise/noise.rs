//! Which noise, how much of it, and where: the noise brush.
use super::{Page, amount, kinds};
use crate::lessons::choices::{Choice, NoiseKind};
use crate::lessons::denoise::{Mask, noise as noise_of, range, strength};
use crate::ui::canvas::{painted, pictured, within};
use crate::ui::tag::{Tag, again, button, fact, tag};
use crate::ui::widgets::fields::menu;
use crate::ui::widgets::picture::{series, sheet_of};
use leptos::html;
use leptos::prelude::*;
use web_sys::{Event, PointerEvent};

/// The card.
pub fn noise(page: Page) -> Tag {
    let state = page.state;
    let kind = move || state.with(|state| NoiseKind::of(state.noise));
    let series = move || page.desk.is_series();
    let options = kinds().map(|kind| (kind.slug().to_owned(), kind.title().to_owned())).collect();
    let choose = move |slug: &str| {
        if let Some(kind) = NoiseKind::from_slug(slug) {
            page.set_noise(kind.usual());
        }
        Ok(())
    };
    let menu = menu(RwSignal::new(None), options, move || kind().slug().to_owned(), choose).label("Kind of noise");
    let slid = move |event: Event| {
        if let Ok(strength) = event_target_value(&event).parse::<f32>() {
            page.set_noise(noise_of(untrack(kind), strength));
        }
    };
    let words = move || amount(state.with(|state| state.noise), series());
    let slider = tag("input")
        .set("type", "range")
        .set("min", "0")
        .shows("max", move || range(kind()).0.to_string())
        .shows("step", move || range(kind()).1.to_string())
        .label("Strength of the noise")
        .shows("aria-valuetext", words)
        .value(move || {
            // After the attributes that bound it.
            kind();
            state.with(|state| strength(state.noise)).to_string()
        })
        .on("input", slid);
    let where_to = move |everywhere: bool, name: &'static str, title: [&'static str; 4]| {
        button(name, move || {
            page.change(&mut |state| state.everywhere = everywhere);
            page.ask();
        })
        .shows("title", move || page.desk.thing().among(title).to_owned())
        .shows("aria-pressed", move || state.with(|state| state.everywhere == everywhere).to_string())
    };
    let wipe = move || {
        page.change(&mut |state| {
            state.everywhere = false;
            state.mask = Mask::default();
        });
        page.ask();
    };
    let other = move || {
        page.change(&mut |state| state.draw = state.draw.wrapping_add(1) % (1 << 20));
        page.ask();
    };
    tag("section")
        .class("card noise-card")
        .label("Noise")
        .child(tag("div").class("head wrap").child(tag("h2").text("Noise")).child(menu))
        .child(tag("label").class("row noise-strength").child(slider).child(tag("b").testid("noise").says(words)))
        .child(brush(page))
        .child(
            tag("div")
                .class("row wrap")
                .child(
                    tag("div")
                        .class("row switch")
                        .set("role", "group")
                        .label("Where the noise is")
                        .child(where_to(true, "everywhere", ["Noise on all of it"; 4]))
                        .child(where_to(
                            false,
                            "brush",
                            [
                                "Noise only where the brush has been: paint on the picture",
                                "Noise only where the brush has been: paint on the picture",
                                "Noise only where the brush has been: paint on the beat",
                                "Noise only where the brush has been: paint on the series",
                            ],
                        )),
                )
                .child(button("Wipe off", wipe).set("title", "No noise on yours, until the brush paints some"))
                .child(button("Other noise", other).set("title", "The same kind and strength, drawn anew")),
        )
}

/// The visitor's input with noise on it; a pointer paints more.
fn brush(page: Page) -> AnyView {
    let is_series = fact(move || page.desk.is_series());
    again(move || {
        let canvas = NodeRef::<html::Canvas>::new();
        let own = move || page.state.with(|state| state.own.clone());
        if is_series.get() {
            painted(canvas, own, |surface, own| series(surface, own.as_deref(), surface.palette.ink));
        } else {
            pictured(canvas, move |palette| sheet_of(palette, page.desk.shape(), own().as_deref()));
        }
        let last = StoredValue::new(None::<(i32, (f32, f32))>);
        let place = move |event: &PointerEvent| {
            let [x, y] = within(&canvas.get_untracked()?, event);
            Some((x as f32, y as f32))
        };
        let paint = move |from: (f32, f32), to: (f32, f32)| {
            page.change(&mut |state| {
                // Where there is noise everywhere, the first stroke starts with none.
                if std::mem::take(&mut state.everywhere) {
                    state.mask = Mask::new(state.mask.len(), untrack(|| page.desk.shape()).1 as usize);
                }
                state.mask.paint(from, to);
            });
            page.ask();
        };
        let down = move |event: PointerEvent| {
            let Some((element, at)) = canvas.get_untracked().zip(place(&event)) else { return };
            if event.button() != 0 || last.get_value().is_some() {
                return;
            }
            let _ = element.set_pointer_capture(event.pointer_id());
            last.set_value(Some((event.pointer_id(), at)));
            paint(at, at);
        };
        let moved = move |event: PointerEvent| {
            let Some(((pointer, from), to)) = last.get_value().zip(place(&event)) else { return };
            if pointer == event.pointer_id() {
                last.set_value(Some((pointer, to)));
                paint(from, to);
            }
        };
        let lifted = move |event: PointerEvent| {
            if last.get_value().is_some_and(|(pointer, _)| pointer == event.pointer_id()) {
                last.set_value(None);
            }
        };
        tag("canvas")
            .class("picture brush")
            .set("role", "img")
            .testid("noisy-own")
            .label("Yours with noise: paint noise onto it. With keys, choose “everywhere” or “Wipe off”.")
            .set("title", "Paint noise here")
            .node(canvas)
            .on("pointerdown", down)
            .on("pointermove", moved)
            .on("pointerup", lifted)
            .on("pointercancel", lifted)
            .on("lostpointercapture", lifted)
            .into()
    })
}
