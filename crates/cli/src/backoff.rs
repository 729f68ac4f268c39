//! Waiting before trying again: exponential with full jitter.

use std::time::Duration;

/// The longest wait before the first try.
const FIRST: Duration = Duration::from_millis(200);
/// The longest wait of all.
const CAP: Duration = Duration::from_secs(10);

/// Counts the tries.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// A random time up to a bound that doubles with every call.
    pub(crate) fn next(&mut self) -> Duration {
        let bound = FIRST.saturating_mul(1 << self.tries.min(16)).min(CAP);
        self.tries += 1;
        bound.mul_f64(rand::random::<f64>())
    }

    /// Begins anew, after a success.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_bounds() {
        let mut backoff = Backoff::default();
        for _ in 0..100 {
            assert!(backoff.next() <= CAP);
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
