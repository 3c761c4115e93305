//! If you had labels: how well errors rank, what the threshold makes of each class, and what mistakes cost.
use super::Hearts;
use super::state::{DETECTORS, MEANINGS, State};
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::lesson::heads;
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;
use web_sys::Event;

/// The card.
pub fn verdict(hearts: Hearts) -> Tag {
    let state = hearts.state;
    let curve = move |precision: bool, name: &'static str, words: &'static str| {
        button(name, move || hearts.change(&mut |s| s.precision = precision))
            .set("title", words)
            .shows("aria-pressed", move || state.with(|s| (s.precision == precision).to_string()))
    };
    let switch = tag("div")
        .class("row switch")
        .set("role", "group")
        .label("Curve")
        .child(curve(false, "ROC", "Recall over false alarms, at every threshold"))
        .child(curve(true, "precision", "Precision over recall, at every threshold"));
    let missing = move || state.with(|s| s.detector_shown().ranking.is_none());
    let canvas = NodeRef::new();
    // Each curve under its own name.
    let picture = |precision: bool, file: &'static str, name: &'static str| {
        png(canvas, file, name, of_curves([0, 1, 2].map(|kind| (kind, DETECTORS[kind]))))
            .flag("disabled", missing)
            .flag("hidden", move || state.with(|s| s.precision != precision))
    };
    let head = tag("div").class("head wrap").child(tag("h2").text("If you had labels")).child(
        tag("div").class("row").child(switch).child(picture(false, "roc.png", "ROC")).child(picture(
            true,
            "precision.png",
            "Precision over recall",
        )),
    );
    let miss = move || state.with(|s| s.miss);
    let cost = tag("label")
        .class("row wrap")
        .text("a miss costs ")
        .child(tag("b").says(move || format!("{:.0}", miss())))
        .text(" false alarms")
        .child(
            tag("input")
                .set("type", "range")
                .set("min", "0")
                .set("max", "3")
                .set("step", "0.1")
                .label("Cost of a miss in false alarms, from 1 to 1000")
                .shows("aria-valuetext", move || format!("{:.0}", miss()))
                .value(move || miss().log10().to_string())
                .on("input", move |event: Event| {
                    if let Ok(exponent) = event_target_value(&event).parse::<f32>() {
                        hearts.change(&mut |s| s.miss = 10f32.powf(exponent));
                    }
                }),
        );
    let cheapest = move || {
        hearts.change(&mut |s| {
            s.by_hand = s.detector_shown().ranking.as_ref().map(|r| r.cheapest(s.miss.into()).0).or(s.by_hand);
        });
    };
    let words = move || state.with(cost_in_words);
    let curves = tag("div")
        .class("judged")
        .child(plot(canvas, "roc", "roc", move || state.with(curves)))
        .child(tag("div").child(again(move || state.with(areas))).child(again(move || state.with(confusion))));
    let costs = tag("div")
        .class("costs")
        .child(cost)
        .child(tag("p").class("note").testid("cost").says(words))
        .child(button("Use the cheapest threshold", cheapest).class("small"));
    let inside = tag("div").child(curves).child(again(move || state.with(recalls))).child(costs);
    tag("section").class("card").label("If you had labels").child(head).child(inside.flag("hidden", missing)).child(
        tag("p")
            .class("note")
            .flag("hidden", move || !missing())
            .text("These data have no labels of both kinds, or no scores yet: nothing here can be known."),
    )
}

fn curves(s: &State) -> Plot {
    let tick = |value: f64| (value, value.to_string());
    let axis = |name| Axis { range: [0.0, 1.0], ticks: [0.0, 0.5, 1.0].map(tick).into(), name };
    let which = usize::from(s.precision);
    let curve = |(kind, detector): (usize, &super::state::Detector)| Curve {
        places: detector.curves[which].clone(),
        kind,
        dots: false,
    };
    let at = s.detector_shown().ranking.as_ref().zip(s.threshold()).map(|(ranking, threshold)| ranking.at(threshold));
    let mark = at.and_then(|at| match s.precision {
        true => at.recall().zip(at.precision()),
        false => at.false_alarm_rate().zip(at.recall()),
    });
    let names = if s.precision { ["recall", "precision"] } else { ["false-alarm rate", "recall"] };
    Plot {
        x: axis(names[0]),
        y: axis(names[1]),
        curves: s.detectors.iter().enumerate().map(curve).collect(),
        mark: mark.map(|(x, y)| [x, y]),
        words: words!("{} over {}, for the three detectors", names[1], names[0]),
    }
}

