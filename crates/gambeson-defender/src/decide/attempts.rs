//! One audit per attempt, although a search along `PATH` makes several calls.
//!
//! `execvp("id")` calls exec for `/usr/local/bin/id`, `/usr/bin/id`, `/bin/id`, … until one does not fail. Candidates
//! that do not exist never reach the policy, but on systems where `/bin` is a link to `/usr/bin` two of them exist.

use std::sync::atomic::{AtomicU64, Ordering};

/// How long one search may take. A search is a handful of calls in a row; two attempts of a program that retries are
/// further apart, and name the same first path.
const SEARCH: u64 = 200;
const PLACES: usize = 64;

/// The latest attempts, one place for each thread (as far as they do not collide: then there is an audit too many).
#[repr(C)]
pub(crate) struct Attempts {
    places: [Place; PLACES],
}

#[repr(C)]
struct Place {
    /// Who tries what: thread, program name and arguments.
    what: AtomicU64,
    /// The first candidate of the search.
    first: AtomicU64,
    time: AtomicU64,
}

/// What tells one attempt from another.
pub(crate) struct Attempt {
    pub(crate) thread: u32,
    /// Hash of program name and arguments.
    pub(crate) what: u64,
    /// Hash of the path tried.
    pub(crate) path: u64,
    pub(crate) time: u64,
}

impl Attempts {
    /// Whether this call goes on with a search that an audit was already made for.
    pub(crate) fn continues(&self, attempt: &Attempt) -> bool {
        let Some(place) = self.places.get(attempt.thread as usize % PLACES) else { return false };
        let what = hash_u64(attempt.what, u64::from(attempt.thread));
        let continues = place.what.load(Ordering::Relaxed) == what
            && place.first.load(Ordering::Relaxed) != attempt.path
            && attempt.time.wrapping_sub(place.time.load(Ordering::Relaxed)) <= SEARCH;
        if !continues {
            place.what.store(what, Ordering::Relaxed);
            place.first.store(attempt.path, Ordering::Relaxed);
            place.time.store(attempt.time, Ordering::Relaxed);
        }
        continues
    }
}

/// FNV-1a, for telling texts apart where nothing depends on a collision but one audit.
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }

    pub(crate) fn of(bytes: &[u8]) -> u64 {
        let mut hash = Self::new();
        for byte in bytes {
            hash.byte(*byte);
        }
        hash.finish()
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0
    }
}

fn hash_u64(start: u64, value: u64) -> u64 {
    let mut hash = Hash(start);
    for byte in value.to_le_bytes() {
        hash.byte(byte);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(path: &[u8], time: u64) -> Attempt {
        Attempt { thread: 7, what: Hash::of(b"id\0id -u"), path: Hash::of(path), time }
    }

    fn attempts() -> &'static Attempts {
        &crate::shared::Shared::create().unwrap().0.attempts
    }

    #[test]
    fn the_candidates_of_a_search_are_one_attempt() {
        let attempts = attempts();
        assert!(!attempts.continues(&attempt(b"/usr/bin/id", 1000)));
        assert!(attempts.continues(&attempt(b"/bin/id", 1001)));
        assert!(attempts.continues(&attempt(b"/sbin/id", 1002)));
    }

    #[test]
    fn the_same_path_again_is_another_attempt() {
        let attempts = attempts();
        assert!(!attempts.continues(&attempt(b"/usr/bin/id", 1000)));
        assert!(!attempts.continues(&attempt(b"/usr/bin/id", 1000)));
        assert!(attempts.continues(&attempt(b"/bin/id", 1000)));
        assert!(!attempts.continues(&attempt(b"/usr/bin/id", 1000)));
    }

    #[test]
    fn another_program_thread_or_time_is_another_attempt() {
        let attempts = attempts();
        assert!(!attempts.continues(&attempt(b"/usr/bin/id", 1000)));
        assert!(!attempts.continues(&attempt(b"/bin/id", 1000 + SEARCH + 1)));
        assert!(!attempts.continues(&Attempt { thread: 8, ..attempt(b"/usr/bin/id", 1000) }));
        assert!(!attempts.continues(&Attempt { what: Hash::of(b"ls"), ..attempt(b"/bin/ls", 1000) }));
    }
}
