//! Which system calls go where.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use crate::arch::ALWAYS_OF_INTEREST;
use crate::call::{Action, Call, Handler};
use crate::{cancel, kernel, later};

/// Makes `handler` the one that is asked, and [`crate::later()`] see what is mapped.
pub(crate) fn install(handler: Handler, numbers: &[u32]) {
    HANDLER.store(handler as usize, Ordering::Release);
    for number in [PROBE, libc::SYS_mmap as u64, libc::SYS_rt_sigaction as u64] {
        INTEREST[low_bits(number)].fetch_or(OURS, Ordering::Relaxed);
    }
    set_interest(numbers);
}

/// Chooses the numbers that go to the handler; all others go straight to the kernel. May be called at any time, from any
/// thread; a call under way is judged by either choice.
///
/// A number stands for its x32 form, too (bit 30 set), and numbers that only x32 has are always of interest: nothing but an
/// attempt to get round a policy uses them in a 64-bit process. Numbers from 1,024 on, which no kernel has, are ignored.
pub fn set_interest(numbers: &[u32]) {
    for number in 0..CHOSEN {
        let entry = &INTEREST[number as usize];
        if numbers.contains(&number) || ALWAYS_OF_INTEREST.contains(&number) {
            entry.fetch_or(THEIRS, Ordering::Relaxed);
        } else {
            entry.fetch_and(!THEIRS, Ordering::Relaxed);
        }
    }
}

/// One byte for the low 16 bits of a number; zero lets it through. Stubs read it.
pub(crate) fn interest_table() -> usize {
    INTEREST.as_ptr() as usize
}

/// A number that no kernel has, to see whether calls arrive here; and the answer to it.
pub(crate) const PROBE: u64 = 0xfffe;
pub(crate) const PROBE_ANSWER: i64 = 0x6a6d;

static INTEREST: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];
static HANDLER: AtomicUsize = AtomicUsize::new(0);

const THEIRS: u8 = 1;
const OURS: u8 = 2;

// The kernel of 2025 has about 470 native numbers; x32 has 512 to 547 of its own.
const CHOSEN: u32 = 1024;

fn low_bits(number: u64) -> usize {
    usize::from(number as u16)
}

/// Entered from a stub, on the stack of whoever made the call.
///
/// # Safety
/// `call` must be the caller's registers, writable.
pub(crate) unsafe extern "C" fn dispatch(call: *mut Call) -> Action {
    // SAFETY: the entry routine made it on its stack.
    let call = unsafe { &mut *call };
    let interest = INTEREST[low_bits(call.number)].load(Ordering::Relaxed);
    let asked = *call;
    // Since 5.11 the kernel looks at the low half of the register only. Before, anything in the upper half was ENOSYS.
    call.number &= u64::from(u32::MAX);
    let seen = *call;
    if seen.number == PROBE {
        return call.answer(PROBE_ANSWER);
    }
    let mut action = if interest & THEIRS != 0 { ask(call) } else { Action::Proceed };
    if action == Action::Proceed && interest & OURS != 0 {
        if later::concerns(call) {
            action = call.answer(later::map(call));
        } else if cancel::concerns(call) {
            action = call.answer(cancel::set_handler(call));
        }
    }
    if action == Action::Proceed && (call.number, call.args) != (seen.number, seen.args) {
        // SAFETY: the handler asks for that call in place of the caller's.
        let result = unsafe { kernel::syscall(call.number, call.args) };
        action = call.answer(result);
    }
    // The entry routine puts these back into the registers, which a system call does not change.
    (call.number, call.args) = (asked.number, asked.args);
    action
}

fn ask(call: &mut Call) -> Action {
    let handler = HANDLER.load(Ordering::Acquire);
    if handler == 0 {
        return Action::Proceed;
    }
    // SAFETY: only `install` stores there, and stores a handler.
    let handler: Handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
    // SAFETY: the handler's maker promised that it runs anywhere.
    unsafe { handler(call) }
}
