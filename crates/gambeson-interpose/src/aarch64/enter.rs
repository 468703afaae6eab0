//! From a stub to the dispatcher and back, with everything that the caller has left as it was.
//!
//! A system call keeps all registers but x0, and the C library's code relies on that, the 32 vector registers of 128 bits
//! included, of which compiled code keeps less. What SVE adds to them the kernel does not keep either: "all other bits … become
//! zero on return from a syscall" (Documentation/arch/arm64/sve.rst), so nobody counts on it. FPCR and FPSR are left out: nobody
//! on this path computes with floating point.
//!
//! It takes 16 bytes in the stub and 688 here of the caller's stack.

use std::arch::naked_asm;

use super::stub::ANSWERED_FROM_LET_THROUGH;
use crate::dispatch::dispatch;

/// On entry: x16 is the address in the stub for a call that is let through; x17 is free; the caller's own are on the stack, and
/// everything else is the caller's. The registers are stored so that they make a `Call`, whose address goes to the dispatcher. It
/// answers whether to let the call through (0) or that the result is in the `Call`; the argument registers come back unchanged
/// in both cases. x29 and x30 make a frame for whoever unwinds.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn enter() {
    naked_asm!(
        "sub sp, sp, #688",
        "str x8, [sp]",
        "stp x0, x1, [sp, #8]",
        "stp x2, x3, [sp, #24]",
        "stp x4, x5, [sp, #40]",
        "str xzr, [sp, #56]",
        "stp x6, x7, [sp, #64]",
        "stp x9, x10, [sp, #80]",
        "stp x11, x12, [sp, #96]",
        "stp x13, x14, [sp, #112]",
        "stp x15, x18, [sp, #128]",
        "stp x29, x30, [sp, #144]",
        "mrs x17, nzcv",
        "stp x16, x17, [sp, #160]",
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
        "str q\\n, [sp, #176 + 16 * \\n]",
        ".endr",
        "add x29, sp, #144",
        "mov x0, sp",
        "bl {dispatch}",
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
        "ldr q\\n, [sp, #176 + 16 * \\n]",
        ".endr",
        "ldp x16, x17, [sp, #160]",
        "msr nzcv, x17",
        "ldp x29, x30, [sp, #144]",
        "ldp x15, x18, [sp, #128]",
        "ldp x13, x14, [sp, #112]",
        "ldp x11, x12, [sp, #96]",
        "ldp x9, x10, [sp, #80]",
        "ldp x6, x7, [sp, #64]",
        "ldp x4, x5, [sp, #40]",
        "ldp x2, x3, [sp, #24]",
        "ldr x8, [sp]",
        "cbnz w0, 2f",
        "ldp x0, x1, [sp, #8]",
        "add sp, sp, #688",
        "br x16",
        "2:",
        "ldr x1, [sp, #16]",
        "ldr x0, [sp, #56]",
        "add sp, sp, #688",
        "add x16, x16, #{answered}",
        "br x16",
        answered = const ANSWERED_FROM_LET_THROUGH,
        dispatch = sym dispatch,
    )
}
