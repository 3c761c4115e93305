//! The world that is looked at: its network, and what is compared with what. And what both say of the visitor's digit.
use super::state::Page;
use crate::lessons::recipe::Loss;
use crate::ui::canvas::painted;
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, fact, tag};
use crate::ui::widgets::hourglass::{Scene, paint, signals};
use crate::ui::widgets::lesson::heads;
use crate::ui::widgets::picture::{Show, picture};
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::png;
use crate::words;
use leptos::html;
use leptos::prelude::*;

/// The network, target and loss of one world.
pub fn world(page: Page) -> Tag {
    let desk = page.desk;
    let canvas = NodeRef::<html::Canvas>::new();
    let widths = move || {
        let (mut widths, z_at) = desk.widths();
        if page.supervised.get() {
            widths.truncate(z_at + 1);
            widths.push(page.classes().len().max(1) as u32);
        }
        (widths, z_at)
    };
    let scene = move || {
        let (widths, z_at) = widths();
        let signals = if page.supervised.get() {
            let mut signals = page.with(|state| state.signals.clone());
            if let Some(last) = signals.last_mut() {
                *last = page.probabilities();
            }
            signals
        } else {
            signals(desk)
        };
        Scene { widths, z_at, signals, pointed: None }
    };
    painted(canvas, scene, paint);
    let label = move || {
        let sizes: Vec<_> = widths().0.iter().map(u32::to_string).collect();
        words!("The network, layer by layer: {} values", sizes.join(", "))
    };
    let parts = move || match page.supervised.get() {
        true => "encoder e · z · one linear layer, softmax: classes",
        false => "encoder e · z · decoder d: the input again",
    };
    let title = move || if page.supervised.get() { "Supervised" } else { "Autoencoder" }.into();
    let chart = NodeRef::new();
    let empty = fact(move || match page.supervised.get() {
        true => page.with(|state| state.pupil.losses.is_empty()),
        false => desk.engine.curve.with(Vec::is_empty),
    });
    let picture_of_loss =
        png(chart, "worlds-loss.png", "Loss curve", |_| Vec::new()).flag("disabled", move || empty.get());
    tag("section")
        .class("card world")
        .label("The world")
        .child(
            tag("div")
                .class("head wrap")
                .child(tag("h2").testid("world").says(title))
                .child(tag("span").class("note").says(move || parts().into())),
        )
        .child(
            tag("canvas").class("hourglass").set("role", "img").testid("glass").shows("aria-label", label).node(canvas),
        )
        .child(
            tag("div")
                .class("row compared")
                .child(tag("p").class("figure").testid("compared").says(move || compared(page)))
                .child(picture_of_loss),
        )
        .child(
            tag("div")
                .class("row world-pair")
                .child(
                    tag("div")
                        .class("world-pictures")
                        .flag("hidden", move || page.supervised.get())
                        .child(picture(desk, Signal::derive(|| Show::Input), "target-x", "x, the target"))
                        .child(picture(desk, Signal::derive(|| Show::Output), "output-x", "x̂, the output")),
                )
                .child(
                    tag("div")
                        .class("world-target")
                        .flag("hidden", move || !page.supervised.get())
                        .child(tag("b").testid("target").says(move || {
                            let truth = page.truth().map(usize::from);
                            truth.and_then(|truth| page.classes().get(truth).cloned()).unwrap_or_else(|| "?".into())
                        }))
                        .child(tag("span").class("note").text("the label y")),
                )
                .child(plot(chart, "world-loss", "world-loss", move || loss(page))),
        )
}

/// What is compared with what, for the visitor's digit.
fn compared(page: Page) -> String {
    if !page.supervised.get() {
        let mse = page.desk.engine.seen.with(|seen| seen.as_ref().map(|seen| seen.mse));
        let against = page.desk.thing().either("x̂ against x, pixel by pixel", "x̂ against x, value by value");
        // Of this input only that is known, whatever the recipe makes small.
        let is_loss = page.desk.recipe.with(|recipe| recipe.loss == Loss::Mse && recipe.variational.is_none());
        let name = if is_loss { "Loss" } else { "MSE" };
        return match mse {
            Some(mse) => words!("{against}: {name} = {}", numbers::loss(mse)),
            None => against.into(),
        };
    }
    let chance = page.truth().and_then(|truth| page.probabilities().get(usize::from(truth)).copied());
    match chance {
        Some(chance) => words!("ŷ against y: Loss = −log {chance:.4} = {}", numbers::loss(-chance.max(1e-38).ln())),
        None if page.truth().is_some() => "ŷ against y: the classifier has not said anything yet.".into(),
        None => "ŷ against y: nobody has said what this is, so there is no loss. Take one from the test set.".into(),
    }
}

