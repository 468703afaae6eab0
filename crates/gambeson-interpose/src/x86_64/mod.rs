//! Everything that depends on the instruction set.
//!
//! A `syscall` instruction is two bytes, a jump that reaches 2 GiB is five. So a site gets a two-byte jump to a *landing*
//! within 127 bytes, and the landing jumps on to the site's stub:
//!
//! ```text
//!   site:     mov $0x101,%eax                    landing: jmp stub            stub: is the number of interest?
//!             jmp landing     ◀── was syscall                                       no: syscall
//!             cmp $-4096,%rax ◀─────────────────────────────────────────────────────     jmp back
//! ```
//!
//! This keeps every program counter that a thread can have valid, before, during and after: a thread that sits in the kernel
//! comes back behind the site, and the kernel restarts a call by going back two bytes, to what is now the jump.
//! The number stays in its register until the stub looks at it, so no site is special, be its number a constant or not.
//!
//! Landings are made from the padding between functions, or inside the jump that replaces one long instruction (see
//! [`sites`]).

mod cancel;
mod edits;
mod enter;
mod insn;
mod scan;
mod sites;
mod stub;

pub(crate) use cancel::on_cancel;
pub(crate) use enter::prepare;
pub(crate) use scan::{older_gates, system_calls};
pub(crate) use sites::{PAIR as LONGEST_EDIT, Planner, holds_gate};

/// How far a stub may be from the code that it is for: jumps reach 2 GiB, and pools and objects have a length.
pub(crate) const REACH: usize = (2 << 30) - (64 << 20);

/// Where the kernel's part of the address space begins.
pub(crate) const HIGHEST: usize = 1 << 47;

/// Numbers that nothing but an attempt to get round a policy uses in a 64-bit process: those that only x32 has.
pub(crate) const ALWAYS_OF_INTEREST: std::ops::Range<u32> = 512..548;

/// What a pool begins with.
pub(crate) fn pool_header() -> [usize; 2] {
    [enter::entry(), 0]
}

/// Instruction caches see what was written by themselves.
pub(crate) fn synchronise(_: &std::ops::Range<usize>) {}

/// See [`crate::syscall`].
///
/// # Safety
/// As the system call itself.
pub(crate) unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel changes rax, rcx and r11 only; the rest is the caller's promise.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") args[0],
            in("rsi") args[1],
            in("rdx") args[2],
            in("r10") args[3],
            in("r8") args[4],
            in("r9") args[5],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}
