//! Which system calls go where.

use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};

use crate::arch::ALWAYS_OF_INTEREST;
use crate::call::{Action, Bits, Call, Handler, Interest};
use crate::{cancel, kernel, later};

/// Makes `handler` the one that is asked, and [`crate::later()`] see what is mapped.
pub(crate) fn install(handler: Handler, interest: &[Interest]) {
    HANDLER.store(handler as usize, Ordering::Release);
    for number in [PROBE, libc::SYS_mmap as u64, libc::SYS_rt_sigaction as u64] {
        INTEREST[low_bits(number)].fetch_or(OURS, Ordering::Relaxed);
    }
    set_interest(interest);
}

/// Chooses the calls that go to the handler; all others go straight to the kernel. May be called at any time, from any
/// thread; a call under way is judged by either choice. A number that is listed twice is of interest if either says so.
///
/// A number stands for its x32 form, too (bit 30 set), and numbers that only x32 has are always of interest: nothing but an
/// attempt to get round a policy uses them in a 64-bit process. Numbers from 1,024 on, which no kernel has, are ignored.
pub fn set_interest(interest: &[Interest]) {
    for number in 0..CHOSEN {
        let entry = &INTEREST[number as usize];
        let mut chosen = interest.iter().filter(|chosen| chosen.number == number);
        let filter = chosen.clone().map(|chosen| filter(chosen.only_if)).reduce(both).unwrap_or_default();
        if chosen.next().is_some() || ALWAYS_OF_INTEREST.contains(&number) {
            // What this crate looks at itself must come to the dispatcher, whatever the filter says.
            let filter = if entry.load(Ordering::Relaxed) & OURS == 0 { filter } else { 0 };
            // First the filter, so that no call passes that neither choice lets pass.
            FILTER[number as usize].store(filter, Ordering::Release);
            entry.fetch_or(THEIRS, Ordering::Release);
        } else {
            entry.fetch_and(!THEIRS, Ordering::Release);
            FILTER[number as usize].store(0, Ordering::Release);
        }
    }
}

/// A filter in one word: the mask below, the argument's index above. Zero is no filter.
fn filter(only_if: Option<Bits>) -> u64 {
    only_if.map_or(0, |bits| u64::from(bits.argument) << 32 | u64::from(bits.mask))
}

/// What lets pass only what both let pass.
fn both(one: u64, other: u64) -> u64 {
    if one >> 32 == other >> 32 && one != 0 && other != 0 { one | other } else { 0 }
}

/// Whether the filter of its number lets a call pass. Only numbers as they are: in its x32 form, a call is always looked at.
fn passes(call: &Call) -> bool {
    let Some(filter) = FILTER.get(call.number as usize).map(|filter| filter.load(Ordering::Relaxed)) else {
        return false;
    };
    let argument = call.args.get((filter >> 32) as usize).copied().unwrap_or(u64::MAX);
    filter != 0 && argument as u32 & filter as u32 == 0
}

/// One byte for the low 16 bits of a number; zero lets it through. Stubs read it.
pub(crate) fn interest_table() -> usize {
    INTEREST.as_ptr() as usize
}

/// A number that no kernel has, to see whether calls arrive here; and the answer to it.
pub(crate) const PROBE: u64 = 0xfffe;
pub(crate) const PROBE_ANSWER: i64 = 0x6a6d;

static INTEREST: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];
/// One filter for each number that can be chosen. The entry routine may use it before it comes here.
pub(crate) static FILTER: [AtomicU64; CHOSEN as usize] = [const { AtomicU64::new(0) }; CHOSEN as usize];
static HANDLER: AtomicUsize = AtomicUsize::new(0);

const THEIRS: u8 = 1;
const OURS: u8 = 2;

// The kernel of 2025 has about 470 native numbers; x32 has 512 to 547 of its own.
pub(crate) const CHOSEN: u32 = 1024;

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
    let mut action = if interest & THEIRS != 0 && !passes(call) { ask(call) } else { Action::Proceed };
    if action == Action::Proceed && interest & OURS != 0 {
        if later::concerns(call) {
            action = call.answer(later::map(call, ask));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(only_if: &[Option<Bits>], args: [u64; 6]) -> bool {
        let interest: Vec<Interest> =
            only_if.iter().map(|only_if| Interest { number: 1000, only_if: *only_if }).collect();
        set_interest(&interest);
        passes(&Call { number: 1000, args, result: 0 })
    }

    #[test]
    fn a_filter_lets_pass_what_has_none_of_its_bits() {
        let bits = |argument, mask| Some(Bits { argument, mask });
        assert!(!passing(&[None], [0; 6]));
        assert!(passing(&[bits(1, 3)], [3, 4, 0, 0, 0, 0]));
        assert!(!passing(&[bits(1, 3)], [0, 2, 0, 0, 0, 0]));
        // Twice: either may want it.
        assert!(!passing(&[bits(1, 1), bits(1, 2)], [0, 2, 0, 0, 0, 0]));
        assert!(passing(&[bits(1, 1), bits(1, 2)], [0, 4, 0, 0, 0, 0]));
        assert!(!passing(&[bits(1, 1), bits(2, 2)], [0; 6]));
        assert!(!passing(&[bits(1, 1), None], [0; 6]));
        assert!(!passing(&[], [0; 6]));
        assert!(!passes(&Call { number: 1000 | 1 << 30, args: [0; 6], result: 0 }));
    }
}
