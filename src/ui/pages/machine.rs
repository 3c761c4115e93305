//! What the check of the GPU said, and all about it as a file.
use crate::engine::protocol::{Answer, Ask, DeviceKind, Topic, VERSION};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::tag::{button, tag, whenever};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The file's name.
const FILE: &str = "gpu-report.json";

/// What stands behind the words on the device.
pub fn machine(desk: Desk) -> AnyView {
    let engine = desk.engine;
    let asked = RwSignal::new(false);
    engine.answers(Topic::Report, move |answer| {
        if let Answer::Report(report) = answer {
            asked.set(false);
            spawn_local(save(desk, report));
        }
    });
    // Beside another network it is not answered any more; and where it cannot be, that is said above the page.
    whenever(move || {
        engine.openings.track();
        asked.set(false);
    });
    whenever(move || {
        if engine.unanswered.get() == Some(Topic::Report) {
            asked.set(false);
        }
    });
    let check = move || {
        let kind = engine.device.with(|device| device.as_ref().map(|device| device.kind));
        match kind {
            Some(DeviceKind::WebGpu | DeviceKind::SoftwareWebGpu) => {
                "GPU check passed: it trained a small network to the processor’s losses.".into()
            }
            _ => String::new(),
        }
    };
    let ask = move || {
        asked.set(true);
        engine.ask(Ask::Report);
    };
    let words = tag("span").testid("gpu-check").says(check);
    let save = button("Save GPU report", ask).flag("disabled", move || asked.get());
    tag("span").class("machine").child(words).text(" ").child(save).into()
}

/// What the engine found, with what only the page knows.
async fn save(desk: Desk, report: String) {
    // It comes from our own engine.
    let Ok(all) = JSON::parse(&report) else { return };
    let window = window();
    let put = |of: &JsValue, name: &str, value: &JsValue| {
        // On an object that was just made, any name can be set.
        let _ = Reflect::set(of, &name.into(), value);
    };
    let page = Object::new();
    let build = document().query_selector("meta[name=build]").ok().flatten();
    let build = build.and_then(|meta| meta.get_attribute("content")).unwrap_or_default();
    put(&page, "build", &build.into());
    put(&page, "engine", &format!("{VERSION:08x}").into());
    let browser = Reflect::get(&window.navigator(), &"userAgent".into());
    put(&page, "browser", &browser.unwrap_or_default());
    put(&all, "page", &page);
    let device = desk.engine.device.get_untracked();
    if let Some(device) = device {
        let runs = Object::new();
        put(&runs, "kind", &format!("{:?}", device.kind).into());
        put(&runs, "name", &device.name.into());
        put(&runs, "reason", &device.reason.map_or(JsValue::NULL, Into::into));
        put(&all, "computes", &runs);
    }
    put(&all, "adapter", &adapter(&window).await.unwrap_or(JsValue::NULL));
    if let Ok(text) = JSON::stringify_with_replacer_and_space(&all, &JsValue::NULL, &1.into()) {
        download::text(FILE, "application/json", &text.as_string().unwrap_or_default());
    }
}

/// What the browser says of its adapter, in its own names, of which the engine hears only one.
async fn adapter(window: &web_sys::Window) -> Option<JsValue> {
    let gpu = Reflect::get(&window.navigator(), &"gpu".into()).ok()?;
    let request: Function = Reflect::get(&gpu, &"requestAdapter".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = request.call0(&gpu).ok()?.dyn_into().ok()?;
    // An adapter that never comes is not waited for.
    let late = Promise::new(&mut |resolve, _| {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
    });
    let adapter = JsFuture::from(Promise::race(&js_sys::Array::of2(&asked, &late))).await.ok()?;
    let info = Reflect::get(&adapter, &"info".into()).ok()?;
    let told = Object::new();
    for name in ["vendor", "architecture", "device", "description"] {
        let value = Reflect::get(&info, &name.into()).ok()?;
        let _ = Reflect::set(&told, &name.into(), &value);
    }
    Some(told.into())
}

/// Milliseconds.
const PATIENCE: i32 = 3000;
