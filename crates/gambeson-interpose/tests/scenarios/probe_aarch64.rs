//! What `probe_aarch64.S` is called with, and what must come out.

use super::ProbeCall;

const NUMBER: usize = 8;
const STACK: usize = 31;
const FLAGS: usize = 32;
const VECTORS: usize = 34;

/// As the probe has it: words 0 to 30 general registers, 31 stack, 32 flags, then the vector registers.
#[repr(C, align(64))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Registers([u64; VECTORS + 32 * 2]);

/// Sites of the probe that are left because they may be data.
pub(super) const TOLD_AS_DATA: usize = 1;

const SYSTEM_CALL: u32 = 0xd400_0001;

/// The call's answer, made from the probe.
pub(super) fn result_of(probe: ProbeCall, number: libc::c_long) -> u64 {
    call(probe, number, 0).0[0]
}

/// Words that are the same as a system call, but are constants, are as they were.
pub(super) fn check_data() {
    // SAFETY: the symbols are there, a word and a function that takes nothing.
    unsafe {
        let data = libc::dlsym(libc::RTLD_DEFAULT, c"probe_data".as_ptr()).cast::<u32>();
        assert_eq!(*data, SYSTEM_CALL);
        let constant = libc::dlsym(libc::RTLD_DEFAULT, c"probe_constant".as_ptr());
        let constant: extern "C" fn() -> u32 = std::mem::transmute(constant);
        assert_eq!(constant(), SYSTEM_CALL);
    }
}

/// All registers come back from `getppid` but the result, which is `answer` or the parent.
pub(super) fn survive(probe: ProbeCall, answer: Option<i64>) {
    // SAFETY: takes nothing.
    let parent = unsafe { gambeson_interpose::syscall(libc::SYS_getppid as u64, [0; 6]) };
    // Negative, zero, carry, overflow: none, each, all.
    for flags in [0, 1 << 28, 1 << 29, 1 << 30, 1 << 31, 0xf << 28] {
        let mut expected = filled(libc::SYS_getppid, flags);
        expected.0[0] = answer.unwrap_or(parent) as u64;
        expected.0[STACK] = 0;
        let after = call(probe, libc::SYS_getppid, flags);
        for (word, (after, expected)) in after.0.iter().zip(expected.0).enumerate() {
            assert_eq!(*after, expected, "word {word}, flags {flags:#x}");
        }
    }
}

fn call(probe: ProbeCall, number: libc::c_long, flags: u64) -> Registers {
    let before = filled(number, flags);
    let mut after = Registers([0; VECTORS + 32 * 2]);
    after.0[FLAGS + 1] = before.0[FLAGS + 1]; // not used
    // SAFETY: the layout that it expects.
    unsafe { probe(&before, &mut after, 0) };
    after
}

fn filled(number: libc::c_long, flags: u64) -> Registers {
    let mut registers = Registers([0; VECTORS + 32 * 2]);
    for (word, value) in registers.0.iter_mut().enumerate() {
        *value = 0x0123_4567_89ab_cdef_u64.rotate_left(word as u32) ^ word as u64;
    }
    registers.0[NUMBER] = number as u64;
    registers.0[FLAGS] = flags;
    registers
}
