//! A kernel: its WGSL, its twin in Rust, and what a call of it holds.
use super::processor::Shared;
use super::{Buffer, Uniform, UniformStore, Words};

/// What a kernel computes, in Rust: parameters, words to read, floats to read, floats to write, in the order of
/// the bindings.
pub type Twin<P, T, const I: usize, const R: usize, const W: usize> = fn(&P, [&[u32]; I], [&[T]; R], [&mut [T]; W]);

/// A WGSL kernel and the Rust function that computes the same thing.
///
/// Binding 0 is the uniform `Params`; then come `I` buffers of words to read, `R` of floats to read, `W` to write.
pub struct Kernel<P, const R: usize, const W: usize, const I: usize = 0> {
    /// The stem of its file in `shaders/`.
    pub name: &'static str,
    /// The text of that file.
    pub wgsl: &'static str,
    /// The fallback for visitors with no GPU.
    pub twin: Twin<P, f32, I, R, W>,
    /// The same function in f64: what the tests hold every device to.
    pub exact: Twin<P, f64, I, R, W>,
    /// A faster way to the same result on a processor, where the twin is too slow to be the fallback.
    pub fast: Option<Twin<P, f32, I, R, W>>,
    /// How many workgroups to start.
    pub workgroups: fn(&P) -> [u32; 3],
}

/// Name, type and byte offset of a parameter, for the test that reads the WGSL.
pub type Field = (&'static str, &'static str, usize);

/// The Rust side of a kernel's `struct Params`; made by [`params!`](crate::params).
pub trait Params: bytemuck::Pod + Sync + std::fmt::Debug {
    /// In the order of the struct.
    const FIELDS: &'static [Field];
}

/// Declares the Rust side of a kernel's `struct Params`.
#[macro_export]
macro_rules! params {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$doc:meta])* pub $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct $name { $($(#[$doc])* pub $field: $ty,)* }
        impl $crate::compute::Params for $name {
            const FIELDS: &'static [$crate::compute::Field] =
                &[$((stringify!($field), stringify!($ty), std::mem::offset_of!($name, $field)),)*];
        }
    };
}

/// Loads `shaders/<name>.wgsl`, so that a kernel's name and its file cannot differ.
#[macro_export]
macro_rules! kernel {
    ($name:literal, $twin:ident, $workgroups:ident) => {
        $crate::kernel!($name, $twin, $workgroups, fast: None)
    };
    ($name:literal, $twin:ident, $workgroups:ident, fast: $fast:expr) => {
        $crate::compute::Kernel {
            name: $name,
            wgsl: include_str!(concat!("../../shaders/", $name, ".wgsl")),
            twin: $twin::<f32>,
            exact: $twin::<f64>,
            fast: $fast,
            workgroups: $workgroups,
        }
    };
}

/// One kernel on its buffers.
pub struct Call {
    pub(super) kernel: &'static dyn Entry,
    pub(super) params: UniformStore,
    pub(super) words: Vec<Words>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) workgroups: [u32; 3],
}

impl<P: Params, const R: usize, const W: usize> Kernel<P, R, W> {
    /// This kernel on these buffers.
    pub fn call(&'static self, params: &Uniform<P>, reads: [&Buffer; R], writes: [&Buffer; W]) -> Call {
        self.call_with(params, [], reads, writes)
    }
}

impl<P: Params, const R: usize, const W: usize, const I: usize> Kernel<P, R, W, I> {
    /// This kernel on these words and buffers.
    pub fn call_with(
        &'static self,
        params: &Uniform<P>,
        words: [&Words; I],
        reads: [&Buffer; R],
        writes: [&Buffer; W],
    ) -> Call {
        Call {
            kernel: self,
            params: params.store.clone(),
            words: words.into_iter().cloned().collect(),
            buffers: reads.into_iter().chain(writes).cloned().collect(),
            workgroups: (self.workgroups)(&params.first),
        }
    }
}

impl Call {
    pub(super) fn run_here(&self) {
        let UniformStore::Processor(params) = &self.params else {
            unreachable!("{} is bound to a GPU", self.kernel.name())
        };
        let words: Vec<&[u32]> = self
            .words
            .iter()
            .map(|w| match w {
                Words::Processor(w) => w.as_slice(),
                Words::Gpu(_) => unreachable!("{} mixes devices", self.kernel.name()),
            })
            .collect();
        match self.buffers.first() {
            Some(Buffer::Exact(_)) => {
                let stores = self.stores(|b| if let Buffer::Exact(s) = b { Some(s) } else { None });
                self.kernel.run_exact(&params.borrow(), &words, &stores);
            }
            _ => {
                let stores = self.stores(|b| if let Buffer::Processor(s) = b { Some(s) } else { None });
                self.kernel.run_here(&params.borrow(), &words, &stores);
            }
        }
    }

    fn stores<T>(&self, pick: impl Fn(&Buffer) -> Option<&Shared<T>>) -> Vec<&Shared<T>> {
        self.buffers
            .iter()
            .map(|b| pick(b).unwrap_or_else(|| unreachable!("{} mixes devices", self.kernel.name())))
            .collect()
    }
}

/// A kernel without its types: what the devices and the tests need of every kernel.
pub trait Entry: Sync {
    /// The stem of its file in `shaders/`.
    fn name(&self) -> &'static str;
    /// The text of that file.
    fn wgsl(&self) -> &'static str;
    /// The Rust side of its `struct Params`.
    fn fields(&self) -> &'static [Field];
    /// Buffers of words that it reads.
    fn words(&self) -> usize;
    /// Buffers of floats that it reads.
    fn reads(&self) -> usize;
    /// Buffers that it writes.
    fn writes(&self) -> usize;
    /// The fast version if there is one, else the twin.
    fn run_here(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f32>]);
    /// The twin in f64.
    fn run_exact(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f64>]);
}

impl<P: Params, const R: usize, const W: usize, const I: usize> Entry for Kernel<P, R, W, I> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn wgsl(&self) -> &'static str {
        self.wgsl
    }
    fn fields(&self) -> &'static [Field] {
        P::FIELDS
    }
    fn words(&self) -> usize {
        I
    }
    fn reads(&self) -> usize {
        R
    }
    fn writes(&self) -> usize {
        W
    }
    fn run_here(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f32>]) {
        run(self.fast.unwrap_or(self.twin), params, words, buffers);
    }
    fn run_exact(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f64>]) {
        run(self.exact, params, words, buffers);
    }
}

fn run<P: Params, T, const I: usize, const R: usize, const W: usize>(
    twin: Twin<P, T, I, R, W>,
    params: &[u8],
    words: &[&[u32]],
    buffers: &[&Shared<T>],
) {
    // A buffer both read and written would panic here, as WebGPU would refuse it.
    let reads: [_; R] = std::array::from_fn(|i| buffers[i].borrow());
    let mut writes: [_; W] = std::array::from_fn(|i| buffers[R + i].borrow_mut());
    twin(
        &bytemuck::pod_read_unaligned(params),
        std::array::from_fn(|i| words[i]),
        reads.each_ref().map(|r| r.as_slice()),
        writes.each_mut().map(|w| w.as_mut_slice()),
    );
}
