//! One update in slow motion: a copy of the network takes its next step on its device, and everything in it is read
//! back. The network itself goes on as if nothing had been.
mod differ;
mod times;

use super::{Scene, Trouble};
use crate::compute::{Buffer, Device, GpuError, Plan, Tile};
use crate::engine::bench::CallTime;
use crate::engine::protocol::{Answer, Kernels, Unfolded};
use crate::engine::world::World;
use crate::lessons::choices::Choice;
use crate::lessons::kernels::{Calls, Followed, Listed, Place, Updated, largest};
use crate::nn::exact::Bounded;
use crate::nn::spec::Noise;
use crate::nn::{Exact, Resident, Rows, State, Trainer, Training, Whole};
use crate::words;
use std::cell::RefCell;
use std::rc::Rc;

/// Terms of a sum that are told one by one.
const TERMS: usize = 6;

/// An update that was made.
pub struct Update {
    training: Training,
    /// Where its batch comes from.
    data: Resident,
    widths: Vec<u32>,
    before: State,
    after: State,
    gradient: Vec<f32>,
    /// The batch, every layer's output, and every layer's gradient by what stood before its σ.
    x: Vec<f32>,
    outputs: Vec<Vec<f32>>,
    deltas: Vec<Vec<f32>>,
    /// The same in double precision, once it was asked for.
    exact: RefCell<Option<Rc<Twin>>>,
}

/// The update in double precision.
struct Twin {
    /// What enters each layer.
    inputs: Vec<Bounded>,
    gradient: Bounded,
}

pub async fn answer<W: World>(scene: Scene<W>, ask: Kernels) -> Result<(), Trouble> {
    let answer = match ask {
        Kernels::Update { input } => Unfolded::Updated(update(&scene, input).await?),
        Kernels::Follow(place) => Unfolded::Followed(Box::new(made(&scene)?.follow(&scene, place))),
        Kernels::Times => Unfolded::Times(times::times(&scene, &*made(&scene)?).await?),
        Kernels::Check { place, others, draw } => {
            Unfolded::Checked(differ::check(&scene, &*made(&scene)?, place, others, draw).await?)
        }
        Kernels::Compare => Unfolded::Compared(differ::compare(&scene, &*made(&scene)?).await?),
    };
    scene.answer(Answer::Kernels(answer));
    Ok(())
}

fn made<W>(scene: &Scene<W>) -> Result<Rc<Update>, Trouble> {
    let update = scene.shelf.update.borrow().clone();
    update.ok_or_else(|| Trouble::Words("no update was made yet on this device: ask for one first".into()))
}

async fn update<W: World>(scene: &Scene<W>, input: Option<Vec<f32>>) -> Result<Updated, Trouble> {
    let (spec, cols) = (&scene.design.spec, scene.design.spec.inputs());
    // What is drawn at random stays out: the step is the plain autoencoder's, call by call.
    let mut training =
        Training { noise: Noise::None, variational: None, whole: Whole::Never, ..scene.design.training() };
    let mut before = state(scene).await?;
    let data = match input {
        None => scene.train.clone(),
        Some(input) if input.len() != cols as usize || input.iter().any(|x| !x.is_finite()) => {
            let message = words!("{} values are not one input of {cols} finite ones: ask again", input.len());
            return Err(Trouble::Words(message));
        }
        Some(input) => {
            (training.batch, training.shuffle) = (1, false);
            before = before.at_front();
            Resident::new(&scene.device, Rows::Floats(&input), cols).map_err(|e| Trouble::Words(e.to_string()))?
        }
    };
    let frozen = Training { frozen: true, ..training.clone() };
    let mut looking = Trainer::new(scene.device.clone(), spec, frozen, &data);
    looking.restore(&before);
    looking.run(1);
    let loss = looking.snapshot(false).await?.losses.last().copied().unwrap_or(f32::NAN);
    let buffers: Vec<&Buffer> = [&looking.weights.first, &looking.input]
        .into_iter()
        .chain(&looking.outputs)
        .chain(&looking.gradients)
        .collect();
    let mut read = scene.device.read_all(&buffers).await?.into_iter();
    let [gradient, x] = [(); 2].map(|()| read.next().unwrap_or_default());
    let outputs = read.by_ref().take(spec.layers.len()).collect();
    let deltas = read.collect();

    let mut moving = Trainer::new(scene.device.clone(), spec, training.clone(), &data);
    moving.restore(&before);
    moving.run(1);
    let after = moving.state().await?;
    let calls = listed(moving.plan(), training.batch, cols, data.is_bytes());
    let (step, rows) = (before.steps(), training.batch);
    let (widths, exact) = (spec.widths(), RefCell::default());
    let update = Update { training, data, widths, before, after, gradient, x, outputs, deltas, exact };
    *scene.shelf.update.borrow_mut() = Some(Rc::new(update));
    Ok(Updated { step, rows, loss, calls })
}

