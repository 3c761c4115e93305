//! What a network is: its specification, its plan of kernel calls, its training, its weights' file.
//! Knows nothing of the data sets' files, of lessons, or of wgpu.
pub mod checkpoint;
pub mod evaluator;
pub mod exact;
pub mod limits;
pub mod multiply;
pub mod network;
pub mod noisy;
pub mod part;
pub mod pass;
pub mod resident;
pub mod search;
pub mod spec;
pub mod task;
pub mod tasks;
pub mod trainer;
pub mod variational;
mod whole;

pub use evaluator::Evaluator;
pub use exact::Exact;
pub use network::{Weights, first_weights, signals};
pub use pass::Pass;
pub use resident::{Resident, ResidentError, Rows};
pub use search::{Among, Search};
pub use spec::NetworkSpec;
pub use trainer::{Snapshot, State, Trainer, Training, Whole};
