//! Two checks that the student runs: gradients against differences of the loss, and the step on the GPU against the same
//! step on the processor.
use super::Page;
use crate::engine::protocol::Kernels;
use crate::lessons::kernels::{Check, Checked, Compared, Gap, Verdict};
use crate::ui::formula::formula;
use crate::ui::numbers::{self, scientific};
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::lesson::heads;
use crate::words;
use leptos::prelude::*;

/// Random weights beside the one that is followed.
const OTHERS: u32 = 20;

/// Checks the followed weight and random ones, others each time.
pub fn begin_check(page: Page) {
    let (mut place, mut draw) = Default::default();
    page.change(&mut |state| {
        state.checking = true;
        state.draw = state.draw.wrapping_add(1);
        (place, draw) = (state.place, state.draw);
    });
    page.ask(Kernels::Check { place, others: OTHERS, draw });
}

/// The card with the gradient check.
pub fn check(page: Page) -> Tag {
    let state = page.state;
    let words = move || match state.with(|state| (state.checking, state.check.is_some())) {
        (true, _) => "Checking …".into(),
        (_, true) => "Check others".into(),
        _ => "Check the gradient".into(),
    };
    let run = button("", move || begin_check(page))
        .class("main")
        .flag("disabled", move || state.with(|state| state.checking || state.updated.is_none()))
        .says(words);
    // Made anew only when it says something else: it may have been scrolled.
    let made = Memo::new(move |_| state.with(|state| Some((page.desk.widths().0, state.check.clone()?))));
    let inside = again(move || {
        made.with(|made| made.as_ref().map_or_else(|| ().into_any(), |(widths, check)| table(check, widths)))
    });
    let verdict = move || state.with(|state| state.check.as_ref().map_or(String::new(), verdict));
    tag("section")
        .class("card")
        .label("Gradient check")
        .child(tag("div").class("head wrap").child(tag("h2").text("Is the gradient right?")).child(run))
        .child(formula("{ ∂Loss / ∂w } ≈ { Loss ( w + h ) − Loss ( w − h ) / 2 h }"))
        .child(tag("p").testid("verdict").set("role", "status").says(verdict))
        .child(inside)
}

fn table(check: &Check, widths: &[u32]) -> AnyView {
    let names = ["weight", "backward", "difference", "relative error", "verdict"];
    let head = heads(names);
    let row = |row: &Checked| {
        let cells = [scientific(row.gradient.into()), scientific(row.difference), scientific(row.relative())];
        let verdict = match row.verdict() {
            Verdict::Close => "right",
            Verdict::Rounding => "within rounding",
            Verdict::Corner => "at a corner of σ",
            Verdict::Wrong => "wrong",
        };
        tag("tr")
            .child(tag("th").set("scope", "row").text(row.place.name(widths)))
            .children(cells.map(|cell| tag("td").text(cell).into()))
            .child(
                tag("td")
                    .class_if("wrong", {
                        let wrong = row.verdict() == Verdict::Wrong;
                        move || wrong
                    })
                    .text(verdict),
            )
            .into()
    };
    let rows = check.rows.iter().map(row);
    let [h, single, lost] = check.single;
    let first = check.rows.first().map_or(f64::NAN, |row| row.difference);
    let words = words!(
        "Backward: by the kernels, in f32. Differences: of the loss in double precision, by the kernels’ twins, with h = {}. \
         Right: to four digits of its layer’s largest gradient. Half of the weights are any, half have a gradient that is not 0. \
         With the device’s own losses, in f32, h has to be larger, {}, \
         and the first difference becomes {} in place of {}; rounding two losses alone may move it by {}.",
        numbers::rate(check.h as f32),
        numbers::rate(h as f32),
        scientific(single),
        scientific(first),
        scientific(lost),
    );
    tag("div")
        .child(
            tag("div")
                .class("scrolls checked")
                .set("tabindex", "0")
                .set("role", "region")
                .label("Gradients and differences")
                .child(
                    tag("table").child(tag("thead").child(head)).child(tag("tbody").testid("checked").children(rows)),
                ),
        )
        .child(tag("p").class("note").text(words))
        .into()
}

