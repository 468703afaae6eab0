//! The memory that interposition rests on, so that a policy can forbid to change it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether any of these bytes are patched code, stubs, or were added by [`protect`]: making them writable or replacing them
/// would end interposition. Async-signal-safe.
pub fn protects(address: usize, len: usize) -> bool {
    STAYS.touches(address, len) || GOES.touches(address, len)
}

/// Whether any of these bytes must not even be unmapped. The code of an object that was mapped after the start may be, as
/// `dlclose` does it: mapped again, it is taken over again. Async-signal-safe.
pub fn must_stay(address: usize, len: usize) -> bool {
    STAYS.touches(address, len)
}

/// Adds memory that interposition rests on, such as what the handler reads. Async-signal-safe.
pub fn protect(range: Range<usize>) {
    STAYS.add(range);
}

/// Forgets what [`must_stay`] lets go and is about to be unmapped. Async-signal-safe.
pub fn forget(address: usize, len: usize) {
    GOES.remove(address, len);
}

/// Remembers patched code of an object that may be unmapped.
pub(crate) fn add_unmappable(range: Range<usize>) {
    GOES.add(range);
}

static STAYS: Ranges = Ranges::new();
static GOES: Ranges = Ranges::new();

// An object with system calls of its own has two: its code and its stubs. Few have any.
const MAX_RANGES: usize = 512;

struct Ranges {
    /// First byte and the one behind the last; both zero if the place is free.
    ranges: [(AtomicUsize, AtomicUsize); MAX_RANGES],
    /// No place from here on was ever used.
    used: AtomicUsize,
}

impl Ranges {
    const fn new() -> Self {
        Self {
            ranges: [const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; MAX_RANGES],
            used: AtomicUsize::new(0),
        }
    }

    fn known(&self) -> &[(AtomicUsize, AtomicUsize)] {
        let used = self.used.load(Ordering::Acquire).min(MAX_RANGES);
        &self.ranges[..used]
    }

    fn touches(&self, address: usize, len: usize) -> bool {
        let end = address.saturating_add(len);
        self.known().iter().any(|(from, to)| {
            let (from, to) = (from.load(Ordering::Relaxed), to.load(Ordering::Acquire));
            address < to && from < end
        })
    }

    /// Takes a free place; more than there is room for are forgotten.
    fn add(&self, range: Range<usize>) {
        let free = self
            .known()
            .iter()
            .find(|(from, _)| from.compare_exchange(0, range.start, Ordering::AcqRel, Ordering::Relaxed).is_ok());
        if let Some((_, to)) = free {
            to.store(range.end, Ordering::Release);
            return;
        }
        let index = self.used.fetch_add(1, Ordering::AcqRel);
        if let Some((from, to)) = self.ranges.get(index) {
            from.store(range.start, Ordering::Relaxed);
            to.store(range.end, Ordering::Release);
        }
    }

    fn remove(&self, address: usize, len: usize) {
        let end = address.saturating_add(len);
        for (from, to) in self.known() {
            let (start, stop) = (from.load(Ordering::Relaxed), to.load(Ordering::Acquire));
            if address <= start && stop <= end && start != 0 {
                to.store(0, Ordering::Release);
                from.store(0, Ordering::Release);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_known_until_it_is_removed() {
        let ranges = Ranges::new();
        ranges.add(0x1000..0x2000);
        ranges.add(0x3000..0x4000);
        assert!(ranges.touches(0x1fff, 1) && ranges.touches(0, usize::MAX) && !ranges.touches(0x2000, 0x1000));
        ranges.remove(0x1000, 0x800);
        assert!(ranges.touches(0x1000, 1), "part of a range is not the range");
        ranges.remove(0x1000, 0x1000);
        assert!(!ranges.touches(0x1000, 0x1000) && ranges.touches(0x3000, 1));
        ranges.add(0x5000..0x6000);
        assert_eq!(ranges.known().len(), 2, "the free place is used again");
        assert!(ranges.touches(0x5000, 1));
    }
}
