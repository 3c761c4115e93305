//! The bench page for people: this machine's limits, and how near each workload comes to them.
use super::{opened, words};
use crate::engine::bench::limits::Limits;
use crate::engine::bench::workloads::{WORKLOADS, Workload};
use crate::engine::bench::{Single, Steps, Whole, median};
use crate::ui::canvas::{Surface, painted};
use crate::ui::download;
use crate::ui::palette::{Theme, css};
use crate::ui::tag::{again, button, tag};
use crate::ui::widgets::png::png;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use web_time::Instant;

/// Milliseconds of steps that a workload is timed over, three times.
const ROUND: f64 = 700.0;

/// A workload, measured.
#[derive(Clone)]
struct Row {
    workload: Workload,
    ms: f64,
    floor: f64,
    calls: usize,
    single: f64,
}

/// What is known so far.
#[derive(Clone, Default)]
struct Known {
    adapter: String,
    limits: Option<Limits>,
    rows: Vec<Row>,
    /// What is being done, or what went wrong.
    note: String,
    busy: bool,
}

/// The page.
pub fn page() -> AnyView {
    Theme::provide();
    let known = RwSignal::new(Known::default());
    let canvas = NodeRef::<html::Canvas>::new();
    painted(canvas, move || known.with(|known| known.rows.clone()), |surface, rows| paint(surface, rows));
    let measure = button("Measure this machine", move || {
        if !known.with_untracked(|known| known.busy) {
            spawn_local(measure(known));
        }
    })
    .class("main")
    .flag("disabled", move || known.with(|known| known.busy));
    let save = button("Save as JSON", move || known.with_untracked(save))
        .flag("disabled", move || known.with(|known| known.rows.is_empty() || known.busy));
    let picture = png(canvas, "hourglass-bench.png", "Milliseconds per step", |_| Vec::new())
        .flag("disabled", move || known.with(|known| known.rows.is_empty()));
    let card = tag("section")
        .class("card")
        .child(tag("p").class("note").child(tag("a").set("href", "./").text("Hourglass")))
        .child(tag("h2").text("How fast is this machine?"))
        .child(tag("p").text(
            "Four autoencoders train on made-up data, on this GPU or, without one, on this processor. The floor (grey) is what \
             a step would take if arithmetic, memory and calls ran at the limits measured here, one after the other.",
        ))
        .child(tag("p").class("row").child(measure).child(save).child(picture))
        .child(tag("p").set("role", "status").testid("bench-note").says(move || known.with(|known| known.note.clone())))
        .child(tag("p").class("note").testid("bench-limits").says(move || known.with(limits)))
        .child(tag("canvas").label("Milliseconds per step of each workload beside its floor, on a scale of powers of ten").node(canvas))
        .child(again(move || known.with(|known| table(&known.rows))));
    tag("main").class("bench").child(card).into()
}

async fn measure(known: RwSignal<Known>) {
    known.set(Known { busy: true, note: "Looking for a GPU …".into(), ..Known::default() });
    let outcome = measured(known).await;
    known.update(|known| {
        known.busy = false;
        known.note = match outcome {
            Ok(()) => "Measured.".into(),
            Err(reason) => format!("It broke off: {reason}"),
        };
    });
}

async fn measured(known: RwSignal<Known>) -> Result<(), String> {
    let machine = opened().await?;
    let device = &machine.device;
    known.update(|known| {
        known.adapter = device.name();
        known.note = "Measuring arithmetic, memory and calls …".into();
    });
    let limits = Limits::measure(device).await.map_err(words)?;
    known.update(|known| known.limits = Some(limits));
    for workload in WORKLOADS {
        known.update(|known| known.note = format!("Compiling and timing {} …", workload.name));
        let mut steps = Steps::new(device, &workload, Whole::Auto).await.map_err(words)?;
        let count = steps.calibrate(ROUND).await.map_err(words)?;
        let mut times = Vec::new();
        for _ in 0..3 {
            times.push(steps.run(count).await.map_err(words)? / f64::from(count));
        }
        let (ms, calls) = (median(&mut times), steps.calls_per_step());
        let single = Single::new(device, &workload).await.map_err(words)?;
        let mut times = Vec::new();
        for _ in 0..20 {
            let start = Instant::now();
            // A browser's clock is too coarse for one.
            (0..8).for_each(|_| drop(single.on_processor()));
            times.push(start.elapsed().as_secs_f64() * 1e3 / 8.0);
        }
        let row = Row { workload, ms, floor: limits.floor(&workload, calls), calls, single: median(&mut times) };
        known.update(|known| known.rows.push(row));
    }
    Ok(())
}

