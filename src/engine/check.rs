//! Whether a GPU computes rightly: a small network with known answers, and where it does not, which kernel is to blame.
//! What is found goes into a report that visitors can send to somebody.
use crate::compute::{Device, GpuError};
use crate::nn::spec::{Activation, NetworkSpec};
use crate::nn::{Resident, Rows, Trainer, Training, Whole};
use crate::words;
use serde_json::{Value, json};
use std::rc::Rc;

/// How far a number may be off: a share of the largest in its buffer, and where all are zero.
const NUMBER: [f32; 2] = [1e-3, 1e-6];
/// And after some steps, in which roundings add up: so many times that.
const LEARNED: f32 = 3.0;
/// Steps of which every kernel's part is looked at: after the first the optimiser has moments.
const STEPS: u32 = 2;

/// A kernel's part in a step, beside the processor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The kernel.
    pub kernel: &'static str,
    /// What ran, by its file in `shaders/` and how it divides its work.
    pub form: String,
    /// Rows and columns of the result, terms per sum.
    pub sizes: [u32; 3],
    /// Of all that it wrote, the number that is furthest off: where it lies, what it is and what it should be.
    pub worst: (usize, f32, f32),
    /// How far that may be.
    pub allowed: f32,
}

impl Checked {
    /// NaN is no answer either.
    pub fn is_right(&self) -> bool {
        let (_, got, expected) = self.worst;
        got.is_finite() && (got - expected).abs() <= self.allowed
    }

    fn json(&self) -> Value {
        let (at, got, expected) = self.worst;
        // JSON has no NaN.
        let number = |x: f32| if x.is_finite() { json!(x) } else { json!(x.to_string()) };
        json!({ "kernel": self.kernel, "form": self.form, "sizes": self.sizes, "right": self.is_right(), "at": at,
            "got": number(got), "expected": number(expected), "allowed": self.allowed })
    }
}

/// A GPU that has just trained a small network to the same losses as the processor.
///
/// # Errors
/// It failed, or computes wrongly: then with a report.
pub async fn tested(device: Rc<Device>) -> Result<Rc<Device>, GpuError> {
    let here = Rc::new(Device::Processor);
    // A GPU makes such small steps in one call or two; those of larger networks are made of many.
    for whole in [Whole::Never, Whole::Auto] {
        let (mine, theirs) = (learned(&here, whole).await?, learned(&device, whole).await?);
        // Losses alone would not show a gradient that is too large: Adam's steps are as long as before.
        let ((_, got, expected), allowed) = furthest(&theirs, &mine);
        if got.is_finite() && (got - expected).abs() <= LEARNED * allowed {
            continue;
        }
        let kernels = kernels(&device).await?;
        let words = match kernels.iter().find(|checked| !checked.is_right()) {
            Some(Checked { kernel, worst: (_, got, expected), .. }) => {
                words!("its kernel “{kernel}” gives {got} in a self-test where {expected} is right")
            }
            None => words!("a number of the self-test is {got} where {expected} is right"),
        };
        return Err(GpuError::Wrong { words, report: report(&device, &kernels) });
    }
    Ok(device)
}

