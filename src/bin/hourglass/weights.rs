//! `hourglass evaluate`, `reconstruct`, `encode`, `decode`: what trained weights are good for.
use super::arguments::{Arguments, Decode, Evaluate, Part, Rows};
use super::input::{Outcome, Trained, device, read, rows, split, trained, write};
use super::progress::bar;
use hourglass::compute::Device;
use hourglass::data::Dataset;
use hourglass::lessons::anomaly::scores_csv;
use hourglass::lessons::files::{columns, numbers_csv};
use hourglass::lessons::recipe::Loss;
use hourglass::nn::evaluator::mean;
use hourglass::nn::{self, Evaluator, Pass, Resident, Weights, part};
use serde::Serialize;
use std::path::Path;
use std::rc::Rc;

/// Rows that go through a network together.
const ROWS: u32 = 500;

pub async fn evaluate(options: &Evaluate, arguments: &Arguments) -> Outcome {
    let trained = trained(&options.weights)?;
    let test = split(trained.data(&options.data))?.test;
    let Trained { recipe, spec, values, .. } = trained;
    fits(&test, spec.inputs())?;
    let device = device(options.device).await?;
    let data = Resident::new(&device, rows(&test), spec.inputs()).map_err(|e| e.to_string())?;
    let weights = part::still(&device, &spec, &values);
    let errors = errors(&device, &weights, &data, recipe.loss).await?;
    let device = device.name();
    let mean = mean(&errors);
    if let Some(path) = &options.scores {
        write(path, scores_csv(&errors, |i| test.label(i)))?;
    }
    let summed = mean * f64::from(spec.inputs());
    if arguments.json {
        let json = serde_json::json!({
            "device": device, "inputs": errors.len(), "test_loss": mean, "test_loss_summed": summed,
        });
        println!("{json}");
    } else {
        println!("{} inputs on {device}: {mean:.6} per value, {summed:.3} summed over an input", errors.len());
    }
    Ok(())
}

/// The error of every input.
pub async fn errors(device: &Rc<Device>, weights: &Weights, data: &Resident, loss: Loss) -> Outcome<Vec<f32>> {
    let mut evaluator = Evaluator::new(device, weights, data, loss, data.len, ROWS);
    let bar = bar(data.len as usize, "inputs evaluated");
    evaluator.begin();
    for piece in 1..=evaluator.pieces {
        evaluator.run(1);
        // A bar over work that is only enqueued would be full at once.
        device.finish().await.map_err(|e| e.to_string())?;
        bar.set_position((piece * ROWS).min(data.len).into());
    }
    bar.finish_and_clear();
    evaluator.errors().await.map_err(|e| e.to_string())
}

pub async fn reconstruct(options: &Rows, arguments: &Arguments) -> Outcome {
    table(options, arguments, "x", "reconstructed", |trained| trained.spec.layers.len()).await
}

pub async fn encode(options: &Rows, arguments: &Arguments) -> Outcome {
    table(options, arguments, "z", "encoded", |trained| trained.spec.encoder).await
}

/// Every row after so many layers.
async fn table(
    options: &Rows,
    arguments: &Arguments,
    column: &'static str,
    done: &str,
    layers: fn(&Trained) -> usize,
) -> Outcome {
    let trained = trained(&options.weights)?;
    let split = split(trained.data(&options.data))?;
    let set = if options.part == Part::Train { split.train } else { split.test };
    fits(&set, trained.spec.inputs())?;
    let device = device(options.device).await?;
    let until = layers(&trained);
    let width = trained.spec.widths()[until] as usize;
    let values = through(&device, &trained, &set, until, options.first.unwrap_or(usize::MAX)).await?;
    let device = device.name();
    eprintln!("{} inputs {done} on {device}", values.len() / width);
    let table = Table { device, column, width, values, labels: Some(&|i| set.label(i)) };
    table.finish(options.out.as_deref(), arguments)
}

/// The codes of the first `len` rows, one after the other: to the bit those of `hourglass encode` on this device.
pub async fn codes(device: &Rc<Device>, trained: &Trained, set: &Dataset, len: usize) -> Outcome<Vec<f32>> {
    through(device, trained, set, trained.spec.encoder, len).await
}

/// The first `len` rows after so many layers.
async fn through(device: &Rc<Device>, trained: &Trained, set: &Dataset, until: usize, len: usize) -> Outcome<Vec<f32>> {
    let weights = part::still(device, &trained.spec, &trained.values);
    let end = len.min(set.len()) * set.width();
    let first = match rows(set) {
        nn::Rows::Bytes(bytes) => nn::Rows::Bytes(&bytes[..end]),
        nn::Rows::Floats(floats) => nn::Rows::Floats(&floats[..end]),
    };
    outputs(device, &weights, first, until).await
}

