//! Compiled kernels of one device: each form once, when it is first needed or ahead of that.
use super::ahead::Ahead;
use super::kernel::Entry;
use std::cell::RefCell;
use std::collections::HashMap;
use wgpu::{BindingType, BufferBindingType};

/// A kernel, one of its forms, and the parameters that are constants in it.
#[derive(Clone)]
pub struct Key {
    /// The kernel.
    pub kernel: &'static dyn Entry,
    /// Which of its forms.
    pub form: usize,
    /// Name and value of parameters that only choose.
    pub chosen: Vec<(&'static str, u32)>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Key {
    /// Tells it from all others, for people too.
    fn name(&self) -> String {
        let chosen: String = self.chosen.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("{} {:?}{chosen}", self.kernel.name(), self.kernel.tile(self.form))
    }
}

/// The compiled kernels.
pub struct Pipelines {
    device: wgpu::Device,
    made: RefCell<HashMap<String, wgpu::ComputePipeline>>,
    ahead: Ahead,
}

impl Pipelines {
    /// None yet.
    pub fn new(device: wgpu::Device) -> Self {
        Self { device, made: RefCell::default(), ahead: Ahead::new() }
    }

    /// The pipeline; compiled now if it has to be.
    pub fn now(&self, key: &Key) -> wgpu::ComputePipeline {
        if let Some(made) = self.get(key) {
            return made;
        }
        let name = key.name();
        let pipeline = compile(&self.device, key, &name);
        self.made.borrow_mut().insert(name, pipeline.clone());
        pipeline
    }

    /// The pipeline, if it is compiled.
    pub fn get(&self, key: &Key) -> Option<wgpu::ComputePipeline> {
        let name = key.name();
        if let Some(made) = self.made.borrow().get(&name) {
            return Some(made.clone());
        }
        let done = self.ahead.take(&name, |label| compile(&self.device, key, label))?;
        self.made.borrow_mut().insert(name, done.clone());
        Some(done)
    }

    /// Whether it can never be had: another form has to do.
    pub fn is_refused(&self, key: &Key) -> bool {
        self.ahead.is_refused(&key.name())
    }

    /// Whether pipelines can be compiled beside other work here.
    pub fn can_begin(&self) -> bool {
        self.ahead.is_possible()
    }

    /// Begins to compile it beside other work, unless that has begun.
    pub fn begin(&self, key: &Key) {
        let (device, own) = (self.device.clone(), key.clone());
        self.ahead.begin(&key.name(), move |label| compile(&device, &own, label));
    }
}

fn compile(device: &wgpu::Device, key: &Key, label: &str) -> wgpu::ComputePipeline {
    let kernel = key.kernel;
    let reads = kernel.words() + kernel.reads();
    let entries: Vec<_> = (0..=reads + kernel.writes())
        .map(|i| wgpu::BindGroupLayoutEntry {
            binding: i as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty: if i == 0 {
                    BufferBindingType::Uniform
                } else {
                    BufferBindingType::Storage { read_only: i <= reads }
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    let label = Some(label);
    let group = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label,
        bind_group_layouts: &[Some(&group)],
        immediate_size: 0,
    });
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label,
        source: wgpu::ShaderSource::Wgsl(kernel.source(key.form, &key.chosen)),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: Some(&layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    })
}
