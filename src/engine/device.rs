//! The choice of the device, by what really works.
use super::check::tested;
use super::protocol::{DeviceInfo, DeviceKind, GpuChoice};
use super::world::World;
use crate::compute::{Device, Gpu, GpuError, GpuOptions};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use std::pin::pin;
use std::rc::Rc;

/// Seconds until a GPU that does not answer is given up.
const PATIENCE: u32 = 10;

/// What becomes of a request for a GPU.
pub type Answered = Result<Rc<Device>, GpuError>;
type Answer = LocalBoxFuture<'static, Answered>;

/// A new GPU that computes rightly. Nothing that may hang is waited for without end.
pub async fn gpu(world: Rc<impl World>, software: bool) -> Answered {
    let new = |plain| within(&*world, new(GpuOptions { software, plain }).boxed_local());
    let gpu = match new(false).await {
        // An adapter is good for one request: this asks for another one, too.
        Err(GpuError::NoDevice { .. }) => new(true).await?,
        other => other?,
    };
    within(&*world, tested(gpu).boxed_local()).await
}

async fn new(options: GpuOptions) -> Answered {
    Ok(Rc::new(Device::Gpu(Gpu::new(options).await?)))
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
    let gpu = async {
        if choice == GpuChoice::Off {
            return Err(OFF.to_owned());
        }
        let options = GpuOptions { software: choice == GpuChoice::Software, plain: false };
        let gpu = new(options).await.map_err(|e| e.to_string())?;
        tested(gpu).await.map_err(|e| e.to_string())
    };
    match gpu.await {
        Ok(device) => Machine { info: info(&device, None), device },
        Err(reason) => processor(reason),
    }
}

/// Why there is no GPU where none is wished.
pub const OFF: &str = "the address asks for it (?gpu=off)";

/// The processor, and why.
pub fn processor(reason: String) -> Machine {
    let device = Rc::new(Device::Processor);
    Machine { info: info(&device, Some(reason)), device }
}

/// What visitors are told of the first device.
pub fn info(device: &Device, reason: Option<String>) -> DeviceInfo {
    let (kind, name) = match device {
        Device::Gpu(gpu) if gpu.is_software() => (DeviceKind::SoftwareWebGpu, gpu.name()),
        Device::Gpu(gpu) => (DeviceKind::WebGpu, gpu.name()),
        _ => (DeviceKind::Processor, String::new()),
    };
    DeviceInfo { kind, name, reason, busy: false, number: 0 }
}

async fn within(world: &impl World, answer: Answer) -> Answered {
    match select(answer, pin!(world.sleep(PATIENCE * 1000))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(GpuError::TimedOut(PATIENCE)),
    }
}
