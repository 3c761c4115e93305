//! What inputs look like, and what many codes decode to: a byte for each value.
use super::{Scene, Trouble};
use crate::data::{Dataset, Values};
use crate::engine::protocol::Answer;
use crate::engine::protocol::bytes::byte;
use crate::engine::world::World;
use crate::nn::signals;
use crate::words;

/// Inputs in one part of an answer.
const PART: usize = 100;
/// Codes that are decoded between two rests.
const CODES: usize = 10;

/// Some inputs, and a last part without any. What does not exist is left out.
pub async fn answer<W: World>(scene: Scene<W>, mut wanted: Vec<u32>) -> Result<(), Trouble> {
    let (test, train) = (&scene.split.test, scene.known());
    wanted.retain(|&index| (index as usize) < test.len() + train.len());
    let series = scene.design.shape.0 == 1;
    for indices in wanted.chunks(PART).chain([&[][..]]) {
        let mut pictures = Vec::new();
        for &index in indices {
            match (index as usize).checked_sub(test.len()) {
                None => copy(test, index as usize, series, &mut pictures),
                Some(index) => copy(train, index, series, &mut pictures),
            }
        }
        scene.answer(Answer::Pictures { indices: indices.to_vec(), pictures });
        scene.rest().await;
    }
    Ok(())
}

/// The decoder's pictures of these codes.
pub async fn grid<W: World>(scene: Scene<W>, codes: Vec<f32>) -> Result<(), Trouble> {
    let spec = &scene.design.spec;
    let z = spec.z() as usize;
    if !codes.len().is_multiple_of(z) {
        let message = words!("{} values are not whole codes of {z}: ask again", codes.len());
        return Err(Trouble::Words(message));
    }
    let series = scene.design.shape.0 == 1;
    let mut pictures = Vec::new();
    for codes in codes.chunks(z * CODES) {
        let rows = (codes.len() / z) as u32;
        let mut all = signals(spec, &scene.values, spec.encoder..spec.layers.len(), rows, codes.to_vec());
        pictures.extend(all.pop().unwrap_or_default().into_iter().map(|value| byte(value, series)));
        scene.rest().await;
    }
    scene.answer(Answer::Grid { step: scene.step, pictures });
    Ok(())
}

fn copy(set: &Dataset, row: usize, series: bool, pictures: &mut Vec<u8>) {
    let part = row * set.width()..(row + 1) * set.width();
    match set.values() {
        Values::Bytes(bytes) => pictures.extend(bytes.get(part).unwrap_or_default()),
        Values::Floats(floats) => {
            pictures.extend(floats.get(part).unwrap_or_default().iter().map(|&value| byte(value, series)));
        }
    }
}
