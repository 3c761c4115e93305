//! A file of weights that a visitor brings: Hourglass's own, which says how it was trained, or PyTorch's, which says
//! its shapes.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::{File, Trouble, unreadable};
use crate::data::own::shown;
use crate::data::source;
use crate::engine::protocol::{About, Answer, Ask, Event, SetInfo};
use crate::lessons::Recipe;
use crate::lessons::link::at_most;
use crate::nn::checkpoint;
use crate::nn::spec::{Activation, NetworkSpec};
use crate::words;
use std::cell::RefCell;
use std::rc::Rc;

/// The weights that were read last, until they are opened.
pub type Brought = Rc<RefCell<Option<WeightsFile>>>;

pub fn answer(File { ask, weights, sets, out, .. }: File) -> Result<(), Trouble> {
    let Some(Ask::Bring { name, bytes, now }) = ask.open() else { return Err(unreadable()) };
    let mut file = read(&bytes, &now).map_err(|why| Trouble::Words(format!("{}: {why}", shown(&name))))?;
    let moved = file.moved_to(&now.data, &sets);
    let (recipe, step, foreign) = (file.recipe.clone(), file.step, file.foreign);
    *weights.borrow_mut() = Some(file);
    out(Event::Answer(Answer::Brought { recipe, step, foreign, moved }.sealed()));
    Ok(())
}

/// What a file of weights holds.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightsFile {
    /// The recipe of its network.
    pub recipe: Recipe,
    /// Values of an input that it takes.
    pub inputs: u32,
    /// Its reconstructions lie in 0..1.
    pub unit: bool,
    /// Its weights, as in [`crate::nn::Weights`].
    pub values: Vec<f32>,
    /// Steps that it has learned for.
    pub step: u32,
    /// It does not say how it was trained.
    pub foreign: bool,
}

impl WeightsFile {
    /// Where the data that it learned from are not among these sets, such as somebody's own file, those at hand take their
    /// place, if they look alike. Whether they did.
    fn moved_to(&mut self, now: &str, sets: &[SetInfo]) -> bool {
        let of = |slug: &str| sets.iter().find(|set| set.slug == slug);
        let alike = |set: &SetInfo| set.shape.0 * set.shape.1 == self.inputs && set.unit == self.unit;
        let moves = of(&self.recipe.data).is_none() && of(now).is_some_and(alike);
        if moves {
            self.recipe.data = now.into();
        }
        moves
    }
}

/// What the header of a file of weights says of them, as far as it says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// What they were trained by.
    pub recipe: Option<Recipe>,
    /// Their network, which says how it ends.
    pub network: Option<NetworkSpec>,
    /// Steps that they have learned for.
    pub step: u32,
    /// Files that they learned from, as the command line was given them.
    pub files: Option<String>,
}

/// What the header of a file of weights says of them.
///
/// # Errors
/// In words: what it says and nobody can read.
pub fn header(bytes: &[u8]) -> Result<Header, String> {
    let metadata = checkpoint::metadata(bytes).map_err(|error| brief(&error.to_string()))?;
    let unreadable = |error: serde_json::Error| brief(&error.to_string());
    let recipe = metadata.get("recipe").map(|json| serde_json::from_str(json).map_err(unreadable)).transpose();
    let network = metadata.get("network").map(|json| serde_json::from_str(json).map_err(unreadable)).transpose();
    Ok(Header {
        recipe: recipe.map_err(|why| words!("its recipe is unreadable: {}", why))?,
        network: network.map_err(|why| words!("its network is unreadable: {}", why))?,
        step: metadata.get("step").and_then(|step| step.parse().ok()).unwrap_or(0),
        files: metadata.get("files").cloned(),
    })
}

/// What a file of weights holds; `now` is the recipe at hand, for a file that names none.
///
/// # Errors
/// In words: what does not fit, with its name and numbers.
pub fn read(bytes: &[u8], now: &Recipe) -> Result<WeightsFile, String> {
    let said = |error: checkpoint::CheckpointError| brief(&error.to_string());
    let Header { recipe, network, step, .. } = header(bytes)?;
    let widths = checkpoint::widths(bytes).map_err(said)?;
    let foreign = recipe.is_none();
    let recipe = recipe.map_or_else(|| of_shapes(&widths, now), Ok)?;
    let [inputs, ..] = widths.encoder[..] else { return Err("its encoder has no layers".into()) };
    let unit = match network {
        Some(spec) => spec.layers.last().is_some_and(|layer| layer.activation == Activation::Sigmoid),
        None => source(&recipe.data).is_none_or(|source| source.unit),
    };
    let spec = recipe.network(inputs, unit).map_err(|error| error.to_string())?;
    let values = checkpoint::read(bytes, &spec).map_err(said)?;
    Ok(WeightsFile { recipe, inputs, unit, values, step, foreign })
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
