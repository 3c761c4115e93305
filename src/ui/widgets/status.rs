//! Who does the work, and what goes on: the page's one status region.
use crate::engine::protocol::{DeviceInfo, DeviceKind, Origin};
use crate::ui::desk::Desk;
use crate::ui::numbers;
use leptos::prelude::*;

/// The device and what goes on. It changes when something begins or ends, and not with every figure.
#[component]
pub fn Status() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let engine = desk.engine;
    let kind = Memo::new(move |_| engine.device.with(|device| device.as_ref().map(|device| device.kind)));
    let doing = Memo::new(move |_| doing(desk));
    view! {
        <div class="status">
            <p role="status">
                <span
                    class="lamp"
                    class:on=move || kind.get() == Some(DeviceKind::WebGpu)
                    class:slow=move || kind.get().is_some_and(|kind| kind != DeviceKind::WebGpu)
                    aria-hidden="true"
                ></span>
                <span data-testid="device">{move || engine.device.with(|d| d.as_ref().map(name).unwrap_or_default())}</span>
                <span class="doing">{move || doing.get()}</span>
            </p>
            <Loading />
            <Why />
        </div>
    }
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
        return format!("Loading {what} …");
    }
    let Some(opened) = engine.opened.get() else {
        return "Opening the network …".into();
    };
    let untouched = engine.curve.with(Vec::is_empty);
    engine.progress.with(|progress| match (progress.running, progress.finished) {
        (true, _) => "Training".into(),
        (false, true) => "All epochs are done".into(),
        (false, false) if untouched && opened.origin == Origin::Shipped => {
            format!("Trained for {} steps: draw a digit", numbers::count(opened.step.into()))
        }
        (false, false) if progress.step == 0 => "Not trained yet: press Train".into(),
        (false, false) => "Paused".into(),
    })
}

/// How far a download is: for the eye; the status says when it begins.
#[component]
fn Loading() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let loading = desk.engine.loading;
    move || {
        loading.get().map(|loading| {
            let share = (loading.total > 0).then(|| loading.done as f64 / loading.total as f64);
            let bytes = if loading.total > 100_000 {
                format!("{} of {}", numbers::megabytes(loading.done), numbers::megabytes(loading.total))
            } else {
                String::new()
            };
            view! { <progress max="1" value=share.map(|s| s.to_string()) aria-label=loading.what title=bytes></progress> }
        })
    }
}

/// A quiet badge where no GPU does the work; the reason on demand.
#[component]
fn Why() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let device = desk.engine.device;
    move || {
        device.get().filter(|device| device.kind != DeviceKind::WebGpu).map(|device| {
            let words = match device.kind {
                DeviceKind::Processor => "running on your processor: slower.",
                _ => "a GPU made by software: slow.",
            };
            let reason = device.reason.unwrap_or_else(|| match device.kind {
                DeviceKind::Processor => {
                    "No GPU could be used here, so the same formulas run on your processor.".into()
                }
                _ => "The address asks for it (gpu=software). Without that, the processor would be taken.".into(),
            });
            view! {
                <details class="why">
                    <summary>{words} " " <u>"Why?"</u></summary>
                    <p>{reason} " Everything works all the same."</p>
                </details>
            }
        })
    }
}
