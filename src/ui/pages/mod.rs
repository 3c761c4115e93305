//! One file per lesson, by the lesson's name.
pub mod studio;