fn verdict(check: &Check) -> String {
    let of = |verdict: Verdict| check.rows.iter().filter(|row| row.verdict() == verdict).count();
    let (all, wrong) = (check.rows.len(), of(Verdict::Wrong));
    if wrong > 0 {
        return words!("{wrong} of {all} gradients are wrong: rounding does not explain them.");
    }
    let aside = [(Verdict::Rounding, "within what rounding can do at worst"), (Verdict::Corner, "at a corner of σ")]
        .into_iter()
        .filter_map(|(kind, words)| Some(of(kind)).filter(|&n| n > 0).map(|n| words!(", {n} {words}")))
        .collect::<String>();
    words!("All {all} gradients hold: {} right to four digits{aside}.", of(Verdict::Close))
}

/// The card with the step on both.
pub fn compare(page: Page) -> Tag {
    let state = page.state;
    let begin = move || {
        page.change(&mut |state| state.comparing = true);
        page.ask(Kernels::Compare);
    };
    let run = button("", begin)
        .class("main")
        .flag("disabled", move || state.with(|state| state.comparing || state.updated.is_none()))
        .says(move || if state.with(|state| state.comparing) { "Comparing …".into() } else { "Compare".into() });
    let made = Memo::new(move |_| state.with(|state| Some((page.desk.widths().0, state.compared.clone()?))));
    let inside = again(move || {
        made.with(|made| made.as_ref().map_or_else(|| ().into_any(), |(widths, compared)| gaps(compared, widths)))
    });
    tag("section")
        .class("card")
        .label("GPU against processor")
        .child(tag("div").class("head wrap").child(tag("h2").text("GPU against processor, the same step")).child(run))
        .child(inside)
}

fn gaps(compared: &Compared, widths: &[u32]) -> AnyView {
    let names = ["after the step", "largest difference", "of weight", "rounding may make there", "explained"];
    let head = heads(names);
    let row = |(name, gap): (&'static str, Gap)| {
        let cells = [
            scientific(gap.largest),
            gap.place.name(widths),
            scientific(gap.allowed),
            if gap.explained() { "yes, for all".into() } else { "no".into() },
        ];
        tag("tr")
            .child(tag("th").set("scope", "row").text(name))
            .children(cells.map(|cell| tag("td").text(cell).into()))
            .into()
    };
    let rows = [
        ("GPU and processor", compared.between),
        ("GPU and double precision", compared.of_gpu),
        ("processor and double precision", Some(compared.of_processor)),
    ];
    let rows: Vec<_> = rows.into_iter().filter_map(|(name, gap)| Some((name, gap?))).collect();
    let explained = rows.iter().all(|(_, gap)| gap.explained());
    let who = match &compared.gpu {
        Some(name) => words!("This GPU ({name}) and this processor"),
        None => "No GPU works here, so the processor and the same step in double precision".into(),
    };
    let end = match explained {
        true => "Rounding explains every difference.",
        false => "Some differ by more than rounding explains: one of the two computes wrongly.",
    };
    let words = words!(
        "{who} made this step from the same weights, of which there are {}. {end}",
        numbers::count(compared.weights.into())
    );
    tag("div")
        .child(tag("p").testid("compared").set("role", "status").text(words))
        .child(
            tag("div").class("scrolls").child(
                tag("table").child(tag("thead").child(head)).child(tag("tbody").testid("gaps").children(rows.into_iter().map(row))),
            ),
        )
        .child(tag("p").class("note").text(
            "What rounding may do is bounded layer by layer, at its worst. Adam divides a gradient by its own size: where one \
             is no larger than its rounding, even its sign may differ, and the weights by two whole steps.",
        ))
        .into()
}
