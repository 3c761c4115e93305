//! Tasks other than reconstruction: see [`super::task`].
pub mod pairs;
