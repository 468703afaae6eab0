//! Decides for each `syscall` instruction how it is taken over.
//!
//! A landing is five bytes within reach of the two-byte jump that replaces the instruction. There are two places for it, and
//! a third way for what remains:
//!
//! - **Padding** between two functions, which nothing executes.
//! - **Inside another jump**: one instruction of at least seven bytes, the host, is moved away and replaced by a jump to its
//!   copy. Of that jump's four distance bytes the second is chosen to be the opcode of a jump again, the landing:
//!
//!   ```text
//!     e9 r0 e9 r2 r3 b5 b6        at +0: jmp r3:r2:e9:r0, to the copy of the host
//!                                 at +2: jmp b6:b5:r3:r2, to the stub
//!   ```
//!
//!   The distances share two bytes, so the copy and the stub must lie at places that fit; the pool has them. Only the start of
//!   the host is an address that anything can jump or return to, and it does what the host did. So nothing has to be known
//!   about the branches of the function, and no thread can be caught inside.
//! - **With the next instruction**, if that has at least five bytes: the same seven bytes as above over both, so that +0 leads
//!   to the stub, and +2, where threads come back from the kernel, to the copy of the next instruction. No short jump then.

use super::insn::{Insn, Kind, LONGEST, instructions};
use super::scan::SYSCALL;
use crate::elf::{Functions, Image};
use crate::plan::Code;
use crate::report::Reason;
use crate::rewrite::{Found, Text};
use crate::table::Table;

/// Where the jump to the stub goes.
#[derive(Clone, Copy)]
pub(super) enum Landing {
    /// Five bytes of padding at this address of the object.
    Padding(u64),
    /// Inside the jump that replaces this instruction.
    Host(Insn),
    /// At the site itself, together with this instruction, the next one.
    Next(Insn),
}

impl Landing {
    /// The bytes that change, those of the site aside.
    pub(super) fn bytes(&self) -> std::ops::Range<u64> {
        match self {
            Self::Padding(at) => *at..at + JUMP as u64,
            Self::Host(insn) => insn.at..insn.at + PAIR as u64,
            Self::Next(insn) => insn.at - SYSCALL.len() as u64..insn.at + NEXT as u64,
        }
    }

    /// The same, `by` higher (wrapping).
    pub(super) fn moved(self, by: u64) -> Self {
        let moved = |insn: Insn| Insn { at: insn.at.wrapping_add(by), ..insn };
        match self {
            Self::Padding(at) => Self::Padding(at.wrapping_add(by)),
            Self::Host(insn) => Self::Host(moved(insn)),
            Self::Next(insn) => Self::Next(moved(insn)),
        }
    }
}

// glibc's longest piece of code without unwind information has 38 bytes.
const MAX_UNDESCRIBED: u64 = 256;

/// A jump.
pub(super) const JUMP: usize = 5;
/// Two jumps, one in the other.
pub(crate) const PAIR: usize = 7;
/// What a pair needs behind a site.
const NEXT: usize = PAIR - SYSCALL.len();

// A two-byte jump reaches from -128 to +127 bytes, counted from its end.
const REACH_BACK: u64 = 128;
const REACH_ON: u64 = 127;

/// The landings of one object, none of which overlap. Sites must come in the order of their addresses.
pub(crate) struct Planner<'a> {
    code: Code<'a>,
    functions: Functions<'a>,
    taken: Table<(u64, u64)>,
    /// An instruction of this function starts here, and none of its sites up to now is behind it.
    known: (usize, u64),
}

/// Whether the text holds an older way into the kernel; `None` if that cannot be told.
pub(crate) fn holds_gate(text: &Text<'_>, found: &Found, image: Option<&Image>) -> Option<bool> {
    let image = image?;
    let shift = image.code_shift(text.offset as u64, text.len as u64)?;
    let bias = (text.start as u64).wrapping_sub(text.offset as u64).wrapping_sub(shift);
    let code = Code { bytes: text.bytes(), address: text.start as u64, bias };
    let mut planner = Planner::new(code, image.functions()?, 0).ok()?;
    let mut certain = true;
    for &offset in found.offsets() {
        let site = (text.start as u64 + u64::from(offset)).wrapping_sub(bias);
        let Some(index) = planner.functions.at(site) else { continue };
        match planner.is_instruction(index, site, Kind::OlderGate) {
            Ok(true) => return Some(true),
            Ok(false) => {}
            Err(_) => certain = false,
        }
    }
    certain.then_some(false)
}

impl<'a> Planner<'a> {
    pub(crate) fn new(code: Code<'a>, functions: Functions<'a>, sites: usize) -> Result<Self, i32> {
        Ok(Self { code, functions, taken: Table::new(sites)?, known: (usize::MAX, 0) })
    }

