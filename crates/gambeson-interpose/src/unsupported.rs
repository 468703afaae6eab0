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

/// Asks the kernel directly: a value, or `-errno` between -4095 and -1.
///
/// # Safety
/// As the system call itself.
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
pub unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel changes x0 only; the rest is the caller's promise.
    unsafe {
        std::arch::asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") args[0] => result,
            in("x1") args[1],
            in("x2") args[2],
            in("x3") args[3],
            in("x4") args[4],
            in("x5") args[5],
            options(nostack),
        );
    }
    result
}

/// Asks the kernel through the C library, `errno` included: nothing is interposed here.
///
/// # Safety
/// As the system call itself.
#[cfg(not(all(target_os = "linux", target_arch = "aarch64")))]
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
