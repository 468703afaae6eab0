//! What a site jumps to.

use super::pool::Pools;
use super::sites::Landing;
use crate::dispatch;

/// Bytes of a stub.
pub(super) const LEN: usize = 40;

// The system call in it; a return address for a call that is let through, and with 2 added for one that is answered.
const PASS: usize = 33;

/// A stub: looks the number up and lets it through, or goes to the entry routine.
///
/// Until that, it uses neither the stack nor flags nor any register but rcx and r11, which the system call destroys anyway:
/// so `clone` with a new stack, `vfork` and `rt_sigreturn` pass as if it were not there. The number's low 16 bits choose
/// one byte of a table of 64 KiB; whatever else has the same low bits, as x32 numbers do, is looked at in full later.
#[rustfmt::skip]
pub(super) fn code(at: usize, entry_slot: usize, back: usize) -> [u8; LEN] {
    let mut code = [
        0x0f, 0xb7, 0xc8,                               //  0  movzx  %ax, %ecx
        0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0,             //  3  movabs $INTEREST, %r11
        0x41, 0x0f, 0xb6, 0x0c, 0x0b,                   // 13  movzbl (%r11,%rcx), %ecx
        0xe3, 0x0d,                                     // 18  jrcxz  33
        0x4c, 0x8d, 0x1d, 0x06, 0, 0, 0,                // 20  lea    33(at), %r11
        0xff, 0x25, 0, 0, 0, 0,                         // 27  jmp    *entry_slot(%rip)
        0x0f, 0x05,                                     // 33  syscall
        0xe9, 0, 0, 0, 0,                               // 35  jmp    back
    ];
    code[5..13].copy_from_slice(&(dispatch::interest_table() as u64).to_le_bytes());
    code[29..33].copy_from_slice(&distance(at + PASS, entry_slot));
    code[36..40].copy_from_slice(&distance(at + LEN, back));
    code
}

/// The bytes of a relative operand; all callers stay within a pool's reach.
pub(super) fn distance(from: usize, to: usize) -> [u8; 4] {
    (to.wrapping_sub(from) as i32).to_le_bytes()
}

/// Bytes to write over the landing, and where the stub is.
pub(super) struct Placed {
    pub(super) landing: [u8; 7],
    pub(super) landing_len: usize,
    pub(super) stub: usize,
}

/// Writes the stub of one site into the pool. `landing` is given with absolute addresses; `host` are the host's bytes.
pub(super) fn place(
    pools: &mut Pools,
    pool: usize,
    landing: &Landing,
    host: &[u8],
    back: usize,
) -> Option<Placed> {
    match landing {
        Landing::Padding(at) => {
            let stub = pools.allocate(pool, LEN)?;
            write(pools, pool, stub, back);
            let mut bytes = [0xe9, 0, 0, 0, 0, 0, 0];
            bytes[1..5].copy_from_slice(&distance(*at as usize + 5, stub));
            Some(Placed { landing: bytes, landing_len: 5, stub })
        }
        Landing::Host(insn) => {
            let at = insn.at as usize;
            let (copy, stub) = places_for_host(pools, pool, at, host.len() + 5)?;
            write(pools, pool, stub, back);
            write_host(copy, at, host, insn.kind);
            let mut bytes = [0xe9, 0, 0, 0, 0, 0, 0];
            bytes[1..5].copy_from_slice(&distance(at + 5, copy));
            bytes[3..7].copy_from_slice(&distance(at + 7, stub));
            debug_assert_eq!(bytes[2], 0xe9);
            Some(Placed { landing: bytes, landing_len: 7, stub })
        }
    }
}

/// Places for the copy of the host at `at` and for the stub, such that both jumps can share two bytes of distance.
fn places_for_host(pools: &mut Pools, pool: usize, at: usize, copy_len: usize) -> Option<(usize, usize)> {
    let range = pools.range(pool);
    let window = |address: usize| address & !0xffff;
    // The copy's distance is SSSS:e9:r0, the stub's is TTTT:SSSS. For each SSSS that leads into the pool …
    let first = (range.start.wrapping_sub(at + 5) as i32) >> 16;
    for shared in first - 1..=first + (range.len() >> 16) as i32 + 1 {
        let copies = (at + 5).wrapping_add_signed(((shared as isize) << 16) + 0xe900);
        let low = usize::from(shared as u16);
        // … each TTTT that does …
        let lowest = (range.start.wrapping_sub(at + 7) as i32) >> 16;
        for upper in lowest - 1..=lowest + (window(range.len()) >> 16) as i32 + 1 {
            let stub = (at + 7).wrapping_add_signed((upper as isize) << 16).wrapping_add(low);
            if !pools.allocate_at(pool, stub, LEN) {
                continue;
            }
            // … and each r0, where there is room for the copy.
            if let Some(copy) =
                (0..256).map(|r0| copies + r0).find(|&copy| pools.allocate_at(pool, copy, copy_len))
            {
                return Some((copy, stub));
            }
            pools.free(pool, stub, LEN);
        }
    }
    None
}

fn write(pools: &Pools, pool: usize, stub: usize, back: usize) {
    let code = code(stub, pools.entry_slot(pool), back);
    // SAFETY: allocated in a pool that is still writable and not executable.
    unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), stub as *mut u8, LEN) };
}

fn write_host(copy: usize, at: usize, host: &[u8], kind: super::insn::Kind) {
    let mut code = [0; 20];
    code[..host.len()].copy_from_slice(host);
    if let super::insn::Kind::Relative(offset) = kind {
        let mut old = [0; 4];
        old.copy_from_slice(&host[offset..offset + 4]);
        let moved = (at as i64 - copy as i64) as i32;
        code[offset..offset + 4].copy_from_slice(&i32::from_le_bytes(old).wrapping_add(moved).to_le_bytes());
    }
    code[host.len()] = 0xe9;
    code[host.len() + 1..host.len() + 5].copy_from_slice(&distance(copy + host.len() + 5, at + host.len()));
    // SAFETY: allocated with this length in a pool that is still writable and not executable.
    unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), copy as *mut u8, host.len() + 5) };
}
