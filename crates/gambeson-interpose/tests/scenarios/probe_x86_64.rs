//! What `probe_x86_64.S` is called with, and what must come out.

use super::ProbeCall;

const FLAGS: usize = 15;
const RED_ZONE: usize = 18;
const STACK: usize = 19;
const VECTORS: usize = 32;

/// As the probe has it: words 0 to 14 general registers, 15 flags, 16 and 17 mask registers, 18 red zone, 19 stack.
#[repr(C, align(64))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Registers([u64; VECTORS + 32 * 8]);

/// Sites of the probe that are left because they may be data.
pub(super) const TOLD_AS_DATA: usize = 0;

/// The call's answer, made from the probe.
pub(super) fn result_of(probe: ProbeCall, number: libc::c_long) -> u64 {
    call(probe, number, false, 0).0[0]
}

/// The bytes of a system call inside another instruction are as they were.
pub(super) fn check_data() {
    // SAFETY: the symbol is there, and a function of five bytes and more.
    unsafe {
        let data = libc::dlsym(libc::RTLD_DEFAULT, c"probe_data".as_ptr()).cast::<[u8; 5]>();
        assert_eq!(*data, [0xb8, 0x0f, 0x05, 0x0f, 0x05]);
    }
}

/// All registers come back from `getppid` but the result, which is `answer` or the parent.
pub(super) fn survive(probe: ProbeCall, answer: Option<i64>) {
    // SAFETY: takes nothing.
    let parent = unsafe { gambeson_interpose::syscall(libc::SYS_getppid as u64, [0; 6]) };
    let wide = std::arch::is_x86_feature_detected!("avx512f");
    for wide in if wide { vec![false, true] } else { vec![false] } {
        // Carry, parity, adjust, zero, sign, direction, overflow: none, each, all.
        for flags in [0, 1, 1 << 2, 1 << 4, 1 << 6, 1 << 7, 1 << 10, 1 << 11, 0xcd5] {
            let (before, after) =
                (filled(libc::SYS_getppid, flags), call(probe, libc::SYS_getppid, wide, flags));
            let mut expected = before;
            expected.0[0] = answer.unwrap_or(parent) as u64;
            expected.0[RED_ZONE] = 0;
            expected.0[STACK] = 0;
            // rcx and r11 are not kept by a system call, and the probe does not store them.
            for word in [2, 3] {
                expected.0[word] = after.0[word];
            }
            let user_flags = 0xcd5;
            assert_eq!(after.0[FLAGS] & user_flags, flags, "flags");
            expected.0[FLAGS] = after.0[FLAGS];
            for (word, (after, expected)) in after.0.iter().zip(expected.0).enumerate() {
                let stored = match word {
                    0..=15 | RED_ZONE | STACK => true,
                    16 | 17 => wide,
                    VECTORS.. => wide || (word - VECTORS) / 8 < 16 && (word - VECTORS) % 8 < 2,
                    _ => false,
                };
                if stored {
                    assert_eq!(*after, expected, "word {word}, wide {wide}, flags {flags:#x}");
                }
            }
        }
    }
}

fn call(probe: ProbeCall, number: libc::c_long, wide: bool, flags: u64) -> Registers {
    let before = filled(number, flags);
    let mut after = Registers([0; VECTORS + 32 * 8]);
    after.0[RED_ZONE] = before.0[RED_ZONE];
    // SAFETY: the layout that it expects, and AVX-512 only where the processor has it.
    unsafe { probe(&before, &mut after, wide.into()) };
    after
}

fn filled(number: libc::c_long, flags: u64) -> Registers {
    let mut registers = Registers([0; VECTORS + 32 * 8]);
    for (word, value) in registers.0.iter_mut().enumerate() {
        *value = 0x0123_4567_89ab_cdef_u64.rotate_left(word as u32) ^ word as u64;
    }
    registers.0[0] = number as u64;
    registers.0[FLAGS] = flags | 0x202; // with the bit that is always set, and interrupts
    registers.0[16] = 0x5a5a;
    registers.0[17] = 0xa5a5;
    registers
}
