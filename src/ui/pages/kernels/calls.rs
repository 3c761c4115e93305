//! What really ran: the open box's kernel calls with shapes, workgroups and times, the step beside their sum, and the
//! WGSL of one of them.
use super::Page;
use super::state::State;
use crate::engine::protocol::{Command, Kernels, Topic};
use crate::lessons::kernels::wgsl::{Kind, pieces};
use crate::lessons::kernels::{Listed, Stage, Times};
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, button, fact, tag};
use crate::ui::widgets::lesson::{answering, heads};
use crate::words;
use leptos::prelude::*;
use web_sys::Element;

/// The card.
pub fn calls(page: Page) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let engine = desk.engine;
    let running = fact(move || engine.progress.with(|progress| progress.running));
    let press = move || {
        let going = state.with_untracked(|state| state.measuring);
        page.change(&mut |state| state.measuring = !going);
        match going {
            true => engine.send(Command::Drop(Topic::Times)),
            false => page.ask(Kernels::Times),
        }
    };
    let measure = button("", press)
        .class("main")
        .shows("title", move || match running.get() {
            true => "Training would be measured, too: pause it first".into(),
            false => "Replays every call of the step, and the step, many times".into(),
        })
        .flag("disabled", move || running.get() || state.with(|state| state.updated.is_none()))
        .says(move || if state.with(|state| state.measuring) { "Stop".into() } else { "Measure the step".into() });
    let head = tag("div")
        .class("head wrap")
        .child(tag("h2").says(move || words!("What runs: {}", state.with(|state| state.stage.symbol()))))
        .child(measure)
        .child(answering(desk, Topic::Times, "Progress of the measurement", move || {
            state.with(|state| state.measuring)
        }));
    let encoder = move || desk.widths().1;
    // Made anew only when it says something else: somebody may be at one of its buttons.
    let made = Memo::new(move |_| state.with(|state| (state.stage, rows(state, encoder()))));
    let table = again(move || made.with(|(stage, rows)| table(page, *stage, rows.as_deref())));
    let sum = move || state.with(|state| state.times.as_ref().map_or(String::new(), in_words));
    // Made anew only when the text changes: it is long.
    let shown = Memo::new(move |_| {
        let encoder = encoder();
        state.with(|state| {
            let all = state.calls()?;
            let call = &all.calls[*state.calls_of(state.stage, encoder).get(state.call)?];
            Some((
                call.file.clone(),
                call.kernel.clone(),
                call.fast,
                call.text.map(|text| all.texts[text as usize].clone()),
            ))
        })
    });
    let text = again(move || match shown.get() {
        None => ().into_any(),
        Some((file, _, _, Some(text))) => source(&file, text).into(),
        Some((_, kernel, fast, None)) => tag("p").class("note").testid("twin").text(twin(&kernel, fast)).into(),
    });
    tag("section")
        .class("card calls")
        .label("What runs")
        .child(head)
        .child(table)
        .child(tag("p").class("figure").testid("times").says(sum))
        .child(text)
}

/// A call's name and its cells.
type Row = (String, [String; 6]);

/// The open box's calls, once there are some.
fn rows(state: &State, encoder: usize) -> Option<Vec<Row>> {
    let all = state.calls()?;
    let row = |call: usize| {
        let call = &all.calls[call];
        let name = match call.kernel.as_str() {
            kernel @ ("dense" | "dense_dx" | "dense_dw") => words!("{kernel}, layer {}", call.layer + 1),
            kernel => kernel.to_owned(),
        };
        (name, cells(call, state.times.as_ref()))
    };
    Some(state.calls_of(state.stage, encoder).into_iter().map(row).collect())
}

/// Layer, form, shape, workgroups; and times, once there are some.
fn table(page: Page, stage: Stage, rows: Option<&[Row]>) -> AnyView {
    let Some(rows) = rows else {
        return tag("p").class("note").text("The update is on its way …").into();
    };
    let names = ["kernel", "form", "M × K × N", "workgroups", "ms", "speed", "of peak"];
    let head = heads(names);
    let row = |(place, (name, cells)): (usize, &Row)| {
        let open = button(name.clone(), move || page.change(&mut |state| state.call = place))
            .class("words")
            .shows("aria-pressed", move || page.state.with(|state| state.call == place).to_string());
        tag("tr")
            .child(tag("th").set("scope", "row").child(open))
            .children(cells.iter().map(|cell| tag("td").text(cell.clone()).into()))
            .into()
    };
    let rows = rows.iter().enumerate().map(row);
    let table = tag("table").child(tag("thead").child(head)).child(tag("tbody").testid("calls").children(rows));
    let note = match stage {
        Stage::Update => {
            "The same calls as in ∂Loss/∂w: each makes its layer’s gradient and applies the optimiser at once."
        }
        _ => "",
    };
    tag("div")
        .child(tag("div").class("scrolls").child(table))
        .child(tag("p").class("note").flag("hidden", move || note.is_empty()).text(note))
        .into()
}

