//! Kernels, and the devices that run them: a GPU through wgpu, this processor, or this processor in f64.
//! Nothing here knows what a neural network is.
//!
//! A [`Device`] makes [`Buffer`]s; a kernel with its buffers is a [`Call`]; calls become a [`Plan`] once, and the
//! plan is replayed. Between replays nothing is allocated, bound or compiled.
mod ahead;
mod choice;
mod fault;
mod gpu;
mod kernel;
mod memory;
mod pacing;
mod pipelines;
mod probe;
mod processor;
mod reading;
mod ready;
mod stamps;
#[cfg(target_arch = "wasm32")]
pub mod timer;
mod unroll;

pub use choice::{Choice, Class};
pub use fault::{GpuError, plain};
pub use gpu::{Gpu, GpuOptions};
pub use kernel::{Call, Entry, Field, Form, Kernel, Params, Tile, Twin};

use memory::Memory;
use processor::Shared;
use std::ops::Range;
use std::rc::Rc;
use web_time::Instant;

/// Numbers that a twin computes with: f32 as the GPU does, f64 as its reference.
pub trait Real: num_traits::Float + num_traits::NumAssign + std::iter::Sum + std::fmt::Debug + 'static {
    /// The nearest number to `x`.
    fn of(x: f64) -> Self;
    /// For results that leave the twin.
    fn f64(self) -> f64;
}

impl Real for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
    fn f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn f64(self) -> f64 {
        self
    }
}

#[expect(clippy::large_enum_variant, reason = "there is one device at a time, and it is never moved about")]
/// Who runs the kernels. The choice is made once, at the top; nothing above is generic over it.
pub enum Device {
    /// The WGSL, on a GPU (or on software that behaves like one).
    Gpu(Gpu),
    /// The twins in f32, or their faster versions: for visitors with no GPU.
    Processor,
    /// The twins in f64: what the tests hold the other two to.
    Exact,
}

/// Floats on a device.
#[derive(Clone)]
pub enum Buffer {
    /// On the GPU, as f32.
    Gpu(Memory),
    /// In this process, as f32.
    Processor(Shared<f32>),
    /// In this process, as f64.
    Exact(Shared<f64>),
}

/// 32-bit words on a device that kernels only read: a data set.
#[derive(Clone)]
pub enum Words {
    /// On the GPU.
    Gpu(Memory),
    /// In this process.
    Processor(Held),
}

/// Words in this process, held together with whoever else reads that memory.
pub type Held = Rc<dyn AsRef<[u32]>>;

/// The parameters of a kernel call, kept on the device so that they can change between replays.
pub struct Uniform<P> {
    store: UniformStore,
    /// As they were at first: the sizes in them say how many workgroups to start.
    first: P,
}

#[derive(Clone)]
pub(crate) enum UniformStore {
    Gpu(Memory),
    Processor(Shared<u8>),
}

/// Kernel calls that run one after the other. Made once, replayed as often as you like.
pub struct Plan(Steps);

enum Steps {
    Gpu(Vec<ready::Ready>),
    Processor(Vec<Call>),
}

/// A call of a plan, with all that was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The kernel.
    pub kernel: &'static str,
    /// The stem of its form's file in `shaders/`.
    pub file: &'static str,
    /// What is special about that form; `None` on a processor.
    pub tile: Option<Tile>,
    /// Rows and columns of the result, terms per sum; ones where it is no product.
    pub sizes: [u32; 3],
    /// How many workgroups start; zeros on a processor.
    pub workgroups: [u32; 3],
    /// On a processor: the kernel's fast version runs, and not its twin.
    pub fast: bool,
    /// On a GPU: the text that was compiled.
    pub wgsl: Option<String>,
}

/// Who measured a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The GPU, by stamps at the beginning and the end of a pass.
    Stamps,
    /// This process, from the command to the news that all is done.
    Wall,
}

impl Plan {
    /// All about a call.
    pub fn listing(&self, call: usize) -> Listing {
        match &self.0 {
            Steps::Gpu(calls) => calls[call].listing(),
            Steps::Processor(calls) => calls[call].listing(),
        }
    }

