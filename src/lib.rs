//! Hourglass: autoencoders that train in the browser, on our own WebGPU kernels.
//!
//! Lowest first; an arrow of use only ever points up this list, and `tests/tidy/layers.rs` checks it:
//!
//! - [`words`]: what is said to visitors, in their language
//! - [`compute`]: buffers, kernels, and the devices that run them (GPU, CPU, CPU in f64)
//! - [`kernels`]: one file per operation: parameters, formula in Rust, workgroups
//! - [`nn`]: what a network is: specification, plan, trainer, checkpoint
//! - [`data`]: what a data set is: files, generators, PCA
//! - [`lessons`]: recipes, links, drawings: what the page teaches, without a page
//! - [`engine`]: the program behind the page: commands in, events out
//! - `ui`: the page (feature `web`)

pub mod compute;
pub mod data;
pub mod engine;
pub mod kernels;
pub mod lessons;
pub mod nn;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod ui;
pub mod words;
