//! A GPU's own clock: two stamps around a pass, so that the way there and back is not in the time.

/// Where the stamps are written.
pub struct Stamps {
    set: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    /// Nanoseconds per tick.
    period: f64,
}

impl Stamps {
    /// Two stamps. The device was asked for them.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let (label, usage) = (Some("stamps"), wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
        let set =
            device.create_query_set(&wgpu::QuerySetDescriptor { label, ty: wgpu::QueryType::Timestamp, count: 2 });
        let resolved =
            device.create_buffer(&wgpu::BufferDescriptor { label, size: 16, usage, mapped_at_creation: false });
        Self { set, resolved, period: queue.get_timestamp_period().into() }
    }

    /// A pass with a stamp where it begins and one where it ends.
    pub fn pass<'a>(&self, encoder: &'a mut wgpu::CommandEncoder) -> wgpu::ComputePass<'a> {
        encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("timed"),
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &self.set,
                beginning_of_pass_write_index: Some(0),
                end_of_pass_write_index: Some(1),
            }),
        })
    }

    /// After the pass.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.set, 0..2, &self.resolved, 0);
    }

    /// What is to be read.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.resolved
    }

    /// Between the stamps that were read, as the floats that they are not. `None`: the clock stood still or ran backwards.
    pub fn milliseconds(&self, read: &[f32]) -> Option<f64> {
        let &[a, b, c, d] = bytemuck::cast_slice(read) else { return None };
        let stamp = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let ticks = stamp(c, d).checked_sub(stamp(a, b)).filter(|&ticks| ticks > 0)?;
        Some(ticks as f64 * self.period / 1e6)
    }
}
