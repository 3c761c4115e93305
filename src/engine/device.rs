//! The choice of the device, by what really works.
use super::protocol::{DeviceInfo, DeviceKind, GpuChoice};
use super::world::World;
use crate::compute::{Device, Gpu, GpuError, GpuOptions};
use crate::nn::spec::{Activation, NetworkSpec};
use crate::nn::{Resident, Rows, Trainer, Training};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::rc::Rc;

/// Seconds until a GPU that does not answer is given up.
const PATIENCE: u32 = 10;

/// The best device that the visitor accepts and that computes rightly.
pub async fn choose(world: &impl World, choice: GpuChoice) -> (Rc<Device>, DeviceInfo) {
    let software = match choice {
        GpuChoice::Off => return processor("the address asks for it (?gpu=off)".into()),
        GpuChoice::Auto => false,
        GpuChoice::Software => true,
    };
    match within(world, tested(GpuOptions { software })).await {
        Ok(gpu) => {
            let kind = if gpu.is_software() { DeviceKind::SoftwareWebGpu } else { DeviceKind::WebGpu };
            let info = DeviceInfo { kind, name: gpu.name(), reason: None };
            (Rc::new(Device::Gpu(gpu)), info)
        }
        Err(reason) => processor(reason.to_string()),
    }
}

/// A device and what it is.
pub struct Machine {
    /// The device.
    pub device: Rc<Device>,
    /// What visitors are told of it.
    pub info: DeviceInfo,
}

/// The best device that the choice allows, tested, without a world around it: for the bench.
pub async fn machine(choice: GpuChoice) -> Machine {
    let software = match choice {
        GpuChoice::Off => {
            let (device, info) = processor("the address asks for it (?gpu=off)".into());
            return Machine { device, info };
        }
        GpuChoice::Auto => false,
        GpuChoice::Software => true,
    };
    let (device, info) = match tested(GpuOptions { software }).await {
        Ok(gpu) => {
            let kind = if gpu.is_software() { DeviceKind::SoftwareWebGpu } else { DeviceKind::WebGpu };
            let info = DeviceInfo { kind, name: gpu.name(), reason: None };
            (Rc::new(Device::Gpu(gpu)), info)
        }
        Err(reason) => processor(reason.to_string()),
    };
    Machine { device, info }
}

/// The processor, and why.
pub fn processor(reason: String) -> (Rc<Device>, DeviceInfo) {
    let info = DeviceInfo { kind: DeviceKind::Processor, name: String::new(), reason: Some(reason) };
    (Rc::new(Device::Processor), info)
}

async fn within<T>(world: &impl World, answer: impl Future<Output = Result<T, GpuError>>) -> Result<T, GpuError> {
    match select(pin!(answer), pin!(world.sleep(PATIENCE * 1000))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(GpuError::TimedOut(PATIENCE)),
    }
}

/// A GPU that has just trained a small network to the same losses as the processor.
async fn tested(options: GpuOptions) -> Result<Gpu, GpuError> {
    let device = Rc::new(Device::Gpu(Gpu::new(options).await?));
    let expected = known_losses(&Rc::new(Device::Processor)).await?;
    let got = known_losses(&device).await?;
    for (&got, &expected) in got.iter().zip(&expected) {
        // NaN is no answer either.
        if (got - expected).abs() > 1e-3 * expected || !got.is_finite() {
            return Err(GpuError::Wrong { got, expected });
        }
    }
    match Rc::into_inner(device) {
        Some(Device::Gpu(gpu)) => Ok(gpu),
        _ => Err(GpuError::NotRead("the self-test still holds the device".into())),
    }
}

/// The losses of a few steps: every kernel of training takes part.
async fn known_losses(device: &Rc<Device>) -> Result<Vec<f32>, GpuError> {
    let spec = NetworkSpec::autoencoder(9, &[8], 3, Activation::Relu, Activation::Sigmoid);
    let pixels: Vec<u8> = (0..90u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    // The sizes are constants of this function, so that the data set always fits.
    let Ok(data) = Resident::new(device, Rows::Bytes(&pixels), 9) else { return Ok(vec![f32::NAN]) };
    let training = Training { rate: 0.01, batch: 4, ..Training::default() };
    let mut trainer = Trainer::new(device.clone(), &spec, training, &data);
    trainer.run(5);
    Ok(trainer.snapshot(false).await?.losses)
}
