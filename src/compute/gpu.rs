//! The GPU, through wgpu: WebGPU in the browser; Vulkan, Metal or DX12 natively. Only this file and those of its
//! clock, its pipelines and what comes back name wgpu's commands.
use super::choice::{Choice, Class};
use super::fault::{Fault, GpuError, Talk, plain};
use super::memory::{self, Memory};
use super::pacing::Pacing;
use super::pipelines::{Key, Pipelines};
use super::reading::{Late, Staging};
use super::ready::Ready;
use super::stamps::Stamps;
use super::{Buffer, Call, Tile, UniformStore, Words};
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use web_time::Instant;
use wgpu::BufferUsages;

/// What a visitor accepts as a GPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct GpuOptions {
    /// Also an adapter that runs on the processor.
    pub software: bool,
    /// Nothing that a device may lack: where one with it was refused.
    pub plain: bool,
}

/// So many pipelines are compiled at once beside other work: it needs a processor, too.
const COMPILING: usize = 2;
/// So many dispatches go in a submit at most: a fast GPU works on them while the next ones are written down.
const TOGETHER: u32 = 512;

/// What gives access to GPUs here. Natively one for all, which is never dropped: a driver that is unloaded while a thread
/// of its own still ends takes the program with it.
#[cfg(not(target_arch = "wasm32"))]
fn instance() -> &'static wgpu::Instance {
    static INSTANCE: std::sync::OnceLock<wgpu::Instance> = std::sync::OnceLock::new();
    INSTANCE.get_or_init(|| wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle().with_env()))
}

#[cfg(target_arch = "wasm32")]
fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle())
}

/// A device of a GPU, with its pipelines.
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    class: Class,
    pub(super) pipelines: Pipelines,
    pub(super) choice: RefCell<Choice>,
    /// The read-back buffers that were used last, to be used again.
    pub(super) staging: Staging,
    fault: Arc<Fault>,
    pub(super) talk: Talk,
    /// To be read where only the wait matters.
    nothing: wgpu::Buffer,
    pub(super) pacing: Pacing,
    /// Whether it has to be asked more than once.
    pub(super) late: Late,
    /// Its own clock, where it has one that programs may read.
    stamps: OnceCell<Stamps>,
}

