//! If you had labels: how well errors rank, what the threshold makes of each class, and what mistakes cost.
use super::Hearts;
use super::state::{DETECTORS, State};
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
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
    let head = tag("div").class("head wrap").child(tag("h2").text("If you had labels")).child(
        tag("div")
            .class("row switch")
            .set("role", "group")
            .label("Curve")
            .child(curve(false, "ROC", "Recall over false alarms, at every threshold"))
            .child(curve(true, "precision", "Precision over recall, at every threshold")),
    );
    let miss = move || state.with(|s| s.miss);
    let cost = tag("label")
        .class("row wrap")
        .text("a miss costs as much as ")
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
    let inside = tag("div").class("judged").child(plot("roc", "roc", move || state.with(curves))).child(
        tag("div")
            .child(again(move || state.with(areas)))
            .child(again(move || state.with(confusion)))
            .child(cost)
            .child(tag("p").class("note").testid("cost").says(words))
            .child(button("Use the cheapest threshold", cheapest)),
    );
    let missing = move || state.with(|s| s.detector_shown().ranking.is_none());
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
    let names = if s.precision { ["recall", "precision"] } else { ["false alarms", "recall"] };
    Plot {
        x: axis(names[0]),
        y: axis(names[1]),
        curves: s.detectors.iter().enumerate().map(curve).collect(),
        mark: mark.map(|(x, y)| [x, y]),
        words: format!("{} over {}, for the three detectors", names[1], names[0]),
    }
}

/// Each detector's area under the curve.
fn areas(s: &State) -> AnyView {
    let row = |(kind, detector): (usize, &super::state::Detector)| {
        let Some(ranking) = &detector.ranking else { return ().into_any() };
        let [from, to] = ranking.interval();
        let class = ["key train-key", "key pca-key", "key learned-key"][kind];
        let ids = ["auc", "auc-pca", "auc-mean"];
        let (name, area, reach) = match s.precision {
            true => ("average precision", ranking.average_precision(), String::new()),
            false => ("AUC", ranking.auc(), format!(" ({from:.3}–{to:.3})")),
        };
        tag("li")
            .child(tag("span").class(class).text(DETECTORS[kind]))
            .text(format!(" {name} "))
            .child(tag("b").testid(ids[kind]).text(format!("{area:.4}")))
            .text(reach)
            .into()
    };
    tag("ul").class("areas").children(s.detectors.iter().enumerate().map(row)).into()
}

/// What the threshold makes of each class.
fn confusion(s: &State) -> AnyView {
    let detector = s.detector_shown();
    let Some((ranking, threshold)) = detector.ranking.as_ref().zip(s.threshold()) else { return ().into_any() };
    let at = ranking.at(threshold);
    let percent = |share: Option<f64>| share.map_or("–".into(), |share| format!("{:.1} %", 100.0 * share));
    let cells = |name: &'static str, words: Vec<String>| {
        let cells = words.into_iter().map(|words| tag(name).text(words).into());
        AnyView::from(tag("tr").children(cells.collect::<Vec<_>>()))
    };
    let mut rows = vec![
        cells("th", ["", "flagged", "passed"].map(String::from).into()),
        cells("td", vec!["abnormal".into(), at.hits.to_string(), format!("{} missed", at.misses)]),
        cells("td", vec!["normal".into(), format!("{} false alarms", at.false_alarms), at.passed.to_string()]),
    ];
    for (class, [all, flagged]) in s.labels.by_class(&detector.test, threshold).into_iter().enumerate().skip(1) {
        let name = s.classes.get(class).cloned().unwrap_or_default();
        let share = percent((all > 0).then(|| f64::from(flagged) / f64::from(all)));
        rows.push(cells("td", vec![name, format!("{flagged} of {all}"), share]));
    }
    let words = format!("precision {}, recall {}", percent(at.precision()), percent(at.recall()));
    tag("div")
        .child(tag("table").class("confusion").testid("confusion").children(rows))
        .child(tag("p").class("note").testid("recall").text(words))
        .into()
}

fn cost_in_words(s: &State) -> String {
    let Some((ranking, threshold)) = s.detector_shown().ranking.as_ref().zip(s.threshold()) else {
        return String::new();
    };
    let (best, least) = ranking.cheapest(s.miss.into());
    format!(
        "expected cost {:.3} false alarms a beat; least, {least:.3}, at threshold {}",
        ranking.at(threshold).cost(s.miss.into()),
        numbers::loss(best)
    )
}
