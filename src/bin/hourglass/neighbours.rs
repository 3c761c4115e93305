//! `hourglass neighbours`: the nearest training inputs of every test input, and how often their vote is right.
use super::arguments::{Arguments, By, Neighbours};
use super::input::{Outcome, device, rows, split, trained, write};
use super::weights::{codes, fits};
use hourglass::engine::nearest::Lookup;
use hourglass::lessons::neighbours::{MOST, Metric, Nearest, Rows, Stored, Tally, csv};
use hourglass::nn::{Among, Resident};
use indicatif::ProgressBar;
use std::time::Instant;

/// Inputs that are searched for at once.
const QUERIES: u32 = 128;

pub async fn neighbours(options: &Neighbours, arguments: &Arguments) -> Outcome {
    let trained = trained(&options.weights)?;
    let split = split(options.data.as_deref().unwrap_or(&trained.recipe.data))?;
    fits(&split.train, trained.spec.inputs())?;
    if options.k == 0 || options.k > MOST {
        return Err(format!("k is {}: it must be from 1 to {MOST}", options.k));
    }
    let metric = if options.cosine { Metric::Cosine } else { Metric::Euclidean };
    let device = device(options.device).await?;
    let failed = |e: hourglass::compute::GpuError| e.to_string();
    let (train, test) = (&split.train, &split.test);
    let asked = options.first.unwrap_or(usize::MAX).min(test.len());
    let width = trained.spec.inputs();
    let (known, questions) = match options.by {
        By::Codes => (codes(&trained, train, train.len()), codes(&trained, test, asked)),
        By::Values => Default::default(),
    };
    let resident = match options.by {
        By::Codes => None,
        By::Values => Some(Resident::new(&device, rows(train), width).map_err(|e| e.to_string())?),
    };
    let values = device.buffer(&known);
    let (among, searched, stored) = match &resident {
        None => {
            let z = trained.spec.z();
            let of = |values| Rows { values: Stored::Floats(values), width: z as usize };
            (Among::Codes { values: &values, width: z }, of(&known), of(&questions))
        }
        Some(set) => (Among::Inputs(set), Rows::of(train), Rows::of(test)),
    };
    let lookup = Lookup::new(&device, among, train.len() as u32, QUERIES, metric).await.map_err(failed)?;
    let since = Instant::now();
    let bar = ProgressBar::new(asked as u64);
    let (mut tally, mut lists) = (Tally::default(), Nearest::default());
    for first in (0..asked).step_by(lookup.queries()) {
        let part = first..(first + lookup.queries()).min(asked);
        let queries = match options.by {
            By::Codes => questions[part.start * searched.width..part.end * searched.width].to_vec(),
            By::Values => {
                let mut values = vec![0.0; part.len() * searched.width];
                test.copy_rows(part.clone(), &mut values).map_err(|e| e.to_string())?;
                values
            }
        };
        let exact = |i: usize| stored.row(first + i);
        let found = lookup.nearest(searched, &queries, &exact, MOST, &|| Box::pin(async {})).await.map_err(failed)?;
        for (index, near) in part.zip(found) {
            if let Some(truth) = test.label(index) {
                tally.add(truth, near.iter().filter_map(|near| train.label(near.place as usize)));
            }
            lists.push(&near);
        }
        bar.set_position(u64::from(tally.asked));
    }
    bar.finish_and_clear();
    let seconds = since.elapsed().as_secs_f64();
    if let Some(path) = &options.out {
        write(path, csv(test.labels(), &lists, train.labels(), options.k))?;
    }
    if arguments.json {
        let right: Vec<_> = (1..=MOST).map(|k| tally.accuracy(k)).collect();
        let json = serde_json::json!({
            "device": device.name(), "asked": asked, "among": train.len(), "right": tally.right, "accuracy": right,
            "seconds": seconds,
        });
        println!("{json}");
    } else {
        let share = 100.0 * tally.accuracy(options.k);
        let (k, known, name) = (options.k, train.len(), device.name());
        println!("{asked} inputs among {known} on {name}: {share:.2} % right with k = {k}; {seconds:.1} s");
    }
    Ok(())
}
