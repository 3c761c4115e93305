//! The bench page: how fast this machine trains, beside what it could do at most. It runs the engine on the page's own
//! thread, so that whoever drives it from outside can count its calls: `window.bench` holds the verbs. For people there is
//! [`page`].
mod page;

use crate::engine::bench::workloads::{PRODUCTS, Workload};
use crate::engine::bench::{CallTime, Multiply, Single, Steps, Whole, median};
use crate::engine::device::{Machine, machine};
use crate::engine::protocol::{DeviceKind, GpuChoice};
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_time::Instant;

thread_local! {
    static MACHINE: RefCell<Option<Rc<Machine>>> = const { RefCell::new(None) };
}

/// Puts the page up, and the verbs where the page's script looks for them: it offers them as `window.bench`.
pub fn mount() {
    let place = document().get_element_by_id("app").and_then(|place| place.dyn_into().ok());
    if let Some(place) = place {
        leptos::mount::mount_to(place, page::page).forget();
    }
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    let bench = Object::new();
    offer(&bench, "open", |_, _| async { open().await });
    offer(&bench, "train", |name, options| async move {
        train(&text(&name), number(&options, "minMs", 3000.0), whole(&options)).await
    });
    offer(&bench, "infer", |name, options| async move { infer(&text(&name), number(&options, "minMs", 1000.0)).await });
    offer(&bench, "profile", |name, _| async move { profile(&text(&name)).await });
    offer(&bench, "matmul", |options, _| async move { matmul(number(&options, "minMs", 500.0), only(&options)).await });
    let _ = Reflect::set(&window(), &"benchVerbs".into(), &bench);
}

/// An answer, or a sentence on why there is none.
type Answer = Result<Value, String>;

fn offer<F: Future<Output = Answer> + 'static>(
    bench: &Object,
    name: &str,
    verb: impl Fn(JsValue, JsValue) -> F + 'static,
) {
    let call = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |a, b| {
        let answer = verb(a, b);
        future_to_promise(async move {
            let value = answer.await.map_err(|words| JsValue::from(js_sys::Error::new(&words)))?;
            js_sys::JSON::parse(&value.to_string())
        })
    });
    let _ = Reflect::set(bench, &name.into(), &call.into_js_value());
}

fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

fn number(options: &JsValue, name: &str, usual: f64) -> f64 {
    Reflect::get(options, &name.into()).ok().and_then(|value| value.as_f64()).unwrap_or(usual)
}

/// `{ whole: true }`, `{ whole: "parted" }` and `{ whole: false }` decide what is else decided by the device.
fn whole(options: &JsValue) -> Whole {
    let wish = Reflect::get(options, &"whole".into()).unwrap_or_default();
    match (wish.as_bool(), wish.as_string().as_deref()) {
        (Some(true), _) => Whole::Always,
        (Some(false), _) => Whole::Never,
        (None, Some("parted")) => Whole::Parted,
        _ => Whole::Auto,
    }
}

fn only(options: &JsValue) -> Option<Vec<String>> {
    let list = Reflect::get(options, &"only".into()).ok()?.dyn_into::<js_sys::Array>().ok()?;
    Some(list.iter().filter_map(|name| name.as_string()).collect())
}

/// A software adapter counts here: what it does is what is to be seen. `?gpu=off` measures the processor.
async fn opened() -> Result<Rc<Machine>, String> {
    if let Some(machine) = MACHINE.with_borrow(Clone::clone) {
        return Ok(machine);
    }
    let choice = match super::address::gpu() {
        GpuChoice::Off => GpuChoice::Off,
        _ => GpuChoice::Software,
    };
    let made = Rc::new(machine(choice).await);
    MACHINE.set(Some(made.clone()));
    Ok(made)
}

async fn open() -> Answer {
    let machine = opened().await?;
    let backend = if machine.info.kind == DeviceKind::Processor { "processor" } else { "webgpu" };
    let (name, reason) = (&machine.info.name, &machine.info.reason);
    Ok(json!({ "version": env!("CARGO_PKG_VERSION"), "backend": backend, "adapter": name, "reason": reason }))
}

fn workload(name: &str) -> Result<Workload, String> {
    Workload::named(name).ok_or_else(|| format!("there is no workload {name:?}"))
}

fn words(error: impl ToString) -> String {
    error.to_string()
}

