#![doc = include_str!("../README.md")]

mod attack;
mod audit;
mod batch;
mod log;
pub mod message;
mod target;

pub use attack::{AttackType, Kind};
pub use audit::{Audit, Request};
pub use batch::{Batch, BatchError};
pub use log::{Disabled, Started, debug, warning};
pub use target::Target;
