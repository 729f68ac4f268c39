//! How many tunnels may join a second, so that a restart with thousands of nodes is orderly.

use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::time::Instant;

use crate::handshake::{Reason, Refusal};

/// No node waits longer than this for its next try.
const DELAY_MAX: Duration = Duration::from_secs(30);
/// Nor shorter: a refused node costs a TLS handshake each time.
const DELAY_MIN: Duration = Duration::from_millis(500);

/// A token bucket. Those refused are told to come back spread over the time that the queue needs.
#[derive(Debug)]
pub struct Admission {
    per_second: f64,
    burst: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
    /// Refused since a token was last left over: about how many wait.
    waiting: f64,
}

impl Default for Admission {
    /// 1000 a second: ten thousand nodes are back in ten seconds, and the processor has time for others.
    fn default() -> Self {
        Self::new(1000, 500)
    }
}

impl Admission {
    /// So many a second in the long run, and `burst` at once.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            burst: f64::from(burst.max(1)),
            bucket: Mutex::new(Bucket {
                tokens: f64::from(burst.max(1)),
                filled: Instant::now(),
                waiting: 0.0,
            }),
        }
    }

    /// Lets one in.
    ///
    /// # Errors
    /// The refusal to answer with, when too many came before.
    pub fn admit(&self) -> Result<(), Refusal> {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Result<(), Refusal> {
        let delay = {
            let mut bucket = self.bucket.lock();
            let gained =
                now.saturating_duration_since(bucket.filled).as_secs_f64() * self.per_second;
            bucket.filled = now;
            bucket.tokens = (bucket.tokens + gained).min(self.burst);
            bucket.waiting = (bucket.waiting - gained).max(0.0);
            if bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
                return Ok(());
            }
            bucket.waiting += 1.0;
            let turn = bucket.waiting / self.per_second;
            Duration::from_secs_f64(turn * rand::rng().random_range(1.0..1.5))
        };
        Err(Refusal::new(
            Reason::Busy,
            "Many servers connect at this moment; this one's turn comes.",
            delay.clamp(DELAY_MIN, DELAY_MAX),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_rest_is_spread_over_the_time_it_needs() {
        let admission = Admission::new(10, 5);
        let now = Instant::now();
        let delays: Vec<_> = (0..105)
            .filter_map(|_| admission.admit_at(now).err())
            .map(|refusal| {
                assert_eq!(refusal.reason, Reason::Busy);
                refusal.retry_after()
            })
            .collect();
        assert_eq!(delays.len(), 100);
        assert!(delays[0] >= DELAY_MIN);
        let last = delays[99];
        assert!(
            last >= Duration::from_secs(10) && last <= Duration::from_secs(15),
            "{last:?}"
        );

        let now = now + Duration::from_secs(1);
        let admitted = (0..100).filter(|_| admission.admit_at(now).is_ok()).count();
        assert_eq!(admitted, 5, "the bucket holds no more than its burst");
    }
}
