//! Inputs from elsewhere, such as a class's drawings, with what the network makes of them.
use super::{Scene, Trouble};
use crate::engine::protocol::Answer;
use crate::engine::world::World;
use crate::nn::signals;
use crate::words;

/// A large class; more would take longer than a worker may be silent.
const MOST: usize = 100;

pub async fn answer<W: World>(scene: Scene<W>, inputs: Vec<Vec<f32>>) -> Result<(), Trouble> {
    let spec = &scene.design.spec;
    let width = scene.split.test.width();
    if let Some(odd) = inputs.iter().find(|input| input.len() != width) {
        let message = words!("a drawing has {} values and the network takes {width}: open one for digits", odd.len());
        return Err(Trouble::Words(message));
    }
    if inputs.len() > MOST {
        return Err(Trouble::Words(words!("{} drawings are more than {MOST}: take fewer", inputs.len())));
    }
    let all = signals(spec, &scene.values, 0..spec.layers.len(), inputs.len() as u32, inputs.concat());
    let rows = |signal: Option<&Vec<f32>>, width: usize| {
        signal.map_or(Vec::new(), |all| all.chunks(width.max(1)).map(<[f32]>::to_vec).collect())
    };
    let codes = rows(all.get(spec.encoder), spec.z() as usize);
    scene.answer(Answer::Drawn { step: scene.step, codes, outputs: rows(all.last(), width) });
    Ok(())
}
