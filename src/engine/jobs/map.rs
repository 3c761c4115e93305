//! The map: every input of the test set as a point.
use super::{Scene, Trouble};
use crate::data::pca::{Pca, PcaJob};
use crate::data::{Dataset, Shape, Values};
use crate::engine::protocol::{Answer, Topic};
use crate::engine::world::World;
use crate::lessons::latent::{COMPONENTS, Chart, Space};

/// Inputs that are put along components between two rests.
const ROWS: usize = 50;

/// By the codes of the network as it is now, or by PCA of the inputs.
pub fn answer<W: World>(scene: Scene<W>, space: Space, all: bool) -> impl Future<Output = Result<(), Trouble>> {
    // Taken when it was asked for, so that the step is the weights'.
    let encoder = (space == Space::Codes).then(|| scene.shelf.encoder(&scene));
    if let Some(encoder) = &encoder {
        encoder.hold(&scene);
    }
    async move {
        let chart = match encoder {
            Some(encoder) => {
                let mut codes = encoder.codes(&scene, false, &|_| {}).await?;
                if all {
                    codes.extend(encoder.codes(&scene, true, &|done| scene.progress(Topic::Map, done)).await?);
                }
                of_codes(&scene, codes).await
            }
            None => of_inputs(&scene, all).await?,
        };
        let split = &scene.split;
        let mut labels = split.test.labels().to_vec();
        if all {
            labels.extend(scene.known().labels());
        }
        let classes = split.test.classes().to_vec();
        scene.answer(Answer::Map(Chart { space, step: scene.steps, labels, classes, ..chart }));
        Ok(())
    }
}

/// Their components are those of the codes that are there now. Empty where they are no numbers.
pub async fn of_codes<W: World>(scene: &Scene<W>, codes: Vec<f32>) -> Chart {
    let width = scene.design.spec.z() as usize;
    let shape = Shape { rows: 1, cols: width };
    let set = Dataset::new("codes", "codes", shape, Values::Floats(codes.clone()), Vec::new(), Vec::new());
    let empty = Chart { width, ..Chart::default() };
    let Ok(set) = set else { return empty };
    let Ok(mut job) = PcaJob::new(&set, &set, COMPONENTS) else { return empty };
    let pca = loop {
        if let Some(pca) = job.step(&set, &set) {
            break pca;
        }
        scene.rest().await;
    };
    Chart { width, codes, ..components(&pca) }
}

async fn of_inputs<W: World>(scene: &Scene<W>, all: bool) -> Result<Chart, Trouble> {
    let pca = scene.pca(": look at their codes").await?;
    let chart = components(&pca);
    let width = chart.shares.len();
    let mut codes = Vec::new();
    for set in [&scene.split.test, scene.known()].into_iter().take(1 + usize::from(all)) {
        let mut input = vec![0.0; set.width()];
        for row in 0..set.len() {
            let code = set.copy_rows([row], &mut input).and_then(|()| pca.code(&input, width));
            codes.extend(code.map_err(|error| Trouble::Words(error.to_string()))?);
            if row % ROWS == 0 {
                scene.rest().await;
            }
        }
    }
    Ok(Chart { width, codes, ..chart })
}

/// Mean and first directions.
fn components(pca: &Pca) -> Chart {
    let count = pca.variances.len().min(COMPONENTS);
    let all = pca.test_mse.first().copied().unwrap_or(0.0) * pca.width() as f32;
    Chart {
        mean: pca.mean.clone(),
        axes: pca.components[..count * pca.width()].to_vec(),
        shares: pca.variances[..count].iter().map(|variance| if all > 0.0 { variance / all } else { 0.0 }).collect(),
        ..Chart::default()
    }
}
