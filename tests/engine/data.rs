//! Data sets: good files, cut files, wrong files, and those made by formula.
#[cfg(not(target_arch = "wasm32"))]
pub mod arbitrary;
pub mod csv;
#[cfg(not(target_arch = "wasm32"))]
pub mod fetch;
pub mod files;
pub mod made;
#[cfg(not(target_arch = "wasm32"))]
pub mod own;
pub mod pca;
#[cfg(not(target_arch = "wasm32"))]
pub mod published;
pub mod sets;
