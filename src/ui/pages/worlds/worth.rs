//! What labels are worth: accuracy over their number, with both lines.
use super::state::Page;
use crate::engine::protocol::Topic;
use crate::lessons::worlds::{Voters, Worth, csv, curve};
use crate::ui::download;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::lesson::{answering, heads};
use crate::ui::widgets::plot::{Axis, Curve, Plot, plot};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;

/// The card.
pub fn worth(page: Page) -> Tag {
    let points = move || page.with(|state| curve(&state.measured, page.voters.get()));
    let none = move || page.with(|state| state.measured.is_empty());
    let says = move || {
        let name = match (page.measuring.get(), none(), page.left_to_measure().is_empty()) {
            (true, ..) => "Stop",
            (_, true, _) => "Measure",
            (_, _, true) => "Measure again",
            _ => "Go on",
        };
        name.into()
    };
    let votes = move |voters: Voters, name: &'static str, title: &'static str| {
        button(name, move || page.voters.set(voters))
            .set("title", title)
            .shows("aria-pressed", move || (page.voters.get() == voters).to_string())
    };
    let table = button("labels.csv", move || {
        let text = page.peek(|state| csv(&state.measured, page.voters.get_untracked()));
        download::text("labels.csv", "text/csv", &text);
    });
    let title = "What labels are worth";
    let canvas = NodeRef::new();
    let buttons = tag("div")
        .class("row wrap")
        .child(
            button("", move || page.measure())
                .class("main")
                .flag("disabled", move || !page.is_teachable() || (!page.measuring.get() && page.is_running()))
                .says(says),
        )
        .child(
            tag("div")
                .class("row switch")
                .set("role", "group")
                .label("How many neighbours vote")
                .child(votes(Voters::Own, "own k", "the k that is right most often among the n labels themselves"))
                .child(votes(Voters::These(1), "k = 1", "the nearest alone decides"))
                .child(votes(
                    Voters::These(9),
                    "k = 9",
                    "the nine nearest vote; where there are fewer labels, all of them",
                )),
        )
        .child(table.flag("disabled", none))
        .child(
            png(canvas, "labels.png", title, of_curves([(0, "classifier"), (1, "k-NN in Z")])).flag("disabled", none),
        )
        .child(answering(page.desk, Topic::Labels, "How much of the rest is measured", move || page.measuring.get()));
    let rows = again(move || {
        let row = |point: &Worth| {
            let shares = point.shares.map(|share| format!("{:.1} %", 100.0 * share));
            let [classifier, knn] = shares;
            let cells = [thousands(point.n), classifier, knn, range(point.k), point.draws.to_string()];
            tag("tr").children(cells.map(|words| tag("td").text(words).into())).into()
        };
        let head: AnyView = heads(["labels", "classifier", "k-NN in Z", "k", "draws"]).into();
        let rows: Vec<AnyView> = points().iter().map(row).collect();
        tag("table").class("confusion").testid("worth").children(std::iter::once(head).chain(rows)).into()
    });
    tag("section")
        .class("card worth")
        .label(title)
        .child(tag("div").class("head wrap").child(tag("h2").text("What are n labels worth?")))
        .child(buttons)
        .child(plot(canvas, "worth-plot", "worth-plot", move || painting(&points())))
        .child(tag("p").class("figure").testid("verdict").says(move || verdict(page, &points())))
        .child(tag("details").child(tag("summary").text("as a table, and how it is measured")).child(rows).child(
            tag("p").class("note").text(
                "Labels are drawn at random from the recipe’s seed, not balanced by class; up to 1,000 the mean of three \
                 draws is shown, and a larger n contains the smaller. For each draw a new classifier is trained on these n \
                 inputs alone: the recipe’s epochs over them, but at least 500 steps, so that few are gone over often. The \
                 autoencoder stands as it is: it has seen all inputs, and no label. The same n inputs then vote by their \
                 codes; how many of them is chosen by these labels themselves (own k): each, or 500 of them, is asked about \
                 among the others, and the k that is right most often counts. Both are asked about the whole test set.",
            ),
        ))
}

fn painting(points: &[Worth]) -> Plot {
    let line = |which: usize| {
        let places = points.iter().map(|point| [f64::from(point.n).log10(), 100.0 * point.shares[which]]).collect();
        Curve { places, kind: which, dots: true }
    };
    let least = points.iter().flat_map(|point| point.shares).fold(0.8, f64::min);
    let least = (least * 10.0).floor() * 10.0;
    let ends = [0, points.len().saturating_sub(1)].map(|i| points.get(i).map(|point| f64::from(point.n).log10()));
    let most = ends[1].unwrap_or(0.0).max(4.778_151_250_383_644);
    let tick = |n: u32| (f64::from(n).log10(), if n >= 1000 { format!("{}k", n / 1000) } else { n.to_string() });
    let words = match points.last() {
        Some(last) => words!(
            "Accuracy over the number of labels, up to {}: classifier {:.1} %, neighbours {:.1} %. The table says it all",
            last.n,
            100.0 * last.shares[0],
            100.0 * last.shares[1]
        ),
        None => "Accuracy over the number of labels: not measured yet".into(),
    };
    let steps = (0..=4).map(|i| least + (100.0 - least) * f64::from(i) / 4.0);
    Plot {
        x: Axis { range: [1.0, most], ticks: [10, 100, 1000, 10_000].map(tick).into(), name: "labels" },
        y: Axis { range: [least, 100.0], ticks: steps.map(|at| (at, format!("{at:.0} %"))).collect(), name: "right" },
        curves: vec![line(0), line(1)],
        mark: None,
        words,
    }
}

/// What came out, whichever way.
fn verdict(page: Page, points: &[Worth]) -> String {
    let Some(first) = points.first() else {
        return "Blue: the classifier. Amber: the vote in the autoencoder’s Z.".into();
    };
    // The last that was measured says the most; 100 are what the lesson is about.
    let told = points.iter().find(|point| point.n == 100).unwrap_or(first);
    let [classifier, knn] = told.shares.map(|share| 100.0 * share);
    let (better, by) =
        if knn > classifier { ("the vote in Z", knn - classifier) } else { ("the classifier", classifier - knn) };
    let crossing =
        points.iter().find(|point| point.n > told.n && (point.shares[0] > point.shares[1]) != (classifier > knn));
    let after =
        crossing.map_or(String::new(), |point| words!("; from {} labels on it is the other way", thousands(point.n)));
    let steps = page.with(|state| state.measured.first().map_or(0, |one| one.step));
    let trained = if steps == 0 { String::new() } else { words!(" (autoencoder: {steps} steps)") };
    let (n, k) = (thousands(told.n), range(told.k));
    words!("With {n} labels and k = {k} {better} is right more often, by {by:.1} points{after}{trained}.")
}

/// 3, or 1–5
fn range([least, most]: [usize; 2]) -> String {
    if least == most { least.to_string() } else { format!("{least}–{most}") }
}

/// 60,000
fn thousands(n: u32) -> String {
    if n >= 1000 { format!("{},{:03}", n / 1000, n % 1000) } else { n.to_string() }
}