fn limits(known: &Known) -> String {
    let Some(Limits { gflops, gbytes, call_us }) = known.limits else { return String::new() };
    format!("{}: {gflops:.1} GFLOP/s, {gbytes:.1} GB/s, {call_us:.1} µs a call, at most.", known.adapter)
}

fn table(rows: &[Row]) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let cells = |name: &'static str, words: Vec<String>| {
        tag("tr").children(words.into_iter().map(|words| tag(name).text(words).into())).into()
    };
    let titles =
        ["network", "batch", "ms per step", "samples/s", "floor, ms", "× floor", "calls per step", "one input, ms"];
    let head: AnyView = cells("th", titles.map(str::to_owned).to_vec());
    let body = rows.iter().map(|row| {
        let Row { workload, ms, floor, calls, single } = row;
        let widths: Vec<String> = workload.widths.iter().map(u32::to_string).collect();
        cells(
            "td",
            vec![
                widths.join("-"),
                workload.batch.to_string(),
                format!("{ms:.3}"),
                format!("{:.0}", f64::from(workload.batch) * 1e3 / ms),
                format!("{floor:.3}"),
                format!("{:.1}", ms / floor),
                calls.to_string(),
                format!("{single:.3}"),
            ],
        )
    });
    let table = tag("table").child(tag("thead").child(head)).child(tag("tbody").children(body));
    tag("div").class("scrolls").child(table).into()
}

fn save(known: &Known) {
    let limits = known.limits.map(|l| json!({ "gflops": l.gflops, "gbytesPerS": l.gbytes, "usPerCall": l.call_us }));
    let row = |row: &Row| {
        json!({
            "workload": row.workload.name, "widths": row.workload.widths, "batch": row.workload.batch,
            "msPerStep": row.ms, "floorMs": row.floor, "callsPerStep": row.calls, "oneInputMs": row.single,
        })
    };
    let all = json!({
        "version": env!("CARGO_PKG_VERSION"), "adapter": known.adapter, "limits": limits,
        "workloads": known.rows.iter().map(row).collect::<Vec<_>>(),
    });
    download::text("hourglass-bench.json", "application/json", &format!("{all:#}\n"));
}

/// Two bars a workload, over powers of ten.
fn paint(surface: &Surface, rows: &[Row]) {
    let Surface { ctx, width, height, palette } = surface;
    let least = rows.iter().map(|row| row.floor.min(row.ms)).fold(f64::INFINITY, f64::min).log10().floor();
    let most = rows.iter().map(|row| row.ms.max(row.floor)).fold(0.0, f64::max).log10().ceil();
    let (left, bottom) = (56.0, 22.0);
    let x = |ms: f64| left + (ms.log10() - least) / (most - least).max(1.0) * (width - left - 16.0);
    let each = (height - bottom) / WORKLOADS.len() as f64;
    ctx.set_font("12px system-ui, sans-serif");
    for power in least as i32..=most as i32 {
        let ms = 10f64.powi(power);
        ctx.set_stroke_style_str(&css(palette.line, 1.0));
        surface.line([x(ms), 0.0], [x(ms), height - bottom]);
        ctx.set_fill_style_str(&css(palette.muted, 1.0));
        surface.text(&format!("{ms} ms"), (x(ms) - 12.0).min(width - 52.0), height - 6.0);
    }
    for (at, row) in rows.iter().enumerate() {
        let y = at as f64 * each + 4.0;
        let thick = (each - 8.0) / 2.0;
        ctx.set_fill_style_str(&css(palette.ink, 1.0));
        surface.text(row.workload.name, 4.0, y + thick + 4.0);
        ctx.set_fill_style_str(&css(palette.blue, 1.0));
        ctx.fill_rect(left, y, x(row.ms) - left, thick);
        ctx.set_fill_style_str(&css(palette.muted, 0.6));
        ctx.fill_rect(left, y + thick, x(row.floor) - left, thick);
    }
}
