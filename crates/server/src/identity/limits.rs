//! Limits on guessing: how often a password or set-up token may be tried.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use atelier_api::Timestamp;
use parking_lot::Mutex;

use crate::error::{Error, Result};

/// How many keys are remembered. At the bound, those that have recovered go first, then those
/// nearest to it.
const KEYS_MAX: usize = 10_000;

/// So many at once, then one more each interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    burst: i64,
    interval_ms: i64,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Tries from an address, whatever for.
    Address(String),
    /// Tries at an account from an address.
    AccountAddress(String, String),
    /// Tries at an account from anywhere.
    Account(String),
    /// Tries at the set-up token from an address.
    Setup(String),
    /// Servers from an address that were not let in.
    Node(String),
    /// Links to terminals that were guessed from an address.
    Share(String),
    /// Uses of one link.
    ShareUse(String),
}

impl Key {
    /// An address serves many people behind one router; an account is guessed at by few. The last
    /// is lax, because whoever knows an e-mail address could else keep its owner out.
    const fn rate(&self) -> Rate {
        let (burst, interval_ms) = match self {
            Self::Address(_) | Self::Node(_) | Self::ShareUse(_) => (60, 2_000),
            Self::AccountAddress(..) | Self::Setup(_) | Self::Share(_) => (10, 30_000),
            Self::Account(_) => (100, 10_000),
        };
        Rate { burst, interval_ms }
    }
}

/// The counters. Each is one time: when the key will have recovered (the generic cell rate
/// algorithm, ITU-T I.371).
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits(Arc<Mutex<HashMap<Key, Timestamp>>>);

impl Limits {
    /// Counts a try, or refuses it and says when to come back.
    pub(crate) fn take(&self, key: Key, now: Timestamp) -> Result<()> {
        let mut recovered_at = self.0.lock();
        let wait_ms = wait_ms(&recovered_at, &key, now);
        if wait_ms > 0 {
            return Err(Error::rate_limited(wait_ms.div_ceil(1_000)));
        }
        let at = recovery(&recovered_at, &key, now);
        let interval_ms = key.rate().interval_ms;
        if recovered_at.len() >= KEYS_MAX && !recovered_at.contains_key(&key) {
            make_room(&mut recovered_at, now);
        }
        recovered_at.insert(key, at.plus_ms(interval_ms));
        Ok(())
    }

    /// Refuses when the tries of a key are used up, without counting one.
    pub(crate) fn check(&self, key: &Key, now: Timestamp) -> Result<()> {
        let recovered_at = self.0.lock();
        match wait_ms(&recovered_at, key, now) {
            0 => Ok(()),
            wait_ms => Err(Error::rate_limited(wait_ms.div_ceil(1_000))),
        }
    }

    /// Forgets the tries of a key.
    pub(crate) fn reset(&self, key: &Key) {
        self.0.lock().remove(key);
    }
}

/// When a key will have recovered: never further ahead than a used-up burst, because a clock set back
/// must not lock anybody out.
fn recovery(recovered_at: &HashMap<Key, Timestamp>, key: &Key, now: Timestamp) -> Timestamp {
    let Rate { burst, interval_ms } = key.rate();
    let at = recovered_at.get(key).copied().unwrap_or(now);
    at.clamp(now, now.plus_ms(burst * interval_ms))
}

/// How long until the next try of a key is admitted.
fn wait_ms(recovered_at: &HashMap<Key, Timestamp>, key: &Key, now: Timestamp) -> u64 {
    let Rate { burst, interval_ms } = key.rate();
    let wait = recovery(recovered_at, key, now).ms_since(now) - (burst - 1) * interval_ms;
    u64::try_from(wait).unwrap_or(0)
}

fn make_room(recovered_at: &mut HashMap<Key, Timestamp>, now: Timestamp) {
    recovered_at.retain(|_, at| *at > now);
    if recovered_at.len() >= KEYS_MAX {
        let next = recovered_at.iter().min_by_key(|(_, at)| **at);
        if let Some(key) = next.map(|(key, _)| key.clone()) {
            recovered_at.remove(&key);
        }
    }
}

/// The address as it is counted: IPv6 by its /64, which is what one customer gets.
pub(crate) fn network(address: Option<&str>) -> String {
    let address = address.unwrap_or("unknown");
    match address.parse() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn key(account: &str) -> Key {
        Key::AccountAddress(account.to_owned(), "192.0.2.1".to_owned())
    }

    #[test]
    fn ten_at_once_then_one_each_half_minute() {
        let limits = Limits::default();
        for _ in 0..10 {
            limits.take(key("ada"), NOW).unwrap();
        }
        let error = limits.take(key("ada"), NOW).unwrap_err();
        assert_eq!(error.problem().retry_after_s, Some(30));
        limits.take(key("bob"), NOW).unwrap();

        let later = NOW.plus_ms(30_000);
        limits.take(key("ada"), later).unwrap();
        assert!(limits.take(key("ada"), later).is_err());
        limits.reset(&key("ada"));
        limits.take(key("ada"), later).unwrap();
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limits = Limits::default();
        for _ in 0..10 {
            limits.take(key("ada"), NOW).unwrap();
        }
        let yesterday = NOW.plus_ms(-86_400_000);
        let error = limits.take(key("ada"), yesterday).unwrap_err();
        assert_eq!(error.problem().retry_after_s, Some(30));
        assert!(limits.take(key("ada"), yesterday.plus_ms(30_000)).is_err());
        limits.take(key("eve"), yesterday).unwrap();
    }

    #[test]
    fn stays_bounded_and_keeps_the_worst() {
        let limits = Limits::default();
        for _ in 0..10 {
            limits.take(key("ada"), NOW).unwrap();
        }
        for number in 0..=KEYS_MAX {
            limits.take(key(&number.to_string()), NOW).unwrap();
        }
        assert!(limits.0.lock().len() <= KEYS_MAX);
        assert!(limits.take(key("ada"), NOW).is_err());
    }

    #[test]
    fn ipv6_counts_by_network() {
        let of = |address| network(Some(address));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_ne!(of("::ffff:192.0.2.7"), of("::ffff:192.0.2.8"));
        assert_eq!(network(None), "unknown");
    }
}
