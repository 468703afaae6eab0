//! Where a function runs: a process tree that sees Lambda's sandbox instead of this machine.
//!
//! The program re-executes itself three times, because each step needs a process of its own:
//!
//! 1. **outer** leaves the namespaces of this machine (`unshare`), so that its child is born in the new process-ID namespace;
//! 2. **init** is process 1 there: it builds the root, starts the runtime, reaps, freezes and thaws, and its end is the end of everything in the
//!    namespace;
//! 3. **enter** gives up its privileges, installs the seccomp filter and becomes the runtime.
//!
//! The program that starts all this talks to init through a socket that init has as standard input. When that socket closes, for whatever reason,
//! init ends, and the kernel kills the rest: no process outlives its environment.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

mod enter;
mod init;
mod launch;
mod outer;
mod processes;
mod root;
mod seccomp;

pub(crate) use launch::Jail;
pub use launch::Privileges;

/// The hidden sub-command under which a program gives control to [`run`].
pub const COMMAND: &str = "__jail";

/// Runs one step of the jail: what a program does when it was started with [`COMMAND`] and `arguments`. Returns the exit code.
pub fn run(arguments: &[OsString]) -> u8 {
    let arguments: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
    match arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>()[..] {
        ["probe"] => outer::probe(),
        ["outer"] => outer::run(),
        ["init", privileges] => init::run(privileges.parse().unwrap_or(Privileges::Nothing)),
        ["enter"] => enter::run(),
        _ => {
            eprintln!("{COMMAND} is how this program starts a function's sandbox; it is not for people");
            2
        }
    }
}

/// What init has to build and to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// An empty directory of this environment's own, over which the new root is mounted.
    pub(crate) scratch: PathBuf,
    /// What stands where in the new root, read-only.
    pub(crate) binds: Vec<Bind>,
    /// Directories of the new root that are to be empty, whatever is under them.
    pub(crate) masked: Vec<PathBuf>,
    /// Size of `/tmp`.
    pub(crate) tmp_mb: u64,
    /// The name server of its `/etc/resolv.conf`, instead of this machine's.
    pub(crate) resolver: Option<IpAddr>,
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Directory in which the runtime starts.
    pub(crate) directory: PathBuf,
    /// The whole environment.
    pub(crate) variables: Vec<(String, String)>,
}

/// A directory of this machine and where it appears in the jail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bind {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

/// What init is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    Freeze,
    Thaw,
}

/// What init reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The root is built; `gaps` are sentences about what could not be done.
    Ready { gaps: Vec<String> },
    /// The runtime was started at this time of the monotonic clock, in nanoseconds.
    Started { at: u64 },
    /// There will be no runtime.
    Failed { message: String },
    /// Every process is stopped. The most memory that the runtime's process ever had resident.
    Frozen { peak_kb: u64 },
    /// Every process runs again.
    Thawed,
    /// The runtime has ended.
    Exited { code: Option<i32>, signal: Option<i32>, peak_kb: u64 },
}

/// Writes a message: its length in four bytes, then JSON.
pub(crate) fn send<T: Serialize>(mut to: impl Write, message: &T) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.extend_from_slice(&u32::try_from(body.len()).map_err(io::Error::other)?.to_be_bytes());
    frame.extend_from_slice(&body);
    to.write_all(&frame)
}

/// Reads a message; `None` when the other side has closed.
pub(crate) fn receive<T: DeserializeOwned>(mut from: impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_be_bytes(length) as usize;
    // A plan holds the environment (4 KB) and a dozen paths: a mebibyte is a broken peer.
    if length > 1 << 20 {
        return Err(io::Error::other(format!("a message of {length} bytes")));
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Nanoseconds of the monotonic clock, which all processes of a machine share.
pub(crate) fn monotonic() -> u64 {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC)
        .map_or((0, 0), |t| (t.tv_sec(), t.tv_nsec()));
    now.0 as u64 * 1_000_000_000 + now.1 as u64
}
