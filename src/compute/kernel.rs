//! A kernel: its WGSL, its twin in Rust, and what a call of it holds.
use super::processor::Shared;
use super::unroll::{fixed, unrolled, with_constants};
use super::{Buffer, Listing, Uniform, UniformStore, Words};
use std::borrow::Cow;

/// What a kernel computes, in Rust: parameters, words to read, floats to read, floats to write, in the order of
/// the bindings.
pub type Twin<P, T, const I: usize, const R: usize, const W: usize> = fn(&P, [&[u32]; I], [&[T]; R], [&mut [T]; W]);

/// A WGSL kernel and the Rust function that computes the same thing.
///
/// Binding 0 is the uniform `Params`; then come `I` buffers of words to read, `R` of floats to read, `W` to write.
pub struct Kernel<P: 'static, const R: usize, const W: usize, const I: usize = 0> {
    /// The stem of its file in `shaders/`.
    pub name: &'static str,
    /// The text of that file.
    pub wgsl: &'static str,
    /// The fallback for visitors with no GPU.
    pub twin: Twin<P, f32, I, R, W>,
    /// The same function in f64: what the tests hold every device to. The page has no use for it.
    #[cfg(not(feature = "web"))]
    pub exact: Twin<P, f64, I, R, W>,
    /// A faster way to the same result on a processor, where the twin is too slow to be the fallback.
    pub fast: Option<Twin<P, f32, I, R, W>>,
    /// How it can be run on a GPU: all with the same bindings and the same result. The first is always possible.
    pub forms: &'static [Form<P>],
    /// Parameters that only choose between ways to calculate. Where branches cost, they become constants.
    pub choices: &'static [&'static str],
    /// What a choice between forms goes by: the result's rows and columns, and the terms of each of its sums.
    pub sizes: fn(&P) -> [u32; 3],
}

/// One way to run a kernel on a GPU.
pub struct Form<P: 'static> {
    /// The stem of its file in `shaders/`.
    pub file: &'static str,
    /// The text of that file.
    pub wgsl: &'static str,
    /// What is special about it.
    pub tile: Tile,
    /// How many workgroups to start.
    pub workgroups: fn(&P) -> [u32; 3],
}

/// How a form divides its work: what stands in its WGSL as constants, and what a choice between forms goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tile {
    /// The file as it is.
    Plain,
    /// A thread makes `rows` x `cols` sums in registers, in workgroups of `lanes` x `group` threads.
    Registers {
        /// Rows of a thread's tile.
        rows: u32,
        /// Columns of a thread's tile.
        cols: u32,
        /// Threads beside each other.
        lanes: u32,
        /// Threads below each other.
        group: u32,
    },
    /// 8 x 8 threads make `edge` x `edge` sums each, from values in memory that they share.
    Shared {
        /// Rows and columns of a thread's tile.
        edge: u32,
    },
    /// A thread keeps `cols` columns of [`FEW_TERMS`] terms each, and makes `rows` rows' sums with them, one after the
    /// other.
    Few {
        /// Rows of a thread's tile.
        rows: u32,
        /// Columns of a thread's tile.
        cols: u32,
        /// Threads beside each other.
        lanes: u32,
    },
    /// 64 threads share 4 x 4 sums, each adding up every 64th term.
    Slim,
    /// The file as it is, with workgroups of so many threads.
    Threads(u32),
}

/// Terms of a sum that [`Tile::Few`] is made for: it knows no more. A loop for the others would cost those that have none,
/// and llvmpipe ends loops after 65,535 rounds in all, wherever they are by then.
pub const FEW_TERMS: u32 = 32;

impl Tile {
    /// The constants that its WGSL is given.
    pub fn constants(self) -> Vec<(&'static str, u32)> {
        match self {
            Self::Plain | Self::Slim => Vec::new(),
            Self::Registers { rows, cols, lanes, group } => {
                vec![("ROWS", rows), ("COLS", cols), ("LANES", lanes), ("GROUP", group)]
            }
            Self::Few { rows, cols, lanes } => {
                vec![("ROWS", rows), ("COLS", cols), ("TERMS", FEW_TERMS), ("LANES", lanes)]
            }
            Self::Shared { edge } => vec![("ROWS", edge), ("COLS", edge)],
            Self::Threads(threads) => vec![("THREADS", threads)],
        }
    }

