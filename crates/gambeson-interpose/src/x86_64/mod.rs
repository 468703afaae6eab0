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

pub(crate) mod cancel;
mod enter;
mod insn;
mod pool;
mod rewrite;
mod scan;
mod sites;
mod stub;

pub(crate) use enter::prepare;
pub(crate) use pool::Pools;
pub(crate) use rewrite::{Found, Rewrite, Text, Way, plan};

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
