//! What a site branches to.

use super::insn;
use crate::pool::Pools;
use crate::{dispatch, ranges};

/// Words of a stub.
const WORDS: usize = 16;

// Offsets in it.
const PUSHED: usize = 4;
const LET_THROUGH: usize = 20;
const AFTER: usize = 28;
const JUDGED: usize = 32;
const ANSWERED: usize = 44;
const SITE: usize = 56;

/// From where the entry routine comes back to with a call that is let through, to where it does with an answered one.
pub(super) const ANSWERED_FROM_LET_THROUGH: usize = ANSWERED - LET_THROUGH;

/// A stub: looks the number up and lets it through, or goes to the entry routine.
///
/// The number's low 16 bits choose one byte of a table of 64 KiB; whatever else has the same low bits is looked at in full later.
/// Flags are left alone. x16 and x17 go to the stack and come back before the call, which belongs to the caller alone.
#[rustfmt::skip]
fn code(at: usize, header: usize, site: usize) -> [u32; WORDS] {
    let back = site + insn::LEN;
    let address = site as u64;
    [
        0xa9bf_47f0,                                    //  0  stp   x16, x17, [sp, #-16]!
        insn::load(16, at + 4, header + 8),             //  4  ldr   x16, INTEREST
        0x9240_3d11,                                    //  8  and   x17, x8, #0xffff
        0x3871_6a10,                                    // 12  ldrb  w16, [x16, x17]
        0x3500_0090,                                    // 16  cbnz  w16, 32
        0xa8c1_47f0,                                    // 20  ldp   x16, x17, [sp], #16
        0xd400_0001,                                    // 24  svc   #0
        insn::branch(at + AFTER, back),                 // 28  b     back
        0x10ff_ffb0,                                    // 32  adr   x16, 20
        insn::load(17, at + 36, header),                // 36  ldr   x17, the entry routine
        0xd61f_0220,                                    // 40  br    x17
        0xa8c1_47f0,                                    // 44  ldp   x16, x17, [sp], #16
        insn::branch(at + ANSWERED + 4, back),          // 48  b     back
        0,                                              // 52
        address as u32,                                 // 56  the address of the site
        (address >> 32) as u32,
    ]
}

/// Builds the stub of `site` in the pool; its address.
pub(super) fn build(pools: &mut Pools, pool: usize, site: usize) -> Option<usize> {
    let stub = pools.allocate(pool, WORDS * insn::LEN)?;
    let code = code(stub, pools.header(pool), site);
    // SAFETY: allocated with that length, aligned to 16 bytes, in a pool that is still writable and not executable.
    unsafe { (stub as *mut [u32; WORDS]).write(code) };
    Some(stub)
}

/// Where a thread inside a stub would be without it.
pub(super) struct Place {
    /// The system call, or behind it.
    pub(super) counter: usize,
    /// Whether x16 and x17 are still on the stack.
    pub(super) pushed: bool,
}

/// For an address in a stub; `at` must be in a pool.
pub(super) fn place_of(at: usize) -> Option<Place> {
    let last = WORDS * insn::LEN - 1;
    let (behind, stub) = (0..SITE).step_by(insn::LEN).map(|behind| (behind, at - behind)).find(|&(_, stub)| {
        // SAFETY: what is protected is readable, so its pages are, and a stub lies on two of them at most.
        ranges::protects(stub, 1) && ranges::protects(stub + last, 1) && unsafe { is_stub(stub) }
    })?;
    // SAFETY: a whole stub.
    let site = unsafe { *((stub + SITE) as *const usize) };
    let called = behind == AFTER || behind >= ANSWERED;
    Some(Place {
        counter: if called { site + insn::LEN } else { site },
        pushed: matches!(behind, PUSHED..=LET_THROUGH | JUDGED..=ANSWERED),
    })
}

/// # Safety
/// That memory must be readable.
unsafe fn is_stub(at: usize) -> bool {
    if !at.is_multiple_of(16) {
        return false;
    }
    // SAFETY: the caller's promise, and aligned.
    let words = unsafe { &*(at as *const [u32; WORDS]) };
    let sample = code(0, 0, 0);
    // The words that are the same in all stubs and come before the first branch, and the load of the table's address, which
    // leads to it in a stub.
    words[0] == sample[0] && words[2..7] == sample[2..7] && words[10..12] == sample[10..12] && {
        let offset = (words[1] as i32) << 8 >> 13 << 2;
        let slot = (at + 4).wrapping_add_signed(offset as isize);
        ranges::protects(slot, 8)
            // SAFETY: ranges that are protected are readable; the slot of a stub is aligned, and other words make no difference.
            && unsafe { (slot as *const usize).read_unaligned() } == dispatch::interest_table()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_in_a_stub_stands_for_one_outside() {
        let mut pools = Pools::new().expect("memory");
        let site = each_place_in_a_stub_stands_for_one_outside as *const () as usize;
        let pool = pools.near(site..site + 4, 1, &mut None).expect("a pool in reach");
        let stub = build(&mut pools, pool, site).expect("room");
        pools.seal(ranges::protect).expect("it becomes executable");
        let (call, after) = (site, site + insn::LEN);
        let places = [
            (0, call, false),
            (4, call, true),
            (8, call, true),
            (12, call, true),
            (16, call, true),
            (20, call, true),
            (24, call, false),
            (28, after, false),
            (32, call, true),
            (36, call, true),
            (40, call, true),
            (44, after, true),
            (48, after, false),
        ];
        for (offset, counter, pushed) in places {
            let place = place_of(stub + offset).expect("it is a stub");
            assert_eq!((place.counter, place.pushed), (counter, pushed), "{offset}");
        }
        assert!(place_of(pools.header(pool)).is_none());
        assert!(place_of(stub + WORDS * insn::LEN).is_none());
    }
}
