//! The slowest part of a path, as a router is: packets leave it one after the other at a rate, those that
//! would wait too long are dropped (drop-tail), and each then travels for a while.

use std::time::{Duration, Instant};

/// What a path does to packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Of thousand, how many are lost.
    pub(super) lost_per_mille: u32,
    /// How long each travels.
    pub(super) late: Duration,
    /// How many bytes pass in a second; any, when zero.
    pub(super) rate: u32,
    /// How long a packet may wait for those before it.
    pub(super) queue: Duration,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            lost_per_mille: 0,
            late: Duration::ZERO,
            rate: 0,
            // An ordinary router's: two round trips or more of most lines.
            queue: Duration::from_millis(100),
        }
    }
}

/// What became of the packets of one direction, so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Those that passed.
    pub passed: u32,
    /// How long all of these waited in the queue, together.
    pub waited: Duration,
    /// Those that were lost on the way.
    pub lost: u32,
    /// Those that found the queue full.
    pub dropped: u32,
}

impl Traffic {
    /// What has come since then.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            passed: self.passed - before.passed,
            waited: self.waited.saturating_sub(before.waited),
            lost: self.lost - before.lost,
            dropped: self.dropped - before.dropped,
        }
    }

    /// How long a packet waited in the queue, on average.
    pub fn mean_wait(self) -> Duration {
        self.waited / self.passed.max(1)
    }
}

/// One direction of it.
#[derive(Debug)]
pub(super) struct Bottleneck {
    pub(super) traffic: Traffic,
    /// When the last packet that was taken has left.
    free_at: Instant,
    random: u32,
}

impl Bottleneck {
    /// Empty; `seed` chooses which packets are lost.
    pub(super) fn new(now: Instant, seed: u32) -> Self {
        Self {
            traffic: Traffic::default(),
            free_at: now,
            random: seed,
        }
    }

    /// When a packet of this length that comes now arrives, unless it is lost.
    pub(super) fn pass(&mut self, now: Instant, length: usize, shape: &Shape) -> Option<Instant> {
        // A fixed sequence (a linear congruential generator, Numerical Recipes).
        self.random = self
            .random
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        if (self.random >> 8) % 1000 < shape.lost_per_mille {
            self.traffic.lost += 1;
            return None;
        }
        let begins = if shape.rate == 0 {
            self.free_at = now;
            now
        } else {
            let begins = self.free_at.max(now);
            if begins - now > shape.queue {
                self.traffic.dropped += 1;
                return None;
            }
            let length = f64::from(u32::try_from(length).expect("a packet is small"));
            self.free_at = begins + Duration::from_secs_f64(length / f64::from(shape.rate));
            begins
        };
        self.traffic.passed += 1;
        self.traffic.waited += begins - now;
        Some(self.free_at + shape.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn packets_leave_at_the_rate_and_wait_no_longer_than_the_queue() {
        let began = Instant::now();
        let mut bottleneck = Bottleneck::new(began, 7);
        let shape = Shape {
            late: 20 * MS,
            rate: 1_000_000,
            queue: 10 * MS,
            ..Shape::default()
        };
        // A burst of thirty packets of a millisecond each.
        let burst: Vec<_> = (0..30)
            .map(|_| bottleneck.pass(began, 1000, &shape))
            .collect();
        // The first leaves at once, and eleven more before one would wait for more than 10 ms.
        for (number, due) in (1..).zip(&burst[..11]) {
            assert_eq!(*due, Some(began + number * MS + 20 * MS));
        }
        assert!(burst[11..].iter().all(Option::is_none), "{burst:?}");
        let waited = (0..11).sum::<u32>() * MS;
        let traffic = Traffic {
            passed: 11,
            waited,
            lost: 0,
            dropped: 19,
        };
        assert_eq!(bottleneck.traffic, traffic);
        assert_eq!(traffic.mean_wait(), 5 * MS);
        // Five leave, five find room.
        let later = began + 5 * MS;
        let more = (0..10).filter_map(|_| bottleneck.pass(later, 1000, &shape));
        assert_eq!(more.count(), 5);
        assert_eq!(bottleneck.traffic.since(traffic).dropped, 5);
        // An idle line saves nothing up.
        let idle = began + 500 * MS;
        assert_eq!(
            bottleneck.pass(idle, 1000, &shape),
            Some(idle + MS + 20 * MS)
        );
    }

    #[test]
    fn a_line_without_a_rate_has_no_queue() {
        let began = Instant::now();
        let mut bottleneck = Bottleneck::new(began, 7);
        let shape = Shape {
            late: 3 * MS,
            ..Shape::default()
        };
        for _ in 0..10_000 {
            let due = bottleneck.pass(began, 1500, &shape);
            assert_eq!(due, Some(began + 3 * MS));
        }
    }

    #[test]
    fn as_many_are_lost_as_it_says() {
        let began = Instant::now();
        let mut bottleneck = Bottleneck::new(began, 7);
        let mut lost = |lost_per_mille| {
            let shape = Shape {
                lost_per_mille,
                ..Shape::default()
            };
            (0..100_000)
                .filter(|_| bottleneck.pass(began, 100, &shape).is_none())
                .count()
        };
        assert_eq!(lost(0), 0);
        let some = lost(5);
        assert!((400..600).contains(&some), "{some}");
        assert_eq!(lost(1000), 100_000);
    }
}
