//! `hourglass neighbours`: the nearest training inputs of every test input, and how often their vote is right.
use super::arguments::{Arguments, By, Neighbours};
use super::input::{Outcome, device, rows, split, trained, write};
use super::progress::bar;
use super::weights::{codes, fits};
use hourglass::engine::nearest::Lookup;
use hourglass::lessons::neighbours::{MOST, Metric, Nearest, Rows, Stored, Tally, csv};
use hourglass::nn::{Among, Resident};
use std::time::Instant;

/// Inputs that are searched for at once.
const QUERIES: u32 = 128;

pub async fn neighbours(options: &Neighbours, arguments: &Arguments) -> Outcome {
    let trained = trained(&options.weights)?;
    let split = split(trained.data(&options.data))?;
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
        By::Codes => {
            (codes(&device, &trained, train, train.len()).await?, codes(&device, &trained, test, asked).await?)
        }
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
    let bar = bar(asked, "inputs compared");
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
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let seconds = since.elapsed().as_secs_f64();
    if let Some(path) = &options.out {
        write(path, csv(test.labels(), &lists, train.labels(), options.k))?;
    }
    // A vote needs classes, and so does a judgement of it.
    let tally = Some(tally).filter(|_| !test.labels().is_empty() && !train.labels().is_empty());
    if arguments.json {
        let accuracy = |tally: &Tally| (1..=MOST).map(|k| tally.accuracy(k)).collect::<Vec<_>>();
        let json = serde_json::json!({
            "device": device.name(), "asked": asked, "among": train.len(), "right": tally.as_ref().map(|t| &t.right),
            "accuracy": tally.as_ref().map(accuracy), "seconds": seconds,
        });
        println!("{json}");
    } else {
        let k = options.k;
        let vote = match tally {
            Some(tally) => format!("{:.2} % right with k = {k}", 100.0 * tally.accuracy(k)),
            None => "there are no labels, so no vote to judge; --out FILE has the lists".into(),
        };
        println!("{asked} inputs among {} on {}: {vote}; {seconds:.1} s", train.len(), device.name());
    }
    Ok(())
}
