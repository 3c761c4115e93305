//! A GPU's own clock: stamps around passes, so that the way there and back is not in the time.

/// Stamps at most, as WebGPU has it.
const MOST: u32 = 4096;

/// Where the stamps are written.
pub struct Stamps {
    set: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    /// Nanoseconds per tick.
    period: f64,
}

impl Stamps {
    /// Passes between two looks at most.
    pub const PASSES: u32 = MOST / 2;

    /// For a device that was asked for them.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let (label, usage) = (Some("stamps"), wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
        let (ty, count) = (wgpu::QueryType::Timestamp, MOST);
        let set = device.create_query_set(&wgpu::QuerySetDescriptor { label, ty, count });
        let size = 8 * u64::from(MOST);
        let resolved = device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false });
        Self { set, resolved, period: queue.get_timestamp_period().into() }
    }

    /// Pass `number`, with a stamp where it begins and one where it ends.
    pub fn pass<'a>(&self, encoder: &'a mut wgpu::CommandEncoder, number: u32) -> wgpu::ComputePass<'a> {
        encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("timed"),
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &self.set,
                beginning_of_pass_write_index: Some(2 * number),
                end_of_pass_write_index: Some(2 * number + 1),
            }),
        })
    }

    /// After so many passes.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder, passes: u32) {
        encoder.resolve_query_set(&self.set, 0..2 * passes, &self.resolved, 0);
    }

    /// What is to be read.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.resolved
    }

    /// Milliseconds of each pass, from what was read: stamps in place of floats. Browsers round them to tenths of a
    /// millisecond, so that a short pass may take no time and only the mean of many says anything.
    pub fn milliseconds(&self, read: &[f32], passes: u32) -> Vec<f64> {
        let words: &[u32] = bytemuck::cast_slice(read);
        let stamp = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let passes = words.as_chunks().0.iter().take(passes as usize);
        let ticks = passes.map(|&[a, b, c, d]| stamp(c, d).saturating_sub(stamp(a, b)));
        ticks.map(|ticks| ticks as f64 * self.period / 1e6).collect()
    }
}
