//! How long to wait before the next attempt: full jitter, so that thousands of nodes do not come in step.

use std::time::Duration;

use rand::{Rng, RngExt as _};

/// The first attempt's ceiling.
const FIRST: Duration = Duration::from_millis(200);
/// The last one's.
const LAST: Duration = Duration::from_secs(30);
/// A delay of nothing would make a loop without a pause.
const LEAST: Duration = Duration::from_millis(20);
/// A connection that stood this long was a good one; the next attempts start from the front.
pub(super) const STEADY: Duration = Duration::from_secs(10);

/// Counts attempts.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failed: u32,
    /// No ceiling is lower.
    spread: Duration,
}

impl Backoff {
    /// A uniformly random delay below a ceiling that doubles with each failure.
    pub(super) fn next(&mut self, random: &mut impl Rng) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failed.min(16));
        let ceiling = ceiling.max(self.spread).min(LAST);
        self.failed = self.failed.saturating_add(1);
        random.random_range(LEAST..=ceiling)
    }

    pub(super) fn reset(&mut self) {
        self.failed = 0;
    }

    /// From now on attempts fill this time at least: as many others make theirs.
    pub(super) fn spread(&mut self, within: Duration) {
        self.spread = within;
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn delays_fill_a_range_that_doubles_up_to_thirty_seconds() {
        let mut random = StdRng::seed_from_u64(7);
        let mut most = [Duration::ZERO; 12];
        for _ in 0..200 {
            let mut backoff = Backoff::default();
            for (attempt, most) in most.iter_mut().enumerate() {
                let delay = backoff.next(&mut random);
                let ceiling = FIRST.saturating_mul(1 << attempt).min(LAST);
                assert!(delay >= LEAST && delay <= ceiling);
                *most = delay.max(*most);
            }
        }
        assert!(most[0] > FIRST / 2 && most[11] > LAST / 2);
        let mut backoff = Backoff {
            failed: u32::MAX,
            spread: Duration::MAX,
        };
        assert!(backoff.next(&mut random) <= LAST);
        backoff.reset();
        backoff.spread(Duration::ZERO);
        assert!(backoff.next(&mut random) <= FIRST);
    }

    #[test]
    fn where_many_come_back_even_the_first_attempts_fill_the_time_they_need() {
        let mut random = StdRng::seed_from_u64(7);
        let within = Duration::from_secs(5);
        let mut backoffs: Vec<_> = (0..200).map(|_| Backoff::default()).collect();
        for backoff in &mut backoffs {
            backoff.spread(within);
        }
        for _attempt in 0..4 {
            let delays = backoffs.iter_mut().map(|backoff| backoff.next(&mut random));
            let delays: Vec<_> = delays.collect();
            assert!(delays.iter().all(|delay| *delay <= within));
            let late = delays.iter().filter(|delay| **delay > within / 2);
            assert!((70..130).contains(&late.count()));
        }
    }
}
