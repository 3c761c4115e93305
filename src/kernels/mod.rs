//! One module for each operation in `shaders/`: its parameters, its formula in Rust, its workgroups.
//! Each knows only its own formula; layers and training are above.
//!
//! The formula in Rust (the twin) is generic over f32 and f64: it is the fallback, the reference of the tests, and
//! the explanation. Where it is too slow to be the fallback, a `fast` version stands beside it.
pub mod activation;
pub mod clock;
mod product;
pub mod random;

macro_rules! kernels {
    ($($module:ident: $($kernel:ident),+;)*) => {
        $(pub mod $module;)*
        /// Every kernel, for the tests and the benches.
        pub static ALL: &[&dyn crate::compute::Entry] = &[$($(&$module::$kernel,)+)*];
    };
}

kernels! {
    add: ADD;
    corrupt: CORRUPT;
    dense: DENSE, DENSE_DX, DENSE_DW;
    distances: DISTANCES;
    gather: GATHER;
    init: INIT;
    limits: PEAK, STREAM;
    loss: LOSS;
    nearest: NEAREST;
    pairs: COUPLE, CONTRASTIVE;
    sample: SAMPLE, SAMPLE_DZ;
    softmax: SOFTMAX;
    tick: TICK;
    whole: WHOLE, WHOLE_QUADS;
}

/// The numbers of a row-major matrix, as `usize`, for indexing in twins.
fn size(n: u32) -> usize {
    n as usize
}
