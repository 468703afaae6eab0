//! When to try again after a failure.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// The longest wait that a Console may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Doubles from one second to five minutes, with jitter, so that a fleet does not come back all at once.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    /// Records a failure; `asked` is what the Console said in `Retry-After`.
    pub(super) fn failed(&mut self, now: Instant, asked: Option<Duration>) {
        let own = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let wait = asked.map_or(own, |asked| asked.min(LONGEST_ASKED).max(own));
        self.until = Some(now + jittered(wait));
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }
}

/// `duration` within ±20 %.
pub(super) fn jittered(duration: Duration) -> Duration {
    // The standard library's hash keys come from the kernel's random numbers; jitter needs no more.
    let random = RandomState::new().build_hasher().finish() % 401;
    duration.mul_f64(0.8 + random as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(failures: u32, asked: Option<Duration>) -> Duration {
        let now = Instant::now();
        let mut backoff = Backoff::default();
        for _ in 0..failures {
            backoff.failed(now, asked);
        }
        backoff.until().unwrap() - now
    }

    fn is_about(actual: Duration, expected: Duration) -> bool {
        (expected.mul_f64(0.79)..=expected.mul_f64(1.21)).contains(&actual)
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        assert!(is_about(waits(1, None), FIRST));
        assert!(is_about(waits(4, None), FIRST * 8));
        assert!(is_about(waits(40, None), LONGEST));
    }

    #[test]
    fn the_console_may_ask_for_more_but_not_for_ever() {
        assert!(is_about(waits(1, Some(Duration::from_secs(90))), Duration::from_secs(90)));
        assert!(is_about(waits(1, Some(Duration::ZERO)), FIRST));
        assert!(is_about(waits(1, Some(Duration::MAX)), LONGEST_ASKED));
    }

    #[test]
    fn a_success_ends_it() {
        let now = Instant::now();
        let mut backoff = Backoff::default();
        backoff.failed(now, None);
        assert!(!backoff.is_over(now));
        backoff.reset();
        assert!(backoff.is_over(now));
    }
}