/// The network as it is now, without what only training has beside it.
async fn state<W>(scene: &Scene<W>) -> Result<State, GpuError> {
    let mut state = State::read(&scene.device, &scene.weights, &scene.clock).await?;
    let count = scene.weights.spec.parameters();
    for values in [&mut state.values, &mut state.first, &mut state.second] {
        values.truncate(count);
    }
    Ok(state)
}

/// The calls of a step as the page shows them, without times.
fn listed(plan: &Plan, rows: u32, cols: u32, bytes: bool) -> Calls {
    let mut all = Calls::default();
    // Forward it goes up through the layers, backward down again.
    let (mut up, mut down) = (0u32, 0u32);
    for call in 0..plan.len() {
        let listing = plan.listing(call);
        let layer = match listing.kernel {
            "dense" => {
                (up, down) = (up + 1, up + 1);
                up - 1
            }
            "dense_dx" => down - 1,
            "dense_dw" => {
                down -= 1;
                down
            }
            _ => 0,
        };
        let text = listing.wgsl.map(|wgsl| {
            let at = all.texts.iter().position(|text| *text == wgsl).unwrap_or_else(|| {
                all.texts.push(wgsl);
                all.texts.len() - 1
            });
            at as u32
        });
        let product = CallTime { kernel: listing.kernel, tile: listing.tile, sizes: listing.sizes, ms: 0.0 };
        let values = f64::from(rows) * f64::from(cols);
        let moved = match listing.kernel {
            "gather" => values * if bytes { 5.0 } else { 8.0 },
            "loss" => values * 12.0,
            _ => product.bytes(),
        };
        all.calls.push(Listed {
            kernel: listing.kernel.into(),
            file: listing.file.into(),
            form: listing.tile.map_or_else(String::new, form),
            layer,
            sizes: listing.sizes,
            workgroups: listing.workgroups,
            fast: listing.fast,
            text,
            flops: product.flops(),
            bytes: moved,
            ms: None,
        });
    }
    all
}

/// A form in words.
fn form(tile: Tile) -> String {
    match tile {
        Tile::Plain => "plain".into(),
        Tile::Slim => "slim".into(),
        Tile::Shared { edge } => words!("shared {edge}×{edge}"),
        Tile::Registers { rows, cols, lanes, .. } => words!("registers {rows}×{cols}, {lanes} lanes"),
        Tile::Few { rows, cols, lanes } => words!("few terms, {rows}×{cols}, {lanes} lanes"),
        Tile::Threads(threads) => words!("{threads} threads"),
    }
}

impl Update {
    /// What enters a layer.
    fn enters(&self, layer: usize) -> &[f32] {
        layer.checked_sub(1).map_or(&self.x, |below| &self.outputs[below])
    }

