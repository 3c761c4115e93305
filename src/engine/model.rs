//! The network that stands, with a copy of its weights in this process: what drawings are seen by.
use super::keeping::Kept;
use super::protocol::{Event, Origin, Seen};
use crate::compute::{Device, Held};
use crate::data::Split;
use crate::lessons::Recipe;
use crate::nn::spec::NetworkSpec;
use crate::nn::{Resident, ResidentError, Rows, Training, first_weights, signals};
use std::rc::Rc;

/// What is decided before a run: shared with the slice that is under way.
#[derive(Clone)]
pub struct Design {
    pub recipe: Recipe,
    pub spec: NetworkSpec,
    /// Rows and columns of an input.
    pub shape: (u32, u32),
}

/// The network that stands.
pub struct Model {
    pub design: Rc<Design>,
    pub origin: Origin,
    /// At most a quarter of a second behind training.
    pub weights: Rc<Vec<f32>>,
    /// Steps of this run that the copy has seen.
    pub step: u32,
    /// Its data, once they are there.
    pub split: Option<Rc<Split>>,
    /// How its run is kept.
    pub kept: Kept,
}

impl Model {
    pub fn opened(&self, step: u32) -> Event {
        Event::Opened {
            recipe: self.design.recipe.clone(),
            origin: self.origin.clone(),
            widths: self.design.spec.widths(),
            z_at: self.design.spec.encoder,
            parameters: self.design.spec.parameters() as u32,
            shape: self.design.shape,
            step,
            test: None,
        }
    }

    /// Back to the weights of the recipe's seed.
    pub fn forget(&mut self) {
        self.weights = Rc::new(first_weights(&self.design.spec, self.design.recipe.init, self.design.recipe.seed));
        (self.origin, self.step) = (Origin::Seed, 0);
        self.kept = Kept::default();
    }
}

impl Design {
    pub fn training(&self) -> Training {
        self.recipe.training(self.shape.1)
    }
}

impl Model {
    /// Everything the network makes of one input. `None`: it has another width.
    pub fn see(&self, id: u32, input: &[f32]) -> Option<Event> {
        let expected = self.design.spec.inputs() as usize;
        if input.len() != expected {
            return None;
        }
        let signals = signals(&self.design.spec, &self.weights, 0..self.design.spec.layers.len(), 1, input.to_vec());
        let output = signals.last()?;
        let sum: f32 = output.iter().zip(input).map(|(y, x)| (y - x) * (y - x)).sum();
        Some(Event::Seen(Seen { id, step: self.step, mse: sum / expected as f32, signals }))
    }

    /// From z to x̂. `None`: it has another width.
    pub fn decode(&self, z: Vec<f32>) -> Option<Event> {
        let all = self.design.spec.layers.len();
        (z.len() == self.design.spec.z() as usize).then(|| {
            let signals = signals(&self.design.spec, &self.weights, self.design.spec.encoder..all, 1, z.clone());
            Event::Decoded { z, signals }
        })
    }

    /// Inputs of the test set with their reconstructions. `None`: no data yet.
    pub fn strip(&self, first: u32, count: u32) -> Option<Event> {
        let test = &self.split.as_ref()?.test;
        let inputs: Vec<_> = (first..).take(count.min(64) as usize).map_while(|i| test.row(i as usize)).collect();
        let width = test.width();
        let all = signals(
            &self.design.spec,
            &self.weights,
            0..self.design.spec.layers.len(),
            inputs.len() as u32,
            inputs.concat(),
        );
        let outputs = all.last()?.chunks(width).map(<[f32]>::to_vec).collect();
        Some(Event::Strip { first, inputs, outputs, step: self.step })
    }
}

/// A data set on a device; one that is the processor reads it where it is.
pub fn resident(device: &Device, set: &crate::data::Dataset, cols: u32) -> Result<Resident, ResidentError> {
    let held = set.words().map(|words| Rc::new(words) as Held);
    Resident::held(device, rows(set), cols, held)
}

/// A data set as the network's side takes it.
pub fn rows(set: &crate::data::Dataset) -> Rows<'_> {
    match set.values() {
        crate::data::Values::Bytes(bytes) => Rows::Bytes(bytes),
        crate::data::Values::Floats(floats) => Rows::Floats(floats),
    }
}