    pub(super) fn code(&self) -> Code<'a> {
        self.code
    }

    /// A landing for the instruction at `site`; `None` if these bytes are no instruction of their own.
    pub(super) fn landing(&mut self, site: u64) -> Result<Option<Landing>, Reason> {
        // Before the first function stand tables, where an object keeps them in the same segment as its code.
        let Some(index) = self.functions.at(site) else { return Ok(None) };
        if !self.is_instruction(index, site, Kind::Syscall)? {
            return Ok(None);
        }
        if self.returns_from_signals(site) {
            return Err(Reason::SignalReturn);
        }
        let landing = self
            .padding_near(index, site)
            .or_else(|| self.host_near(index, site))
            .or_else(|| self.next(site))
            .ok_or(Reason::NoRoom)?;
        let bytes = landing.bytes();
        if self.taken.push((bytes.start, bytes.end)) { Ok(Some(landing)) } else { Err(Reason::NoRoom) }
    }

    /// Decodes from the start of the function, or, behind its end, on from there: the child's side of `clone` has no unwind
    /// information on purpose.
    fn is_instruction(&mut self, index: usize, site: u64, kind: Kind) -> Result<bool, Reason> {
        let start = self.functions.start(index).ok_or(Reason::NoFunction)?;
        let end = self.functions.end(index).ok_or(Reason::NoFunction)?;
        if site >= end + MAX_UNDESCRIBED && !self.functions.have_gaps() {
            // Behind the last function stands data, where an object keeps it in the same segment as its code.
            return if index + 1 == self.functions.len() { Ok(false) } else { Err(Reason::NoFunction) };
        }
        let from = if self.known.0 == index { self.known.1 } else { start };
        let mut decoded = from;
        for insn in instructions(self.code.between(from, site + LONGEST as u64), from) {
            self.known = (index, insn.at);
            if insn.at >= site {
                return Ok(insn.at == site && insn.kind == kind);
            }
            decoded = insn.at + insn.len as u64;
        }
        if decoded > site { Ok(false) } else { Err(Reason::Undecodable) }
    }

    /// `mov $15,%rax` or `mov $15,%eax` before it: what libgcc, libunwind and gdb compare with.
    fn returns_from_signals(&self, site: u64) -> bool {
        let before = self.code.between(site - 7, site);
        before == [0x48, 0xc7, 0xc0, 15, 0, 0, 0] || before.ends_with(&[0xb8, 15, 0, 0, 0])
    }

    fn padding_near(&self, index: usize, site: u64) -> Option<Landing> {
        let last = self.functions.len();
        let ahead = (index..last)
            .take_while(|&i| self.functions.start(i).is_some_and(|start| start < site + REACH_ON));
        let behind = (0..index)
            .rev()
            .take_while(|&i| self.functions.start(i + 1).is_some_and(|start| start + REACH_BACK > site));
        ahead.chain(behind).find_map(|i| self.padding_after(i, site))
    }

    /// Free padding between function `index` and the next one, in reach of `site`.
    fn padding_after(&self, index: usize, site: u64) -> Option<Landing> {
        let (start, end) = (self.functions.end(index)?, self.functions.start(index + 1)?);
        // More than a page of padding is something else.
        if end < start + JUMP as u64 || end - start > 4096 {
            return None;
        }
        let mut decoded = start;
        for insn in instructions(self.code.between(start, end), start) {
            if insn.kind != Kind::Padding {
                return None;
            }
            decoded += insn.len as u64;
        }
        if decoded != end {
            return None;
        }
        (start..=end - JUMP as u64)
            .find(|&at| self.reaches(site, at) && self.is_free(at, at + JUMP as u64))
            .map(Landing::Padding)
    }

    /// The nearest instruction that can be a host, in this function or a neighbour.
    fn host_near(&self, index: usize, site: u64) -> Option<Landing> {
        let neighbours = [index, index + 1, index.wrapping_sub(1), index + 2, index.wrapping_sub(2)];
        let host = neighbours.into_iter().find_map(|index| self.host_in(index, site));
        host.map(Landing::Host)
    }

    fn host_in(&self, index: usize, site: u64) -> Option<Insn> {
        let start = self.functions.start(index)?;
        // Static functions that no symbol names follow the one that is named.
        let unnamed = self.functions.have_gaps().then(|| self.functions.start(index + 1)).flatten();
        let end = unnamed.or_else(|| self.functions.end(index))?;
        if end + REACH_BACK < site || start > site + REACH_ON {
            return None;
        }
        let fits = |insn: &Insn| {
            insn.len >= PAIR
                && insn.kind != Kind::Fixed
                && self.reaches(site, insn.at + 2)
                && self.is_free(insn.at, insn.at + PAIR as u64)
        };
        instructions(self.code.between(start, end.min(site + REACH_ON + LONGEST as u64)), start)
            .filter(fits)
            .min_by_key(|insn| insn.at.abs_diff(site))
    }

    fn next(&self, site: u64) -> Option<Landing> {
        let start = site + SYSCALL.len() as u64;
        let insn = instructions(self.code.between(start, start + LONGEST as u64), start).next()?;
        let fits = insn.len >= NEXT && insn.kind != Kind::Fixed && self.is_free(site, insn.at + NEXT as u64);
        fits.then_some(Landing::Next(insn))
    }

    fn reaches(&self, site: u64, target: u64) -> bool {
        let from = site + 2;
        if target >= from { target - from <= REACH_ON } else { from - target <= REACH_BACK }
    }

    /// Landings in reach of one site are among the last few that were taken.
    fn is_free(&self, start: u64, end: u64) -> bool {
        self.taken.iter().rev().take(64).all(|&(from, to)| end <= from || to <= start)
    }
}