impl Gpu {
    /// The fastest GPU that the options accept, with WebGPU's default limits.
    ///
    /// # Errors
    /// There is none, or it gives no device.
    pub async fn new(options: GpuOptions) -> Result<Self, GpuError> {
        let instance = instance();
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .map_err(|_| GpuError::NoAdapter)?;
        let info = adapter.get_info();
        if info.device_type == wgpu::DeviceType::Cpu && !options.software {
            return Err(GpuError::Software(name_of(&info)));
        }
        let optional = if options.plain { wgpu::Features::empty() } else { wgpu::Features::TIMESTAMP_QUERY };
        let required_features = adapter.features() & optional;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("hourglass"),
                required_features,
                ..Default::default()
            })
            .await
            .map_err(|e| GpuError::NoDevice { adapter: name_of(&info), reason: plain(&e.to_string()) })?;
        let fault = Arc::new(Fault::default());
        let refused = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            refused.set(match error {
                wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory,
                other => GpuError::Refused(other.to_string()),
            });
        }));
        let lost = fault.clone();
        device.set_device_lost_callback(move |reason, message| {
            // Some browsers say nothing but whether it was meant to go.
            let words = plain(&message);
            lost.set(GpuError::Lost(if words.is_empty() { format!("{reason:?}").to_lowercase() } else { words }));
        });
        let class = Class::of(&info);
        let choice = RefCell::new(Choice::new(class));
        let nothing = storage(&device, 4);
        let pipelines = Pipelines::new(device.clone());
        // A cautious guess, until it is measured.
        let ms = if info.device_type == wgpu::DeviceType::Cpu { 2e-6 } else { 2e-8 };
        let pacing = Pacing::new(ms);
        Ok(Self {
            device,
            queue,
            info,
            class,
            pipelines,
            choice,
            staging: RefCell::default(),
            fault,
            talk: Talk::default(),
            nothing,
            pacing,
            late: Late::default(),
            stamps: OnceCell::new(),
        })
    }

    /// The adapter's own name.
    pub fn name(&self) -> String {
        name_of(&self.info)
    }

    /// What the adapter says of itself, by name.
    pub fn facts(&self) -> [(&'static str, String); 6] {
        let wgpu::AdapterInfo { name, device_type, driver, driver_info, backend, .. } = &self.info;
        [
            ("name", name.clone()),
            ("type", format!("{device_type:?}")),
            ("driver", driver.clone()),
            ("driver info", driver_info.clone()),
            ("backend", format!("{backend:?}")),
            ("features", format!("{:?}", self.device.features())),
        ]
    }

    /// Those of the device's limits that kernels and data can come up against.
    pub fn limits(&self) -> [(&'static str, u64); 9] {
        let all = self.device.limits();
        [
            ("bytes per buffer", all.max_buffer_size),
            ("bytes per binding", all.max_storage_buffer_binding_size),
            ("buffers per stage", all.max_storage_buffers_per_shader_stage.into()),
            ("bytes of shared memory", all.max_compute_workgroup_storage_size.into()),
            ("threads per workgroup", all.max_compute_invocations_per_workgroup.into()),
            ("threads along x", all.max_compute_workgroup_size_x.into()),
            ("threads along y", all.max_compute_workgroup_size_y.into()),
            ("threads along z", all.max_compute_workgroup_size_z.into()),
            ("workgroups along each", all.max_compute_workgroups_per_dimension.into()),
        ]
    }

    /// It runs on the processor.
    pub fn is_software(&self) -> bool {
        self.lanes().is_some()
    }

    /// Threads that run in step, if it runs on the processor.
    pub fn lanes(&self) -> Option<u32> {
        match self.class {
            Class::Software { lanes, .. } => Some(lanes),
            Class::Hardware => None,
        }
    }

    /// Whether a kernel with this tile is compiled here in bearable time.
    pub fn compiles(&self, tile: Tile) -> bool {
        self.class.compiles(tile)
    }

    /// Plans take only such forms from now on, where a kernel has one: for tests and measurements.
    pub fn insist(&self, only: Option<fn(Tile) -> bool>) {
        self.choice.borrow_mut().insist(only);
    }

    /// Chooses forms as for an adapter of this class, or of its own, and forgets what was measured: for tests.
    pub fn pretend(&self, class: Option<Class>) {
        *self.choice.borrow_mut() = Choice::new(class.unwrap_or(self.class));
    }

    /// Of how many products the fastest form is known by trial.
    pub fn measured(&self) -> usize {
        self.choice.borrow().measured()
    }

    /// Whether the device can still be used.
    ///
    /// # Errors
    /// What broke it.
    pub fn health(&self) -> Result<(), GpuError> {
        self.fault.get().map_or(Ok(()), Err)
    }

    /// Comes back when the device is broken, and says by what.
    pub fn failed(&self) -> impl Future<Output = GpuError> + use<> {
        let fault = self.fault.clone();
        std::future::poll_fn(move |context| fault.poll(context))
    }

    /// How many answers it gave, if one is being waited for.
    pub fn awaited(&self) -> Option<u32> {
        self.talk.awaited()
    }

    /// As if this had happened to it: what comes after is as it would be. For tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn fail(&self, error: GpuError) {
        self.fault.set(error);
    }

    /// Ends the device and gives its memory back: all that is asked of it from now on fails.
    pub fn destroy(&self) {
        self.device.destroy();
    }

    pub(super) fn storage(&self, contents: &[u8]) -> Memory {
        let buffer = self.empty(contents.len().next_multiple_of(4));
        self.write(&buffer, contents);
        buffer
    }

    /// New buffers are zero, by WebGPU's rules.
    pub(super) fn zeros(&self, len: usize) -> Memory {
        self.empty(len * 4)
    }

    pub(super) fn empty(&self, size: usize) -> Memory {
        storage(&self.device, size).into()
    }

    pub(super) fn uniform(&self, bytes: &[u8]) -> Memory {
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes.len() as u64,
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.write(&buffer, bytes);
        buffer.into()
    }

    pub(super) fn write(&self, buffer: &wgpu::Buffer, bytes: &[u8]) {
        memory::fill(&self.queue, buffer, bytes);
    }

    pub(super) fn copy(&self, from: &wgpu::Buffer, to: &wgpu::Buffer, at: usize, len: usize) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(from, 0, to, 4 * at as u64, 4 * len as u64);
        self.queue.submit([encoder.finish()]);
    }

    /// Everything enqueued so far is done when this small buffer comes back.
    pub(super) async fn finish(&self) -> Result<(), GpuError> {
        let (idle, start) = (self.pacing.is_idle(), Instant::now());
        self.read(&[&self.nothing]).await?;
        if idle {
            self.late.hear(start.elapsed());
        }
        Ok(())
    }

    /// Milliseconds that an answer takes where there is nothing to do: the least of some, as the first may wait for work, and
    /// a device that is late is soon hastened.
    pub(super) async fn idle(&self) -> Result<f64, GpuError> {
        let mut least = f64::INFINITY;
        for _ in 0..4 {
            let start = Instant::now();
            self.finish().await?;
            least = least.min(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok(least)
    }

    pub(super) fn ready(&self, call: &Call) -> Ready {
        let kernel = call.kernel;
        let sizes = kernel.sizes(&call.first);
        let choice = self.choice.borrow();
        let chosen = if choice.branches_cost() { kernel.chosen(&call.first) } else { Vec::new() };
        let key = |form| Key { kernel, form, chosen: chosen.clone() };
        let best = key(call.form.unwrap_or_else(|| choice.form(kernel, sizes)));
        // What takes long to compile is compiled while something simpler does the work.
        let stopgap = choice.stopgap(kernel, best.form).filter(|_| call.form.is_none());
        let (key, wish) = match stopgap {
            Some(form) if self.pipelines.get(&best).is_none() && self.pipelines.can_begin() => (key(form), Some(best)),
            _ => (best, None),
        };
        let pipeline = self.pipelines.now(&key);
        let UniformStore::Gpu(params) = &call.params else {
            unreachable!("{} is bound to the processor", call.kernel.name())
        };
        let words = call.words.iter().map(|w| match w {
            Words::Gpu(w) => w,
            Words::Processor(_) => unreachable!("{} mixes devices", call.kernel.name()),
        });
        let buffers = call.buffers.iter().map(|b| match b {
            Buffer::Gpu(b) => b,
            _ => unreachable!("{} mixes devices", call.kernel.name()),
        });
        let bound = std::iter::once(params).chain(words).chain(buffers).cloned().collect();
        let mut ready = Ready::new(&self.device, call, (key, pipeline), wish, bound);
        let dispatches = self.pacing.expect(&mut ready);
        self.cut(&mut ready, dispatches);
        ready
    }

    /// Takes those better forms that have come meanwhile. True: none is on its way any more.
    pub(super) fn refine(&self, calls: &mut [Ready]) -> bool {
        let stand = self.compiled(calls.iter().filter_map(|call| call.wish.clone()));
        for call in &mut *calls {
            let Some((key, pipeline)) = call.wish.as_ref().and_then(|key| Some((key, self.pipelines.get(key)?))) else {
                continue;
            };
            call.take(key.clone(), pipeline);
            let dispatches = self.pacing.expect(call);
            self.cut(call, dispatches);
        }
        stand && self.rivals_stand(calls)
    }

    /// Begins to compile what is not there yet, a few at a time. True: all of it is there.
    pub(super) fn compiled(&self, keys: impl Iterator<Item = Key>) -> bool {
        let mut compiling: Vec<Key> = Vec::new();
        for key in keys {
            let wanted = !compiling.contains(&key) && !self.pipelines.is_refused(&key);
            if compiling.len() < COMPILING && wanted && self.pipelines.get(&key).is_none() {
                self.pipelines.begin(&key);
                compiling.push(key);
            }
        }
        compiling.is_empty()
    }

    /// Enqueues the calls so many times, in as many submits as keep each of them short.
    pub(super) fn run(&self, calls: &[Ready], times: u32) {
        let mut all = (0..times).flat_map(|_| calls).flat_map(Ready::dispatches).peekable();
        let most = self.pacing.most();
        while all.peek().is_some() {
            let mut encoder = self.device.create_command_encoder(&Default::default());
            let (mut given, mut count) = (0.0, 0);
            {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                // One dispatch at least, however long it takes.
                let fits = |given: f64, count: u32, work: f64| given == 0.0 || given + work <= most && count < TOGETHER;
                while let Some((call, part, work)) = all.next_if(|(.., work)| fits(given, count, *work)) {
                    call.encode(part, &mut pass);
                    (given, count) = (given + work, count + 1);
                }
            }
            self.queue.submit([encoder.finish()]);
            self.pacing.give(given);
        }
    }

    /// Runs the calls once, in their fastest forms, and those that take long each alone, to know what they cost; what takes
    /// too long for one submit is cut.
    pub(super) async fn weigh(&self, calls: &mut [Ready]) -> Result<(), GpuError> {
        self.probe(calls).await?;
        let pace = self.pacing.pace();
        let mut times = Vec::new();
        for call in &*calls {
            let alone = std::slice::from_ref(call);
            if !self.pacing.is_long(call) {
                self.run(alone, 1);
                times.push(None);
                continue;
            }
            // What was enqueued before, and what a wait costs by itself.
            self.finish().await?;
            let start = Instant::now();
            self.finish().await?;
            let (wait, start) = (start.elapsed(), Instant::now());
            self.run(alone, 1);
            self.finish().await?;
            self.pacing.set_pace(pace);
            times.push(Some(start.elapsed().saturating_sub(wait).as_secs_f64() * 1e3));
        }
        let counts = self.pacing.learn(calls, &times);
        for (call, count) in calls.iter_mut().zip(counts) {
            self.cut(call, count);
        }
        Ok(())
    }

    /// Makes so many dispatches of a call, where its kernel can be cut.
    pub(super) fn cut(&self, call: &mut Ready, dispatches: u32) {
        call.cut(&self.device, dispatches, |bytes| self.uniform(bytes));
    }

    /// Milliseconds by its own clock from the first of these calls to the last, in one pass; `None` where it has none, or
    /// it stood still.
    pub(super) async fn stamped(&self, calls: &[Ready], times: u32) -> Result<Option<f64>, GpuError> {
        let Some(stamps) = self.stamps() else { return Ok(None) };
        let mut encoder = self.device.create_command_encoder(&Default::default());
        Ready::encode_all(calls, times, &mut stamps.pass(&mut encoder, 0));
        stamps.resolve(&mut encoder, 1);
        self.queue.submit([encoder.finish()]);
        let read = self.read(&[stamps.buffer()]).await?;
        Ok(stamps.milliseconds(&read, 1).first().copied().filter(|&ms| ms > 0.0))
    }

    /// Milliseconds of each of these calls in its turn, over so many replays of all of them; likewise.
    pub(super) async fn stamped_in_turn(&self, calls: &[Ready], times: u32) -> Result<Option<Vec<f64>>, GpuError> {
        let Some(stamps) = self.stamps() else { return Ok(None) };
        let mut all = vec![0.0; calls.len()];
        let count = calls.len() as u32;
        let work: f64 = calls.iter().map(|call| call.work).sum();
        let most = ((self.pacing.most() / work) as u32).clamp(1, Stamps::PASSES / count.max(1));
        let mut left = times;
        while left > 0 {
            let now = left.min(most);
            let mut encoder = self.device.create_command_encoder(&Default::default());
            for (call, pass) in (0..now).flat_map(|_| calls).zip(0..) {
                Ready::encode_all(std::slice::from_ref(call), 1, &mut stamps.pass(&mut encoder, pass));
            }
            stamps.resolve(&mut encoder, now * count);
            self.queue.submit([encoder.finish()]);
            let read = self.read(&[stamps.buffer()]).await?;
            for (pass, ms) in stamps.milliseconds(&read, now * count).into_iter().enumerate() {
                all[pass % calls.len()] += ms;
            }
            left -= now;
        }
        Ok(Some(all).filter(|all| all.iter().sum::<f64>() > 0.0))
    }

    /// Made when they are first asked for.
    fn stamps(&self) -> Option<&Stamps> {
        let has = self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
        has.then(|| self.stamps.get_or_init(|| Stamps::new(&self.device, &self.queue)))
    }
}

fn storage(device: &wgpu::Device, size: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        // An empty binding is not allowed.
        size: size.max(4) as u64,
        usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// In browsers the adapter often keeps its name to itself.
fn name_of(info: &wgpu::AdapterInfo) -> String {
    if info.name.is_empty() { format!("{:?} adapter", info.device_type).to_lowercase() } else { info.name.clone() }
}
