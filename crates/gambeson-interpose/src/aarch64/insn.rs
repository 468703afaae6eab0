//! The few instructions that are read or written. All of them are one aligned word.

use std::ops::Range;

/// Bytes of an instruction.
pub(super) const LEN: usize = 4;

/// `svc #0`. Linux ignores the immediate, but nobody writes another one; see [`is_system_call`].
#[cfg(test)]
pub(super) const SYSTEM_CALL: u32 = 0xd400_0001;

/// `mov x8, #139` (`rt_sigreturn`): what libgcc and libunwind compare with, together with the `svc #0` behind it.
pub(super) const MOV_X8_SIGRETURN: u32 = 0xd280_1168;

/// Whether it is `svc`, with any immediate: Linux makes the call for all of them.
pub(super) fn is_system_call(word: u32) -> bool {
    word & 0xffe0_001f == 0xd400_0001
}

/// What an instruction at `at` loads from a place that it tells by its distance: LDR and LDRSW (literal).
pub(super) fn loads(word: u32, at: u64) -> Option<Range<u64>> {
    if word & 0x3b00_0000 != 0x1800_0000 {
        return None;
    }
    let len = match (word >> 30, word & 0x0400_0000 != 0) {
        (0, _) | (2, false) => 4,
        (1, _) => 8,
        (2, true) => 16,
        _ => return None, // a prefetch
    };
    let distance = (word as i32) << 8 >> 13;
    let from = at.wrapping_add_signed(i64::from(distance) * 4);
    Some(from..from.saturating_add(len))
}

/// `b to`, at `from`; callers stay within its reach.
pub(super) fn branch(from: usize, to: usize) -> u32 {
    0x1400_0000 | (to.wrapping_sub(from) as u32 >> 2 & 0x03ff_ffff)
}

/// `ldr x<register>, to`, at `from`; callers stay within 1 MiB.
pub(super) fn load(register: u32, from: usize, to: usize) -> u32 {
    0x5800_0000 | (to.wrapping_sub(from) as u32 >> 2 & 0x7_ffff) << 5 | register
}

#[cfg(test)]
mod tests {
    use super::*;

    // As GNU as writes them.
    #[test]
    fn instructions_are_as_the_assembler_writes_them() {
        assert_eq!(branch(0x1000, 0x1008), 0x1400_0002);
        assert_eq!(branch(0x1008, 0x1000), 0x17ff_fffe);
        assert_eq!(load(17, 0x1000, 0x0ff8), 0x58ff_ffd1);
        assert_eq!(load(16, 0x1000, 0x1008), 0x5800_0050);
        assert!(is_system_call(SYSTEM_CALL) && is_system_call(0xd402_4681));
        // hvc #0, smc #0, brk #0
        assert!([0xd400_0002, 0xd400_0003, 0xd420_0000].into_iter().all(|word| !is_system_call(word)));
    }

    #[test]
    fn literals_are_told() {
        assert_eq!(loads(0x5800_0050, 0x1000), Some(0x1008..0x1010)); // ldr x16, 0x1008
        assert_eq!(loads(0x1c00_0040, 0x1000), Some(0x1008..0x100c)); // ldr s0, 0x1008
        assert_eq!(loads(0x9c00_0040, 0x1000), Some(0x1008..0x1018)); // ldr q0, 0x1008
        assert_eq!(loads(0x98ff_fff0, 0x1000), Some(0x0ffc..0x1000)); // ldrsw x16, 0xffc
        assert_eq!(loads(0xd800_0040, 0x1000), None); // prfm pldl1keep, 0x1008
        assert_eq!(loads(0x3000_0040, 0x1000), None); // adr x0, 0x1009
        assert_eq!(loads(0x1400_0002, 0x1000), None); // b 0x1008
        assert_eq!(loads(0xf940_0010, 0x1000), None); // ldr x16, [x0]
    }
}
