//! Tasks of the lessons, one file each: see [`super::task`].
pub mod classify;
