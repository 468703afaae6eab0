//! Memory for stubs, within reach of the code that jumps to them.

use std::ops::Range;

use crate::arch::{self, REACH};
use crate::kernel::{self, EXEC, READ};
use crate::maps::Maps;
use crate::report::Reason;
use crate::table::Table;

/// Pools of a pass over the objects of the process; objects near each other share one.
pub(crate) struct Pools {
    pools: Table<Pool>,
    granules: Table<u8>,
}

/// One piece of memory, written now, executable once it is sealed; never both.
#[derive(Clone, Copy)]
pub(crate) struct Pool {
    start: usize,
    index: usize,
    next: usize,
    sealed: bool,
}

// Room for 4,000 stubs; glibc 2.31's libc, libpthread and ld.so have 950 together. A landing inside a jump needs a certain
// place modulo 64 KiB, so a pool is a few times that, and most of its pages are used.
const LEN: usize = 256 << 10;
const GRANULE: usize = 16;
const GRANULES: usize = LEN / GRANULE;
const MAX_POOLS: usize = 64;

// What all stubs read: the pointer to the entry routine, which each jumps through, and room for another.
const HEADER: usize = GRANULE;

impl Pools {
    pub(crate) fn new() -> Result<Self, i32> {
        Ok(Self { pools: Table::new(MAX_POOLS)?, granules: Table::zeroed(MAX_POOLS * GRANULES)? })
    }

    /// A pool in reach of all of `code` with `sites` places free, made if there is none.
    pub(crate) fn near(
        &mut self,
        code: Range<usize>,
        sites: usize,
        maps: &mut Option<Maps>,
    ) -> Result<usize, Reason> {
        let needed = sites * 64;
        let fits = |pool: &Pool| !pool.sealed && in_reach(pool.start, &code) && pool.next + needed <= LEN;
        if let Some(index) = self.pools.iter().position(fits) {
            return Ok(index);
        }
        if needed + HEADER > LEN {
            return Err(Reason::NoPool);
        }
        let start = map_near(&code, maps)?;
        let index = self.pools.len();
        if !self.pools.push(Pool { start, index, next: HEADER, sealed: false }) {
            // SAFETY: just mapped, nobody has seen it.
            unsafe { kernel::unmap(start, LEN) };
            return Err(Reason::NoPool);
        }
        self.granules[index * GRANULES..][..HEADER / GRANULE].fill(1);
        // SAFETY: the start of a pool that is still writable.
        unsafe { (start as *mut [usize; 2]).write(arch::pool_header()) };
        Ok(index)
    }

    /// Where [`arch::pool_header`] was written.
    pub(crate) fn header(&self, pool: usize) -> usize {
        self.pools[pool].start
    }

    /// `len` bytes anywhere.
    pub(crate) fn allocate(&mut self, pool: usize, len: usize) -> Option<usize> {
        let Pool { start, mut next, .. } = self.pools[pool];
        while next + len <= LEN {
            if self.allocate_at(pool, start + next, len) {
                self.pools[pool].next = next + len.next_multiple_of(GRANULE);
                return Some(start + next);
            }
            next += GRANULE;
        }
        None
    }

    /// The `len` bytes at `address`, if they are free.
    pub(crate) fn allocate_at(&mut self, pool: usize, address: usize, len: usize) -> bool {
        let Some(granules) = self.granules_of(pool, address, len) else { return false };
        let free = self.granules[granules.clone()].iter().all(|&used| used == 0);
        if free {
            self.granules[granules].fill(1);
        }
        free
    }

    /// Gives back what `allocate_at` gave.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn free(&mut self, pool: usize, address: usize, len: usize) {
        if let Some(granules) = self.granules_of(pool, address, len) {
            self.granules[granules].fill(0);
        }
    }

    /// Addresses of a pool.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn range(&self, pool: usize) -> Range<usize> {
        let start = self.pools[pool].start;
        start..start + LEN
    }

    /// Makes all pools executable and no longer writable.
    pub(crate) fn seal(&mut self, mut each: impl FnMut(Range<usize>)) -> Result<(), i32> {
        for pool in self.pools.iter_mut().filter(|pool| !pool.sealed) {
            arch::synchronise(&(pool.start..pool.start + LEN));
            // SAFETY: only written by this pass, which is done with it.
            unsafe { kernel::protect(pool.start, LEN, READ | EXEC)? };
            pool.sealed = true;
            each(pool.start..pool.start + LEN);
        }
        Ok(())
    }

    fn granules_of(&self, pool: usize, address: usize, len: usize) -> Option<Range<usize>> {
        let Pool { start, index, .. } = self.pools[pool];
        let offset = address.checked_sub(start).filter(|offset| offset + len <= LEN)?;
        let base = index * GRANULES;
        Some(base + offset / GRANULE..base + (offset + len).div_ceil(GRANULE))
    }
}

/// Maps a pool where the kernel likes, which is next to the libraries; if that is too far, in the nearest gap.
fn map_near(code: &Range<usize>, maps: &mut Option<Maps>) -> Result<usize, Reason> {
    if let Ok(start) = kernel::map_anonymous(0, LEN) {
        if in_reach(start, code) {
            return Ok(start);
        }
        // SAFETY: just mapped, nobody has seen it.
        unsafe { kernel::unmap(start, LEN) };
    }
    if maps.is_none() {
        *maps = Maps::read().ok();
    }
    let maps = maps.as_ref().ok_or(Reason::NoPool)?;
    let mut tried = 0;
    for gap in maps.gaps().filter(|gap| gap.len() >= 2 * LEN) {
        // The middle of a gap, or its end next to the code: not where the heap or a stack grows to next.
        let lowest = code.end.saturating_sub(REACH).max(gap.start) & !(LEN - 1);
        let highest = (code.start + REACH).min(gap.end).saturating_sub(LEN) & !(LEN - 1);
        let wished =
            if gap.start >= code.end { lowest + LEN + (64 << 20) } else { highest.saturating_sub(LEN) };
        for hint in [wished, highest] {
            if hint < gap.start || hint + LEN > gap.end || !in_reach(hint, code) || tried > 32 {
                continue;
            }
            tried += 1;
            if let Ok(start) = kernel::map_anonymous(hint, LEN) {
                if in_reach(start, code) {
                    return Ok(start);
                }
                // SAFETY: just mapped, nobody has seen it.
                unsafe { kernel::unmap(start, LEN) };
            }
        }
    }
    Err(Reason::NoPool)
}

fn in_reach(start: usize, code: &Range<usize>) -> bool {
    (start + LEN).saturating_sub(code.start) < REACH && code.end.saturating_sub(start) < REACH
}
