//! Decibels over the whole test set against the strength of the noise; and the files.
use super::state::{Gallery, State, decibels};
use super::{Page, table};
use crate::engine::protocol::{Ask, Command, Topic};
use crate::lessons::choices::NoiseKind;
use crate::lessons::denoise::{EXPORTED, Method, csv, levels, npz, range, strength};
use crate::ui::download;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::answering;
use crate::ui::widgets::plot::{Axis, Curve, DASHED, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;
use std::fmt::Write;

/// The card.
pub fn curve(page: Page) -> Tag {
    let (engine, state) = (page.desk.engine, page.state);
    let press = move || {
        let going = state.with_untracked(|state| state.measuring);
        page.change(&mut |state| {
            state.measuring = !going;
            if !going {
                (state.levels, state.measured) = (Vec::new(), None);
            }
        });
        match going {
            true => engine.send(Command::Drop(Topic::Levels)),
            false => engine.ask(Ask::Levels { levels: levels(state.with_untracked(|state| state.noise)) }),
        }
    };
    let head = tag("div")
        .class("head wrap")
        .child(tag("h2").text("How much noise can each take?"))
        .child(
            button("", press)
                .class("main")
                .flag("disabled", move || state.with(|state| state.trained.is_none() || state.training))
                .says(move || match state.with(|state| state.measuring) {
                    true => "Stop measuring".into(),
                    false => "Measure on the test set".into(),
                }),
        )
        .child(answering(page.desk, Topic::Levels, "Progress of the measurement", move || {
            state.with(|state| state.measuring)
        }));
    let export = move || {
        let table = state.with_untracked(|state| csv(&state.levels));
        download::text("denoise.csv", "text/csv", &table);
    };
    let pictures = move || {
        let noise = state.with_untracked(|state| state.noise);
        let (rows, cols) = untrack(|| page.desk.shape());
        page.change(&mut |state| {
            state.gallery = Gallery { noise, width: (rows * cols) as usize, ..Gallery::default() };
            state.saving = true;
        });
        engine.ask(Ask::Gallery { count: EXPORTED, noise });
    };
    let exported = move || {
        state.with(|state| match &state.gallery {
            _ if state.saving => "making the file …".into(),
            gallery if gallery.is_complete() => {
                let mut words = words!("the first {} with {}, in dB:", gallery.of, super::describe(gallery.noise));
                for (method, value) in Method::ALL.into_iter().zip(gallery.decibels(state.clips())) {
                    // Writing to a string cannot fail.
                    let value = value.map_or("–".into(), |value| format!("{value:.2}"));
                    let _ = write!(words, " {} {value}", method.slug());
                }
                words
            }
            _ => String::new(),
        })
    };
    let canvas = NodeRef::new();
    let title = "Decibels against the strength of the noise";
    let files = tag("div")
        .class("row wrap")
        .child(
            button("denoise.csv", export)
                .set("title", "Decibels of every method at every strength that was measured")
                .flag("disabled", move || state.with(|state| state.levels.is_empty())),
        )
        .child(
            button("pictures.npz", pictures)
                .set("title", "The first test inputs clean, with noise, and by every method, for numpy.load")
                .flag("disabled", move || state.with(|state| state.trained.is_none() || state.saving)),
        )
        .child(
            png(canvas, "denoise.png", title, of_curves(CURVES.map(|(method, kind)| (kind, table::title(method).0))))
                .flag("disabled", move || state.with(|state| state.levels.is_empty())),
        )
        .child(tag("span").class("figure").testid("exported").says(exported));
    tag("section")
        .class("card denoise-curve")
        .label(title)
        .child(head)
        .child(plot(canvas, "denoise-plot", "denoise-curve", move || state.with(curves)))
        .child(tag("p").class("figure").testid("denoise-words").says(move || state.with(words)))
        .child(files)
}

/// The last part of the pictures is there: the file.
pub fn save(page: Page) {
    let state = page.state;
    if !state.with_untracked(|state| state.saving && state.gallery.is_complete()) {
        return;
    }
    page.change(&mut |state| state.saving = false);
    let file = state.with_untracked(|state| {
        let gallery = &state.gallery;
        let mut table = String::from("method,psnr,psnr_clipped\n");
        let both = gallery.decibels(false).into_iter().zip(gallery.decibels(true));
        for (method, values) in Method::ALL.into_iter().zip(both) {
            if let (Some(raw), Some(clipped)) = values {
                let _ = writeln!(table, "{},{raw:.6},{clipped:.6}", method.slug());
            }
        }
        let names = std::iter::once("clean").chain(Method::ALL.map(Method::slug));
        // PCA may still be missing.
        let arrays: Vec<(&str, &[f32])> =
            names.zip(gallery.arrays.iter().map(Vec::as_slice)).filter(|(_, values)| !values.is_empty()).collect();
        npz(&arrays, gallery.width, &[("figures.csv", &table)])
    });
    download::bytes("pictures.npz", "application/zip", &file);
}

/// What was measured at the noise that was chosen, in words.
fn words(state: &State) -> String {
    if state.levels.is_empty() {
        return String::new();
    }
    let Some(best) = state.best(|method| state.over_all(method)) else {
        return "This strength was not measured: measure again.".into();
    };
    let all = Method::ALL[1..]
        .iter()
        .map(|&method| format!("{} {}", table::title(method).0, decibels(state.over_all(method))));
    let all: Vec<_> = all.collect();
    let noisy = decibels(state.over_all(Method::Noisy));
    words!("With {} ({noisy} dB): {}. Best: {}.", super::describe(state.noise), all.join(", "), table::title(best).0)
}

/// Which method is shown how: the last one is the noisy input.
const CURVES: [(Method, usize); 5] = [
    (Method::Denoising, 0),
    (Method::Plain, DASHED),
    (Method::Pca, 1),
    (Method::Median, 2),
    (Method::Noisy, DASHED + 2),
];

fn curves(state: &State) -> Plot {
    let kind = state.levels.first().map_or(NoiseKind::of(state.noise), |level| NoiseKind::of(level.noise));
    let mut levels: Vec<_> = state.levels.iter().collect();
    levels.sort_by(|a, b| strength(a.noise).total_cmp(&strength(b.noise)));
    let line = |method: Method, kind: usize| {
        let places = levels.iter().map(|level| [f64::from(strength(level.noise)), state.of(level, method)]);
        // Without noise some are without error: infinitely many decibels.
        Curve { places: places.filter(|place| place[1].is_finite()).collect(), kind, dots: kind < DASHED }
    };
    let curves = CURVES.map(|(method, kind)| line(method, kind)).to_vec();
    // All but the noisy input, which goes to infinity: its curve may leave the top.
    let values = || curves[..4].iter().flat_map(|curve| curve.places.iter().map(|place| place[1]));
    let least = (values().fold(10.0, f64::min) / 5.0).floor() * 5.0;
    let most = (values().fold(20.0, f64::max) / 5.0).ceil() * 5.0;
    let ticks = |from: f64, to: f64, by: f64| {
        std::iter::successors(Some(from), move |at| Some(at + by)).take_while(move |at| *at <= to + by / 10.0)
    };
    let most_noise = f64::from(range(kind).0);
    let (by, name) = match kind {
        NoiseKind::Block if state.unit => (4.0, "edge of the block"),
        NoiseKind::Block => (4.0, "length of the block"),
        NoiseKind::SaltPepper => (0.2, "share of salt and pepper"),
        _ => (0.2, "standard deviation of the noise"),
    };
    let short = |value: f64| if kind == NoiseKind::Block { format!("{value:.0}") } else { format!("{value:.1}") };
    let chosen = state.over_all(Method::Denoising).map(|value| [f64::from(strength(state.noise)), value]);
    Plot {
        x: Axis {
            range: [0.0, most_noise],
            ticks: ticks(0.0, most_noise, by).map(|at| (at, short(at))).collect(),
            name,
        },
        y: Axis {
            range: [least, most],
            ticks: ticks(least, most, 5.0).map(|at| (at, format!("{at:.0}"))).collect(),
            name: if state.unit { "PSNR, dB" } else { "SNR, dB" },
        },
        curves: curves.into_iter().map(|curve| within(curve, least, most)).collect(),
        mark: chosen,
        words: match words(state) {
            words if words.is_empty() => "Decibels against the strength of the noise: nothing measured yet".into(),
            words => words,
        },
    }
}

/// The part of a curve that is in view.
fn within(curve: Curve, least: f64, most: f64) -> Curve {
    let places = curve.places.into_iter().filter(|place| (least..=most).contains(&place[1])).collect();
    Curve { places, ..curve }
}
