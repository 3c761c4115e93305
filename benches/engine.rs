//! How fast the engine is on this machine, kernel by kernel and step by step: `cargo xtask bench`.
//!
//! Results are checked before anything is timed: a workload's first loss against the processor's, a product against
//! f64. Each figure is the median of several rounds. `--device gpu|cpu`, `--only lab,ecg`, `--json`; `--forms` times
//! every form of the kernels that a GPU may choose, and steps in one call beside steps of many.
use hourglass::compute::{Device, Gpu, GpuOptions, Tile};
use hourglass::engine::bench::limits::Limits;
use hourglass::engine::bench::workloads::{PRODUCTS, WORKLOADS, Workload};
use hourglass::engine::bench::{BenchError, CallTime, Multiply, Steps, Whole, median};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::rc::Rc;

/// Rounds of which the median is taken.
const ROUNDS: usize = 5;
/// Milliseconds of steps in a round.
const ROUND: f64 = 400.0;

struct Asked {
    gpu: bool,
    cpu: bool,
    json: bool,
    forms: bool,
    only: Vec<String>,
}

/// How steps are made: as chosen, or in one way for comparison.
struct Way {
    name: &'static str,
    whole: Whole,
    only: Option<fn(Tile) -> bool>,
}

const CHOSEN: Way = Way { name: "", whole: Whole::Auto, only: None };

/// What a GPU may choose from.
const FORMS: [Way; 10] = [
    Way { name: ", steps in one call", whole: Whole::Always, only: None },
    Way { name: ", steps in one call by vectors", whole: Whole::Quads, only: None },
    Way { name: ", steps in two calls", whole: Whole::Parted, only: None },
    Way { name: ", a call per operation", whole: Whole::Never, only: None },
    Way { name: ", shared 2", whole: Whole::Never, only: Some(|t| t == Tile::Shared { edge: 2 }) },
    Way { name: ", shared 4", whole: Whole::Never, only: Some(|t| t == Tile::Shared { edge: 4 }) },
    Way { name: ", shared 8", whole: Whole::Never, only: Some(|t| t == Tile::Shared { edge: 8 }) },
    Way { name: ", slim", whole: Whole::Never, only: Some(|t| t == Tile::Slim) },
    Way { name: ", registers 4", whole: Whole::Never, only: Some(|t| registers(t, 4)) },
    Way { name: ", registers 8", whole: Whole::Never, only: Some(|t| registers(t, 8)) },
];

fn registers(tile: Tile, edge: u32) -> bool {
    tile == Tile::Registers { rows: edge, cols: edge, lanes: 8, group: 8 }
}

fn main() -> ExitCode {
    match asked().map(|asked| pollster::block_on(run(&asked))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&error.to_string()),
        Err(words) => fail(&words),
    }
}

fn fail(words: &str) -> ExitCode {
    eprintln!("error: {words}");
    ExitCode::FAILURE
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { gpu: true, cpu: true, json: false, forms: false, only: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--json" => asked.json = true,
            "--forms" => asked.forms = true,
            "--device" => match words.next().as_deref() {
                Some("gpu") => asked.cpu = false,
                Some("cpu") => asked.gpu = false,
                other => return Err(format!("--device takes gpu or cpu, not {}", other.unwrap_or("nothing"))),
            },
            "--only" => asked.only = words.next().unwrap_or_default().split(',').map(str::to_owned).collect(),
            other => {
                return Err(format!(
                    "{other} is not known: there are --device gpu|cpu, --only lab,ecg, --json, --forms"
                ));
            }
        }
    }
    let known = |name: &str| WORKLOADS.iter().any(|w| w.name == name) || name == "products";
    match asked.only.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("there is no workload {name}: mnist, class, ecg, lab, products")),
        None => Ok(asked),
    }
}

async fn run(asked: &Asked) -> Result<(), BenchError> {
    let mut all = Vec::new();
    if asked.gpu {
        match Gpu::new(GpuOptions { software: true, plain: false }).await {
            Ok(gpu) => all.push(device(Rc::new(Device::Gpu(gpu)), asked).await?),
            Err(reason) => eprintln!("no GPU to measure: {reason}"),
        }
    }
    if asked.cpu {
        all.push(device(Rc::new(Device::Processor), asked).await?);
    }
    if asked.json {
        println!("{}", Value::Array(all));
    }
    Ok(())
}