    /// What a call writes.
    pub fn written(&self, call: usize) -> Vec<Buffer> {
        match &self.0 {
            Steps::Gpu(calls) => calls[call].written().iter().cloned().map(Buffer::Gpu).collect(),
            Steps::Processor(calls) => calls[call].written().to_vec(),
        }
    }

    /// Kernel calls per replay; on a GPU, dispatches.
    pub fn len(&self) -> usize {
        match &self.0 {
            Steps::Gpu(calls) => calls.len(),
            Steps::Processor(calls) => calls.len(),
        }
    }

    /// What a call runs: its kernel, the form that was chosen for it, and its sizes.
    pub fn describe(&self, call: usize) -> (&'static str, Option<Tile>, [u32; 3]) {
        match &self.0 {
            Steps::Gpu(calls) => calls[call].what(),
            Steps::Processor(calls) => (calls[call].kernel.name(), None, calls[call].kernel.sizes(&calls[call].first)),
        }
    }

    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Device {
    /// For messages: the adapter's own name, or what stands in for it.
    pub fn name(&self) -> String {
        match self {
            Self::Gpu(gpu) => gpu.name(),
            Self::Processor => "processor".into(),
            Self::Exact => "processor in f64".into(),
        }
    }

    /// `values` on this device.
    pub fn buffer(&self, values: &[f32]) -> Buffer {
        match self {
            Self::Gpu(gpu) => Buffer::Gpu(gpu.storage(bytemuck::cast_slice(values))),
            Self::Processor => Buffer::Processor(processor::shared(values)),
            Self::Exact => Buffer::Exact(processor::shared(&processor::widen(values))),
        }
    }

    /// `len` zeros on this device.
    pub fn zeros(&self, len: usize) -> Buffer {
        match self {
            Self::Gpu(gpu) => Buffer::Gpu(gpu.zeros(len)),
            Self::Processor => Buffer::Processor(processor::shared(&vec![0.0; len])),
            Self::Exact => Buffer::Exact(processor::shared(&vec![0.0; len])),
        }
    }

    /// Words that kernels only read.
    pub fn words(&self, words: Vec<u32>) -> Words {
        match self {
            Self::Gpu(gpu) => Words::Gpu(gpu.storage(bytemuck::cast_slice(&words))),
            Self::Processor | Self::Exact => Words::Processor(Rc::new(words)),
        }
    }

    /// Bytes that kernels read as words, the first of four lowest; zeros fill up the last word. There is never a second
    /// whole set of them in this process for a GPU, and none for a processor where `held` has them as words: a phone has
    /// no room for it.
    pub fn packed(&self, bytes: &[u8], held: Option<Held>) -> Words {
        match self {
            Self::Gpu(gpu) => Words::Gpu(gpu.storage(bytes)),
            Self::Processor | Self::Exact => Words::Processor(held.unwrap_or_else(|| {
                let word = |four: &[u8]| four.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
                Rc::new(bytes.chunks(4).map(word).collect::<Vec<u32>>())
            })),
        }
    }

    /// Parameters of a kernel call.
    pub fn uniform<P: Params>(&self, params: P) -> Uniform<P> {
        let bytes = bytemuck::bytes_of(&params);
        let store = match self {
            Self::Gpu(gpu) => UniformStore::Gpu(gpu.uniform(bytes)),
            Self::Processor | Self::Exact => UniformStore::Processor(processor::shared(bytes)),
        };
        Uniform { store, first: params }
    }

    /// Changes parameters for the replays that follow. Sizes must stay: they fixed the workgroups.
    pub fn set<P: Params>(&self, uniform: &Uniform<P>, params: P) {
        match (self, &uniform.store) {
            (Self::Gpu(gpu), UniformStore::Gpu(buffer)) => gpu.write(buffer, bytemuck::bytes_of(&params)),
            (Self::Processor | Self::Exact, UniformStore::Processor(store)) => {
                store.borrow_mut().copy_from_slice(bytemuck::bytes_of(&params));
            }
            _ => unreachable!("a uniform of one device was set on another"),
        }
    }

    /// Overwrites the start of a buffer.
    pub fn write(&self, buffer: &Buffer, values: &[f32]) {
        match (self, buffer) {
            (Self::Gpu(gpu), Buffer::Gpu(buffer)) => gpu.write(buffer, bytemuck::cast_slice(values)),
            (Self::Processor, Buffer::Processor(store)) => store.borrow_mut()[..values.len()].copy_from_slice(values),
            (Self::Exact, Buffer::Exact(store)) => {
                store.borrow_mut()[..values.len()].copy_from_slice(&processor::widen(values));
            }
            _ => unreachable!("a buffer of one device was written on another"),
        }
    }

    /// Copies `len` floats from the start of one buffer into another, from float `at` on. On a GPU this only enqueues.
    pub fn copy(&self, from: &Buffer, to: &Buffer, at: usize, len: usize) {
        match (self, from, to) {
            (Self::Gpu(gpu), Buffer::Gpu(from), Buffer::Gpu(to)) => gpu.copy(from, to, at, len),
            (Self::Processor, Buffer::Processor(from), Buffer::Processor(to)) => {
                to.borrow_mut()[at..at + len].copy_from_slice(&from.borrow()[..len]);
            }
            (Self::Exact, Buffer::Exact(from), Buffer::Exact(to)) => {
                to.borrow_mut()[at..at + len].copy_from_slice(&from.borrow()[..len]);
            }
            _ => unreachable!("a buffer of one device was copied on another"),
        }
    }

    /// The values of a buffer, after everything enqueued so far.
    ///
    /// # Errors
    /// The GPU was lost, refused an earlier command, or did not hand the buffer over.
    pub async fn read(&self, buffer: &Buffer) -> Result<Vec<f32>, GpuError> {
        match (self, buffer) {
            (Self::Gpu(gpu), Buffer::Gpu(buffer)) => gpu.read(&[buffer]).await,
            (Self::Processor, Buffer::Processor(store)) => Ok(store.borrow().clone()),
            (Self::Exact, Buffer::Exact(store)) => Ok(store.borrow().iter().map(|&x| x as f32).collect()),
            _ => unreachable!("a buffer of one device was read on another"),
        }
    }

    /// The values of several buffers, one after the other, with one wait: each is of one moment with the others.
    ///
    /// # Errors
    /// As [`Device::read`].
    pub async fn read_all(&self, buffers: &[&Buffer]) -> Result<Vec<Vec<f32>>, GpuError> {
        if let Self::Gpu(gpu) = self {
            let parts: Vec<_> = buffers
                .iter()
                .map(|b| match b {
                    Buffer::Gpu(b) => &**b,
                    _ => unreachable!("a buffer of one device was read on another"),
                })
                .collect();
            let all = gpu.read(&parts).await?;
            let mut from = 0;
            return Ok(parts
                .iter()
                .map(|b| {
                    let len = b.size() as usize / 4;
                    from += len;
                    all[from - len..from].to_vec()
                })
                .collect());
        }
        let mut all = Vec::new();
        for buffer in buffers {
            all.push(self.read(buffer).await?);
        }
        Ok(all)
    }

    /// Pipelines, bind groups: everything a replay needs, made here, once.
    pub fn plan(&self, calls: Vec<Call>) -> Plan {
        Plan(match self {
            Self::Gpu(gpu) => Steps::Gpu(calls.iter().map(|call| gpu.ready(call)).collect()),
            Self::Processor | Self::Exact => Steps::Processor(calls),
        })
    }

    /// Takes better forms of a plan's calls that have been compiled meanwhile. True: none is on its way any more.
    /// Results do not change: all forms that a plan may be given add up in the same order.
    pub fn refine(&self, plan: &mut Plan) -> bool {
        match (self, &mut plan.0) {
            (Self::Gpu(gpu), Steps::Gpu(calls)) => gpu.refine(calls),
            _ => true,
        }
    }

    /// Replays a plan once, its long calls each alone, to know what they cost: submits are kept short by it.
    ///
    /// # Errors
    /// The device failed.
    pub async fn weigh(&self, plan: &mut Plan) -> Result<(), GpuError> {
        match (self, &mut plan.0) {
            (Self::Gpu(gpu), Steps::Gpu(calls)) => gpu.weigh(calls).await,
            _ => {
                self.run(plan, 1);
                Ok(())
            }
        }
    }

    /// Cuts the calls of a plan into so many dispatches each, as far as their kernels can be cut: for tests.
    pub fn cut(&self, plan: &mut Plan, dispatches: u32) {
        if let (Self::Gpu(gpu), Steps::Gpu(calls)) = (self, &mut plan.0) {
            calls.iter_mut().for_each(|call| gpu.cut(call, dispatches));
        }
    }

    /// Replays a plan `times` times, in one submit. On a GPU this only enqueues.
    pub fn run(&self, plan: &Plan, times: u32) {
        self.run_part(plan, 0..plan.len(), times);
    }

    /// The same in pieces: on a processor, which has to do the work at once, `rest` is awaited after every call.
    pub async fn run_resting(&self, plan: &Plan, times: u32, mut rest: impl AsyncFnMut()) {
        if let Self::Gpu(_) = self {
            return self.run(plan, times);
        }
        for call in (0..times).flat_map(|_| 0..plan.len()) {
            self.run_part(plan, call..call + 1, 1);
            rest().await;
        }
    }

    /// Runs some calls of a plan `times` times: to see what they cost.
    pub fn run_part(&self, plan: &Plan, calls: Range<usize>, times: u32) {
        match (self, &plan.0) {
            (Self::Gpu(gpu), Steps::Gpu(all)) => gpu.run(&all[calls], times),
            (Self::Processor | Self::Exact, Steps::Processor(all)) => {
                (0..times).for_each(|_| all[calls.clone()].iter().for_each(Call::run_here));
            }
            _ => unreachable!("a plan of one device was run on another"),
        }
    }

    /// Milliseconds that some calls of a plan take when they are replayed so many times in one go, and by which clock.
    /// How long that is, is for the caller to keep short.
    ///
    /// # Errors
    /// The device failed.
    pub async fn time(&self, plan: &Plan, calls: Range<usize>, times: u32) -> Result<(f64, Clock), GpuError> {
        if let (Self::Gpu(gpu), Steps::Gpu(all)) = (self, &plan.0)
            && let Some(ms) = gpu.stamped(&all[calls.clone()], times).await?
        {
            return Ok((ms, Clock::Stamps));
        }
        let start = Instant::now();
        self.run_part(plan, calls, times);
        self.finish().await?;
        Ok((start.elapsed().as_secs_f64() * 1e3, Clock::Wall))
    }

    /// Milliseconds of each call of a plan in its turn, over so many replays. `None`: nobody's clock
    /// stands between two calls.
    ///
    /// # Errors
    /// The device failed.
    pub async fn time_in_turn(&self, plan: &Plan, times: u32) -> Result<Option<Vec<f64>>, GpuError> {
        match (self, &plan.0) {
            (Self::Gpu(gpu), Steps::Gpu(calls)) => gpu.stamped_in_turn(calls, times).await,
            (Self::Processor | Self::Exact, Steps::Processor(calls)) => {
                let mut all = vec![0.0; calls.len()];
                for _ in 0..times {
                    // One look at the clock between two calls: what it rounds off one, the next one gets.
                    let mut since = Instant::now();
                    for (call, all) in calls.iter().zip(&mut all) {
                        call.run_here();
                        let now = Instant::now();
                        *all += (now - since).as_secs_f64() * 1e3;
                        since = now;
                    }
                }
                Ok(Some(all))
            }
            _ => unreachable!("a plan of one device was timed on another"),
        }
    }

    /// Waits until everything enqueued so far is done.
    ///
    /// # Errors
    /// The device failed.
    pub async fn finish(&self) -> Result<(), GpuError> {
        match self {
            Self::Gpu(gpu) => gpu.finish().await,
            Self::Processor | Self::Exact => Ok(()),
        }
    }

    /// Milliseconds that it takes to answer when it has nothing to do; a processor answers at once.
    ///
    /// # Errors
    /// The device failed.
    pub async fn idle(&self) -> Result<f64, GpuError> {
        match self {
            Self::Gpu(gpu) => gpu.idle().await,
            Self::Processor | Self::Exact => Ok(0.0),
        }
    }

    /// Whether the device can still be used.
    ///
    /// # Errors
    /// What broke it: a lost device, or a command that it refused.
    pub fn health(&self) -> Result<(), GpuError> {
        match self {
            Self::Gpu(gpu) => gpu.health(),
            Self::Processor | Self::Exact => Ok(()),
        }
    }
}
