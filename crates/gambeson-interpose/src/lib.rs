//! Takes over system calls at the places where the C library makes them.

mod call;
mod report;

pub use call::{Action, Call, Handler};
pub use report::{Libc, Object, Reason, Refused, Report, StartError};

/// Takes over every system call of the process.
pub fn start(_handler: Handler, _numbers: &[u32]) -> Result<Report, StartError> {
    Err(StartError::Unsupported(std::env::consts::ARCH))
}

/// Chooses the numbers that go to the handler.
pub fn set_interest(_numbers: &[u32]) {}

/// Asks the kernel directly; never interposed.
///
/// # Safety
/// As the system call itself.
pub unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel clobbers rcx and r11 only; the rest is the caller's promise.
    unsafe {
        std::arch::asm!("syscall", inlateout("rax") number as i64 => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2], in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}
