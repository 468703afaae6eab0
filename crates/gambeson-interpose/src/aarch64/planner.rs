//! Finds the system calls of an object and decides which words are such.
//!
//! All instructions are aligned words, so the only other thing that such a word can be is data, and an object linked without
//! `-z separate-code`, as is usual for this architecture, has its constants in the same segment as its code. A word is taken for
//! an instruction if it lies in a function that the unwind table describes, or close behind it: the last instructions of some
//! functions have no unwind information on purpose. Constants among the code of a function are reached by loads relative to the
//! program counter, so a word that such a load reads stays as it is, and is told.

use super::{LONGEST_EDIT, insn, stub};
use crate::elf::Functions;
use crate::plan::Code;
use crate::pool::Pools;
use crate::report::Reason;
use crate::rewrite::{Edit, Rewrite};
use crate::table::Table;

/// The offsets in `code` of the words that are a system call, whether they are code or data. Stops when `found` is full.
pub(crate) fn system_calls(code: &[u8], found: &mut Table<u32>) {
    // Sixteen words at a time, without a branch for each: most groups hold none.
    const GROUP: usize = 64;
    for (index, group) in code.chunks(GROUP).enumerate() {
        if !words(group).fold(false, |any, word| any | insn::is_system_call(word)) {
            continue;
        }
        for (place, word) in words(group).enumerate() {
            if insn::is_system_call(word) && !found.push((index * GROUP + place * insn::LEN) as u32) {
                return;
            }
        }
    }
}

/// Bytes behind the end of a function that may still be code without unwind information.
const MAX_UNDESCRIBED: u64 = 256;

// Such a load reaches 1 MiB, but assemblers place constants next to the function; the few larger functions have system calls
// by the hundred, and all of this happens before a function's first line runs.
const MAX_SEARCHED: u64 = 64 << 10;

/// Takes over the system calls of one object.
pub(crate) struct Planner<'a> {
    code: Code<'a>,
    functions: Functions<'a>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(code: Code<'a>, functions: Functions<'a>, _: usize) -> Result<Self, i32> {
        Ok(Self { code, functions })
    }

    /// Adds what takes over the instruction at `site` (in memory) to `rewrite`, and builds its stub in `pool`. Nothing, if
    /// that word is data.
    pub(crate) fn take_over(
        &mut self,
        site: usize,
        rewrite: &mut Rewrite,
        pools: &mut Pools,
        pool: usize,
    ) -> Result<(), Reason> {
        let address = (site as u64).wrapping_sub(self.code.bias);
        if !self.is_instruction(address)? {
            return Ok(());
        }
        if self.returns_from_signals(address) {
            return Err(Reason::SignalReturn);
        }
        let stub = stub::build(pools, pool, site).ok_or(Reason::NoPool)?;
        let bytes = insn::branch(site, stub).to_le_bytes();
        if rewrite.add(&[Edit { at: site, bytes, len: LONGEST_EDIT }]) { Ok(()) } else { Err(Reason::NoPool) }
    }

    fn is_instruction(&self, site: u64) -> Result<bool, Reason> {
        // Before the first function stand tables.
        let Some(index) = self.functions.at(site) else { return Ok(false) };
        let start = self.functions.start(index).ok_or(Reason::NoFunction)?;
        let end = self.functions.end(index).ok_or(Reason::NoFunction)?;
        if site >= end {
            // Behind the last function stand constants.
            if index + 1 == self.functions.len() {
                return Ok(false);
            }
            if site >= end + MAX_UNDESCRIBED && !self.functions.have_gaps() {
                return Err(Reason::NoFunction);
            }
        }
        let from = start.max(site.saturating_sub(MAX_SEARCHED));
        let to = end.max(site).min(site + MAX_SEARCHED);
        if self.is_read(site, from, to) { Err(Reason::Read) } else { Ok(true) }
    }

    /// Whether an instruction between `from` and `to` loads from the word at `site`.
    fn is_read(&self, site: u64, from: u64, to: u64) -> bool {
        let addresses = (from..).step_by(insn::LEN);
        let mut loads = words(self.code.between(from, to))
            .zip(addresses)
            .filter_map(|(word, address)| insn::loads(word, address));
        loads.any(|read| read.start < site + insn::LEN as u64 && site < read.end)
    }

    fn returns_from_signals(&self, site: u64) -> bool {
        words(self.code.between(site - insn::LEN as u64, site)).eq([insn::MOV_X8_SIGRETURN])
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(insn::LEN).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_once_wherever_it_stands() {
        for len in 1..40 {
            for at in 0..len {
                let mut code = vec![0xd503_201f_u32; len];
                code[at] = insn::SYSTEM_CALL;
                let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
                let mut found = Table::new(64).expect("memory");
                system_calls(&bytes, &mut found);
                assert_eq!(found.to_vec(), [4 * at as u32], "at {at} of {len}");
            }
        }
        let mut found = Table::new(64).expect("memory");
        // Not at the start of a word, and not a whole one.
        system_calls(&[0, 1, 0, 0, 0xd4, 0, 0, 0, 1, 0, 0], &mut found);
        assert!(found.is_empty());
    }
}
