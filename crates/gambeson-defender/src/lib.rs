#![doc = include_str!("../README.md")]

pub mod abi;
mod attack;
mod child;
mod console;
mod decide;
mod environment;
mod inspect;
mod invocation;
mod log;
pub mod node;
pub mod python;
mod report;
mod shared;
mod snapshot;
mod start;
mod surroundings;
mod symbol;
mod thread;