async fn device(device: Rc<Device>, asked: &Asked) -> Result<Value, BenchError> {
    let say = |line: String| {
        if !asked.json {
            println!("{line}");
        }
    };
    let limits = Limits::measure(&device).await?;
    let Limits { gflops, gbytes, call_us } = limits;
    let name = device.name();
    say(format!("\n{name}: {gflops:.1} GFLOP/s, {gbytes:.1} GB/s, {call_us:.1} us a call at most"));
    let wanted = |name: &str| asked.only.is_empty() || asked.only.iter().any(|only| only == name);

    let mut products = Vec::new();
    for product in PRODUCTS.iter().filter(|_| wanted("products")) {
        let mut multiply = Multiply::new(&device, product).await?;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(multiply.ms(ROUND / 4.0).await?);
        }
        let ms = median(&mut times);
        let speed = product.flops() / ms / 1e6;
        let share = 100.0 * speed / gflops;
        say(format!("  {:20} {ms:9.3} ms {speed:8.2} GFLOP/s {share:4.0} %", product.name));
        products
            .push(json!({ "name": product.name, "ms": ms, "gflops": speed, "share": share, "error": multiply.error }));
    }

    let mut workloads = Vec::new();
    for workload in WORKLOADS.iter().filter(|workload| wanted(workload.name)) {
        let (forms, gpu) = match &*device {
            Device::Gpu(gpu) if asked.forms => (&FORMS[..], Some(gpu)),
            _ => (&[CHOSEN][..], None),
        };
        for way in forms {
            if let Some(gpu) = gpu {
                gpu.insist(way.only);
            }
            workloads.push(measured(&device, workload, way, &limits, &say).await?);
        }
        if let Some(gpu) = gpu {
            gpu.insist(None);
        }
    }
    Ok(json!({
        "device": name, "gflops": gflops, "gbytesPerS": gbytes, "usPerCall": call_us,
        "products": products, "workloads": workloads,
    }))
}

async fn measured(
    device: &Rc<Device>,
    workload: &Workload,
    way: &Way,
    limits: &Limits,
    say: &impl Fn(String),
) -> Result<Value, BenchError> {
    let here = Steps::new(&Rc::new(Device::Processor), workload, Whole::Never).await?.loss_first;
    let mut steps = Steps::new(device, workload, way.whole).await?;
    let error = f64::from((steps.loss_first - here).abs());
    if error.is_nan() || error > 1e-5 {
        return Err(BenchError::Wrong { what: format!("the first loss of {}", workload.name), error });
    }
    let count = steps.calibrate(ROUND).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(steps.run(count).await? / f64::from(count));
    }
    let ms = median(&mut times);
    let floor = limits.floor(workload, steps.calls_per_step());
    let calls = steps.calls_per_step();
    let samples = f64::from(workload.batch) * 1e3 / ms;
    say(format!(
        "  {}{}: {ms:.3} ms a step, {samples:.0} samples/s, {:.1} x the floor of {floor:.3} ms, {calls} calls",
        workload.name,
        way.name,
        ms / floor
    ));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(steps.profile().await?);
    }
    let mut lines = Vec::new();
    for at in 0..calls {
        let ms = median(&mut rounds.iter().map(|round| round[at].ms).collect::<Vec<_>>());
        let call = rounds[0][at];
        lines.push(line(&CallTime { ms, ..call }, limits, say));
    }
    Ok(json!({
        "name": format!("{}{}", workload.name, way.name), "msPerStep": ms, "samplesPerS": samples, "floorMs": floor, "calls": lines,
        "lossFirst": steps.loss_first,
    }))
}

fn line(call: &CallTime, limits: &Limits, say: &impl Fn(String)) -> Value {
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
    say(format!("    {kernel:9} {sizes:16} {ms:9.4} ms {speed:8.2} GFLOP/s {memory:7.2} GB/s {share:4.0} %  {tile}"));
    json!({ "kernel": kernel, "sizes": call.sizes, "ms": ms, "gflops": speed, "gbytesPerS": memory, "share": share, "tile": tile })
}