/// A small network, the same everywhere; its steps in one call are made of vectors of four where a network's can be.
fn pupil(device: &Rc<Device>, whole: Whole, rate: f32) -> Result<Trainer, GpuError> {
    let spec = NetworkSpec::autoencoder(12, &[8], 4, Activation::Relu, Activation::Sigmoid);
    let pixels: Vec<u8> = (0..120u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    // The sizes are constants of this function, so that the data set always fits.
    let data = Resident::new(device, Rows::Bytes(&pixels), 12).map_err(|error| GpuError::Refused(error.to_string()))?;
    // More than one workgroup's rows, where a step is two calls.
    let batch = if whole == Whole::Never { 4 } else { 20 };
    let training = Training { rate, batch, whole, ..Training::default() };
    Ok(Trainer::new(device.clone(), &spec, training, &data))
}

/// The losses and the mean gradients of a few steps: every kernel of training takes part.
async fn learned(device: &Rc<Device>, whole: Whole) -> Result<Vec<f32>, GpuError> {
    let mut pupil = pupil(device, whole, 0.01)?;
    pupil.run(5);
    let losses = pupil.snapshot(false).await?.losses;
    Ok([losses, pupil.state().await?.first].concat())
}

/// Every kernel call of some steps by itself, on the inputs that the processor gives it.
///
/// # Errors
/// The device failed.
pub async fn kernels(device: &Rc<Device>) -> Result<Vec<Checked>, GpuError> {
    let here = Rc::new(Device::Processor);
    // Long steps, beside which no error of the optimiser is small.
    let [known, asked] = [&here, device].map(|device| pupil(device, Whole::Never, 0.1));
    let (known, asked) = (known?, asked?);
    compared(&known, &asked).await
}

/// The same of any two trainers of one network.
///
/// # Errors
/// A device failed.
pub async fn compared(known: &Trainer, asked: &Trainer) -> Result<Vec<Checked>, GpuError> {
    let (here, there) = (known.device(), asked.device());
    let expected = here.read(&known.weights.values).await?;
    let first = furthest(&there.read(&asked.weights.values).await?, &expected);
    there.write(&asked.weights.values, &expected);
    let (form, sizes) = ("init".to_owned(), [1, expected.len() as u32, 1]);
    let mut all = vec![Checked { kernel: "init", form, sizes, worst: first.0, allowed: first.1 }];
    for call in (0..STEPS).flat_map(|_| 0..known.plan().len()) {
        here.run_part(known.plan(), call..call + 1, 1);
        there.run_part(asked.plan(), call..call + 1, 1);
        let (kernel, tile, sizes) = asked.plan().describe(call);
        let tile = tile.map_or_else(String::new, |tile| format!(" {tile:?}"));
        let form = format!("{}{tile}", asked.plan().listing(call).file);
        let mut found: Option<Checked> = None;
        for (mine, theirs) in known.plan().written(call).iter().zip(asked.plan().written(call)) {
            let expected = here.read(mine).await?;
            let (worst, allowed) = furthest(&there.read(&theirs).await?, &expected);
            // The next call has the same inputs on both.
            there.write(&theirs, &expected);
            let checked = Checked { kernel, form: form.clone(), sizes, worst, allowed };
            // Of several buffers the first that is wrong.
            if found.as_ref().is_none_or(|found| found.is_right() && !checked.is_right()) {
                found = Some(checked);
            }
        }
        all.extend(found);
    }
    Ok(all)
}

/// The number that is furthest off, and how far it may be.
fn furthest(got: &[f32], expected: &[f32]) -> ((usize, f32, f32), f32) {
    let allowed = NUMBER[0] * expected.iter().fold(0.0, |most: f32, x| most.max(x.abs())) + NUMBER[1];
    let off = |got: f32, expected: f32| if got.is_finite() { (got - expected).abs() } else { f32::INFINITY };
    let mut worst = (0, got.first().copied().unwrap_or(f32::NAN), expected.first().copied().unwrap_or(0.0));
    for (at, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        if off(got, expected) > off(worst.1, worst.2) {
            worst = (at, got, expected);
        }
    }
    (worst, allowed)
}

/// All that somebody needs to know of a device, as JSON.
pub fn report(device: &Device, kernels: &[Checked]) -> String {
    let right = kernels.iter().all(Checked::is_right);
    let mut facts = serde_json::Map::new();
    if let Device::Gpu(gpu) = device {
        facts.extend(gpu.facts().into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
        let limits = gpu.limits().into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        facts.insert("limits".into(), Value::Object(limits.collect()));
    }
    let wrong = kernels.iter().find(|checked| !checked.is_right()).map(|checked| checked.kernel);
    let report = json!({
        "check": if kernels.is_empty() { "none" } else if right { "passed" } else { "failed" },
        "failing kernel": wrong,
        "gpu": facts,
        "kernels": kernels.iter().map(Checked::json).collect::<Vec<_>>(),
    });
    report.to_string()
}
