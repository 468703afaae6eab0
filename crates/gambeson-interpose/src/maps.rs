//! The process's memory map, as the kernel tells it.

use std::ops::Range;

use crate::arch::HIGHEST;
use crate::kernel::{EXEC, File, READ, WRITE};
use crate::table::Table;

/// Whether some of these bytes are mapped from a file, by the kernel's list. `None` if that cannot be read.
/// Async-signal-safe, and slow: the list is read whole.
pub fn is_from_file(address: usize, len: usize) -> Option<bool> {
    let maps = Maps::read().ok()?;
    Some(maps.holds_file(address..address.saturating_add(len)))
}

/// `/proc/self/maps`, parsed.
pub(crate) struct Maps {
    text: Table<u8>,
    mappings: Table<Mapping>,
}

/// One line of it.
#[derive(Clone, Copy)]
pub(crate) struct Mapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) prot: i32,
    pub(crate) shared: bool,
    pub(crate) offset: usize,
    pub(crate) inode: u64,
    path: (usize, usize),
}

// A line is 70 to 300 bytes and a process has at most 65,530 mappings unless its administrator raised that. Node has
// about 150. What does not fit is not seen.
const MAX_TEXT: usize = 16 << 20;
const MAX_MAPPINGS: usize = 1 << 17;

impl Maps {
    pub(crate) fn read() -> Result<Self, i32> {
        let file = File::open(c"/proc/self/maps")?;
        let mut maps = Self { text: Table::new(MAX_TEXT)?, mappings: Table::new(MAX_MAPPINGS)? };
        loop {
            let read = file.read(maps.text.spare())?;
            if read == 0 {
                break;
            }
            maps.text.advance(read);
        }
        let mut at = 0;
        for line in maps.text.split(|&byte| byte == b'\n') {
            if let Some(mapping) = parse(line, at)
                && !maps.mappings.push(mapping)
            {
                break;
            }
            at += line.len() + 1;
        }
        Ok(maps)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.iter()
    }

    pub(crate) fn path(&self, mapping: &Mapping) -> &[u8] {
        &self.text[mapping.path.0..mapping.path.1]
    }

    pub(crate) fn containing(&self, address: usize) -> Option<&Mapping> {
        let after = self.mappings.partition_point(|mapping| mapping.end <= address);
        self.mappings.get(after).filter(|mapping| mapping.start <= address)
    }

    /// Whether all of `range` can be read.
    pub(crate) fn readable(&self, range: Range<usize>) -> bool {
        let mut at = range.start;
        while at < range.end {
            match self.containing(at) {
                Some(mapping) if mapping.prot & READ != 0 => at = mapping.end,
                _ => return false,
            }
        }
        true
    }

    /// Whether some of `range` is mapped from a file.
    fn holds_file(&self, range: Range<usize>) -> bool {
        let after = self.mappings.partition_point(|mapping| mapping.end <= range.start);
        let within = self.mappings.iter().skip(after).take_while(|mapping| mapping.start < range.end);
        within.into_iter().any(|mapping| mapping.inode != 0)
    }

    /// Unmapped address ranges, from low to high.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = Range<usize>> {
        let lowest = 1 << 20; // leaves vm.mmap_min_addr and null pointers with an offset alone
        let starts = self.mappings.iter().map(|mapping| mapping.start).chain([HIGHEST]);
        let ends = std::iter::once(lowest).chain(self.mappings.iter().map(|mapping| mapping.end));
        ends.zip(starts).filter(|(end, start)| end < start).map(|(end, start)| end..start)
    }
}

/// `7f5c8a000000-7f5c8a021000 r-xp 00028000 fe:00 1835070   /lib/x86_64-linux-gnu/libc.so.6`
fn parse(line: &[u8], at: usize) -> Option<Mapping> {
    let mut position = 0;
    let mut field = || {
        while line.get(position) == Some(&b' ') {
            position += 1;
        }
        let start = position;
        while line.get(position).is_some_and(|&byte| byte != b' ') {
            position += 1;
        }
        (start, &line[start..position])
    };
    let (_, range) = field();
    let dash = range.iter().position(|&byte| byte == b'-')?;
    let (_, flags) = field();
    let [r, w, x, sharing, ..] = *flags else { return None };
    let (_, offset) = field();
    let _device = field();
    let (_, inode) = field();
    let (path, _) = field();
    let prot = if r == b'r' { READ } else { 0 }
        | if w == b'w' { WRITE } else { 0 }
        | if x == b'x' { EXEC } else { 0 };
    Some(Mapping {
        start: number(&range[..dash], 16)?,
        end: number(&range[dash + 1..], 16)?,
        prot,
        shared: sharing == b's',
        offset: number(offset, 16)?,
        inode: number(inode, 10)? as u64,
        path: (at + path, at + line.len()),
    })
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0usize, |value, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        value.checked_mul(radix as usize)?.checked_add(digit as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let line = b"7f5c8a000000-7f5c8a021000 r-xp 00028000 fe:00 1835070          /lib/a b.so";
        let mapping = parse(line, 100).expect("a good line");
        assert_eq!((mapping.start, mapping.end), (0x7f5c8a000000, 0x7f5c8a021000));
        assert_eq!((mapping.prot, mapping.shared), (READ | EXEC, false));
        assert_eq!((mapping.offset, mapping.inode), (0x28000, 1835070));
        assert_eq!(&line[mapping.path.0 - 100..mapping.path.1 - 100], b"/lib/a b.so");
        assert!(parse(b"", 0).is_none());
        assert!(parse(b"7f5c8a000000 r-xp", 0).is_none());
    }

    #[test]
    fn the_own_map_holds_this_function() {
        let maps = Maps::read().expect("/proc is mounted");
        let here = the_own_map_holds_this_function as *const () as usize;
        let mapping = maps.containing(here).expect("code is mapped");
        assert!(mapping.prot & EXEC != 0 && mapping.inode != 0);
        assert!(maps.readable(mapping.start..mapping.end));
        assert!(maps.gaps().all(|gap| maps.containing(gap.start).is_none()));
        assert!(!maps.readable(0..1));
        assert_eq!(is_from_file(here, 1), Some(true));
        let local = 0u8;
        assert_eq!(is_from_file(&raw const local as usize, 1), Some(false));
    }
}
