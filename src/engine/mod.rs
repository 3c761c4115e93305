//! The program behind the page: commands in, events out. Runs in a worker, in a test and in a terminal alike.
//! Knows nothing of Leptos or the DOM.
pub mod advice;
pub mod bench;
pub mod check;
mod comparison;
pub mod device;
mod jobs;
pub mod keeping;
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod later;
mod model;
pub mod nearest;
mod opening;
pub mod protocol;
mod questions;
pub mod recovery;
mod run;
pub mod session;
pub mod site;
mod slice;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod worker;
pub mod world;

pub use jobs::{Header, WeightsFile, weights_file, weights_header};
pub use protocol::{Command, Event};
pub use session::Session;
