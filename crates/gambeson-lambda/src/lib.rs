#![doc = include_str!("../README.md")]

use std::fs::File;
use std::io::{self, Read};

mod environment;
mod function;
mod install;
mod invocation;
pub mod jail;
mod layer;
mod log;
mod runtime;
mod runtime_api;
mod stands;
mod variables;

pub use environment::{Environment, EnvironmentError, InitFailure};
pub use function::{Function, Layer};
pub use install::{InstallError, Installation, Runtimes, default_cache};
pub use invocation::{FunctionError, Invocation, Response, audits};
pub use layer::LayerZipError;
pub use runtime::{Runtime, UnknownRuntime};
pub use variables::VariablesError;

/// Bytes that nobody can guess.
fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
