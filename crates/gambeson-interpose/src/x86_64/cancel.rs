//! What a handler of the cancellation signal is shown; see [`crate::cancel`].

use std::arch::naked_asm;

use super::stub;
use crate::cancel::ORIGINAL;
use crate::ranges;

/// Corrects the context, then becomes the original handler: no frame of ours is left for it to unwind.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn on_cancel() {
    naked_asm!(
        "push rdi",
        "push rsi",
        "push rdx",
        "call {correct}",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "jmp qword ptr [rip + {original}]",
        correct = sym correct,
        original = sym ORIGINAL,
    )
}

unsafe extern "C" fn correct(_: i32, _: *mut libc::siginfo_t, context: *mut libc::ucontext_t) {
    // SAFETY: the kernel's, on this handler's stack.
    let counter = unsafe { &mut (*context).uc_mcontext.gregs[libc::REG_RIP as usize] };
    let at = *counter as usize;
    if ranges::protects(at, 1)
        && let Some(site) = stub::site_of(at)
    {
        *counter = site as i64;
    }
}
