//! `hourglass train`.
use super::arguments::{Arguments, Order, Train};
use super::input::{Outcome, device, read, recipe, rows, split, write};
use super::progress::bar;
use super::weights::errors;
use hourglass::engine::site::Shipped;
use hourglass::lessons::files::{Row, curve_csv, metadata};
use hourglass::lessons::recipe::Noise;
use hourglass::nn::checkpoint::{self, Precision};
use hourglass::nn::evaluator::mean;
use hourglass::nn::{Resident, Trainer, Training};
use std::path::Path;
use std::time::Instant;

/// Steps between two looks.
const SLICE: u32 = 50;

pub async fn train(options: &Train, arguments: &Arguments) -> Outcome {
    let mut recipe = recipe(&options.recipe)?;
    recipe.z = options.z.unwrap_or(recipe.z);
    if let Some(encoder) = &options.encoder {
        recipe.encoder.clone_from(encoder);
    }
    recipe.epochs = options.epochs.unwrap_or(recipe.epochs);
    recipe.seed = options.seed.unwrap_or(recipe.seed);
    recipe.abnormal = options.abnormal.or(recipe.abnormal);
    if let Some(data) = &options.data {
        recipe.data.clone_from(data);
    }
    if options.order == Order::File {
        // So that everybody can repeat it.
        (recipe.noise, recipe.variational) = (Noise::None, None);
    }
    let rate = options.rate.unwrap_or(recipe.learning_rate);
    if !(rate.is_finite() && rate > 0.0) {
        return Err(format!("the learning rate is {rate}: it must be a finite number above 0"));
    }
    let mut recipe = recipe.at_rate(rate);
    let device = device(options.device).await?;
    let split = split(&recipe.data)?;
    let shape = split.train.shape();
    let spec = recipe.network(split.train.width() as u32, split.unit()).map_err(|e| e.to_string())?;
    let resident = |set| Resident::new(&device, rows(set), spec.inputs()).map_err(|e| e.to_string());
    let learned = recipe.learned_from(&split.train).map_err(|e| e.to_string())?;
    let (train, test) = (resident(&learned)?, resident(&split.test)?);
    let shuffle = options.order == Order::Shuffled;
    let training = Training { rate, shuffle, ..recipe.training(shape.cols as u32) };
    let mut trainer = Trainer::new(device.clone(), &spec, training, &train);
    if let Some(path) = &options.init {
        let values = checkpoint::read(&read(path)?, &spec).map_err(|e| format!("{}: {e}", path.display()))?;
        trainer.load(&values);
    }
    let steps = options.steps.unwrap_or_else(|| recipe.steps(train.len));
    eprintln!("training on {} with {}: {steps} steps of {}", device.name(), recipe.data, recipe.batch);
    // Where files lie says nothing to a page, which knows them by what is in them; this program finds them again by it.
    let slug = split.train.slug();
    let files = (slug != recipe.data).then(|| std::mem::replace(&mut recipe.data, slug.into()));

    let bar = bar(steps as usize, "steps");
    let began = Instant::now();
    let mut curve: Vec<Row> = Vec::new();
    while trainer.steps() < steps {
        trainer.run(SLICE.min(steps - trainer.steps()));
        let snapshot = trainer.snapshot(false).await.map_err(|e| e.to_string())?;
        if let Some(step) = snapshot.bad {
            bar.abandon();
            return Err(format!("diverged at step {step}: the learning rate {rate} is too high"));
        }
        let first = snapshot.step - snapshot.losses.len() as u32;
        let seconds = began.elapsed().as_secs_f32();
        curve.extend((first + 1..).zip(&snapshot.losses).map(|(step, &loss)| {
            let epoch = f64::from(step) * f64::from(recipe.batch) / f64::from(train.len);
            Row { step, epoch, train: loss, test: None, learning_rate: rate, seconds }
        }));
        bar.set_position(snapshot.step.into());
        if let Some(loss) = snapshot.losses.last() {
            bar.set_message(format!("steps, loss {loss:.5}"));
        }
    }
    bar.finish();
    let seconds = began.elapsed().as_secs_f64();
    let errors = errors(trainer.device(), &trainer.weights, &test, recipe.loss).await?;
    let error = mean(&errors);
    let [first_loss, last_loss] = [curve.first(), curve.last()].map(|row| row.map(|row| row.train));
    if let Some(row) = curve.last_mut() {
        row.test = Some(error as f32);
    }
    if let Some(path) = &options.curve {
        write(path, curve_csv(curve))?;
    }
    let values = trainer.state().await.map_err(|e| e.to_string())?.values;
    let mut metadata = metadata(&recipe, &spec, steps, rate).map_err(|e| e.to_string())?;
    metadata.extend(files.map(|files| ("files".to_owned(), files)));
    let precision = if options.f16 { Precision::F16 { bits: options.bits.unwrap_or(10) } } else { Precision::F32 };
    write(&options.out, checkpoint::write(&spec, &values, precision, metadata).map_err(|e| e.to_string())?)?;
    if options.ship {
        ship(&options.out, Shipped { file: String::new(), recipe: recipe.clone(), step: steps })?;
    }
    let summed = error * f64::from(spec.inputs());
    if arguments.json {
        let result = serde_json::json!({
            "device": device.name(), "steps": steps, "seconds": seconds, "test_loss": error,
            "test_loss_summed": summed, "first_loss": first_loss, "last_loss": last_loss,
        });
        println!("{result}");
    } else {
        println!("test loss {error:.6} per value, {summed:.3} summed over an input; {seconds:.1} s");
    }
    Ok(())
}

/// Enters a file into the list of weights that ship with the page.
fn ship(file: &Path, mut entry: Shipped) -> Outcome {
    let list = file.with_file_name("models.json");
    let mut all: Vec<Shipped> = match std::fs::read(&list) {
        Ok(json) => serde_json::from_slice(&json).map_err(|e| format!("{}: {e}", list.display()))?,
        Err(_) => Vec::new(),
    };
    entry.file = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    all.retain(|other| other.file != entry.file);
    all.push(entry);
    write(&list, serde_json::to_string_pretty(&all).map_err(|e| e.to_string())? + "\n")
}
