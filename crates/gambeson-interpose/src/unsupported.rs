//! The interface where the instruction set is not supported: nothing is interposed, and `start` says so.

use crate::{Handler, Interest, Later, Report, StartError};

/// Fails: there is no support for this machine.
pub fn start(_: Handler, _: &[Interest]) -> Result<Report, StartError> {
    Err(StartError::Unsupported(std::env::consts::ARCH))
}

/// Does nothing.
pub fn set_interest(_: &[Interest]) {}

/// Nothing is patched.
pub fn protects(_: usize, _: usize) -> bool {
    false
}

/// Nothing is patched.
pub fn must_stay(_: usize, _: usize) -> bool {
    false
}

/// Nothing is forbidden.
pub fn protect(_: std::ops::Range<usize>) {}

/// Nothing is remembered.
pub fn forget(_: usize, _: usize) {}

/// Nothing was patched.
pub fn later() -> Later {
    Later::default()
}

/// Asks the kernel through the C library, `errno` included: nothing is interposed here.
///
/// # Safety
/// As the system call itself.
pub unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    let [a, b, c, d, e, f] = args;
    // SAFETY: the caller's promise.
    let result = unsafe { libc::syscall(number as libc::c_long, a, b, c, d, e, f) };
    if result == -1 {
        -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    } else {
        result.into()
    }
}

/// Nothing is known.
pub fn is_from_file(_: usize, _: usize) -> Option<bool> {
    None
}
