//! The clock.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use atelier_api::Timestamp;
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};

/// How far the wall clock may step back before it is no longer believed, in milliseconds. Smaller
/// steps are NTP's ordinary corrections.
const STEP_BACK_MAX_MS: i64 = 1_000;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's wall clock. When it is set back while the program runs, time goes on from
    /// where it was (by `CLOCK_BOOTTIME`), so that nothing waits for the past to pass again.
    System(Arc<Mutex<Anchor>>),
    /// A clock that tests move.
    Manual(Arc<Mutex<Timestamp>>),
}

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    wall_ms: i64,
    boot_ms: i64,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::System(Arc::new(Mutex::new(Anchor {
            wall_ms: wall_ms(),
            boot_ms: boot_ms(),
        })))
    }

    /// A clock that stands still at `at` until it is moved.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(Mutex::new(at)))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System(anchor) => anchor.lock().advance(wall_ms(), boot_ms()),
            Self::Manual(at) => *at.lock(),
        }
    }

    /// Moves a manual clock by so many milliseconds, back too; the system's cannot be moved.
    pub fn advance(&self, ms: i64) {
        if let Self::Manual(at) = self {
            let mut at = at.lock();
            *at = at.plus_ms(ms);
        }
    }
}

impl Anchor {
    fn advance(&mut self, wall_ms: i64, boot_ms: i64) -> Timestamp {
        let expected = self.wall_ms + (boot_ms - self.boot_ms);
        if wall_ms >= expected - STEP_BACK_MAX_MS {
            *self = Self { wall_ms, boot_ms };
            Timestamp(wall_ms)
        } else {
            Timestamp(expected)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that all others take it from"
)]
fn wall_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

fn boot_ms() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_a_day_goes_on() {
        let mut anchor = Anchor {
            wall_ms: 1_000_000_000,
            boot_ms: 500,
        };
        let day = 86_400_000;
        assert_eq!(anchor.advance(1_000_000_100, 600), Timestamp(1_000_000_100));
        assert_eq!(
            anchor.advance(1_000_000_200 - day, 700),
            Timestamp(1_000_000_200)
        );
        assert_eq!(
            anchor.advance(1_000_000_900 - day, 1_400),
            Timestamp(1_000_000_900)
        );
        // Set right again: believed.
        assert_eq!(
            anchor.advance(1_000_001_000, 1_500),
            Timestamp(1_000_001_000)
        );
    }

    #[test]
    fn a_clock_set_forward_is_believed_and_small_steps_too() {
        let mut anchor = Anchor {
            wall_ms: 10_000,
            boot_ms: 0,
        };
        assert_eq!(anchor.advance(100_000, 10), Timestamp(100_000));
        assert_eq!(anchor.advance(99_500, 20), Timestamp(99_500));
    }
}
