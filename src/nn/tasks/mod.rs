//! Tasks other than reconstruction, one file each: see [`super::task`].
pub mod classify;
pub mod pairs;
