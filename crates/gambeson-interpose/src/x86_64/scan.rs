//! Finds the bytes of the `syscall` instruction, fast: a library has megabytes of code and a dozen of these.

use std::arch::x86_64::{
    __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
};

use crate::table::Table;

/// The two bytes of the instruction.
pub(super) const SYSCALL: [u8; 2] = [0x0f, 0x05];

/// The offsets in `code` at which these bytes stand, whether they are an instruction or part of one. Stops when `found` is
/// full, which is then not told: its capacity must be enough for any object.
pub(crate) fn system_calls(code: &[u8], found: &mut Table<u32>) {
    let mut at = 0;
    while at + 17 <= code.len() {
        // SAFETY: SSE2 is part of x86_64; 17 bytes are left.
        let mut matches = unsafe {
            let first = _mm_loadu_si128(code.as_ptr().add(at).cast::<__m128i>());
            let second = _mm_loadu_si128(code.as_ptr().add(at + 1).cast::<__m128i>());
            let first = _mm_cmpeq_epi8(first, _mm_set1_epi8(SYSCALL[0] as i8));
            let second = _mm_cmpeq_epi8(second, _mm_set1_epi8(SYSCALL[1] as i8));
            _mm_movemask_epi8(_mm_and_si128(first, second))
        };
        while matches != 0 {
            if !found.push((at + matches.trailing_zeros() as usize) as u32) {
                return;
            }
            matches &= matches - 1;
        }
        at += 16;
    }
    for offset in at..code.len().saturating_sub(1) {
        if code[offset..offset + 2] == SYSCALL && !found.push(offset as u32) {
            return;
        }
    }
}

/// `int $0x80` and `sysenter`: where the kernel has them, they lead to it by other numbers, past every `syscall`.
const OLDER: [[u8; 2]; 2] = [[0xcd, 0x80], [0x0f, 0x34]];

/// The offsets at which those stand, as above.
pub(crate) fn older_gates(code: &[u8], found: &mut Table<u32>) {
    for (offset, bytes) in code.windows(2).enumerate() {
        if OLDER.iter().any(|gate| bytes == gate) && !found.push(offset as u32) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &[u8]) -> Vec<u32> {
        let mut table = Table::new(64).expect("memory");
        system_calls(code, &mut table);
        table.to_vec()
    }

    #[test]
    fn each_is_found_once_wherever_it_stands() {
        for len in 2..70 {
            for at in 0..len - 1 {
                let mut code = vec![0x90; len];
                code[at..at + 2].copy_from_slice(&SYSCALL);
                assert_eq!(found(&code), [at as u32], "at {at} of {len}");
            }
        }
        assert_eq!(found(&[0x0f, 0x05].repeat(20)), (0..40).step_by(2).collect::<Vec<_>>());
        assert_eq!(found(&[0x0f]), []);
        assert_eq!(found(&[]), []);
    }
}
