//! The training set, encoded: what neighbours are looked for in.
use super::encode::Encoder;
use super::{Scene, Trouble};
use crate::compute::GpuError;
use crate::engine::nearest::Lookup;
use crate::engine::protocol::Topic;
use crate::engine::world::World;
use crate::lessons::latent::Space;
use crate::lessons::neighbours::{Metric, Rows, Stored};
use crate::nn::{Among, signals};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The training set's codes, by a network as it was after some step.
pub struct Library {
    pub encoder: Encoder,
    /// Steps that the network had seen; `None` while there are no codes.
    version: Cell<Option<u32>>,
    /// Its weights, for codes of single inputs.
    weights: RefCell<Vec<f32>>,
    codes: RefCell<Rc<Vec<f32>>>,
    /// Somebody encodes; somebody needs the codes to stay as they are.
    encoding: Cell<bool>,
    lent: Cell<bool>,
    /// For one input at a time.
    singles: RefCell<Vec<Single>>,
}

/// A search for one input.
struct Single {
    space: Space,
    metric: Metric,
    lookup: Rc<Lookup>,
}

/// Sets a mark for as long as it lives: until the work is done, or its question dropped.
pub struct Mark<'a>(&'a Cell<bool>);

impl<'a> Mark<'a> {
    fn set(cell: &'a Cell<bool>) -> Self {
        cell.set(true);
        Self(cell)
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Library {
    pub fn new<W>(scene: &Scene<W>) -> Self {
        Self {
            encoder: Encoder::new(scene),
            version: Cell::new(None),
            weights: RefCell::default(),
            codes: RefCell::default(),
            encoding: Cell::new(false),
            lent: Cell::new(false),
            singles: RefCell::default(),
        }
    }

    /// Encodes the training set, where that was not done or the network has moved on; while it trains, not so often that
    /// it takes more than a tenth of the time, unless the codes have to be of now.
    pub async fn refresh<W: World>(&self, scene: &Scene<W>, now: bool, topic: Topic) -> Result<(), Trouble> {
        while self.encoding.get() {
            scene.world.rest().await;
        }
        let moved = match self.version.get() {
            None => true,
            Some(_) if self.lent.get() => false,
            Some(version) if now || !scene.running => version != scene.steps,
            Some(version) => {
                let seen = u64::from(scene.steps.abs_diff(version)) * u64::from(scene.design.recipe.batch);
                // A step of training costs six times as much per input as its encoding, half of the network.
                seen >= 9 * u64::from(scene.train.len) / 6
            }
        };
        if !moved {
            return Ok(());
        }
        let _encoding = Mark::set(&self.encoding);
        self.version.set(None);
        self.encoder.hold(scene);
        *self.weights.borrow_mut() = scene.device.read(&self.encoder.weights().values).await?;
        let codes = self.encoder.codes(scene, true, &|done| scene.progress(topic, 0.99 * done)).await?;
        if codes.iter().any(|code| !code.is_finite()) {
            return Err(Trouble::Words("the network's codes are no longer numbers: reset it first".into()));
        }
        *self.codes.borrow_mut() = Rc::new(codes);
        self.version.set(Some(scene.steps));
        Ok(())
    }

    /// Steps that the codes' network had seen.
    pub fn step(&self) -> u32 {
        self.version.get().unwrap_or(0)
    }

    /// Keeps the codes as they are.
    pub fn lend(&self) -> Mark<'_> {
        Mark::set(&self.lent)
    }

    /// The codes, row by row.
    pub fn codes(&self) -> Rc<Vec<f32>> {
        self.codes.borrow().clone()
    }

    /// The code of one input, by the same network.
    pub fn code(&self, input: &[f32]) -> Vec<f32> {
        let spec = &self.encoder.weights().spec;
        signals(spec, &self.weights.borrow(), 0..spec.encoder, 1, input.to_vec()).pop().unwrap_or_default()
    }

    /// A search for so many rows at once.
    pub async fn lookup<W>(
        &self,
        scene: &Scene<W>,
        space: Space,
        metric: Metric,
        queries: u32,
    ) -> Result<Lookup, GpuError> {
        let among = match space {
            Space::Codes => {
                let pass = self.encoder.pass(scene, true);
                Among::Codes { values: pass.all(), width: self.encoder.weights().spec.z() }
            }
            Space::Inputs => Among::Inputs(&scene.train),
        };
        Lookup::new(&scene.device, among, scene.train.len, queries, metric).await
    }

    /// A search for one row, kept for the next time.
    pub async fn single<W>(&self, scene: &Scene<W>, space: Space, metric: Metric) -> Result<Rc<Lookup>, GpuError> {
        let fits = |single: &&Single| (single.space, single.metric) == (space, metric);
        let kept = self.singles.borrow().iter().find(fits).map(|single| single.lookup.clone());
        if let Some(lookup) = kept {
            return Ok(lookup);
        }
        let lookup = Rc::new(self.lookup(scene, space, metric, 1).await?);
        self.singles.borrow_mut().push(Single { space, metric, lookup: lookup.clone() });
        Ok(lookup)
    }
}

/// What is searched, as it is stored.
pub fn rows<'a, W>(scene: &'a Scene<W>, codes: &'a [f32], space: Space) -> Rows<'a> {
    match space {
        Space::Codes => Rows { values: Stored::Floats(codes), width: scene.design.spec.z() as usize },
        Space::Inputs => Rows::of(scene.known()),
    }
}