    fn follow<W>(&self, scene: &Scene<W>, place: Place) -> Followed {
        let place = place.within(&self.widths);
        let (at, (inputs, units)) = (place.index(&self.widths), place.layer_of(&self.widths));
        let (layer, unit) = (place.layer as usize, place.unit as usize);
        let (inputs, units) = (inputs as usize, units as usize);
        let first = Place { input: 0, ..place }.index(&self.widths);
        let bias = Place { input: inputs as u32, ..place }.index(&self.widths);
        let weights = self.before.values[first..first + inputs].to_vec();
        let enters = self.enters(layer);
        let (terms, others) = largest(weights.iter().copied(), enters[..inputs].iter().copied(), TERMS);
        let deltas = self.deltas[layer].chunks(units).map(|row| row[unit]);
        // The bias is the weight of an input that is always 1.
        let value = |row: &[f32]| row.get(place.input as usize).copied().unwrap_or(1.0);
        let (rows, other_rows) = largest(deltas, enters.chunks(inputs).map(value), TERMS);
        let both = |of: fn(&State) -> &[f32]| [of(&self.before)[at], of(&self.after)[at]];
        let [rate, rest1, rest2] = self.after.ticks();
        Followed {
            place,
            inputs: enters[..inputs].to_vec(),
            units: self.outputs[layer][..units].to_vec(),
            weights,
            gradients: self.gradient[first..first + inputs].to_vec(),
            terms,
            others,
            bias: self.before.values[bias],
            value: self.outputs[layer][unit],
            activation: scene.design.spec.layers[layer].activation.title().into(),
            rows,
            other_rows,
            gradient: self.gradient[at],
            optimiser: self.training.optimiser,
            weight: both(|state| &state.values),
            first: both(|state| &state.first),
            second: both(|state| &state.second),
            rate,
            rest: [rest1, rest2],
        }
    }

    /// The update in double precision, from the same batch and weights.
    async fn twin<W: World>(&self, scene: &Scene<W>) -> Rc<Twin> {
        if let Some(twin) = self.exact.borrow().clone() {
            return twin;
        }
        let spec = &scene.design.spec;
        let network = Exact::new(spec, &self.before.values);
        let rows = self.training.batch;
        let mut signals = Vec::new();
        let mut inputs = vec![Bounded::given(&self.x)];
        for layer in 0..spec.layers.len() {
            let signal = network.forward(layer, rows, &inputs[layer]);
            inputs.push(signal.out.clone());
            signals.push(signal);
            scene.rest().await;
        }
        let zeros = vec![0.0; spec.parameters()];
        let mut gradient = Bounded { value: zeros.clone(), error: zeros };
        let last = signals.len() - 1;
        let (_, mut dy) = network.loss(self.training.loss, rows, &signals[last], &inputs[0].value);
        for layer in (0..=last).rev() {
            network.gradient(layer, rows, &dy, &inputs[layer], &mut gradient);
            scene.rest().await;
            if let Some(below) = layer.checked_sub(1) {
                dy = network.back(layer, rows, &dy, &signals[below]);
                scene.rest().await;
            }
        }
        let twin = Rc::new(Twin { inputs, gradient });
        *self.exact.borrow_mut() = Some(twin.clone());
        twin
    }

    /// A trainer that stands before this update, on any device: there the batch is all the data there are.
    fn again(&self, device: &Rc<Device>, scene: &Scene<impl Sized>, training: Training) -> Result<Trainer, Trouble> {
        let cols = scene.design.spec.inputs();
        let batch = Resident::new(device, Rows::Floats(&self.x), cols).map_err(|e| Trouble::Words(e.to_string()))?;
        let training = Training { shuffle: false, ..training };
        let mut trainer = Trainer::new(device.clone(), &scene.design.spec, training, &batch);
        trainer.restore(&self.at_batch());
        Ok(trainer)
    }

    /// The state before, for data that are this batch and nothing else.
    fn at_batch(&self) -> State {
        self.before.clone().at_front()
    }
}
