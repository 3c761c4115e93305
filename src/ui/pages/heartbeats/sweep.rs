//! The width of the bottleneck against detection: a network for each width, trained at a press.
use super::Hearts;
use super::state::State;
use crate::engine::protocol::{Ask, Command, Topic};
use crate::lessons::heartbeats::SWEEP;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::lesson::heads;
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use leptos::prelude::*;

/// The card.
pub fn sweep(hearts: Hearts) -> Tag {
    let (engine, state) = (hearts.desk.engine, hearts.state);
    let sweeping = move || state.with(|s| s.sweeping);
    let press = move || {
        let going = state.with_untracked(|s| s.sweeping);
        hearts.change(&mut |s| {
            s.sweeping = !going;
            if !going {
                s.sweep.clear();
            }
        });
        match going {
            true => engine.send(Command::Drop(Topic::Sweep)),
            false => engine.ask(Ask::Sweep { zs: SWEEP.into() }),
        }
    };
    let done = move || match engine.answering.get() {
        Some((Topic::Sweep, done)) if sweeping() => done.to_string(),
        _ => "0".into(),
    };
    let head = tag("div")
        .class("head wrap")
        .child(tag("h2").text("How wide a bottleneck?"))
        .child(tag("progress").set("max", "1").label("Progress of the sweep").value(done))
        .child(
            button("", press)
                .says(move || if sweeping() { "Stop the sweep" } else { "Train one for each z" }.into())
                .flag("disabled", move || engine.opened.with(Option::is_none)),
        );
    let rows = again(move || {
        let row = |swept: &crate::engine::protocol::Swept| {
            let auc = swept.auc.map_or_else(|| ["–".into(), "–".into()], |auc| auc.map(|auc| format!("{auc:.3}")));
            let cells = [swept.z.to_string(), auc[0].clone(), auc[1].clone()];
            let errors = swept.error.map(|error| format!("{error:.4}"));
            tag("tr").children(cells.into_iter().chain(errors).map(|words| tag("td").text(words).into())).into()
        };
        let names = ["z", "AUC", "AUC, PCA", "error", "error, PCA"];
        let header = heads(names).into();
        let rows: Vec<AnyView> =
            std::iter::once(header).chain(state.with(|s| s.sweep.iter().map(row).collect::<Vec<_>>())).collect();
        tag("table")
            .class("confusion")
            .testid("sweep")
            .flag("hidden", move || state.with(|s| s.sweep.is_empty()))
            .children(rows)
            .into()
    });
    let chart = move |auc: bool, testid: &'static str, file: &'static str, name: &'static str| {
        let canvas = NodeRef::new();
        tag("div")
            .child(
                png(canvas, file, name, of_curves([(0, "autoencoder"), (1, "PCA")]))
                    .flag("disabled", move || state.with(|s| s.sweep.is_empty())),
            )
            .child(plot(canvas, "swept", testid, move || state.with(|s| curves(s, auc))))
    };
    tag("section")
        .class("card")
        .label("Width of the bottleneck against detection")
        .child(head)
        .child(
            tag("div")
                .class("row sweeps")
                .child(chart(true, "sweep-auc", "sweep-auc.png", "AUC for each z"))
                .child(chart(false, "sweep-error", "sweep-error.png", "Error for each z")),
        )
        .child(rows)
        .child(tag("p").class("note").text(
            "Each is trained as this recipe says, from the same seed; hidden layers are never narrower than z. The error \
             is that of normal test beats, and with a wider z it falls: does detection follow?",
        ))
}

fn curves(s: &State, auc: bool) -> Plot {
    let value = |i: usize| {
        let of = |swept: &crate::engine::protocol::Swept| match auc {
            true => swept.auc.map(|both| both[i]),
            false => Some(swept.error[i]),
        };
        let places = s.sweep.iter().filter_map(|swept| Some([f64::from(swept.z).log2(), of(swept)?.into()])).collect();
        Curve { places, kind: i, dots: true }
    };
    let both: Vec<Curve> = (0..2).map(value).collect();
    let values = || both.iter().flat_map(|curve| curve.places.iter().map(|place| place[1]));
    let range = match auc {
        // From the next twentieth below, so that a few thousandths are seen as such.
        true => [(values().fold(0.95, f64::min) * 20.0).floor() / 20.0, 1.0],
        false => [0.0, values().fold(0.02, f64::max) * 1.1],
    };
    let ticks = (0..=2).map(|i| range[0] + (range[1] - range[0]) * f64::from(i) / 2.0);
    Plot {
        x: Axis {
            range: [0.0, 5.0],
            ticks: SWEEP.iter().map(|z| (f64::from(*z).log2(), z.to_string())).collect(),
            name: "z",
        },
        y: Axis {
            range,
            ticks: ticks.map(|tick| (tick, format!("{tick:.3}"))).collect(),
            name: if auc { "AUC" } else { "error, normal" },
        },
        words: "The table below says the same".into(),
        curves: both,
        mark: None,
    }
}
