//! Values that come back from a GPU, through buffers that are kept for the next time.
use super::fault::GpuError;
use super::gpu::Gpu;
use super::memory::Memory;
use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;
use wgpu::BufferUsages;

/// So many read-back buffers are kept: a run and a lesson's question have no more sizes between them.
const STAGED: usize = 12;
/// And bytes of them, beyond which only the last one is.
const STAGED_BYTES: u64 = 32 << 20;
/// Bytes that are read back in one buffer, beyond which each buffer has its own: a device has no larger ones than twice this.
const TOGETHER: u64 = 128 << 20;

/// Whether a device without work is late with its answers. Firefox looks only every 100 ms what its GPU has done, unless
/// something is submitted: then it looks at once (measured with 153: 100 ms for a buffer that was ready, and 3 so).
#[derive(Default)]
pub struct Late(Cell<u32>);

/// An answer later than this is late, and so many of them in a row are no accident.
const LATE: Duration = Duration::from_millis(40);
const OFTEN: u32 = 2;

impl Late {
    /// A device that had nothing to do answered after this.
    pub fn hear(&self, wait: Duration) {
        if !self.is_so() {
            self.0.set(if wait > LATE { self.0.get() + 1 } else { 0 });
        }
    }

    /// It is.
    pub fn is_so(&self) -> bool {
        self.0.get() >= OFTEN
    }
}

/// Milliseconds between two nudges: at first, and at most.
#[cfg(target_arch = "wasm32")]
const NUDGE: std::ops::Range<i32> = 3..12;

/// The read-back buffers that were used last, to be used again.
pub type Staging = RefCell<VecDeque<Memory>>;

impl Gpu {
    /// The values of all these buffers as they are at one moment, one after the other.
    pub(super) async fn read(&self, buffers: &[&wgpu::Buffer]) -> Result<Vec<f32>, GpuError> {
        self.health()?;
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut copies = Vec::new();
        for some in together(buffers) {
            let copy = self.staged(some.iter().map(|buffer| buffer.size()).sum());
            let mut at = 0;
            for buffer in some {
                encoder.copy_buffer_to_buffer(buffer, 0, &copy, at, buffer.size());
                at += buffer.size();
            }
            copies.push(copy);
        }
        self.queue.submit([encoder.finish()]);
        let question = self.talk.ask();
        let mapped: Vec<_> = copies.iter().map(map).collect();
        let not_read = |reason: String| self.health().err().unwrap_or(GpuError::NotRead(reason));
        #[cfg(not(target_arch = "wasm32"))]
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|e| not_read(e.to_string()))?;
        for mapped in mapped {
            match self.nudged(mapped).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(not_read(error.to_string())),
                Err(_) => return Err(not_read("the request was dropped".into())),
            }
        }
        question.answered();
        let size: u64 = copies.iter().map(|copy| copy.size()).sum();
        let mut values = Vec::with_capacity(size as usize / 4);
        for copy in copies {
            let view = copy.get_mapped_range(..).map_err(|e| not_read(e.to_string()))?;
            values.extend_from_slice(bytemuck::cast_slice(&view));
            drop(view);
            copy.unmap();
            self.stage(copy);
        }
        self.pacing.clock_in();
        self.health()?;
        Ok(values)
    }

    /// Waits for a buffer, and submits nothing now and then where that hastens the answer.
    async fn nudged<T>(&self, mapped: oneshot::Receiver<T>) -> Result<T, oneshot::Canceled> {
        #[cfg(target_arch = "wasm32")]
        if self.late.is_so() {
            use futures_util::future::{Either, select};
            let (mut mapped, mut pause) = (mapped, NUDGE.start);
            loop {
                match select(&mut mapped, std::pin::pin!(super::timer::after(pause))).await {
                    Either::Left((got, _)) => return got,
                    Either::Right(_) => self.queue.submit([]),
                };
                // What takes long is not asked about all the time.
                pause = (pause + 1).min(NUDGE.end);
            }
        }
        mapped.await
    }

    /// A buffer to read back from: one that is kept, if there is one of this size.
    fn staged(&self, size: u64) -> Memory {
        let mut staging = self.staging.borrow_mut();
        let kept = staging.iter().position(|buffer| buffer.size() == size).and_then(|at| staging.remove(at));
        kept.unwrap_or_else(|| {
            let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read back"),
                size,
                usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            buffer.into()
        })
    }

    /// Keeps a read-back buffer; those used longest ago go.
    fn stage(&self, copy: Memory) {
        let mut staging = self.staging.borrow_mut();
        staging.push_back(copy);
        let bytes = |staging: &VecDeque<Memory>| staging.iter().map(|buffer| buffer.size()).sum::<u64>();
        while staging.len() > STAGED || staging.len() > 1 && bytes(&staging) > STAGED_BYTES {
            staging.pop_front();
        }
    }
}

/// Buffers whose values fit into one, as long as they do.
fn together<'a>(buffers: &[&'a wgpu::Buffer]) -> Vec<Vec<&'a wgpu::Buffer>> {
    let (mut all, mut size) = (Vec::<Vec<_>>::new(), 0);
    for &buffer in buffers {
        size += buffer.size();
        match all.last_mut().filter(|_| size <= TOGETHER) {
            Some(last) => last.push(buffer),
            None => {
                size = buffer.size();
                all.push(vec![buffer]);
            }
        }
    }
    all
}

/// Begins to map a read-back buffer.
fn map(copy: &Memory) -> oneshot::Receiver<Result<(), wgpu::BufferAsyncError>> {
    let (done, mapped) = oneshot::channel();
    copy.map_async(wgpu::MapMode::Read, .., move |result| {
        // Nobody waits any more if the session moved on to another device.
        let _ = done.send(result);
    });
    mapped
}
