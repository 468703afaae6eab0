//! Thread cancellation, which looks at the program counter.
//!
//! `pthread_cancel` sends a signal. glibc 2.41's handler acts at once only if the thread is at the system call of its
//! cancellable funnel, and otherwise lets the kernel restart the call, so that a thread in a stub would never be cancelled;
//! older ones unwind the stack from where the thread is. So the handler is shown the site in place of the stub. That is also
//! a good address to go on from: the site leads to the stub again.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::arch::on_cancel;
use crate::call::Call;
use crate::kernel;

/// The signal that glibc and musl keep for this: the first real-time signal.
const SIGNAL: u64 = 32;

/// `struct sigaction` as the kernel has it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

/// The handler that the C library set.
pub(crate) static ORIGINAL: AtomicUsize = AtomicUsize::new(0);

/// Gets before the handler that is set, if one is.
pub(crate) fn wrap_present_handler() {
    let mut action = KernelAction::default();
    let ours = on_cancel as *const () as usize;
    // SAFETY: room for what the kernel tells.
    let told = unsafe { set(0, &raw mut action as u64) };
    // 0 and 1 are the default and to ignore it.
    if told == 0 && action.handler > 1 && action.handler != ours {
        ORIGINAL.store(action.handler, Ordering::Release);
        action.handler = ours;
        // SAFETY: as it was, but for a handler that goes on to it.
        let _ = unsafe { set(&raw const action as u64, 0) };
    }
}

/// Whether this call sets the handler.
pub(crate) fn concerns(call: &Call) -> bool {
    call.number == libc::SYS_rt_sigaction as u64 && call.args[0] == SIGNAL && call.args[1] != 0
}

/// Makes the call, then gets before the handler that it set. The caller's pointers are left to the kernel to look at.
pub(crate) fn set_handler(call: &Call) -> i64 {
    // SAFETY: the caller's call, as it is.
    let result = unsafe { kernel::syscall(call.number, call.args) };
    if result == 0 {
        wrap_present_handler();
    }
    result
}

/// # Safety
/// As `rt_sigaction`.
unsafe fn set(new: u64, old: u64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { kernel::syscall(libc::SYS_rt_sigaction as u64, [SIGNAL, new, old, 8, 0, 0]) }
}
