//! Codes of whole sets, by weights that hold still while training moves its own.
use super::{Scene, Trouble};
use crate::compute::GpuError;
use crate::engine::nearest::Pace;
use crate::engine::world::World;
use crate::nn::resident::BINDING;
use crate::nn::{NetworkSpec, Pass, Resident, Weights};
use crate::words;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::OnceCell;

/// Multiplications in one piece: some 10 ms of a GPU in software.
const PIECE: usize = 25_000_000;
/// Inputs in one piece at most.
const MOST: usize = 500;

/// An encoder on the device with weights of its own.
pub struct Encoder {
    still: Weights,
    rows: u32,
    /// Over the test and over the training set, once they were asked for.
    passes: [OnceCell<Pass>; 2],
    pace: Pace,
}

impl Encoder {
    /// For the network of a scene.
    pub fn new<W>(scene: &Scene<W>) -> Self {
        let live = &scene.weights;
        Self::of(Weights { values: scene.device.zeros(live.spec.parameters()), ..live.clone() })
    }

    /// The encoder of any network, as its weights are.
    pub fn of(weights: Weights) -> Self {
        let spec = &weights.spec;
        Self { rows: rows(spec, spec.encoder), still: weights, passes: Default::default(), pace: Pace::default() }
    }

    /// Takes the weights as they are now.
    pub fn hold<W>(&self, scene: &Scene<W>) {
        scene.device.copy(&scene.weights.values, &self.still.values, 0, self.still.spec.parameters());
    }

    /// The weights that it holds.
    pub fn weights(&self) -> &Weights {
        &self.still
    }

    /// The pass over the test set, or over the training set.
    pub fn pass<W>(&self, scene: &Scene<W>, train: bool) -> &Pass {
        self.passes[usize::from(train)].get_or_init(|| {
            let set = if train { &scene.train } else { &scene.test };
            Pass::new(&scene.device, &self.still, set, self.still.spec.encoder, set.len, self.rows)
        })
    }

    /// The codes of all its inputs; `done` hears the share that is there.
    pub fn codes<'a, W: World>(
        &'a self,
        scene: &'a Scene<W>,
        train: bool,
        done: &'a dyn Fn(f32),
    ) -> LocalBoxFuture<'a, Result<Vec<f32>, Trouble>> {
        async move {
            fits(if train { &scene.train } else { &scene.test }, self.still.spec.z())?;
            Ok(outputs(scene, self.pass(scene, train), &self.pace, done).await?)
        }
        .boxed_local()
    }
}

/// Whether a GPU can hold so many codes of `z` values in one piece.
///
/// # Errors
/// In words, with what to do.
pub fn fits(set: &Resident, z: u32) -> Result<(), Trouble> {
    let bytes = 4 * u64::from(set.len) * u64::from(z);
    if bytes > BINDING as u64 {
        let (len, mib) = (set.len, bytes >> 20);
        return Err(Trouble::Words(words!(
            "the codes of {len} inputs with z = {z} take {mib} MiB, and at most 128 fit on a GPU in one piece: make z \
             smaller, or use a part of the data"
        )));
    }
    Ok(())
}

/// Inputs in one piece of a pass through so many layers.
pub fn rows(spec: &NetworkSpec, layers: usize) -> u32 {
    let products: usize = spec.layers[..layers].iter().map(|layer| layer.parameters()).sum();
    (PIECE / products.max(1)).clamp(1, MOST) as u32
}

/// All outputs of a pass; `done` hears the share that is there.
pub async fn outputs<W: World>(
    scene: &Scene<W>,
    pass: &Pass,
    pace: &Pace,
    done: &dyn Fn(f32),
) -> Result<Vec<f32>, GpuError> {
    let rest = |pieces: u32| {
        done(pieces as f32 / pass.pieces as f32);
        scene.rest()
    };
    let wait = || scene.shelf.caught_up(&scene.device).boxed_local();
    pace.run(pass.pieces, &|piece| pass.run(piece), &wait, &rest).await?;
    pass.outputs().await
}