    /// Rows and columns of a workgroup's tile.
    pub const fn size(self) -> [u32; 2] {
        match self {
            Self::Plain | Self::Threads(_) => [1, 1],
            Self::Registers { rows, cols, lanes, group } => [rows * group, cols * lanes],
            Self::Few { rows, cols, lanes } => [rows, cols * lanes],
            Self::Shared { edge } => [8 * edge, 8 * edge],
            Self::Slim => [4, 4],
        }
    }

    /// Whether it makes sums of so many terms.
    pub const fn takes(self, terms: u32) -> bool {
        !matches!(self, Self::Few { .. }) || terms <= FEW_TERMS
    }

    /// Workgroups for a result of so many rows and columns.
    pub fn cover(self, rows: u32, cols: u32) -> [u32; 3] {
        let [high, wide] = self.size();
        [cols.div_ceil(wide), rows.div_ceil(high), 1]
    }
}

impl<P: 'static> Form<P> {
    /// Its WGSL, with the loops over its tile written out, and these parameters as constants.
    pub fn source(&self, chosen: &[(&str, u32)]) -> Cow<'static, str> {
        let text = match self.tile {
            Tile::Plain => Cow::Borrowed(self.wgsl),
            tile @ Tile::Threads(_) => with_constants(self.wgsl, &tile.constants()).into(),
            tile => unrolled(self.wgsl, &tile.constants()).into(),
        };
        chosen.iter().fold(text, |text, (name, value)| fixed(&text, name, *value).into())
    }
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
    ($name:literal, $twin:ident, $workgroups:ident $(, sizes: $sizes:expr)? $(, choices: $choices:expr)?
        $(, software: $software:expr)?) => {
        $crate::compute::Kernel {
            name: $name,
            wgsl: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".wgsl")),
            twin: $twin::<f32>,
            #[cfg(not(feature = "web"))]
            exact: $twin::<f64>,
            fast: None,
            forms: $crate::kernel!(@forms $name, $workgroups $(, $software)?),
            choices: $crate::kernel!(@choices $($choices)?),
            sizes: $crate::kernel!(@sizes $($sizes)?),
        }
    };
    (@sizes) => { |_| [1, 1, 1] };
    (@sizes $sizes:expr) => { $sizes };
    (@forms $name:literal, $workgroups:ident) => { &[$crate::form!($name, Plain, $workgroups)] };
    (@forms $name:literal, $workgroups:ident, $software:expr) => {
        &[$crate::form!($name, Plain, $workgroups), $crate::form!($name, $software, of $workgroups)]
    };
    (@choices) => { &[] };
    (@choices $choices:expr) => { $choices };
    (@fast) => { None };
    (@fast $fast:ident) => { Some($fast) };
    ($name:literal, $twin:ident, $sizes:ident, $(fast: $fast:ident,)? choices: $choices:expr, forms: $forms:expr) => {
        $crate::compute::Kernel {
            name: $name,
            wgsl: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".wgsl")),
            twin: $twin::<f32>,
            #[cfg(not(feature = "web"))]
            exact: $twin::<f64>,
            fast: $crate::kernel!(@fast $($fast)?),
            forms: $forms,
            choices: $choices,
            sizes: $sizes,
        }
    };
}

/// One form of a kernel, from `shaders/<file>.wgsl`.
#[macro_export]
macro_rules! form {
    ($file:expr, Plain, $workgroups:expr) => {
        $crate::compute::Form {
            file: $file,
            wgsl: include_str!(concat!(env!("OUT_DIR"), "/", $file, ".wgsl")),
            tile: $crate::compute::Tile::Plain,
            workgroups: $workgroups,
        }
    };
    ($file:expr, $tile:expr, of $workgroups:expr) => {
        $crate::compute::Form {
            file: $file,
            wgsl: include_str!(concat!(env!("OUT_DIR"), "/", $file, ".wgsl")),
            tile: $tile,
            workgroups: $workgroups,
        }
    };
    ($file:expr, $sizes:expr, $tile:expr) => {
        $crate::compute::Form {
            file: $file,
            wgsl: include_str!(concat!(env!("OUT_DIR"), "/", $file, ".wgsl")),
            tile: $tile,
            workgroups: |params| {
                let [rows, cols, _] = $sizes(params);
                $tile.cover(rows, cols)
            },
        }
    };
}

