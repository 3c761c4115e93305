//! Calls of a plan on a GPU, with everything made that a replay needs. A call that takes long is cut into several
//! dispatches, between which others may have their turn.
use super::kernel::{Entry, Tile};
use super::memory::Memory;
use super::pipelines::Key;
use super::{Call, Listing};
use std::ops::Range;

/// A call with its pipeline and bind groups made.
pub struct Ready {
    pub(super) key: Key,
    pub(super) pipeline: wgpu::ComputePipeline,
    /// What it is bound to, the parameters first.
    buffers: Vec<Memory>,
    /// The parameters as they were at first.
    params: Vec<u8>,
    /// Its dispatches: mostly one.
    parts: Vec<Part>,
    /// A better form on its way.
    pub(super) wish: Option<Key>,
    /// Its form is not to be chosen.
    pub(super) fixed: bool,
    sizes: [u32; 3],
    /// Multiplications, roughly; of what is no product, as many as would take the same time.
    pub(super) work: f64,
    /// The same by its sizes alone, whatever was measured.
    pub(super) size_alone: f64,
}

/// A dispatch.
pub struct Part {
    group: wgpu::BindGroup,
    /// Its own parameters, where there are several dispatches: the group alone would not keep them.
    _params: Option<Memory>,
    workgroups: [u32; 3],
    /// How much of the call's work it is.
    share: f64,
}

/// A workgroup of 64 threads that do little takes about as long as so many multiplications.
const WORKGROUP: f64 = 500.0;

impl Ready {
    /// The call in the form of `key`, in one dispatch.
    pub fn new(
        device: &wgpu::Device,
        call: &Call,
        (key, pipeline): (Key, wgpu::ComputePipeline),
        wish: Option<Key>,
        buffers: Vec<Memory>,
    ) -> Self {
        Self::bound(device, (key, pipeline), wish, buffers, call.first.clone(), call.form.is_some())
    }

    fn bound(
        device: &wgpu::Device,
        (key, pipeline): (Key, wgpu::ComputePipeline),
        wish: Option<Key>,
        buffers: Vec<Memory>,
        params: Vec<u8>,
        fixed: bool,
    ) -> Self {
        let sizes = key.kernel.sizes(&params);
        let workgroups = key.kernel.workgroups(key.form, &params);
        let group = bind(device, key.kernel, &pipeline, &buffers);
        let parts = vec![Part { group, _params: None, workgroups, share: 1.0 }];
        let groups = WORKGROUP * workgroups.map(f64::from).iter().product::<f64>();
        let work = groups.max(sizes.map(f64::from).iter().product());
        Self { key, pipeline, buffers, params, parts, wish, fixed, sizes, work, size_alone: work }
    }

    /// Kernel, form and sizes, for whoever looks into a plan.
    pub fn what(&self) -> (&'static str, Option<Tile>, [u32; 3]) {
        (self.key.kernel.name(), Some(self.key.kernel.tile(self.key.form)), self.sizes)
    }

    /// All that was decided about it, with the text that was compiled.
    pub fn listing(&self) -> Listing {
        let Key { kernel, form, chosen } = &self.key;
        Listing {
            kernel: kernel.name(),
            file: kernel.file(*form).0,
            tile: Some(kernel.tile(*form)),
            sizes: self.sizes,
            workgroups: self.workgroups(),
            fast: false,
            wgsl: Some(kernel.source(*form, chosen).into_owned()),
        }
    }

    /// Of all its dispatches together.
    fn workgroups(&self) -> [u32; 3] {
        let [x, _, z] = self.parts.first().map_or([0; 3], |part| part.workgroups);
        [x, self.parts.iter().map(|part| part.workgroups[1]).sum(), z]
    }

    /// Goes on in this form, which was compiled meanwhile. All forms of a kernel are bound alike: the bind group stays.
    pub fn take(&mut self, key: Key, pipeline: wgpu::ComputePipeline) {
        let workgroups = key.kernel.workgroups(key.form, &self.params);
        (self.key, self.pipeline, self.wish) = (key, pipeline, None);
        self.parts.truncate(1);
        self.parts.iter_mut().for_each(|part| (part.workgroups, part.share) = (workgroups, 1.0));
    }

    /// The same in so many dispatches, or in as many as it has rows of workgroups, if its kernel can begin further down. `uniform` makes parameters.
    pub fn cut(&mut self, device: &wgpu::Device, dispatches: u32, uniform: impl Fn(&[u8]) -> Memory) {
        let skip = self.key.kernel.fields().iter().find(|(name, ..)| *name == "skip").map(|&(.., at)| at);
        let [x, rows, z] = self.workgroups();
        let count = dispatches.min(rows);
        let Some(at) = skip.filter(|_| count > 1) else { return };
        let part = |i: u32| {
            let rows = Range { start: rows * i / count, end: rows * (i + 1) / count };
            let mut params = self.params.clone();
            params.get_mut(at..at + 4)?.copy_from_slice(&rows.start.to_ne_bytes());
            let params = uniform(&params);
            let buffers: Vec<_> = std::iter::once(params.clone()).chain(self.buffers.iter().skip(1).cloned()).collect();
            let group = bind(device, self.key.kernel, &self.pipeline, &buffers);
            let workgroups = [x, rows.len() as u32, z];
            Some(Part { group, _params: Some(params), workgroups, share: 1.0 / f64::from(count) })
        };
        if let Some(parts) = (0..count).map(part).collect() {
            self.parts = parts;
        }
    }

    /// The buffers that it writes.
    pub fn written(&self) -> &[Memory] {
        &self.buffers[self.buffers.len() - self.key.kernel.writes()..]
    }

    /// Its buffers, with new ones of the same sizes for those that it writes.
    pub fn apart(&self, new: impl Fn(usize) -> Memory) -> Vec<Memory> {
        let kept = self.buffers.len() - self.key.kernel.writes();
        let (read, written) = self.buffers.split_at(kept);
        read.iter().cloned().chain(written.iter().map(|buffer| new(buffer.size() as usize))).collect()
    }

    /// The same call in another form, on these buffers.
    pub fn in_form(
        &self,
        device: &wgpu::Device,
        key: Key,
        pipeline: wgpu::ComputePipeline,
        buffers: Vec<Memory>,
    ) -> Self {
        Self::bound(device, (key, pipeline), None, buffers, self.params.clone(), true)
    }

    /// Its dispatches and what each of them costs.
    pub fn dispatches(&self) -> impl Iterator<Item = (&Self, &Part, f64)> {
        self.parts.iter().map(move |part| (self, part, self.work * part.share))
    }

    /// Puts a dispatch into a pass.
    pub fn encode(&self, part: &Part, pass: &mut wgpu::ComputePass) {
        let [x, y, z] = part.workgroups;
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &part.group, &[]);
        pass.dispatch_workgroups(x, y, z);
    }

    /// Puts so many replays of these calls into a pass.
    pub fn encode_all(calls: &[Self], times: u32, pass: &mut wgpu::ComputePass) {
        for (call, part, _) in (0..times).flat_map(|_| calls).flat_map(Self::dispatches) {
            call.encode(part, pass);
        }
    }
}

fn bind(
    device: &wgpu::Device,
    kernel: &dyn Entry,
    pipeline: &wgpu::ComputePipeline,
    buffers: &[Memory],
) -> wgpu::BindGroup {
    let entries: Vec<_> = buffers
        .iter()
        .zip(0..)
        .map(|(buffer, binding)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(kernel.name()),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    })
}
