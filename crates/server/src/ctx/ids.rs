//! New ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngExt as _;
use uuid::Uuid;

use super::Clock;

/// Makes UUIDs of version 7 (RFC 9562) that rise within this process: after the milliseconds comes
/// a 12-bit counter (method 3 of its section 6.2), the rest is random.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    /// Milliseconds and counter of the last id: `ms << 12 | counter`.
    last: Arc<AtomicU64>,
}

impl Ids {
    /// The next one.
    pub fn next(&self, clock: &Clock) -> Uuid {
        let now = u64::try_from(clock.now().0).unwrap_or(0) << 12;
        let next = |last: u64| now.max(last + 1);
        let last = self
            .last
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(next(last)))
            .unwrap_or_else(|last| last);
        let stamp = next(last);
        let mut bytes: [u8; 10] = rand::rng().random();
        bytes[0] = ((stamp >> 8) & 0x0f) as u8;
        bytes[1] = (stamp & 0xff) as u8;
        uuid::Builder::from_unix_timestamp_millis(stamp >> 12, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::Timestamp;

    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_stands_or_goes_back() {
        let clock = Clock::manual(Timestamp(1_700_000_000_000));
        let ids = Ids::default();
        let mut last = ids.next(&clock);
        for step in 0..10_000 {
            if step == 5_000 {
                clock.advance(-86_400_000);
            }
            let next = ids.next(&clock);
            assert!(next > last, "{last} then {next}");
            last = next;
        }
        assert_eq!(last.get_version_num(), 7);
    }
}