/// One kernel on its buffers.
pub struct Call {
    pub(super) kernel: &'static dyn Entry,
    pub(super) params: UniformStore,
    pub(super) words: Vec<Words>,
    pub(super) buffers: Vec<Buffer>,
    /// The parameters as they were at first: their sizes decide forms and workgroups.
    pub(super) first: Vec<u8>,
    /// The form to take, where a test or a bench wants a certain one.
    pub(super) form: Option<usize>,
}

impl Call {
    /// The same call in a form of its kernel's list, whatever a device would choose.
    #[must_use]
    pub fn in_form(mut self, form: usize) -> Self {
        self.form = Some(form);
        self
    }
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
            first: bytemuck::bytes_of(&params.first).to_vec(),
            form: None,
        }
    }
}

impl Call {
    /// The buffers that it writes.
    pub(super) fn written(&self) -> &[Buffer] {
        &self.buffers[self.buffers.len() - self.kernel.writes()..]
    }

    pub(super) fn listing(&self) -> Listing {
        let kernel = self.kernel;
        let (sizes, fast) = (kernel.sizes(&self.first), kernel.is_fast_here());
        let (file, workgroups) = (kernel.name(), [0; 3]);
        Listing { kernel: kernel.name(), file, tile: None, sizes, workgroups, fast, wgsl: None }
    }

    pub(super) fn run_here(&self) {
        let UniformStore::Processor(params) = &self.params else {
            unreachable!("{} is bound to a GPU", self.kernel.name())
        };
        let words: Vec<&[u32]> = self
            .words
            .iter()
            .map(|w| match w {
                Words::Processor(w) => (**w).as_ref(),
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
    /// How many forms it has on a GPU, and what each of them is.
    fn forms(&self) -> usize;
    /// The stem of a form's file, and that file as it is.
    fn file(&self, form: usize) -> (&'static str, &'static str);
    /// How a form divides its work.
    fn tile(&self, form: usize) -> Tile;
    /// The values of those parameters that only choose.
    fn chosen(&self, params: &[u8]) -> Vec<(&'static str, u32)>;
    /// The WGSL of a form, with some parameters as constants.
    fn source(&self, form: usize, chosen: &[(&str, u32)]) -> Cow<'static, str>;
    /// How many workgroups a form starts for these parameters.
    fn workgroups(&self, form: usize, params: &[u8]) -> [u32; 3];
    /// Rows and columns of the result, and terms per sum, for these parameters.
    fn sizes(&self, params: &[u8]) -> [u32; 3];
    /// Whether there is a fast version for a processor.
    fn is_fast_here(&self) -> bool;
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
    fn forms(&self) -> usize {
        self.forms.len()
    }
    fn file(&self, form: usize) -> (&'static str, &'static str) {
        (self.forms[form].file, self.forms[form].wgsl)
    }
    fn tile(&self, form: usize) -> Tile {
        self.forms[form].tile
    }
    fn chosen(&self, params: &[u8]) -> Vec<(&'static str, u32)> {
        let value = |offset: usize| params.get(offset..offset + 4).map_or(0, bytemuck::pod_read_unaligned);
        let chosen = P::FIELDS.iter().filter(|(name, kind, _)| *kind == "u32" && self.choices.contains(name));
        chosen.map(|&(name, _, offset)| (name, value(offset))).collect()
    }
    fn source(&self, form: usize, chosen: &[(&str, u32)]) -> Cow<'static, str> {
        self.forms[form].source(chosen)
    }
    fn workgroups(&self, form: usize, params: &[u8]) -> [u32; 3] {
        (self.forms[form].workgroups)(&bytemuck::pod_read_unaligned(params))
    }
    fn sizes(&self, params: &[u8]) -> [u32; 3] {
        (self.sizes)(&bytemuck::pod_read_unaligned(params))
    }
    fn is_fast_here(&self) -> bool {
        self.fast.is_some()
    }
    fn run_here(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f32>]) {
        run(self.fast.unwrap_or(self.twin), params, words, buffers);
    }
    fn run_exact(&self, params: &[u8], words: &[&[u32]], buffers: &[&Shared<f64>]) {
        #[cfg(not(feature = "web"))]
        run(self.exact, params, words, buffers);
        #[cfg(feature = "web")]
        unreachable!(
            "{} in f64, with {} bytes, {} and {} buffers",
            self.name,
            params.len(),
            words.len(),
            buffers.len()
        );
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
