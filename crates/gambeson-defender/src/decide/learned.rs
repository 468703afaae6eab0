//! Addresses that the Defender saw a resolver give for an allowed name, for as long as they live.

use core::sync::atomic::{AtomicU64, Ordering};

const PLACES: usize = 1024;
/// How far from its own place an address may be.
const REACH: usize = 16;
/// The shortest time that an address is remembered: connections are made a while after the name was looked up.
const AT_LEAST: u64 = 60;
/// The longest: an answer that claims more is not believed.
const AT_MOST: u64 = 24 * 3600;

/// A table of this process. A writer takes a place by its time, so a reader that meets one sees the time change.
pub(crate) struct Learned {
    places: [Place; PLACES],
}

struct Place {
    high: AtomicU64,
    low: AtomicU64,
    /// When it is forgotten, in seconds of the monotonic clock; 0 if it is free, 1 while it is being written.
    until: AtomicU64,
}

const WRITING: u64 = 1;

impl Learned {
    pub(crate) const fn new() -> Self {
        Self {
            places: [const { Place { high: AtomicU64::new(0), low: AtomicU64::new(0), until: AtomicU64::new(0) } };
                PLACES],
        }
    }

    /// Remembers `address` for `ttl` seconds from `now` on.
    pub(crate) fn remember(&self, address: u128, ttl: u32, now: u64) {
        let until = now.saturating_add(u64::from(ttl).clamp(AT_LEAST, AT_MOST)).max(WRITING + 1);
        let (high, low) = ((address >> 64) as u64, address as u64);
        let own = self.near(address).find(|place| {
            let known =
                place.high.load(Ordering::Acquire) == high && place.low.load(Ordering::Acquire) == low;
            known && place.until.load(Ordering::Acquire) > WRITING
        });
        // Otherwise the one that is forgotten first, which is a free one if there is one.
        let place =
            own.or_else(|| self.near(address).min_by_key(|place| place.until.load(Ordering::Acquire)));
        let Some(place) = place else { return };
        let before = place.until.load(Ordering::Acquire);
        if before == WRITING
            || place.until.compare_exchange(before, WRITING, Ordering::AcqRel, Ordering::Relaxed).is_err()
        {
            // Another thread learns something at the same moment: this address waits for the next answer.
            return;
        }
        place.high.store(high, Ordering::Release);
        place.low.store(low, Ordering::Release);
        place.until.store(until, Ordering::Release);
    }

    /// Whether `address` is known. The clock is asked only if it is in the table.
    pub(crate) fn knows(&self, address: u128, now: impl Fn() -> u64) -> bool {
        self.near(address).any(|place| {
            let before = place.until.load(Ordering::Acquire);
            let found = u128::from(place.high.load(Ordering::Acquire)) << 64
                | u128::from(place.low.load(Ordering::Acquire));
            found == address
                && before > WRITING
                && before > now()
                && place.until.load(Ordering::Acquire) == before
        })
    }

    /// Forgets everything: the names that are allowed have changed.
    pub(crate) fn forget(&self) {
        for place in &self.places {
            place.until.store(0, Ordering::Release);
        }
    }

    fn near(&self, address: u128) -> impl Iterator<Item = &Place> {
        let mixed = ((address >> 64) as u64 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let start = (mixed >> 48) as usize;
        (0..REACH).filter_map(move |step| self.places.get(start.wrapping_add(step) % PLACES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lives_as_long_as_it_was_said_to() {
        let learned = Learned::new();
        learned.remember(7, 300, 1000);
        assert!(learned.knows(7, || 1000) && learned.knows(7, || 1299) && !learned.knows(7, || 1300));
        assert!(!learned.knows(8, || 1000));
        learned.remember(7, 600, 1200);
        assert!(learned.knows(7, || 1799));
        learned.remember(9, 0, 1000);
        assert!(learned.knows(9, || 1059) && !learned.knows(9, || 1060), "at least a minute");
        learned.remember(10, u32::MAX, 1000);
        assert!(!learned.knows(10, || 1000 + AT_MOST));
        learned.forget();
        assert!(!learned.knows(7, || 1000));
    }

    #[test]
    fn more_than_there_is_room_for_displaces_the_oldest() {
        let learned = Learned::new();
        for address in 0..5000u128 {
            learned.remember(address << 32, 300, 1000 + address as u64);
            assert!(learned.knows(address << 32, || 1001 + address as u64));
        }
    }
}
