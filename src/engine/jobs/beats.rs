//! Inputs of the test set with what the network makes of them.
use super::{Scene, Trouble};
use crate::engine::protocol::Answer;
use crate::engine::world::World;
use crate::nn::signals;

/// More would take longer than a worker may be silent.
const MOST: usize = 64;

pub async fn answer<W: World>(scene: Scene<W>, rows: Vec<u32>) -> Result<(), Trouble> {
    let test = &scene.split.test;
    let rows: Vec<u32> = rows.into_iter().filter(|&row| (row as usize) < test.len()).take(MOST).collect();
    let inputs: Vec<Vec<f32>> = rows.iter().filter_map(|&row| test.row(row as usize)).collect();
    let spec = &scene.design.spec;
    let all = signals(spec, &scene.values, 0..spec.layers.len(), inputs.len() as u32, inputs.concat());
    let outputs = all.last().map_or(Vec::new(), |last| last.chunks(test.width()).map(<[f32]>::to_vec).collect());
    scene.answer(Answer::Beats { rows, inputs, outputs });
    Ok(())
}
