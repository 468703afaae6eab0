//! What a site jumps to.

use super::insn::{Kind, LONGEST};
use super::scan::SYSCALL;
use super::sites::{JUMP, Landing, PAIR};
use crate::pool::Pools;
use crate::{dispatch, ranges};

/// Bytes of a stub.
pub(super) const LEN: usize = 48;

// The system call in it; a return address for a call that is let through, and with 2 added for one that is answered.
const PASS: usize = 33;

// Behind the code, which ends with the jump back.
const SITE: usize = 40;

/// A stub: looks the number up and lets it through, or goes to the entry routine.
///
/// Until that, it uses neither the stack nor flags nor any register but rcx and r11, which the system call destroys anyway:
/// so `clone` with a new stack, `vfork` and `rt_sigreturn` pass as if it were not there. The number's low 16 bits choose
/// one byte of a table of 64 KiB; whatever else has the same low bits, as x32 numbers do, is looked at in full later.
#[rustfmt::skip]
fn code(at: usize, entry_slot: usize, site: usize, back: usize) -> [u8; LEN] {
    let mut code = [
        0x0f, 0xb7, 0xc8,                               //  0  movzx  %ax, %ecx
        0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0,             //  3  movabs $INTEREST, %r11
        0x41, 0x0f, 0xb6, 0x0c, 0x0b,                   // 13  movzbl (%r11,%rcx), %ecx
        0xe3, 0x0d,                                     // 18  jrcxz  33
        0x4c, 0x8d, 0x1d, 0x06, 0, 0, 0,                // 20  lea    33(at), %r11
        0xff, 0x25, 0, 0, 0, 0,                         // 27  jmp    *entry_slot(%rip)
        0x0f, 0x05,                                     // 33  syscall
        0xe9, 0, 0, 0, 0,                               // 35  jmp    back
        0, 0, 0, 0, 0, 0, 0, 0,                         // 40  the address of the site
    ];
    code[5..13].copy_from_slice(&(dispatch::interest_table() as u64).to_le_bytes());
    code[29..33].copy_from_slice(&distance(at + PASS, entry_slot));
    code[36..40].copy_from_slice(&distance(at + SITE, back));
    code[SITE..].copy_from_slice(&(site as u64).to_le_bytes());
    code
}

/// For an address in a stub, the one that the thread would be at without it: the system call, or behind it. `at` must be in a
/// pool.
pub(super) fn site_of(at: usize) -> Option<usize> {
    let mut start = [0x0f, 0xb7, 0xc8, 0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0];
    start[5..].copy_from_slice(&(dispatch::interest_table() as u64).to_le_bytes());
    let (behind, stub) =
        (0..=PASS + SYSCALL.len()).map(|behind| (behind, at - behind)).find(|&(_, stub)| {
            // SAFETY: ranges that are protected are readable.
            ranges::protects(stub, LEN) && unsafe { *(stub as *const [u8; 13]) } == start
        })?;
    // SAFETY: a whole stub.
    let site = unsafe { ((stub + SITE) as *const usize).read_unaligned() };
    Some(if behind > PASS { site + SYSCALL.len() } else { site })
}

/// The bytes of a relative operand; all callers stay within a pool's reach.
pub(super) fn distance(from: usize, to: usize) -> [u8; 4] {
    (to.wrapping_sub(from) as i32).to_le_bytes()
}

/// Bytes to write over the landing.
#[derive(Clone, Copy)]
pub(super) struct Jumps {
    pub(super) bytes: [u8; PAIR],
    pub(super) len: usize,
}

