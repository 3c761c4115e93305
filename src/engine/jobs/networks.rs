//! Networks that were trained beside those that stand, kept for as long as the engine lives.
use super::shelf::Slot;
use super::{Scene, Trouble, beside};
use crate::data::Split;
use crate::lessons::Recipe;
use crate::lessons::compress::{Original, Quantiser, Rated};
use crate::lessons::heartbeats::swept;
use crate::nn::spec::{Activation, NetworkSpec};
use crate::nn::{Trainer, signals};
use crate::words;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// Sweeps that are kept: the newest ones.
const SWEEPS: usize = 3;
/// Weights of a sweep at most: more than phones can spare are not trained.
pub const MOST_WEIGHTS: usize = 64 << 20;

/// One way to compress: a network, and the ranges of its codes.
pub struct Method {
    pub spec: NetworkSpec,
    pub values: Rc<Vec<f32>>,
    /// For each number of bits.
    pub quantisers: Vec<Quantiser>,
}

impl Method {
    /// How codes are rounded to so many bits; `None` for floats.
    pub fn quantiser(&self, bits: u32) -> Option<&Quantiser> {
        self.quantisers.iter().find(|quantiser| quantiser.bits == bits)
    }

    /// What becomes of some inputs, computed in this process.
    pub fn through(&self, inputs: &[f32], bits: u32) -> Vec<f32> {
        let (spec, all) = (&self.spec, self.spec.layers.len());
        let rows = (inputs.len() / spec.inputs().max(1) as usize) as u32;
        let mut codes = signals(spec, &self.values, 0..spec.encoder, rows, inputs.to_vec()).pop().unwrap_or_default();
        if let Some(quantiser) = self.quantiser(bits) {
            codes = quantiser.rounded(&codes);
        }
        signals(spec, &self.values, spec.encoder..all, rows, codes).pop().unwrap_or_default()
    }
}

/// A network that was rated, beside PCA of the same z.
pub struct Network {
    pub rated: Rated,
    /// By [`crate::lessons::compress::METHODS`].
    pub methods: [Method; 2],
}

/// What decides the networks of a sweep, and its data.
#[derive(Clone)]
pub struct Key {
    /// Its z does not count.
    recipe: Recipe,
    /// Of a visitor's own data there may be others under the same name.
    split: Weak<Split>,
}

impl Key {
    /// Of networks like the one that stands, trained for so many epochs.
    pub fn new<W>(scene: &Scene<W>, epochs: u32) -> Self {
        let recipe = Recipe { z: 0, epochs, ..scene.design.recipe.clone() };
        Self { recipe, split: Rc::downgrade(&scene.split) }
    }

    /// The recipe of one of them.
    pub fn recipe(&self, z: u32) -> Recipe {
        swept(&self.recipe, z)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.recipe == other.recipe && self.split.ptr_eq(&other.split)
    }
}

/// All of them.
#[derive(Default)]
pub struct Networks {
    sweeps: RefCell<Vec<(Key, Vec<Rc<Network>>)>>,
    /// The network at hand when it was last rated.
    hand: RefCell<Option<Rc<Network>>>,
    /// Training that was broken off.
    half: Slot<(Key, u32, Trainer)>,
    original: RefCell<Option<(Weak<Split>, Original)>>,
}

impl Networks {
    /// The networks of a sweep, by z.
    pub fn all(&self, key: &Key) -> Vec<Rc<Network>> {
        let sweeps = self.sweeps.borrow();
        sweeps.iter().find(|(other, _)| other == key).map_or(Vec::new(), |(_, networks)| networks.clone())
    }

    /// One of them.
    pub fn get(&self, key: &Key, z: u32) -> Option<Rc<Network>> {
        self.all(key).into_iter().find(|network| network.rated.z == z)
    }

    /// Keeps another.
    pub fn keep(&self, key: &Key, network: Rc<Network>) {
        let mut all = self.all(key);
        all.retain(|other| other.rated.z != network.rated.z);
        all.push(network);
        all.sort_by_key(|network| network.rated.z);
        let mut sweeps = self.sweeps.borrow_mut();
        sweeps.retain(|(other, _)| other != key);
        sweeps.push((key.clone(), all));
        let surplus = sweeps.len().saturating_sub(SWEEPS);
        sweeps.drain(..surplus);
    }

    /// The network at hand, if it was rated as it is now.
    pub fn hand<W>(&self, scene: &Scene<W>) -> Option<Rc<Network>> {
        let same = |network: &&Rc<Network>| Rc::ptr_eq(&network.methods[0].values, &scene.values);
        self.hand.borrow().as_ref().filter(same).cloned()
    }

    /// The network at hand was rated.
    pub fn keep_hand(&self, network: Rc<Network>) {
        *self.hand.borrow_mut() = Some(network);
    }

    /// The run goes, and with it training that was broken off on its device: it would hold the data there too.
    pub fn leave_run(&self) {
        self.half.forget();
    }

    /// What was measured of this data.
    pub fn original(&self, split: &Rc<Split>) -> Option<Original> {
        let same = |(other, _): &&(Weak<Split>, Original)| other.ptr_eq(&Rc::downgrade(split));
        self.original.borrow().as_ref().filter(same).map(|(_, original)| *original)
    }

    /// Keeps it.
    pub fn keep_original(&self, split: &Rc<Split>, original: Original) {
        *self.original.borrow_mut() = Some((Rc::downgrade(split), original));
    }
}

/// A network of a sweep, trained; what was broken off goes on where it was.
pub async fn trained<W: crate::engine::world::World>(
    scene: &Scene<W>,
    key: &Key,
    z: u32,
    done: &dyn Fn(f32),
) -> Result<(NetworkSpec, Vec<f32>, u32), Trouble> {
    let recipe = key.recipe(z);
    let (spec, device) = (&scene.design.spec, &scene.device);
    let unit = spec.layers.last().is_some_and(|layer| layer.activation == Activation::Sigmoid);
    let spec = recipe.network(spec.inputs(), unit).map_err(|e| Trouble::Words(e.to_string()))?;
    let same = |(other, width, trainer): &(Key, u32, Trainer)| {
        other == key && *width == z && Rc::ptr_eq(trainer.device(), device)
    };
    let mut lent = scene.networks.half.take();
    let begun = lent.thing.take().filter(same).unwrap_or_else(|| {
        (key.clone(), z, Trainer::new(device.clone(), &spec, scene.design.training(), &scene.train))
    });
    let (_, _, trainer) = lent.thing.insert(begun);
    let steps = recipe.steps(scene.train.len);
    let name = words!("the sweep at z = {z}");
    let result = beside::train(scene, trainer, steps, &name, done).await;
    let weights = match result {
        Ok(_) => trainer.snapshot(true).await.map_err(Trouble::Device),
        Err(trouble) => Err(trouble),
    };
    // It is done, or no good.
    lent.thing = None;
    Ok((spec, weights?.weights.unwrap_or_default(), steps))
}
