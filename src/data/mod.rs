//! What a data set is: rows of values with their classes, the files they come in, and those made by formula.
//! Knows neither GPU nor network; only [`fetch`], which is not part of the page, knows the web.
//!
//! What takes long works in slices that the caller paces (drawing, PCA), because the page's worker
//! has to answer between them.
mod assemble;
pub mod beats;
mod built_in;
pub mod catalogue;
pub(crate) mod chance;
mod choose;
pub mod csv;
mod dataset;
mod error;
#[cfg(not(target_arch = "wasm32"))]
pub mod fetch;
pub mod gzip;
pub mod idx;
pub mod own;
pub mod pca;
pub mod png;
mod sources;
pub mod strokes;
pub mod ucr;

pub use assemble::assemble;
pub use built_in::{Making, built_in};
pub use choose::{drawn, rows_with};
pub use dataset::{BYTE_SCALE, Dataset, Shape, Split, Values};
pub use error::DataError;
pub use sources::{Address, Kind, Role, SOURCES, Source, SourceFile, slugs, source};
