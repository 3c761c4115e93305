//! A device, measured and told line by line: its limits, plain products, each workload's step beside its floor and call
//! by call. Each figure is the median of several rounds.
use super::limits::Limits;
use super::workloads::{PRODUCTS, WORKLOADS, Workload};
use super::{BenchError, CallTime, Multiply, Steps, Whole, median};
use crate::compute::{Device, Tile};
use serde_json::{Value, json};
use std::rc::Rc;

/// Rounds of which the median is taken.
const ROUNDS: usize = 5;
/// Milliseconds of steps in a round.
const ROUND: f64 = 400.0;
/// What all products together are asked for by.
const ALL_PRODUCTS: &str = "products";

/// How steps are made: as chosen, or in one way for comparison.
#[derive(Clone, Copy)]
pub struct Way {
    /// What is added to a workload's name.
    pub name: &'static str,
    /// Whether a step is one call.
    pub whole: Whole,
    /// The forms that a GPU may take.
    pub only: Option<fn(Tile) -> bool>,
}

/// As the page and the command line train.
pub const CHOSEN: Way = Way { name: "", whole: Whole::Auto, only: None };

/// What is told meanwhile.
#[derive(Clone, Debug)]
pub enum Told {
    /// What is measured next.
    Next(&'static str),
    /// A line of the table.
    Line(String),
}

/// What can be asked for.
pub fn names() -> Vec<&'static str> {
    WORKLOADS.iter().map(|workload| workload.name).chain([ALL_PRODUCTS]).collect()
}

/// How often [`measure`] tells what is next.
pub fn parts(only: &[String], ways: &[Way]) -> usize {
    let workloads = WORKLOADS.iter().filter(|workload| wanted(only, workload.name)).count();
    let products = if wanted(only, ALL_PRODUCTS) { PRODUCTS.len() } else { 0 };
    1 + products + workloads * ways.len()
}

fn wanted(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|only| only == name)
}

/// Measures those of [`names`] that are wanted, all if none is named: minutes on a slow device. What comes back is what was
/// told, for programs.
///
/// # Errors
/// See [`BenchError`].
pub async fn measure(
    device: &Rc<Device>,
    only: &[String],
    ways: &[Way],
    tell: &impl Fn(Told),
) -> Result<Value, BenchError> {
    tell(Told::Next("limits"));
    let limits = Limits::measure(device).await?;
    let Limits { gflops, gbytes, call_us } = limits;
    let name = device.name();
    tell(Told::Line(format!("{name}: {gflops:.1} GFLOP/s, {gbytes:.1} GB/s, {call_us:.1} us a call at most")));

    let mut products = Vec::new();
    for product in PRODUCTS.iter().filter(|_| wanted(only, ALL_PRODUCTS)) {
        tell(Told::Next(product.name));
        let mut multiply = Multiply::new(device, product).await?;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(multiply.ms(ROUND / 4.0).await?);
        }
        let ms = median(&mut times);
        let speed = product.flops() / ms / 1e6;
        let share = 100.0 * speed / gflops;
        tell(Told::Line(format!("  {:20} {ms:9.3} ms {speed:8.2} GFLOP/s {share:4.0} %", product.name)));
        products
            .push(json!({ "name": product.name, "ms": ms, "gflops": speed, "share": share, "error": multiply.error }));
    }

    let mut workloads = Vec::new();
    for workload in WORKLOADS.iter().filter(|workload| wanted(only, workload.name)) {
        for way in ways {
            tell(Told::Next(workload.name));
            insist(device, way.only);
            let measured = steps(device, workload, way, &limits, tell).await;
            insist(device, None);
            workloads.push(measured?);
        }
    }
    Ok(json!({
        "device": name, "gflops": gflops, "gbytesPerS": gbytes, "usPerCall": call_us,
        "products": products, "workloads": workloads,
    }))
}

fn insist(device: &Device, only: Option<fn(Tile) -> bool>) {
    if let Device::Gpu(gpu) = device {
        gpu.insist(only);
    }
}

async fn steps(
    device: &Rc<Device>,
    workload: &Workload,
    way: &Way,
    limits: &Limits,
    tell: &impl Fn(Told),
) -> Result<Value, BenchError> {
    let mut steps = Steps::new(device, workload, way.whole).await?;
    // Nothing is checked by itself.
    let other = Rc::new(if matches!(**device, Device::Processor) { Device::Exact } else { Device::Processor });
    let expected = Steps::new(&other, workload, Whole::Never).await?.loss_first;
    let error = f64::from((steps.loss_first - expected).abs());
    // A NaN is no match either.
    if error.is_nan() || error > 1e-5 {
        return Err(BenchError::Wrong { what: format!("the first loss of {}", workload.name), error });
    }
    let count = steps.calibrate(ROUND).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(steps.run(count).await? / f64::from(count));
    }
    let ms = median(&mut times);
    let calls = steps.calls_per_step();
    let floor = limits.floor(workload, calls);
    let share = 100.0 * floor / ms;
    let samples = f64::from(workload.batch) * 1e3 / ms;
    let name = format!("{}{}", workload.name, way.name);
    tell(Told::Line(format!(
        "  {name}: {ms:.3} ms a step, {samples:.0} samples/s, {:.1} x the floor of {floor:.3} ms, {calls} calls",
        ms / floor
    )));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(steps.profile().await?);
    }
    let mut lines = Vec::new();
    for at in 0..calls {
        let ms = median(&mut rounds.iter().map(|round| round[at].ms).collect::<Vec<_>>());
        let call = rounds[0][at];
        lines.push(line(&CallTime { ms, ..call }, limits, tell));
    }
    Ok(json!({
        "name": name, "msPerStep": ms, "samplesPerS": samples, "floorMs": floor, "share": share, "calls": lines,
        "lossFirst": steps.loss_first,
    }))
}

fn line(call: &CallTime, limits: &Limits, tell: &impl Fn(Told)) -> Value {
    let speed = call.flops() / call.ms / 1e6;
    let memory = call.bytes() / call.ms / 1e6;
    // Of whatever it comes nearer to.
    let share = 100.0 * (speed / limits.gflops).max(memory / limits.gbytes);
    let [rows, cols, terms] = call.sizes;
    let (sizes, tile) = match call.flops() {
        0.0 => (String::new(), String::new()),
        _ => (format!("{rows} x {cols} x {terms}"), call.tile.map_or(String::new(), |tile| format!("{tile:?}"))),
    };
    let (ms, kernel) = (call.ms, call.kernel);
    let told =
        format!("    {kernel:9} {sizes:16} {ms:9.4} ms {speed:8.2} GFLOP/s {memory:7.2} GB/s {share:4.0} %  {tile}");
    tell(Told::Line(told.trim_end().into()));
    json!({
        "kernel": kernel, "sizes": call.sizes, "ms": ms, "gflops": speed, "gbytesPerS": memory, "share": share,
        "tile": tile,
    })
}