async fn train(name: &str, min_ms: f64, whole: Whole) -> Answer {
    let (machine, workload) = (opened().await?, workload(name)?);
    let mut steps = Steps::new(&machine.device, &workload, whole).await.map_err(words)?;
    let loss_first = steps.loss_first;
    let n = steps.calibrate(min_ms).await.map_err(words)?;
    let (cpu, calls) = (cpu_ms().await, calls());
    let ms = steps.run(n).await.map_err(words)?;
    let (cpu, calls) = (cpu_ms().await - cpu, calls_since(&calls, n));
    let loss_last = steps.loss_last().await.map_err(words)?;
    let n = f64::from(n);
    Ok(json!({
        "samplesPerS": n * f64::from(workload.batch) * 1e3 / ms, "msPerStep": ms / n, "cpuMsPerStep": cpu / n, "steps": n,
        "stepsTotal": steps.steps(), "calls": calls, "dispatches": steps.calls_per_step(),
        "lossFirst": loss_first, "lossLast": loss_last,
    }))
}

async fn profile(name: &str) -> Answer {
    let (machine, workload) = (opened().await?, workload(name)?);
    let mut steps = Steps::new(&machine.device, &workload, Whole::Auto).await.map_err(words)?;
    let calls = steps.profile().await.map_err(words)?;
    let line = |call: &CallTime| {
        let tile = call.tile.map_or(String::new(), |tile| format!("{tile:?}"));
        json!({ "kernel": call.kernel, "tile": tile, "sizes": call.sizes, "ms": call.ms })
    };
    Ok(Value::Array(calls.iter().map(line).collect()))
}

async fn infer(name: &str, min_ms: f64) -> Answer {
    let (machine, workload) = (opened().await?, workload(name)?);
    let single = Single::new(&machine.device, &workload).await.map_err(words)?;
    // Both ways a few times: the faster one is taken, as for drawings.
    let mut here = Vec::new();
    let mut there = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        single.on_processor();
        here.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        single.on_device().await.map_err(words)?;
        there.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let on_processor = median(&mut here) <= median(&mut there);
    let (begin, mut times, mut sum) = (Instant::now(), Vec::new(), 0.0);
    while times.len() < 5 || (begin.elapsed().as_secs_f64() * 1e3 < min_ms && times.len() < 2000) {
        // A processor's pass is shorter than the browser's clock can tell.
        let many = if on_processor { 16 } else { 1 };
        let start = Instant::now();
        for _ in 0..many {
            let output = if on_processor { single.on_processor() } else { single.on_device().await.map_err(words)? };
            sum = output.iter().map(|&y| f64::from(y)).sum::<f64>();
        }
        times.push(start.elapsed().as_secs_f64() * 1e3 / f64::from(many));
    }
    let n = times.len();
    let p50 = median(&mut times);
    let p95 = times.get(n * 95 / 100).copied().unwrap_or(p50);
    Ok(
        json!({ "p50": p50, "p95": p95, "n": n, "checksum": sum, "on": if on_processor { "processor" } else { "device" } }),
    )
}

async fn matmul(min_ms: f64, only: Option<Vec<String>>) -> Answer {
    let machine = opened().await?;
    let mut all = serde_json::Map::new();
    for product in PRODUCTS.iter().filter(|p| only.as_ref().is_none_or(|only| only.iter().any(|name| name == p.name))) {
        let mut multiply = Multiply::new(&machine.device, product).await.map_err(words)?;
        let ms = multiply.ms(min_ms).await.map_err(words)?;
        let entry = json!({ "ms": ms, "gflops": product.flops() / ms / 1e6, "err": multiply.error });
        all.insert(product.name.into(), entry);
    }
    Ok(Value::Object(all))
}

/// Milliseconds that all of the browser's processes have worked, where somebody outside says so.
async fn cpu_ms() -> f64 {
    let ask = Reflect::get(&window(), &"benchCpuMs".into()).ok().and_then(|ask| ask.dyn_into::<Function>().ok());
    let Some(answer) = ask.and_then(|ask| ask.call0(&JsValue::NULL).ok()) else { return f64::NAN };
    JsFuture::from(Promise::resolve(&answer)).await.ok().and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN)
}

/// WebGPU calls made so far by kind, where somebody outside counts them.
fn calls() -> Vec<(String, f64)> {
    let Ok(counts) = Reflect::get(&window(), &"benchCalls".into()) else { return Vec::new() };
    let Ok(counts) = counts.dyn_into::<Object>() else { return Vec::new() };
    let names = Object::keys(&counts);
    let count = |name: JsValue| Some((name.as_string()?, Reflect::get(&counts, &name).ok()?.as_f64()?));
    names.iter().filter_map(count).collect()
}

fn calls_since(before: &[(String, f64)], steps: u32) -> Value {
    let now = calls();
    let per_step = before.iter().filter_map(|(name, count)| {
        let (_, now) = now.iter().find(|(other, _)| other == name)?;
        Some((name.clone(), json!(((now - count) / f64::from(steps) * 100.0).round() / 100.0)))
    });
    Value::Object(per_step.collect())
}
