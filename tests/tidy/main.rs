//! The rules of this repository that a machine can check. They read files, so they run natively only.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#[cfg(not(target_arch = "wasm32"))]
mod hostile;
#[cfg(not(target_arch = "wasm32"))]
mod languages;
#[cfg(not(target_arch = "wasm32"))]
mod layers;
#[cfg(not(target_arch = "wasm32"))]
mod shaders;
#[cfg(not(target_arch = "wasm32"))]
mod words;
