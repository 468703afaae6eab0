//! The memory that interposition rests on, so that a policy can forbid to change it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether any of these bytes are patched code or stubs: making them writable, unmapping or replacing them would end
/// interposition. Async-signal-safe.
pub fn protects(address: usize, len: usize) -> bool {
    let end = address.saturating_add(len);
    let count = COUNT.load(Ordering::Acquire).min(RANGES.len());
    RANGES[..count].iter().any(|(from, to)| {
        let (from, to) = (from.load(Ordering::Relaxed), to.load(Ordering::Acquire));
        address < to && from < end
    })
}

// An object with system calls of its own has two: its code and its stubs. Few have any.
const MAX_RANGES: usize = 512;

static RANGES: [(AtomicUsize, AtomicUsize); MAX_RANGES] =
    [const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; MAX_RANGES];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Remembers a range; more than there is room for are forgotten.
pub(crate) fn add(range: Range<usize>) {
    let index = COUNT.fetch_add(1, Ordering::AcqRel);
    if let Some((from, to)) = RANGES.get(index) {
        from.store(range.start, Ordering::Relaxed);
        to.store(range.end, Ordering::Release);
    }
}
