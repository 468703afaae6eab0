//! What was done to the process, for the log line that says so.

use std::fmt;
use std::time::Duration;

/// The outcome of [`crate::start()`].
#[derive(Debug, Clone)]
pub struct Report {
    /// The C library of this process.
    pub libc: Libc,
    /// System-call instructions taken over.
    pub patched: usize,
    /// System-call instructions left as they are, each with the reason.
    pub refused: Vec<Refused>,
    /// Every object with executable code that was looked at, in the order of the address space.
    pub objects: Vec<Object>,
    /// A call through the C library's own `syscall()` reached the dispatcher. If not, nothing is enforced.
    pub verified: bool,
    /// How long it took, the self-check included.
    pub elapsed: Duration,
}

/// A C library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Libc {
    /// The GNU C library, with its version, e.g. `2.36`.
    Glibc(String),
    /// musl.
    Musl,
    /// Neither was recognised.
    Unknown,
}

impl fmt::Display for Libc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glibc(version) => write!(f, "glibc {version}"),
            Self::Musl => f.write_str("musl"),
            Self::Unknown => f.write_str("an unknown C library"),
        }
    }
}

/// An object file with code in this process.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its path, as the kernel gives it.
    pub path: String,
    /// System-call instructions taken over in it.
    pub patched: usize,
    /// Why its code was not searched, if so.
    pub passed_over: Option<&'static str>,
}

/// A system-call instruction that stays as it is.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Path of the object that holds it.
    pub object: String,
    /// Its offset in that file.
    pub offset: u64,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:#x}: {}", self.object, self.offset, self.reason)
    }
}

/// Why a system-call instruction stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing tells where the instructions around it begin.
    #[error("no unwind information says where its function starts")]
    NoFunction,
    /// The bytes from the start of the function do not decode.
    #[error("its function does not decode up to it")]
    Undecodable,
    /// There is neither padding nor an instruction long enough to carry a jump within reach of two bytes.
    #[error("no room for a jump within 127 bytes of it")]
    NoRoom,
    /// It returns from a signal handler; unwinders and debuggers recognise that code by its very bytes.
    #[error("it returns from signal handlers, and unwinders know it by its bytes")]
    SignalReturn,
    /// An instruction loads from its place, so it may be data.
    #[error("an instruction of its function reads it as data")]
    Read,
    /// No memory could be had that a jump reaches from it: within 2 GiB on x86_64, 128 MiB on aarch64.
    #[error("no free memory within a jump's reach of it")]
    NoPool,
    /// The object has no program headers that can be used.
    #[error("the headers of its object cannot be read")]
    NoHeaders,
    /// The kernel refused to exchange the code.
    #[error("the kernel refused to exchange its page (errno {0})")]
    Exchange(i32),
    /// After the exchange the bytes were not what was written.
    #[error("the bytes did not stay as they were written")]
    NotKept,
}

/// What was done about objects mapped after [`crate::start()`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Later {
    /// Executable mappings of files looked at.
    pub objects: usize,
    /// System-call instructions taken over in them.
    pub patched: usize,
    /// System-call instructions left as they are.
    pub refused: usize,
}

/// Why nothing could be interposed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A process is patched once.
    #[error("system calls of this process are interposed already")]
    AlreadyStarted,
    /// This machine is not supported yet.
    #[error("no support for {0} yet, only for x86_64 and aarch64 Linux")]
    Unsupported(&'static str),
    /// Some kernels for aarch64 are built with pages of 16 or 64 KiB. Lambda's are not.
    #[error("this kernel's pages have {0} bytes, and only those of 4096 are supported")]
    PageSize(usize),
    /// The memory map could not be read.
    #[error("/proc/self/maps cannot be read (errno {0})")]
    Maps(i32),
    /// Memory for the tables could not be had.
    #[error("no memory for the tables (errno {0})")]
    Memory(i32),
}