/// Each detector's area under the curve.
fn areas(s: &State) -> AnyView {
    let row = |(kind, detector): (usize, &super::state::Detector)| {
        let Some(ranking) = &detector.ranking else { return ().into_any() };
        let [from, to] = ranking.interval();
        let class = ["key train-key", "key pca-key", "key mean-key"][kind];
        let ids = ["auc", "auc-pca", "auc-mean"];
        let (area, reach) = match s.precision {
            true => (ranking.average_precision(), String::new()),
            false => (ranking.auc(), format!("{from:.3}–{to:.3}")),
        };
        let cells: [AnyView; 3] = [
            tag("th")
                .set("scope", "row")
                .set("title", MEANINGS[kind])
                .child(tag("span").class(class).text(DETECTORS[kind]))
                .into(),
            tag("td").child(tag("b").testid(ids[kind]).text(format!("{area:.4}"))).into(),
            tag("td").text(reach).into(),
        ];
        tag("tr").children(cells).into()
    };
    let names = if s.precision { ["", "average precision", ""] } else { ["", "AUC", "95 % confidence"] };
    let head = heads(names);
    tag("table").class("confusion").child(head).children(s.detectors.iter().enumerate().map(row)).into()
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".into(), |share| format!("{:.1} %", 100.0 * share))
}

/// What the threshold makes of both kinds.
fn confusion(s: &State) -> AnyView {
    let Some((ranking, threshold)) = s.detector_shown().ranking.as_ref().zip(s.threshold()) else {
        return ().into_any();
    };
    let at = ranking.at(threshold);
    let row = |name: &'static str, cells: [u32; 2]| {
        let cells = cells.map(|count| tag("td").text(count.to_string()).into());
        AnyView::from(tag("tr").child(tag("th").set("scope", "row").text(name)).children(cells))
    };
    let rows = [
        heads(["", "flagged", "passed"]).into(),
        row("abnormal", [at.hits, at.misses]),
        row("normal", [at.false_alarms, at.passed]),
    ];
    let words = words!("precision {} · recall {}", percent(at.precision()), percent(at.recall()));
    tag("div")
        .child(tag("table").class("confusion").label("Confusion matrix").testid("confusion").children(rows))
        .child(tag("p").class("note").testid("recall").text(words))
        .into()
}

/// How many of each class the threshold flags.
fn recalls(s: &State) -> AnyView {
    let Some(threshold) = s.threshold() else { return ().into_any() };
    let by_class = s.labels.by_class(&s.detector_shown().test, threshold);
    let row = |(class, [all, flagged]): (usize, [u32; 2])| {
        let name = s.classes.get(class).cloned().unwrap_or_default();
        let part = f64::from(flagged) / f64::from(all.max(1));
        let bar = tag("progress")
            .class(if class == 0 { "flagged normal" } else { "flagged" })
            .set("max", "1")
            .set("value", part.to_string())
            .label(words!("Flagged of {name}"));
        let cells: [AnyView; 3] = [
            tag("td").class("name").set("title", name.clone()).text(name).into(),
            tag("td").child(bar).into(),
            tag("td").class("count").text(words!("{flagged} of {all}, {}", percent((all > 0).then_some(part)))).into(),
        ];
        tag("tr").children(cells).into()
    };
    let rows: Vec<AnyView> = by_class.into_iter().enumerate().map(row).collect();
    tag("table").class("classes").label("Flagged, by class").testid("classes").children(rows).into()
}

fn cost_in_words(s: &State) -> String {
    let Some((ranking, threshold)) = s.detector_shown().ranking.as_ref().zip(s.threshold()) else {
        return String::new();
    };
    let (best, least) = ranking.cheapest(s.miss.into());
    words!(
        "costs {:.3} false alarms a beat; the least is {least:.3}, at threshold {}",
        ranking.at(threshold).cost(s.miss.into()),
        numbers::loss(best)
    )
}