/// What rows are after so many layers, some at a time: neither they nor what becomes of them have to fit on the device.
pub async fn outputs(device: &Rc<Device>, weights: &Weights, all: nn::Rows<'_>, until: usize) -> Outcome<Vec<f32>> {
    let width = weights.spec.inputs();
    let together = (ROWS * width) as usize;
    let (len, parts): (usize, Vec<nn::Rows>) = match all {
        nn::Rows::Bytes(bytes) => (bytes.len(), bytes.chunks(together).map(nn::Rows::Bytes).collect()),
        nn::Rows::Floats(floats) => (floats.len(), floats.chunks(together).map(nn::Rows::Floats).collect()),
    };
    let bar = bar(len / width as usize, "inputs");
    let mut values = Vec::new();
    for part in parts {
        let part = Resident::new(device, part, width).map_err(|e| e.to_string())?;
        let pass = Pass::new(device, weights, &part, until, part.len, ROWS);
        pass.run(0);
        values.extend(pass.outputs().await.map_err(|e| e.to_string())?);
        bar.inc(part.len.into());
    }
    bar.finish_and_clear();
    Ok(values)
}

pub async fn decode(options: &Decode, arguments: &Arguments) -> Outcome {
    let trained = trained(&options.weights)?;
    let path = options.codes.display();
    let text = String::from_utf8(read(&options.codes)?).map_err(|_| format!("{path} is no text"))?;
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split(',').map(str::trim).collect()).unwrap_or_default();
    let mut columns = Vec::new();
    for z in 0..trained.spec.z() {
        let name = format!("z{z}");
        let at = header.iter().position(|column| *column == name);
        columns.push(at.ok_or_else(|| format!("{path} has no column {name}; its columns are {}", header.join(", ")))?);
    }
    let mut codes = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        for &column in &columns {
            let cell = cells.get(column).copied().unwrap_or_default();
            let value: Option<f32> = cell.parse().ok().filter(|value: &f32| value.is_finite());
            let place = format!("{path}, line {}, column {}", number + 1, column + 1);
            codes.push(value.ok_or_else(|| format!("{place}: {cell:?} is no finite number"))?);
        }
    }
    let device = device(options.device).await?;
    let (decoder, values) = part::decoder(&trained.spec, &trained.values);
    let weights = part::still(&device, &decoder, values);
    let values = outputs(&device, &weights, nn::Rows::Floats(&codes), decoder.layers.len()).await?;
    let device = device.name();
    eprintln!("{} codes decoded on {device}", codes.len() / columns.len());
    let table = Table { device, column: "x", width: trained.spec.inputs() as usize, values, labels: None };
    table.finish(options.out.as_deref(), arguments)
}

pub fn fits(set: &Dataset, inputs: u32) -> Outcome {
    if set.width() == inputs as usize {
        return Ok(());
    }
    Err(format!("{} has {} values per input, these weights take {inputs}", set.title(), set.width()))
}

/// Rows of numbers that a device made, as a file for people or for programs.
pub struct Table<'a> {
    /// The device's name.
    pub device: String,
    /// What columns are called, before their number.
    pub column: &'static str,
    /// How many there are.
    pub width: usize,
    /// The rows, one after the other.
    pub values: Vec<f32>,
    /// Each row is an input of this class, if that is known; `None`: rows are of nothing that has a place.
    pub labels: Option<&'a dyn Fn(usize) -> Option<u8>>,
}

/// A table as programs take it.
#[derive(Serialize)]
struct Told<'a> {
    device: &'a str,
    columns: Vec<String>,
    count: usize,
    /// Where its rows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Row<'a>>>,
}

/// Its place and class, as far as rows have any.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Option<u8>>,
    values: &'a [f32],
}

impl Table<'_> {
    /// A file is CSV; without one, so is standard output, or all of it as JSON.
    pub fn finish(self, file: Option<&Path>, arguments: &Arguments) -> Outcome {
        let Self { device, column, width, values, labels } = &self;
        let csv = || numbers_csv(column, *width, values, *labels);
        match file {
            Some(path) => write(path, csv())?,
            None if !arguments.json => print!("{}", csv()),
            None => {}
        }
        if arguments.json {
            let all = values.chunks_exact(*width).enumerate();
            let row = |(i, values)| Row { index: labels.map(|_| i), label: labels.map(|label| label(i)), values };
            let rows = file.is_none().then(|| all.map(row).collect());
            let columns = columns(column, *width, labels.is_some());
            let told = Told { device, columns, count: values.len() / width, file, rows };
            println!("{}", serde_json::to_string(&told).map_err(|e| e.to_string())?);
        }
        Ok(())
    }
}