fn cells(call: &Listed, times: Option<&Times>) -> [String; 6] {
    let [m, n, k] = call.sizes;
    let shape = if call.flops == 0.0 { "–".into() } else { format!("{m} × {k} × {n}") };
    let form = match (call.fast, call.text) {
        (_, Some(_)) => call.form.clone(),
        (true, None) => "Rust, SIMD".into(),
        (false, None) => "Rust".into(),
    };
    let [x, y, z] = call.workgroups;
    let workgroups = match (x, y, z) {
        (0, ..) => "–".into(),
        (x, 1, 1) => x.to_string(),
        (x, y, 1) => format!("{x} × {y}"),
        (x, y, z) => format!("{x} × {y} × {z}"),
    };
    let ms = call.ms.map_or("–".into(), numbers::scientific);
    let speed = times.and_then(|times| call.speed(times.limits));
    let [much, share] = match speed {
        Some(speed) => [format!("{:.1} {}", speed.much, speed.unit), format!("{:.1} %", 100.0 * speed.share)],
        None => ["–".into(), "–".into()],
    };
    [form, shape, workgroups, ms, much, share]
}

/// The sum of the calls beside the step.
fn in_words(times: &Times) -> String {
    let ms = numbers::scientific;
    let (sum, step, count) = (times.sum(), times.step, times.calls.calls.len());
    let by = if times.stamped { "the GPU’s own clock" } else { "the wall’s clock, from the command to the end" };
    let how = if times.in_turn { "each in its turn" } else { "each alone, many times in one go" };
    let rest = step - sum;
    let rest = match (rest > 0.0, times.in_turn) {
        (true, _) => words!("what remains, {} ms, is between them: each waits for the one before", ms(rest)),
        (false, true) => words!("{} ms more, for looking at the clock between them", ms(-rest)),
        (false, false) => {
            words!("alone they take {} ms more: each waits for itself, and finds other things in the caches", ms(-rest))
        }
    };
    let whole = match times.whole {
        None => String::new(),
        Some((1, whole)) => {
            words!(" Training makes this step in one call of one workgroup (whole), in {} ms.", ms(whole))
        }
        Some((_, whole)) => {
            words!(
                " Training makes this step in two calls (whole): rows there and back, then weights; in {} ms.",
                ms(whole)
            )
        }
    };
    words!(
        "All {count} calls, {how}: {} ms. The whole step: {} ms ({:.0} %); {rest}. By {by}, the fastest quarter of {} rounds. At most this \
         device does {:.1} GFLOP/s and {:.1} GB/s; a call that does nothing takes {:.1} µs.{whole}",
        ms(sum),
        ms(step),
        100.0 * times.share(),
        times.rounds,
        times.limits.gflops,
        times.limits.gbytes,
        times.limits.call_us,
    )
}

/// What stands in for WGSL on a processor.
fn twin(kernel: &str, fast: bool) -> String {
    let file = match kernel {
        kernel if kernel.starts_with("dense") => "dense",
        other => other,
    };
    let how = match fast {
        true => "its fast version, products of matrices by SIMD, beside its twin",
        false => "its twin",
    };
    words!("No WGSL runs here: the processor does the work. What runs is {how} in Rust, src/kernels/{file}.rs.")
}

/// The text in colours.
fn source(file: &str, text: String) -> Tag {
    let lines = text.lines().count();
    let name = words!("shaders/{file}.wgsl as it was compiled, {lines} lines");
    tag("div").child(tag("p").class("note").testid("wgsl-name").text(name.clone())).child(
        tag("pre").class("wgsl").set("tabindex", "0").set("role", "region").label(name).testid("wgsl").built(
            // Straight into the document: there are thousands of pieces.
            move |place: Element| {
                for (kind, piece) in pieces(&text) {
                    let class = match kind {
                        Kind::Plain => {
                            let _ = place.append_with_str_1(piece);
                            continue;
                        }
                        Kind::Comment => "comment",
                        Kind::Keyword => "keyword",
                        Kind::Type => "type",
                        Kind::Number => "literal",
                        Kind::Attribute => "attribute",
                    };
                    if let Ok(span) = document().create_element("span") {
                        span.set_class_name(class);
                        span.set_text_content(Some(piece));
                        let _ = place.append_child(&span);
                    }
                }
            },
        ),
    )
}
