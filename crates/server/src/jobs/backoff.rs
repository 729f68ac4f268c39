//! How long a failed attempt waits for the next.

use std::time::Duration;

use rand::RngExt as _;

/// The bound of the first wait.
const BASE: Duration = Duration::from_millis(500);

/// The bound that no wait exceeds.
const CAP: Duration = Duration::from_secs(300);

/// Full jitter: uniform between zero and a bound that doubles with each attempt, so that what
/// failed together is not tried again together
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(super) fn delay(attempts: u32) -> Duration {
    let bound = bound(attempts);
    Duration::from_millis(rand::rng().random_range(0..=bound.as_millis().try_into().unwrap_or(0)))
}

/// The bound after so many attempts, from 1.
fn bound(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    CAP.min(BASE * 2u32.pow(doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        assert_eq!(bound(0), BASE);
        assert_eq!(bound(1), BASE);
        assert_eq!(bound(2), BASE * 2);
        assert_eq!(bound(5), BASE * 16);
        assert_eq!(bound(11), CAP);
        assert_eq!(bound(u32::MAX), CAP);
    }

    #[test]
    fn a_wait_is_within_its_bound_and_not_always_the_same() {
        let waits: Vec<_> = (0..100).map(|_| delay(4)).collect();
        assert!(waits.iter().all(|wait| *wait <= BASE * 8));
        assert!(waits.iter().any(|wait| *wait != waits[0]));
    }
}
