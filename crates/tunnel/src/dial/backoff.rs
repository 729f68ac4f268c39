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
}

impl Backoff {
    /// A uniformly random delay below a ceiling that doubles with each failure.
    pub(super) fn next(&mut self, random: &mut impl Rng) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failed.min(16)).min(LAST);
        self.failed = self.failed.saturating_add(1);
        random.random_range(LEAST..=ceiling)
    }

    pub(super) fn reset(&mut self) {
        self.failed = 0;
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
        let mut backoff = Backoff { failed: u32::MAX };
        assert!(backoff.next(&mut random) <= LAST);
        backoff.reset();
        assert!(backoff.next(&mut random) <= FIRST);
    }
}
