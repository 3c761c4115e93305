//! The update held to something else: gradients to differences of the loss, and the whole step to the same step on this
//! processor and in double precision.
use super::{Scene, Trouble, Update};
use crate::compute::Device;
use crate::data::chance::Chance;
use crate::engine::world::World;
use crate::lessons::kernels::{Check, Checked, Compared, Gap, Place};
use crate::nn::exact::{U, ticked, updated};
use crate::nn::trainer::rule;
use crate::nn::{Exact, Trainer, Training};
use std::rc::Rc;

/// h in double precision: what a difference leaves out is about h² of the loss, what it loses 2⁻⁵³ / h of it.
const H: f64 = 1e-5;
/// h in f32, where losses are known to seven digits.
const SINGLE: f32 = 1e-2;

pub async fn check<W: World>(
    scene: &Scene<W>,
    update: &Update,
    place: Place,
    others: u32,
    draw: u32,
) -> Result<Check, Trouble> {
    let twin = update.twin(scene).await;
    let (spec, rows, kind) = (&scene.design.spec, update.training.batch, update.training.loss);
    let mut network = Exact::new(spec, &update.before.values);
    let random = |i: u32, again: u32| {
        let mut chance = Chance::at(draw.into(), u64::from(i) << 8 | u64::from(again));
        // A layer first: most weights are in two of them.
        let layer = chance.below(spec.layers.len()) as u32;
        let (inputs, units) = Place { layer, ..Place::default() }.layer_of(&update.widths);
        let mut below = |count: u32| chance.below(count as usize) as u32;
        Place { layer, unit: below(units), input: below(inputs + 1) }
    };
    // Every other one has a gradient that is not 0, if a few draws find one: of most weights it is 0.
    let drawn = |i: u32| {
        let moving = |place: &Place| i.is_multiple_of(2) || update.gradient[place.index(&update.widths)] != 0.0;
        (0..16).map(|again| random(i, again)).find(moving).unwrap_or_else(|| random(i, 0))
    };
    let places = std::iter::once(place.within(&update.widths)).chain((0..others.min(1000)).map(drawn));
    let target = &twin.inputs[0].value;
    let mut check = Check { h: H, ..Check::default() };
    for place in places {
        let (layer, weight) = (place.layer as usize, place.index(&update.widths));
        let x = &twin.inputs[layer].value;
        let mut at = |by: f64| network.loss_from((layer, x), (weight, by), kind, rows, target);
        let (mut h, mut corner) = (H, true);
        let [mut difference, mut curved] = [0.0; 2];
        for _ in 0..3 {
            let [(above, to), (below, from), (here, _)] = [h, -h, 0.0].map(&mut at);
            difference = (above - below) / (2.0 * h);
            // Twice the loss's second derivative times h: the third is of its size where units bend at all.
            curved = (above - 2.0 * here + below).abs() / h + 4.0 * f64::EPSILON * here / h;
            corner = to != from;
            if !corner {
                break;
            }
            h /= 10.0;
        }
        // Of the loss in double precision, some hundred terms long.
        let lost = 64.0 * f64::EPSILON * at(0.0).0.abs() / h;
        let allowed = twin.gradient.error[weight] + lost + h * curved;
        let layer = Place { unit: 0, input: 0, ..place }.index(&update.widths);
        let layer = &update.gradient[layer..][..spec.layers[place.layer as usize].parameters()];
        let scale = layer.iter().fold(0.0, |most: f32, gradient| most.max(gradient.abs())).into();
        check.rows.push(Checked { place, gradient: update.gradient[weight], difference, allowed, scale, corner });
        scene.rest().await;
    }
    check.single = single(scene, update, place.within(&update.widths)).await?;
    Ok(check)
}

/// h, the difference by losses of the device in f32, and what rounding the two losses may do to it.
async fn single<W: World>(scene: &Scene<W>, update: &Update, place: Place) -> Result<[f64; 3], Trouble> {
    let training = Training { frozen: true, ..update.training.clone() };
    let mut trainer = update.again(&scene.device, scene, training)?;
    let weight = place.index(&update.widths);
    let (mut losses, mut ends) = ([0.0; 2], [0.0; 2]);
    for ((loss, end), sign) in losses.iter_mut().zip(&mut ends).zip([1.0, -1.0]) {
        let mut state = update.at_batch();
        state.values[weight] += sign * SINGLE;
        *end = f64::from(state.values[weight]);
        trainer.restore(&state);
        trainer.run(1);
        *loss = f64::from(trainer.snapshot(false).await?.losses.last().copied().unwrap_or(f32::NAN));
    }
    // What h has really become.
    let width = ends[0] - ends[1];
    Ok([SINGLE.into(), (losses[0] - losses[1]) / width, 2.0 * U * losses[0].abs() / width])
}

pub async fn compare<W: World>(scene: &Scene<W>, update: &Update) -> Result<Compared, Trouble> {
    let twin = update.twin(scene).await;
    let processor = match &*scene.device {
        Device::Processor => update.after.values.clone(),
        _ => {
            let mut trainer: Trainer = update.again(&Rc::new(Device::Processor), scene, update.training.clone())?;
            trainer.run(1);
            trainer.snapshot(true).await?.weights.unwrap_or_default()
        }
    };
    scene.rest().await;
    let gpu = matches!(&*scene.device, Device::Gpu(_)).then(|| scene.device.name());
    let rule = rule(&update.training);
    let clock = ticked(&update.before.clock, rule, update.training.rate);
    let [mut between, mut of_gpu, mut of_processor] = [Gap::default(); 3];
    for (i, &w) in update.before.values.iter().enumerate() {
        let gradient = [twin.gradient.value[i], twin.gradient.error[i]];
        let [first, second] = [&update.before.first, &update.before.second].map(|moment| f64::from(moment[i]));
        let [exact, allowed] = updated(rule, clock, gradient, [w.into(), first, second]);
        let [device, here] = [update.after.values[i], processor[i]].map(f64::from);
        let place = || Place::at(i, &update.widths);
        between.take((device - here).abs(), 2.0 * allowed, place);
        of_gpu.take((device - exact).abs(), allowed, place);
        of_processor.take((here - exact).abs(), allowed, place);
        if i.is_multiple_of(4096) {
            scene.rest().await;
        }
    }
    let there = gpu.is_some();
    Ok(Compared {
        gpu,
        between: there.then_some(between),
        of_gpu: there.then_some(of_gpu),
        of_processor,
        weights: update.before.values.len() as u32,
    })
}
