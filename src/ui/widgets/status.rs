//! Who does the work, and what goes on: the page's one status region.
use crate::engine::protocol::{DeviceInfo, DeviceKind, Origin};
use crate::lessons::thing::Thing;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::offline::Offline;
use crate::ui::pages::machine;
use crate::ui::tag::{Tag, again, fact, tag};
use crate::words;
use leptos::prelude::*;

/// The device and what goes on. It changes when something begins or ends, and not with every figure.
pub fn status(desk: Desk, offline: Offline) -> Tag {
    let engine = desk.engine;
    let kind = Memo::new(move |_| engine.device.with(|device| device.as_ref().map(|device| device.kind)));
    // What changes while it is read, as whether it is busy, does not close the badge.
    let who = Memo::new(move |_| engine.device.with(|device| device.as_ref().map(|it| (it.kind, it.reason.clone()))));
    let doing = Memo::new(move |_| doing(desk));
    let lamp = tag("span")
        .class("lamp")
        .class_if("on", move || kind.get() == Some(DeviceKind::WebGpu))
        .class_if("slow", move || kind.get().is_some_and(|kind| kind != DeviceKind::WebGpu))
        .set("aria-hidden", "true");
    let device = move || engine.device.with(|device| device.as_ref().map(name).unwrap_or_default());
    let checked = "A GPU that is named here passed a check: it trains a small network to the processor's losses.";
    let line = tag("p")
        .set("role", "status")
        .child(lamp)
        .child(tag("span").testid("device").set("title", checked).says(device))
        .child(tag("span").class("doing").says(move || doing.get()));
    let calm = fact(move || offline.cut_off.get() && offline.kept.get());
    let cut_off = tag("p")
        .class("cut-off")
        .testid("cut-off")
        .says(move || if calm.get() { "No network: everything here goes on working.".into() } else { String::new() });
    tag("div")
        .class("status")
        .child(line)
        .child(cut_off)
        .child(again(move || loading(desk)))
        .child(again(move || who.get().map_or_else(|| ().into_any(), |(kind, reason)| why(desk, kind, reason))))
}

fn name(device: &DeviceInfo) -> String {
    let kind = match device.kind {
        DeviceKind::WebGpu => "WebGPU",
        DeviceKind::SoftwareWebGpu => "WebGPU in software",
        DeviceKind::Processor => "Processor",
    };
    if device.name.is_empty() { kind.into() } else { format!("{kind} · {}", device.name) }
}

fn doing(desk: Desk) -> String {
    let engine = desk.engine;
    if engine.device.with(Option::is_none) {
        return "Starting …".into();
    }
    if let Some(what) = engine.loading.with(|loading| loading.as_ref().map(|loading| loading.what.clone())) {
        return words!("Loading {what} …");
    }
    if engine.device.with(|device| device.as_ref().is_some_and(|device| device.busy)) {
        return "GPU busy: waiting for its answer …".into();
    }
    let Some(opened) = engine.opened.get() else {
        return "Opening the network …".into();
    };
    let untouched = engine.curve.with(Vec::is_empty);
    let beside = desk.beside.get();
    let draw = || Thing::of(&opened.recipe.data, opened.shape.0 == 1).to_draw();
    engine.progress.with(|progress| match (progress.running, progress.finished) {
        (true, _) => "Training".into(),
        _ if beside => "Training this lesson’s own networks".into(),
        (false, true) => "All epochs are done".into(),
        (false, false) if untouched && opened.origin != Origin::Seed && opened.step > 0 => {
            words!("Trained for {} steps: {}", numbers::count(opened.step.into()), draw())
        }
        (false, false) if untouched && opened.origin == Origin::File => words!("Weights from a file: {}", draw()),
        (false, false) if progress.step == 0 => "Not trained yet: press Train".into(),
        (false, false) => "Paused".into(),
    })
}

/// How far a download is: for the eye; the status says when it begins.
fn loading(desk: Desk) -> AnyView {
    let Some(loading) = desk.engine.loading.get() else { return ().into_any() };
    let bar = tag("progress").set("max", "1").label(loading.what);
    let bar = if loading.total > 0 {
        bar.set("value", (loading.done as f64 / loading.total as f64).to_string())
    } else {
        bar
    };
    if loading.total > 100_000 {
        let bytes = words!("{} of {}", numbers::megabytes(loading.done), numbers::megabytes(loading.total));
        return bar.set("title", bytes).into();
    }
    bar.into()
}

/// A quiet badge: the check of the GPU, or why none does the work; more of it on demand.
fn why(desk: Desk, kind: DeviceKind, reason: Option<String>) -> AnyView {
    let words = match kind {
        DeviceKind::WebGpu => "GPU check passed. ",
        DeviceKind::Processor => "running on your processor: slower. ",
        _ => "a GPU made by software: slow. ",
    };
    let reason = reason.unwrap_or_else(|| match kind {
        DeviceKind::WebGpu => String::new(),
        DeviceKind::Processor => "No GPU could be used here, so the same formulas run on your processor.".into(),
        _ => "The address asks for it (gpu=software). Without that, the processor would be taken.".into(),
    });
    let asked = RwSignal::new(false);
    let more = again(move || if asked.get() { machine(desk) } else { ().into_any() });
    tag("details")
        .class("why")
        .on("toggle", move |_: web_sys::Event| asked.set(true))
        .child(tag("summary").text(words).child(tag("u").text("Why?")))
        .child(tag("p").text(reason).text(" Everything works all the same. ").child(more))
        .into()
}