/// The loss of the world that is looked at, over its steps.
fn loss(page: Page) -> Plot {
    let engine = page.desk.engine;
    let supervised = page.supervised.get();
    let (places, of): (Vec<[f64; 2]>, u32) = if supervised {
        page.with(|state| {
            let places = state.pupil.losses.iter().map(|&(step, loss)| [f64::from(step), f64::from(loss)]);
            (places.collect(), state.pupil.of)
        })
    } else {
        let places = engine.curve.with(|curve| curve.iter().map(|p| [p.step.into(), p.train.into()]).collect());
        (places, engine.progress.with(|progress| progress.steps))
    };
    let most = places.iter().map(|place| place[1]).fold(0.0, f64::max);
    let most = if most > 0.0 { 1.05 * most } else { 1.0 };
    let last = places.last().map_or(1.0, |place| place[0]).max(of.into()).max(1.0);
    let words = places.last().map_or_else(
        || "Loss curve: nothing trained yet".into(),
        |last| words!("Loss curve: {:.4} after {} steps", last[1], last[0]),
    );
    // As many digits as there is room for.
    let digits = if supervised { 2 } else { 3 };
    let ticks = [0.0, most / 2.1, most / 1.05].map(|value| (value, format!("{value:.digits$}")));
    Plot {
        x: Axis {
            range: [0.0, last],
            ticks: vec![(0.0, "0".into()), (last / 2.0, format!("{:.0}", last / 2.0))],
            name: "step",
        },
        y: Axis {
            range: [0.0, most],
            ticks: ticks.into(),
            name: match page.desk.recipe.with(|recipe| recipe.loss) {
                Loss::Mse if !supervised => "squared error",
                _ => "cross-entropy",
            },
        },
        curves: vec![Curve { places, kind: usize::from(!supervised), dots: false }],
        mark: None,
        words,
    }
}

/// The classifier's probabilities beside the votes of the nearest by the autoencoder's codes.
pub fn both_say(page: Page) -> Tag {
    // Names as one word: rows are made anew only for other classes.
    let names = Memo::new(move |_| page.classes());
    let row = move |(class, name): (usize, String)| {
        let chance = move || page.probabilities().get(class).copied().unwrap_or(0.0);
        let votes = move || page.votes().get(class).copied().unwrap_or(0);
        tag("tr")
            .class_if("true-class", move || page.truth() == Some(class as u8))
            .child(tag("th").set("scope", "row").text(name))
            .child(
                tag("td")
                    .child(
                        tag("progress").set("max", "1").set("aria-hidden", "true").value(move || chance().to_string()),
                    )
                    .child(tag("span").says(move || format!("{:.1} %", 100.0 * chance()))),
            )
            .child(
                tag("td")
                    .class("latent")
                    .child(
                        tag("progress").set("max", "9").set("aria-hidden", "true").value(move || votes().to_string()),
                    )
                    .child(tag("span").says(move || words!("{} of 9", votes()))),
            )
            .into()
    };
    let rows = again(move || {
        let head: AnyView = heads(["", "classifier", "9 nearest in Z"]).into();
        let rows = names.get().into_iter().enumerate().map(row);
        tag("table").class("both-say").testid("both-say").children(std::iter::once(head).chain(rows)).into()
    });
    let name = move |class: Option<usize>| class.and_then(|class| names.get().get(class).cloned());
    let says = move || {
        let all = page.probabilities();
        let most = (0..all.len()).max_by(|&a, &b| all[a].total_cmp(&all[b]));
        match (name(most), name(page.vote().map(usize::from))) {
            (Some(a), Some(b)) if a == b => words!("both say {a}"),
            (Some(a), Some(b)) => words!("the classifier says {a}, the neighbours {b}"),
            _ if page.desk.input.with(Option::is_none) => "draw something".into(),
            _ => String::new(),
        }
    };
    tag("section")
        .class("card says")
        .label("What both say")
        .child(
            tag("div")
                .class("head wrap")
                .child(tag("h2").text("What both say"))
                .child(tag("span").class("figure").testid("says").says(says)),
        )
        .child(rows)
}
