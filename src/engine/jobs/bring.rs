//! A file of weights that a visitor brings: Hourglass's own, which says how it was trained, or PyTorch's, which says
//! its shapes.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::{File, Trouble, unreadable};
use crate::data::own::shown;
use crate::data::source;
use crate::engine::protocol::{About, Answer, Ask, Event};
use crate::lessons::Recipe;
use crate::lessons::link::at_most;
use crate::nn::checkpoint;
use crate::nn::spec::{Activation, NetworkSpec};
use crate::words;
use std::cell::RefCell;
use std::rc::Rc;

/// The weights that were read last, until they are opened.
pub type Brought = Rc<RefCell<Option<WeightsFile>>>;

pub fn answer(File { ask, weights, out, .. }: File) -> Result<(), Trouble> {
    let Some(Ask::Bring { name, bytes, now }) = ask.open() else { return Err(unreadable()) };
    let file = read(&bytes, &now).map_err(|why| Trouble::Words(format!("{}: {why}", shown(&name))))?;
    let (recipe, step, foreign) = (file.recipe.clone(), file.step, file.foreign);
    *weights.borrow_mut() = Some(file);
    out(Event::Answer(Answer::Brought { recipe, step, foreign }.sealed()));
    Ok(())
}

/// What a file of weights holds.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightsFile {
    /// The recipe of its network.
    pub recipe: Recipe,
    /// Values of an input that it takes.
    pub inputs: u32,
    /// Its weights, as in [`crate::nn::Weights`].
    pub values: Vec<f32>,
    /// Steps that it has learned for.
    pub step: u32,
    /// It does not say how it was trained.
    pub foreign: bool,
}

/// What a file of weights holds; `now` is the recipe at hand, for a file that names none.
///
/// # Errors
/// In words: what does not fit, with its name and numbers.
pub fn read(bytes: &[u8], now: &Recipe) -> Result<WeightsFile, String> {
    let said = |error: checkpoint::CheckpointError| brief(&error.to_string());
    let metadata = checkpoint::metadata(bytes).map_err(said)?;
    let widths = checkpoint::widths(bytes).map_err(said)?;
    let (recipe, foreign) = match metadata.get("recipe") {
        Some(json) => match serde_json::from_str(json) {
            Ok(recipe) => (recipe, false),
            Err(error) => return Err(words!("its recipe is unreadable: {}", brief(&error.to_string()))),
        },
        None => (of_shapes(&widths, now)?, true),
    };
    let [inputs, ..] = widths.encoder[..] else { return Err("its encoder has no layers".into()) };
    let unit = match metadata.get("network").map(|json| serde_json::from_str::<NetworkSpec>(json)) {
        Some(Ok(spec)) => spec.layers.last().is_some_and(|layer| layer.activation == Activation::Sigmoid),
        Some(Err(error)) => return Err(words!("its network is unreadable: {}", brief(&error.to_string()))),
        None => source(&recipe.data).is_none_or(|source| source.unit),
    };
    let spec = recipe.network(inputs, unit).map_err(|error| error.to_string())?;
    let values = checkpoint::read(bytes, &spec).map_err(said)?;
    let step = metadata.get("step").and_then(|step| step.parse().ok()).unwrap_or(0);
    Ok(WeightsFile { recipe, inputs, values, step, foreign })
}

/// What a parser complains of, which quotes the file at any length.
fn brief(complaint: &str) -> String {
    at_most(200, complaint)
}

/// The recipe at hand with the widths of a file, if its decoder mirrors its encoder as this page's do.
fn of_shapes(widths: &checkpoint::Widths, now: &Recipe) -> Result<Recipe, String> {
    let mirrored: Vec<u32> = widths.encoder.iter().rev().copied().collect();
    if widths.decoder != mirrored {
        let written = |widths: &[u32]| widths.iter().map(u32::to_string).collect::<Vec<_>>().join("-");
        return Err(words!(
            "its encoder is {} and its decoder {}: this page needs a decoder that mirrors the encoder",
            written(&widths.encoder),
            written(&widths.decoder)
        ));
    }
    let [inputs, hidden @ .., z] = &widths.encoder[..] else { return Err("its encoder has no layers".into()) };
    let has = source(&now.data).map_or(*inputs as usize, |set| set.shape.rows * set.shape.cols);
    if has != *inputs as usize {
        return Err(words!("it takes {inputs} values, and the data at hand have {has}: open data of its size first"));
    }
    Ok(Recipe { encoder: hidden.to_vec(), z: *z, variational: None, ..now.clone() })
}

#[cfg(test)]
mod tests;
