//! The decision path: from an interposed system call to a verdict.
//!
//! Everything below this module may run in a signal handler, in a vforked child, or in a thread that holds any lock of
//! libc. So: no allocation, no lock, no thread-local, no panic, system calls straight to the kernel, errno untouched.

use gambeson_interpose::{Action, Call, Interest};

pub(crate) mod attempts;
pub(crate) mod carry;
mod exec;
pub(crate) mod kernel;
mod memory;
pub(crate) mod state;

/// The system calls that a policy may speak of.
pub(crate) const INTEREST: [Interest; 2] =
    [Interest::every(libc::SYS_execve as u32), Interest::every(libc::SYS_execveat as u32)];

/// The bit that marks a call of the x32 convention. It reaches the same kernel functions under other numbers, and no
/// runtime of Lambda uses it.
const X32: u64 = 0x4000_0000;

/// Called by `gambeson-interpose` in place of each system call of interest.
///
/// # Safety
/// `call` must point to a call that nobody else touches.
pub(crate) unsafe extern "C" fn on_call(call: *mut Call) -> Action {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *call };
    const EXECVE: u64 = libc::SYS_execve as u64;
    const EXECVEAT: u64 = libc::SYS_execveat as u64;
    match call.number {
        EXECVE => exec::execve(call),
        EXECVEAT => exec::execveat(call),
        number if number & X32 != 0 => {
            call.result = -i64::from(libc::ENOSYS);
            Action::Answered
        }
        _ => Action::Proceed,
    }
}
