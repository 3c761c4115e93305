//! `hourglass evaluate`, `reconstruct`, `encode`, `decode`: what trained weights are good for.
use super::arguments::{Arguments, Decode, Evaluate, Part, Rows};
use super::input::{Outcome, Trained, device, read, rows, split, trained, write};
use hourglass::data::Dataset;
use hourglass::lessons::anomaly::scores_csv;
use hourglass::nn::{Evaluator, Resident, Trainer, Training, signals};
use std::path::PathBuf;

/// Rows that go through a network together.
const ROWS: usize = 500;

pub fn evaluate(options: &Evaluate, arguments: &Arguments) -> Outcome {
    let Trained { recipe, spec, values } = trained(&options.weights)?;
    let test = split(options.data.as_deref().unwrap_or(&recipe.data))?.test;
    fits(&test, spec.inputs())?;
    let (device, errors) = pollster::block_on(async {
        let device = device(options.device).await?;
        let data = Resident::new(&device, rows(&test), spec.inputs()).map_err(|e| e.to_string())?;
        // A trainer that never trains: it holds weights where the device can use them.
        let mut trainer = Trainer::new(device.clone(), &spec, Training { batch: 1, ..Training::default() }, &data);
        trainer.load(&values);
        let mut evaluator = Evaluator::new(trainer.device(), &trainer.weights, &data, recipe.loss, data.len, 500);
        evaluator.begin();
        evaluator.run(evaluator.pieces);
        Ok::<_, String>((device.name(), evaluator.errors().await.map_err(|e| e.to_string())?))
    })?;
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

pub fn reconstruct(options: &Rows, arguments: &Arguments) -> Outcome {
    table(options, arguments, "x", |trained| trained.spec.layers.len())
}

pub fn encode(options: &Rows, arguments: &Arguments) -> Outcome {
    table(options, arguments, "z", |trained| trained.spec.encoder)
}

/// Every row after so many layers.
fn table(options: &Rows, arguments: &Arguments, column: &str, layers: fn(&Trained) -> usize) -> Outcome {
    let trained = trained(&options.weights)?;
    let split = split(options.data.as_deref().unwrap_or(&trained.recipe.data))?;
    let set = if options.part == Part::Train { split.train } else { split.test };
    fits(&set, trained.spec.inputs())?;
    let until = layers(&trained);
    let width = trained.spec.widths()[until] as usize;
    let all = through(&trained, &set, until, options.first.unwrap_or(usize::MAX));
    let mut result = Table::new(column, true);
    for (i, row) in all.chunks(width).enumerate() {
        result.push(Some((i, label(&set, i))), row);
    }
    result.finish(options.out.as_ref(), arguments)
}

/// The codes of the first `len` rows, one after the other: to the bit those of `hourglass encode`.
pub fn codes(trained: &Trained, set: &Dataset, len: usize) -> Vec<f32> {
    through(trained, set, trained.spec.encoder, len)
}

/// The first `len` rows after so many layers.
fn through(trained: &Trained, set: &Dataset, until: usize, len: usize) -> Vec<f32> {
    let len = len.min(set.len());
    let mut all = Vec::new();
    for first in (0..len).step_by(ROWS) {
        let rows: Vec<f32> = (first..(first + ROWS).min(len)).filter_map(|row| set.row(row)).flatten().collect();
        let count = (rows.len() / set.width()) as u32;
        all.extend(signals(&trained.spec, &trained.values, 0..until, count, rows).pop().unwrap_or_default());
    }
    all
}

pub fn decode(options: &Decode, arguments: &Arguments) -> Outcome {
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
    let mut result = Table::new("x", false);
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let mut code = Vec::new();
        for &column in &columns {
            let cell = cells.get(column).copied().unwrap_or_default();
            let value: Option<f32> = cell.parse().ok().filter(|value: &f32| value.is_finite());
            let place = format!("{path}, line {}, column {}", number + 1, column + 1);
            code.push(value.ok_or_else(|| format!("{place}: {cell:?} is no finite number"))?);
        }
        let layers = trained.spec.encoder..trained.spec.layers.len();
        let mut all = signals(&trained.spec, &trained.values, layers, 1, code);
        result.push(None, &all.pop().unwrap_or_default());
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
