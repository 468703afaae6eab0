//! A limit on failed sign-ins, per address and user, and per address alone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(5 * 60);
/// A person mistypes a few times; guessing needs thousands.
const PER_USER: u32 = 10;
/// One address may be the gateway of an office, so more; but not enough to try one password on every user.
const PER_ADDRESS: u32 = 100;
/// Entries take some 100 bytes each.
const ENTRIES: usize = 20_000;

/// Counts attempts. An attempt counts when it starts, so that many at once are no way around, and is taken back if it succeeds.
#[derive(Default)]
pub(crate) struct Limiter {
    attempts: Mutex<HashMap<(IpAddr, Option<String>), Attempts>>,
}

struct Attempts {
    since: Instant,
    count: u32,
}

impl Limiter {
    /// Counts an attempt; an error says how long to wait.
    pub(crate) fn start(&self, address: IpAddr, user: &str) -> Result<(), Duration> {
        self.start_at(address, user, Instant::now())
    }

    /// Takes the attempts of this user from this address back.
    pub(crate) fn succeeded(&self, address: IpAddr, user: &str) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        attempts.remove(&(address, Some(user.to_owned())));
        if let Some(all) = attempts.get_mut(&(address, None)) {
            all.count = all.count.saturating_sub(1);
        }
    }

    fn start_at(&self, address: IpAddr, user: &str, now: Instant) -> Result<(), Duration> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= ENTRIES {
            attempts.retain(|_, attempts| now.duration_since(attempts.since) < WINDOW);
        }
        while attempts.len() >= ENTRIES {
            // Only an attack from hundreds of addresses comes here. To be forgotten this way costs it 20,000 attempts, each of which waits
            // for a password hash; to refuse whoever is new would let it lock everybody out.
            let Some(oldest) =
                attempts.iter().min_by_key(|(_, attempts)| attempts.since).map(|(key, _)| key.clone())
            else {
                break;
            };
            attempts.remove(&oldest);
        }
        let address = network(address);
        for (key, limit) in [((address, None), PER_ADDRESS), ((address, Some(user.to_owned())), PER_USER)] {
            let entry = attempts.entry(key).or_insert(Attempts { since: now, count: 0 });
            let age = now.duration_since(entry.since);
            if age >= WINDOW {
                *entry = Attempts { since: now, count: 0 };
            }
            if entry.count >= limit {
                return Err(WINDOW.saturating_sub(age));
            }
            entry.count += 1;
        }
        Ok(())
    }
}

/// Whoever has one IPv6 address has its /64, so that counts as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_then_wait() {
        let limiter = Limiter::default();
        let (now, here) = (Instant::now(), "192.0.2.1".parse().unwrap());
        for _ in 0..PER_USER {
            limiter.start_at(here, "ann", now).unwrap();
        }
        let wait = limiter.start_at(here, "ann", now + Duration::from_secs(60)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(240));
        limiter.start_at(here, "bob", now).unwrap();
        limiter.start_at("192.0.2.2".parse().unwrap(), "ann", now).unwrap();
        limiter.start_at(here, "ann", now + WINDOW).unwrap();
    }

    #[test]
    fn trying_every_user_from_one_network_is_limited_too() {
        let limiter = Limiter::default();
        let now = Instant::now();
        let from = |i: u32| format!("2001:db8::{i:x}").parse().unwrap();
        for i in 0..PER_ADDRESS {
            limiter.start_at(from(i), &format!("user{i}"), now).unwrap();
        }
        assert!(limiter.start_at(from(1), "another", now).is_err());
    }

    #[test]
    fn an_attack_from_everywhere_locks_nobody_out_and_fills_no_memory() {
        let limiter = Limiter::default();
        let now = Instant::now();
        for i in 0..ENTRIES as u32 / 2 + 50 {
            limiter.start_at(std::net::Ipv4Addr::from(i).into(), "ann", now).unwrap();
        }
        limiter.start_at("192.0.2.1".parse().unwrap(), "ann", now + Duration::from_secs(1)).unwrap();
        assert!(limiter.attempts.lock().unwrap().len() <= ENTRIES + 1);
    }

    #[test]
    fn success_forgets_failures() {
        let limiter = Limiter::default();
        let here = "192.0.2.1".parse().unwrap();
        for _ in 0..PER_USER * 3 {
            limiter.start(here, "ann").unwrap();
            limiter.succeeded(here, "ann");
        }
    }
}
