//! What a handler of the cancellation signal is shown; see [`crate::cancel`].

use std::arch::naked_asm;

use super::stub;
use crate::cancel::ORIGINAL;
use crate::ranges;

/// Corrects the context, then becomes the original handler: no frame of ours is left for it to unwind.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn on_cancel() {
    naked_asm!(
        "stp x29, x30, [sp, #-48]!",
        "mov x29, sp",
        "stp x0, x1, [sp, #16]",
        "str x2, [sp, #32]",
        "bl {correct}",
        "ldr x2, [sp, #32]",
        "ldp x0, x1, [sp, #16]",
        "ldp x29, x30, [sp], #48",
        "adrp x16, {original}",
        "ldr x16, [x16, :lo12:{original}]",
        "br x16",
        correct = sym correct,
        original = sym ORIGINAL,
    )
}

unsafe extern "C" fn correct(_: i32, _: *mut libc::siginfo_t, context: *mut libc::ucontext_t) {
    // SAFETY: the kernel's, on this handler's stack.
    let context = unsafe { &mut (*context).uc_mcontext };
    let at = context.pc as usize;
    if ranges::protects(at, 1)
        && let Some(place) = stub::place_of(at)
    {
        context.pc = place.counter as u64;
        if place.pushed {
            // SAFETY: the stub put two registers there, and has not taken them back.
            unsafe {
                let pushed = context.sp as *const u64;
                (context.regs[16], context.regs[17]) = (*pushed, *pushed.add(1));
            }
            context.sp += 16;
        }
    }
}
