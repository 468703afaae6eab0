//! Everything that depends on the instruction set.
//!
//! `svc #0` has four bytes, and so has a branch that reaches 128 MiB. So a site becomes a branch to its stub, and no place has
//! to be found for anything else:
//!
//! ```text
//!   site:  mov  x8, #0xdd                         stub:  is the number of interest?
//!          b    stub        ◀── was svc #0                  no: svc #0
//!          cmn  x0, #0xfff  ◀────────────────────────────       b    back
//! ```
//!
//! A thread that sits in the kernel comes back behind the site, and the kernel restarts a call by going back four bytes, to
//! what is now the branch. The number stays in its register until the stub looks at it.
//!
//! The kernel changes x0 and nothing else, where x86_64 gives two registers away. So a stub has to put two registers on the
//! stack to have any, and takes them back before it makes the call: `clone` with a new stack and `vfork` pass as if it were
//! not there. There is no red zone to mind.
//!
//! Threads may fetch the word while it changes. Pages are exchanged as a whole, so they see either word, and SVC and B are among
//! the few instructions of which the architecture says that this is enough (Arm ARM, B2.2.5, "Concurrent modification and
//! execution of instructions").

mod cancel;
mod enter;
mod insn;
mod planner;
mod stub;

use std::arch::asm;
use std::ops::Range;

pub(crate) use cancel::on_cancel;
pub(crate) use planner::{Planner, system_calls};

/// How far a stub may be from the code that it is for: branches reach 128 MiB, and in the other direction four bytes less.
pub(crate) const REACH: usize = (128 << 20) - (1 << 20);

/// Where the kernel's part of the address space begins, at most.
pub(crate) const HIGHEST: usize = 1 << 48;

/// A branch.
pub(crate) const LONGEST_EDIT: usize = 4;

/// Numbers that nothing but an attempt to get round a policy uses: here are none, as there is one calling convention only.
pub(crate) const ALWAYS_OF_INTEREST: Range<u32> = 0..0;

/// Nothing to find out about this processor: the vector registers that a system call keeps are part of the architecture.
pub(crate) fn prepare() {}

/// What a pool begins with; stubs load both.
pub(crate) fn pool_header() -> [usize; 2] {
    [enter::enter as *const () as usize, crate::dispatch::interest_table()]
}

/// Makes what was written at `range` what is executed there: instruction caches do not see the data cache by themselves.
pub(crate) fn synchronise(range: &Range<usize>) {
    let kinds: u64;
    // SAFETY: reads the sizes of cache lines, which Linux lets every process do.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) kinds, options(nomem, nostack, preserves_flags)) };
    let line = |shift: u32| 4_usize << (kinds >> shift & 0xf);
    let lines = |size: usize| (range.start & !(size - 1)..range.end).step_by(size);
    // SAFETY: mapped memory, of which no bytes change.
    unsafe {
        for address in lines(line(16)) {
            asm!("dc cvau, {}", in(reg) address, options(nostack, preserves_flags));
        }
        asm!("dsb ish", options(nostack, preserves_flags));
        for address in lines(line(0)) {
            asm!("ic ivau, {}", in(reg) address, options(nostack, preserves_flags));
        }
        asm!("dsb ish", "isb", options(nostack, preserves_flags));
    }
}

/// There is one way into the kernel.
pub(crate) fn older_gates(_: &[u8], _: &mut crate::table::Table<u32>) {}

/// As above.
pub(crate) fn holds_gate(_: &crate::rewrite::Text<'_>, _: &crate::rewrite::Found, _: Option<&crate::elf::Image>) -> Option<bool> {
    Some(false)
}

/// See [`crate::syscall`].
///
/// # Safety
/// As the system call itself.
pub(crate) unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel changes x0 only; the rest is the caller's promise.
    unsafe {
        asm!(
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