/// Builds the stub of `site` in the pool, and the copy of an instruction that has to move. All addresses are absolute.
pub(super) fn build(
    pools: &mut Pools,
    pool: usize,
    site: usize,
    landing: &Landing,
    moved: &[u8],
) -> Option<Jumps> {
    let back = site + SYSCALL.len();
    match landing {
        Landing::Padding(at) => {
            let stub = pools.allocate(pool, LEN)?;
            write(pools, pool, stub, site, back);
            let mut bytes = [0xe9, 0, 0, 0, 0, 0, 0];
            bytes[1..5].copy_from_slice(&distance(*at as usize + JUMP, stub));
            Some(Jumps { bytes, len: JUMP })
        }
        Landing::Host(insn) => {
            let at = insn.at as usize;
            let (copy, stub) = allocate_pair(pools, pool, at, moved.len() + JUMP, LEN)?;
            write(pools, pool, stub, site, back);
            write_moved(copy, at, moved, insn.kind);
            Some(pair(at, copy, stub))
        }
        Landing::Next(insn) => {
            let (stub, copy) = allocate_pair(pools, pool, site, LEN, moved.len() + JUMP)?;
            write(pools, pool, stub, site, copy);
            write_moved(copy, insn.at as usize, moved, insn.kind);
            Some(pair(site, stub, copy))
        }
    }
}

/// Two jumps in seven bytes: from +0 to `first`, from +2 to `second`.
fn pair(at: usize, first: usize, second: usize) -> Jumps {
    let mut bytes = [0xe9, 0, 0, 0, 0, 0, 0];
    bytes[1..5].copy_from_slice(&distance(at + JUMP, first));
    bytes[3..7].copy_from_slice(&distance(at + PAIR, second));
    Jumps { bytes, len: PAIR }
}

/// Room for the targets of a pair of jumps at `at`: such that they can share two bytes of distance, and the second jump's
/// opcode can be a byte of the first one's distance.
fn allocate_pair(
    pools: &mut Pools,
    pool: usize,
    at: usize,
    first_len: usize,
    second_len: usize,
) -> Option<(usize, usize)> {
    let range = pools.range(pool);
    // The first distance is SSSS:e9:r0, the second TTTT:SSSS, so targets come 64 KiB apart.
    let windows = |from: usize| {
        let lowest = (range.start.wrapping_sub(from) as i32) >> 16;
        lowest - 1..=lowest + (range.len() >> 16) as i32 + 1
    };
    let target =
        |from: usize, upper: i32, lower: usize| from.wrapping_add_signed((upper as isize) << 16) + lower;
    for shared in windows(at + JUMP) {
        let lowest = target(at + JUMP, shared, 0xe900);
        if lowest + 0xff < range.start || lowest >= range.end {
            continue;
        }
        for upper in windows(at + PAIR) {
            let second = target(at + PAIR, upper, usize::from(shared as u16));
            if !pools.allocate_at(pool, second, second_len) {
                continue;
            }
            let mut firsts = (0..256).map(|r0| lowest + r0);
            if let Some(first) = firsts.find(|&first| pools.allocate_at(pool, first, first_len)) {
                return Some((first, second));
            }
            pools.free(pool, second, second_len);
        }
    }
    None
}

fn write(pools: &Pools, pool: usize, stub: usize, site: usize, back: usize) {
    let code = code(stub, pools.header(pool), site, back);
    // SAFETY: allocated in a pool that is still writable and not executable.
    unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), stub as *mut u8, LEN) };
}

/// Writes an instruction that has moved from `at`, and a jump to what followed it there.
fn write_moved(copy: usize, at: usize, insn: &[u8], kind: Kind) {
    let mut code = [0; LONGEST + JUMP];
    code[..insn.len()].copy_from_slice(insn);
    if let Kind::Relative(offset) = kind {
        let mut operand = [0; 4];
        operand.copy_from_slice(&insn[offset..offset + 4]);
        let operand = i32::from_le_bytes(operand).wrapping_add((at as i64 - copy as i64) as i32);
        code[offset..offset + 4].copy_from_slice(&operand.to_le_bytes());
    }
    let len = insn.len() + JUMP;
    code[insn.len()] = 0xe9;
    code[insn.len() + 1..len].copy_from_slice(&distance(copy + len, at + insn.len()));
    // SAFETY: allocated with this length in a pool that is still writable and not executable.
    unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), copy as *mut u8, len) };
}
