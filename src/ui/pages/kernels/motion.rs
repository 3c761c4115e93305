//! The open box in numbers: the sum that made the unit's value, the sum that is the gradient, the optimiser's step.
use super::Page;
use crate::lessons::kernels::{Followed, Stage, Term};
use crate::lessons::recipe::Optimiser;
use crate::ui::numbers::{self, scientific, weight};
use crate::ui::tag::{Tag, again, tag};
use crate::ui::widgets::lesson::heads;
use crate::words;
use leptos::prelude::*;

/// The card.
pub fn motion(page: Page) -> Tag {
    let state = page.state;
    let widths = Memo::new(move |_| page.desk.widths());
    let title = move || {
        let (widths, _) = widths.get();
        state.with(|state| match &state.followed {
            Some(followed) => format!("{}, {}", state.stage.title(), followed.place.name(&widths)),
            None => "In numbers".into(),
        })
    };
    // Made anew only when it says something else.
    let made = Memo::new(move |_| {
        state.with(|state| {
            let updated = state.updated.as_ref()?;
            Some((state.stage, updated.rows, updated.loss, state.followed.clone()?))
        })
    });
    let inside = again(move || {
        let (widths, _) = widths.get();
        made.with(|made| match made {
            Some((stage, rows, loss, followed)) => numbers_of(*stage, (*rows, *loss), followed, &widths),
            None => tag("p").class("note").text("The update is on its way …").into(),
        })
    });
    tag("section")
        .class("card motion")
        .label("In numbers")
        .child(tag("div").class("head").child(tag("h2").testid("motion-title").says(title)))
        .child(inside)
}

fn numbers_of(stage: Stage, (rows, loss): (u32, f32), followed: &Followed, widths: &[u32]) -> AnyView {
    let (unit, layer) = (followed.place.unit + 1, followed.place.layer + 1);
    match stage {
        Stage::Input => words(words!(
            "{} values enter the network. What enters the followed weight, in layer {layer}, is {}.",
            widths.first().copied().unwrap_or(0),
            followed
                .inputs
                .get(followed.place.input as usize)
                .map_or("1, as for every bias".into(), |&a| scientific(a.into())),
        ))
        .into(),
        Stage::Encoder | Stage::Code | Stage::Decoder => sum(
            &["input i", "w", "a", "w · a"],
            &followed.terms,
            followed.others,
            followed.inputs.len(),
            [
                (words!("bias b of unit {unit}"), scientific(followed.bias.into())),
                ("their sum s".into(), scientific(followed.sum())),
                (format!("a = σ(s), {}", followed.activation), scientific(followed.value.into())),
            ],
        ),
        Stage::Loss => {
            let of = if rows == 1 { "all values of the input".into() } else { words!("all values of {rows} inputs") };
            tag("div")
                .child(words(words!("The loss, a mean over {of}: {}.", numbers::loss(loss))))
                .child(words(
                    "The same kernel writes where the way back begins: ∂Loss/∂s of every value of x̂.".to_owned(),
                ))
                .into()
        }
        Stage::Gradient => sum(
            &["input of the batch", "δ", "a", "δ · a"],
            &followed.rows,
            followed.other_rows,
            rows as usize,
            [
                ("their sum, in double precision".into(), {
                    let sum: f64 = followed.rows.iter().map(Term::product).sum();
                    scientific(sum + followed.other_rows)
                }),
                ("∂Loss/∂w, as the kernel made it".into(), scientific(followed.gradient.into())),
                (words!("δ is ∂Loss/∂s of unit {unit}"), String::new()),
            ],
        ),
        Stage::Update => step(followed),
    }
}

fn words(text: String) -> Tag {
    tag("p").text(text)
}

/// A sum of products: its largest terms, the others, and what follows.
fn sum(names: &[&'static str; 4], terms: &[Term], others: f64, count: usize, after: [(String, String); 3]) -> AnyView {
    let head = heads(*names);
    let line = |term: &Term| {
        let cells =
            term.factors.map(|factor| scientific(factor.into())).into_iter().chain([scientific(term.product())]);
        tag("tr")
            .child(tag("th").set("scope", "row").text((term.index + 1).to_string()))
            .children(cells.map(|cell| tag("td").text(cell).into()))
            .into()
    };
    let total = |(name, value): (String, String)| {
        let name = tag("th").set("scope", "row").set("colspan", "3").text(name);
        tag("tr").class("total").child(name).child(tag("td").text(value)).into()
    };
    let left = count.saturating_sub(terms.len());
    let rest = (left > 0).then(|| total((words!("the other {left} together"), scientific(others))));
    let table = tag("table")
        .child(tag("thead").child(head))
        .child(tag("tbody").testid("terms").children(terms.iter().map(line)))
        .child(tag("tbody").testid("totals").children(rest).children(after.into_iter().map(total)));
    tag("div").class("scrolls").child(table).into()
}

/// What the optimiser does with the gradient.
fn step(followed: &Followed) -> AnyView {
    let g = f64::from(followed.gradient);
    let [w, after] = followed.weight;
    let ([m0, m1], [v0, v1]) = (followed.first.map(f64::from), followed.second.map(f64::from));
    let rate = f64::from(followed.rate);
    let mut lines = vec![("g = ∂Loss/∂w".to_owned(), scientific(g))];
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    match followed.optimiser {
        Optimiser::Sgd => line(
            "the step: η g",
            format!("{} · {} = {}", numbers::rate(followed.rate), scientific(g), scientific(rate * g)),
        ),
        Optimiser::Momentum => {
            line("v before", scientific(m0));
            line("v = 0.9 v + g", scientific(m1));
            line("the step: η v", scientific(rate * m1));
        }
        Optimiser::Adam => {
            let [rest1, rest2] = followed.rest.map(f64::from);
            let (m, v) = (m1 / rest1, v1 / rest2);
            line("m: 0.9 m + 0.1 g", format!("{} → {}", scientific(m0), scientific(m1)));
            line("v: 0.999 v + 0.001 g²", format!("{} → {}", scientific(v0), scientific(v1)));
            line("m̂ = m / (1 − 0.9ᵗ)", scientific(m));
            line("v̂ = v / (1 − 0.999ᵗ)", scientific(v));
            line("the step: η m̂ / (√v̂ + ε)", scientific(rate * m / (v.sqrt() + 1e-8)));
        }
    }
    line("w before", weight(w));
    line("w after", weight(after));
    line("changed by", scientific(f64::from(after) - f64::from(w)));
    let row = |(name, value): (String, String)| {
        let cell = tag("td").text(value);
        let cell = match name.as_str() {
            "w before" => cell.testid("w-before"),
            "w after" => cell.testid("w-after"),
            _ => cell,
        };
        tag("tr").child(tag("th").set("scope", "row").text(name)).child(cell).into()
    };
    let rows = lines.into_iter().map(row);
    let table = tag("table").class("step").child(tag("tbody").testid("update-step").children(rows));
    tag("div").class("scrolls").child(table).into()
}
