//! Real runtime clients in the real jail, on every runtime that this machine has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gambeson_lambda::{Environment, EnvironmentError, Function, Installation, Runtimes, default_cache};

mod handlers;
mod lifecycle;
mod sandbox;

/// The program that becomes the sandbox.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_gambeson-jail"))
}

/// The runtime, or `None`, with the reason printed, where it cannot be had and may be missing.
fn installed(runtime: &str) -> Option<Installation> {
    let parsed = runtime.parse().expect("a runtime's name");
    match Runtimes::new(default_cache(), |line| eprintln!("{line}")).ensure(parsed) {
        Ok(installed) => Some(installed),
        Err(error) => {
            assert!(std::env::var_os("GAMBESON_NO_SKIP").is_none(), "nothing may be skipped here: {error}");
            eprintln!("SKIPPED {runtime}: {error}");
            None
        }
    }
}

/// Whether the sandbox can be built whole; prints why not.
fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        assert!(std::env::var_os("GAMBESON_NO_SKIP").is_none(), "nothing may be skipped here: not root");
        eprintln!("SKIPPED: the whole sandbox needs root");
    }
    root
}

/// A directory with one file of code. Only its owner may enter it, as with all temporary directories: it is copied for Lambda's user.
fn code(name: &str, text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join(name), text).expect("writes");
    directory
}

/// Starts a function whose init may take as long as a busy machine needs.
fn start(installed: &Installation, code: &Path, handler: &str) -> Result<Environment, EnvironmentError> {
    Environment::start(program(), installed, &function(installed, code, handler))
}

fn function(installed: &Installation, code: impl Into<PathBuf>, handler: &str) -> Function {
    let mut function = Function::new(installed.runtime(), code, handler);
    function.init_timeout = Duration::from_secs(120);
    function.timeout = Duration::from_secs(120);
    function
}

const PYTHONS: [&str; 9] = [
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
];
const NODES: [&str; 6] = ["nodejs10.x", "nodejs12.x", "nodejs16.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];
