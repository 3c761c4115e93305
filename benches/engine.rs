//! How fast the engine is on this machine, kernel by kernel and step by step: `cargo xtask bench`.
//!
//! Results are checked before anything is timed: a workload's first loss against another device's, a product against
//! f64. Each figure is the median of several rounds. `--device gpu|cpu`, `--only lab,ecg`, `--json`; `--forms` times
//! every form of the kernels that a GPU may choose, and steps in one call beside steps of many.
use hourglass::compute::{Device, Gpu, GpuOptions, Tile};
use hourglass::engine::bench::report::{CHOSEN, Told, Way, measure, names};
use hourglass::engine::bench::{BenchError, Whole};
use serde_json::Value;
use std::process::ExitCode;
use std::rc::Rc;

struct Asked {
    gpu: bool,
    cpu: bool,
    json: bool,
    forms: bool,
    only: Vec<String>,
}

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
    match asked.only.iter().find(|name| !names().contains(&name.as_str())) {
        Some(name) => Err(format!("there is no workload {name}: {}", names().join(", "))),
        None => Ok(asked),
    }
}

async fn run(asked: &Asked) -> Result<(), BenchError> {
    let mut all = Vec::new();
    if asked.gpu {
        match Gpu::new(GpuOptions { software: true, plain: false }).await {
            Ok(gpu) => all.push(device(Device::Gpu(gpu), asked).await?),
            Err(reason) => eprintln!("no GPU to measure: {reason}"),
        }
    }
    if asked.cpu {
        all.push(device(Device::Processor, asked).await?);
    }
    if asked.json {
        println!("{}", Value::Array(all));
    }
    Ok(())
}

async fn device(device: Device, asked: &Asked) -> Result<Value, BenchError> {
    if !asked.json {
        println!();
    }
    let ways = if asked.forms && matches!(device, Device::Gpu(_)) { &FORMS[..] } else { &[CHOSEN][..] };
    let tell = |told| match told {
        Told::Line(line) if !asked.json => println!("{line}"),
        _ => {}
    };
    measure(&Rc::new(device), &asked.only, ways, &tell).await
}
