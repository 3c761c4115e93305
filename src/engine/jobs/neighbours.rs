//! Which training inputs are near: of one input, and of the whole test set.
use super::library::{Library, rows};
use super::{Scene, Trouble};
use crate::engine::protocol::{Answer, Neighbours, Topic};
use crate::engine::world::World;
use crate::lessons::latent::Space;
use crate::lessons::neighbours::{MOST, Metric, Nearest, Tally};
use crate::words;
use web_time::Instant;

/// Inputs that are searched for at once.
const QUERIES: u32 = 128;
/// The share of the work that is done with the codes.
const CODES: f32 = 0.1;

/// The nearest of one input, by codes and by values.
pub async fn answer<W: World>(scene: Scene<W>, input: Vec<f32>, metric: Metric, k: u32) -> Result<(), Trouble> {
    let expected = scene.design.spec.inputs() as usize;
    if input.len() != expected || input.iter().any(|x| !x.is_finite()) {
        let message = words!("{} values, the network takes {expected} finite ones", input.len());
        return Err(Trouble::Words(message));
    }
    let library = scene.shelf.library(&scene);
    library.refresh(&scene, false, Topic::Neighbours).await?;
    let codes = library.codes();
    let k = (k as usize).min(MOST);
    let train = scene.known();
    let mut said = Neighbours { step: library.step(), classes: train.classes().to_vec(), ..Neighbours::default() };
    for space in [Space::Codes, Space::Inputs] {
        let lookup = library.single(&scene, space, metric).await?;
        let query = if space == Space::Codes { library.code(&input) } else { input.clone() };
        let rows = rows(&scene, &codes, space);
        let exact = |_| rows.query(&query);
        for near in lookup.nearest(rows, &query, &exact, k, &|| scene.rest()).await? {
            said.near.push(&near);
        }
    }
    for &place in &said.near.places {
        said.labels.extend(train.label(place as usize));
        said.inputs.extend(train.row(place as usize).unwrap_or_default());
    }
    scene.answer(Answer::Neighbours(said));
    Ok(())
}

/// How often the nearest are right, over the whole test set: by codes, then by values.
pub async fn accuracy<W: World>(scene: Scene<W>, metric: Metric) -> Result<(), Trouble> {
    if scene.split.test.labels().is_empty() || scene.known().labels().is_empty() {
        return Err(Trouble::Words("this data set has no labels to compare with".into()));
    }
    let library = scene.shelf.library(&scene);
    library.refresh(&scene, true, Topic::Accuracy).await?;
    let lent = library.lend();
    over_all(&scene, &library, Space::Codes, metric).await?;
    drop(lent);
    over_all(&scene, &library, Space::Inputs, metric).await
}

async fn over_all<W: World>(scene: &Scene<W>, library: &Library, space: Space, metric: Metric) -> Result<(), Trouble> {
    let (test, train) = (&scene.split.test, scene.known());
    let step = library.step();
    let (known, asked) = match space {
        Space::Codes => (library.codes(), library.encoder.codes(scene, false, &|_| {}).await?),
        Space::Inputs => Default::default(),
    };
    let rows = rows(scene, &known, space);
    let lookup = library.lookup(scene, space, metric, QUERIES.min(test.len() as u32)).await?;
    let since = Instant::now();
    let mut said = since;
    let (mut tally, mut all) = (Tally::default(), Nearest::default());
    for first in (0..test.len()).step_by(lookup.queries()) {
        let part = first..(first + lookup.queries()).min(test.len());
        let queries = match space {
            Space::Codes => asked[part.start * rows.width..part.end * rows.width].to_vec(),
            Space::Inputs => {
                let mut values = vec![0.0; part.len() * rows.width];
                test.copy_rows(part.clone(), &mut values).map_err(|error| Trouble::Words(error.to_string()))?;
                values
            }
        };
        let stored = crate::lessons::neighbours::Rows::of(test);
        let exact = |i: usize| match space {
            Space::Codes => rows.query(&queries[i * rows.width..(i + 1) * rows.width]),
            Space::Inputs => stored.row(first + i),
        };
        let near = lookup.nearest(rows, &queries, &exact, MOST, &|| scene.rest()).await?;
        for (index, near) in part.clone().zip(near) {
            let labels = near.iter().filter_map(|near| train.label(near.place as usize));
            tally.add(test.label(index).unwrap_or_default(), labels);
            all.push(&near);
        }
        let last = part.end == test.len();
        if last || said.elapsed().as_secs_f64() >= 0.25 {
            said = Instant::now();
            let (near, truth, known) = match last {
                true => (std::mem::take(&mut all), test.labels().to_vec(), train.labels().to_vec()),
                false => Default::default(),
            };
            let (tally, of, seconds) = (tally.clone(), test.len() as u32, since.elapsed().as_secs_f32());
            scene.answer(Answer::Accuracy { space, step, tally, of, seconds, near, truth, known });
        }
        // After the answer, which a page takes as the end of what it heard of progress.
        let done = part.end as f32 / test.len() as f32;
        let (from, share) = if space == Space::Codes { (0.0, CODES) } else { (CODES, 1.0 - CODES) };
        scene.progress(Topic::Accuracy, from + share * done);
        scene.rest().await;
    }
    Ok(())
}
