//! `hourglass evaluate`, `reconstruct`, `encode`, `decode`: what trained weights are good for.
use super::arguments::{Arguments, Decode, Evaluate, Part, Rows};
use super::input::{Outcome, Trained, device, read, rows, split, trained, write};
use super::progress::bar;
use hourglass::compute::Device;
use hourglass::data::Dataset;
use hourglass::lessons::anomaly::scores_csv;
use hourglass::lessons::recipe::Loss;
use hourglass::nn::{self, Evaluator, Pass, Resident, Weights, part};
use std::path::PathBuf;
use std::rc::Rc;

/// Rows that go through a network together.
const ROWS: u32 = 500;

pub async fn evaluate(options: &Evaluate, arguments: &Arguments) -> Outcome {
    let Trained { recipe, spec, values } = trained(&options.weights)?;
    let test = split(options.data.as_deref().unwrap_or(&recipe.data))?.test;
    fits(&test, spec.inputs())?;
    let device = device(options.device).await?;
    let data = Resident::new(&device, rows(&test), spec.inputs()).map_err(|e| e.to_string())?;
    let weights = part::still(&device, &spec, &values);
    let errors = errors(&device, &weights, &data, recipe.loss).await?;
    let device = device.name();
    let mean = errors.iter().map(|&e| f64::from(e)).sum::<f64>() / errors.len() as f64;
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
    column: &str,
    done: &str,
    layers: fn(&Trained) -> usize,
) -> Outcome {
    let trained = trained(&options.weights)?;
    let split = split(options.data.as_deref().unwrap_or(&trained.recipe.data))?;
    let set = if options.part == Part::Train { split.train } else { split.test };
    fits(&set, trained.spec.inputs())?;
    let device = device(options.device).await?;
    let until = layers(&trained);
    let width = trained.spec.widths()[until] as usize;
    let all = through(&device, &trained, &set, until, options.first.unwrap_or(usize::MAX)).await?;
    eprintln!("{} inputs {done} on {}", all.len() / width, device.name());
    let mut result = Table::new(column, true);
    for (i, row) in all.chunks(width).enumerate() {
        result.push(Some((i, label(&set, i))), row);
    }
    result.finish(options.out.as_ref(), arguments)
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
    let all = outputs(&device, &weights, nn::Rows::Floats(&codes), decoder.layers.len()).await?;
    eprintln!("{} codes decoded on {}", codes.len() / columns.len(), device.name());
    let mut result = Table::new("x", false);
    for row in all.chunks(trained.spec.inputs() as usize) {
        result.push(None, row);
    }
    result.finish(options.out.as_ref(), arguments)
}

pub fn fits(set: &Dataset, inputs: u32) -> Outcome {
    if set.width() == inputs as usize {
        return Ok(());
    }
    Err(format!("{} has {} values per input, these weights take {inputs}", set.title(), set.width()))
}

fn label(set: &Dataset, i: usize) -> String {
    set.label(i).map_or_else(String::new, |label| label.to_string())
}

/// Rows of numbers, as CSV or JSON.
pub struct Table {
    column: String,
    named: bool,
    names: Vec<(usize, String)>,
    rows: Vec<Vec<f32>>,
}

impl Table {
    pub fn new(column: &str, named: bool) -> Self {
        Self { column: column.into(), named, names: Vec::new(), rows: Vec::new() }
    }

    pub fn push(&mut self, name: Option<(usize, String)>, row: &[f32]) {
        self.names.extend(name);
        self.rows.push(row.to_vec());
    }

    pub fn finish(self, out: Option<&PathBuf>, arguments: &Arguments) -> Outcome {
        let text = if arguments.json {
            serde_json::to_string(&self.rows).map_err(|e| e.to_string())? + "\n"
        } else {
            let width = self.rows.first().map_or(0, Vec::len);
            let mut header: Vec<String> = if self.named { vec!["index".into(), "label".into()] } else { Vec::new() };
            header.extend((0..width).map(|i| format!("{}{i}", self.column)));
            let mut csv = header.join(",") + "\n";
            let mut names = self.names.iter();
            for row in &self.rows {
                let mut cells: Vec<String> = Vec::new();
                if let Some((index, label)) = names.next() {
                    cells.extend([index.to_string(), label.clone()]);
                }
                cells.extend(row.iter().map(f32::to_string));
                csv += &cells.join(",");
                csv.push('\n');
            }
            csv
        };
        match out {
            Some(path) => write(path, text),
            None => {
                print!("{text}");
                Ok(())
            }
        }
    }
}
