//! How often the vote is right over the whole test set, for every k.
use super::{Page, STATE};
use crate::engine::protocol::Topic;
use crate::lessons::neighbours::{MOST, csv};
use crate::ui::canvas::{Surface, painted};
use crate::ui::download;
use crate::ui::palette::css;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::answering;
use crate::ui::widgets::png::{Key, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;

/// The name of the chart below.
const CHART: &str = "Accuracy for k from 1 to 25";

/// The same for the whole test set, for every k.
pub fn whole(page: Page) -> Tag {
    let canvas = NodeRef::<html::Canvas>::new();
    let scene = move || {
        let curves = page.with(|state| {
            state
                .measured
                .each_ref()
                .map(|m| if m.tally.asked > 0 { (1..=MOST).map(|k| m.tally.accuracy(k)).collect() } else { Vec::new() })
        });
        (curves, page.k.get())
    };
    painted(canvas, scene, |surface, (curves, k)| paint_curves(surface, curves, *k));
    let start = move || {
        if page.measuring.get_untracked() {
            page.stop();
        } else {
            page.start();
        }
    };
    let words = move |which: usize, name: &'static str| {
        page.with(|state| {
            let part = &state.measured[which];
            match part.tally.asked {
                0 => String::new(),
                asked => words!(
                    "{name} {:.2} % right with k = {} ({asked} of {} asked, {:.1} s)",
                    100.0 * part.tally.accuracy(page.k.get() as usize),
                    page.k.get(),
                    part.of,
                    part.seconds,
                ),
            }
        })
    };
    let table = move |which: usize, name: &'static str| {
        button(name, move || {
            let k = page.k.get_untracked() as usize;
            let text = STATE.with_borrow(|state| {
                let part = &state.measured[which];
                csv(&part.truth, &part.near, &part.known, k)
            });
            download::text(name, "text/csv", &text);
        })
        .set("title", "index, label, predicted, votes, and every neighbour’s place, label and distance")
        .flag("disabled", move || page.with(|state| state.measured[which].near.each == 0))
    };
    let buttons = tag("div")
        .class("row whole-buttons")
        .child(
            button("", start)
                .class("main")
                .flag("disabled", move || page.desk.engine.opened.with(Option::is_none) || page.has_no_labels())
                .shows("title", move || page.why_not())
                .says(move || if page.measuring.get() { "Stop".into() } else { "Ask the whole test set".into() }),
        )
        .child(answering(page.desk, Topic::Accuracy, "How much is measured", move || page.measuring.get()))
        .child(table(0, "neighbours.csv"))
        .child(table(1, "neighbours-pixels.csv"))
        .child(
            png(canvas, "neighbours.png", CHART, move |palette| {
                let by_inputs = page.desk.thing().either("in pixels", "by their values");
                vec![Key::line(palette.amber, "in Z"), Key::line(palette.blue, by_inputs)]
            })
            .flag("disabled", move || page.with(|state| state.measured.iter().all(|part| part.tally.asked == 0))),
        );
    let old = move || {
        let now = page.desk.engine.progress.with(|progress| progress.step);
        page.with(|state| match &state.measured[0] {
            part if part.tally.asked > 0 && part.step != now => {
                words!("The network has learned on since: this was measured after {} of its steps.", part.step)
            }
            _ => String::new(),
        })
    };
    let title = "How often is the vote right?";
    tag("section")
        .class("card whole")
        .label(title)
        .child(tag("div").class("head").child(tag("h2").text(title)))
        .child(buttons)
        .child(tag("p").class("note").testid("accuracy-old").says(old))
        .child(tag("canvas").class("knn-chart").set("role", "img").label(CHART).node(canvas))
        .child(tag("p").class("figure latent").testid("accuracy-codes").says(move || words(0, "Z:")))
        .child(
            tag("p")
                .class("figure")
                .testid("accuracy-inputs")
                .says(move || words(1, page.desk.thing().either("pixels:", "values:"))),
        )
}

fn paint_curves(surface: &Surface, curves: &[Vec<f64>; 2], k: u32) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let all = || curves.iter().flatten().copied();
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    if all().next().is_none() {
        ctx.set_text_align("center");
        return surface.text("accuracy for k = 1 … 25", surface.width / 2.0, surface.height / 2.0);
    }
    // From a whole percent below the least to one above the most.
    let least = (all().fold(1.0, f64::min) * 100.0 - 0.5).floor().max(0.0);
    let most = (all().fold(0.0, f64::max) * 100.0 + 0.5).ceil().min(100.0).max(least + 1.0);
    let (left, right, top, bottom) = (60.0, surface.width - 12.0, 8.0, surface.height - 36.0);
    let x = |k: f64| left + (k - 1.0) / (MOST as f64 - 1.0) * (right - left);
    let y = |percent: f64| bottom - (percent - least) / (most - least) * (bottom - top);
    ctx.set_line_width(1.0);
    ctx.set_stroke_style_str(&css(palette.line, 1.0));
    let step = ((most - least) / 4.0).ceil();
    ctx.set_text_align("end");
    let mut percent = least;
    while percent <= most {
        surface.line([left, y(percent)], [right, y(percent)]);
        surface.text(&format!("{percent:.0} %"), left - 6.0, y(percent) + 4.0);
        percent += step;
    }
    ctx.set_text_align("center");
    for k in [1, 5, 9, 15, 20, 25] {
        surface.text(&k.to_string(), x(k.into()), bottom + 16.0);
    }
    surface.text("k, neighbours that vote", f64::midpoint(left, right), surface.height - 4.0);
    ctx.save();
    // It can fail only for a context that is gone.
    let _ = ctx.translate(12.0, f64::midpoint(top, bottom));
    let _ = ctx.rotate(-std::f64::consts::FRAC_PI_2);
    surface.text("right", 0.0, 0.0);
    ctx.restore();
    ctx.set_stroke_style_str(&css(palette.muted, 1.0));
    surface.line([x(k.into()), top], [x(k.into()), bottom]);
    for (curve, colour) in curves.iter().zip([palette.amber, palette.blue]).filter(|(curve, _)| !curve.is_empty()) {
        ctx.set_stroke_style_str(&css(colour, 1.0));
        ctx.set_line_width(2.5);
        surface.path((1..).zip(curve).map(|(k, share)| [x(f64::from(k)), y(100.0 * share)]));
    }
}
