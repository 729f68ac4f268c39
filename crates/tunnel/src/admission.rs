//! How many tunnels may join a second, so that a restart with thousands of nodes is orderly.
//!
//! Who comes too early waits on its open line, which costs next to nothing; only who would wait too
//! long there is told to come again, and not at the moment at which all come: that is when others wait for the
//! processor. A dial that is refused costs as much as one that is let in.

use std::ops::Range;
use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::time::{Instant, sleep_until};

use crate::handshake::{Reason, Refusal};

/// How long a node may wait on its line, which it does for 20 s before it gives the handshake up.
const WAIT_MAX: Duration = Duration::from_secs(15);
/// Those who wait are let in in steps: one waking, and one look into the database, for many. Longer ones would
/// make others wait for a whole step's work.
const STEP: Duration = Duration::from_millis(100);
/// No node waits longer than this for its next try.
const DELAY_MAX: Duration = Duration::from_secs(30);
/// Nor shorter: until then half of those who wait have been let in, and have left places.
const DELAY_MIN: Duration = Duration::from_secs(3);
/// For which part of that time one who is refused is held before it is told.
const HELD: Range<f64> = 0.1..0.9;

/// A queue that moves at a steady rate (the generic cell rate algorithm, ITU-T I.371). Those who find
/// it full are told to come back spread over the time that it needs for them.
#[derive(Debug)]
pub struct Admission {
    /// Between two turns.
    apart: Duration,
    /// So far the turns may lie behind the time: what is saved up for a burst.
    saved_max: Duration,
    began: Instant,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    /// Whose turn has not come yet is after this.
    next: Instant,
    /// Until when those who were refused come back, if each finds its turn.
    refused: Instant,
}

impl Default for Admission {
    /// 900 a second: ten thousand nodes are back in twelve seconds, and the processor has time for others.
    fn default() -> Self {
        Self::new(900, 300)
    }
}

impl Admission {
    /// So many a second in the long run, and `burst` at once after a quiet time. A start is none.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let apart = Duration::from_secs(1) / per_second.max(1);
        let now = Instant::now();
        Self {
            apart,
            saved_max: apart * burst.max(1),
            began: now,
            queue: Mutex::new(Queue {
                next: now,
                refused: now,
            }),
        }
    }

    /// Resolves when it is this one's turn.
    ///
    /// # Errors
    /// The refusal to answer with when too many wait before it.
    pub async fn admit(&self) -> Result<(), Refusal> {
        let now = Instant::now();
        match self.turn(now) {
            Ok(None) => Ok(()),
            Ok(Some(turn)) => {
                sleep_until(turn).await;
                Ok(())
            }
            Err(refusal) => {
                let (told, refusal) = self.told_later(now, refusal);
                sleep_until(told).await;
                Err(refusal)
            }
        }
    }

    /// When a node is to be told, and what is then left of its delay.
    fn told_later(&self, now: Instant, refusal: Refusal) -> (Instant, Refusal) {
        let held = DELAY_MIN.mul_f64(rand::rng().random_range(HELD));
        let told = in_step(self.began, now + held);
        let left = refusal.retry_after().saturating_sub(told - now);
        (told, refusal.after(left))
    }

    /// When the turn is of who comes now; nothing when it may come in at once.
    fn turn(&self, now: Instant) -> Result<Option<Instant>, Refusal> {
        let mut queue = self.queue.lock();
        if let Some(saved) = now.checked_sub(self.saved_max) {
            queue.next = queue.next.max(saved);
        }
        let turn = queue.next + self.apart;
        if turn <= now {
            queue.next = turn;
            return Ok(None);
        }
        if turn <= now + WAIT_MAX {
            queue.next = turn;
            return Ok(Some(in_step(self.began, turn)));
        }
        queue.refused = queue.refused.max(now) + self.apart;
        let behind = queue.refused - now;
        drop(queue);
        let delay = DELAY_MIN + behind.mul_f64(rand::rng().random_range(1.0..1.5));
        Err(Refusal::new(
            Reason::Busy,
            "Many servers connect at this moment; this one's turn comes.",
            delay.min(DELAY_MAX),
        ))
    }
}

/// The step at or after a time.
fn in_step(began: Instant, at: Instant) -> Instant {
    let steps = at.saturating_duration_since(began).as_nanos();
    let steps = steps.div_ceil(STEP.as_nanos());
    began + STEP * u32::try_from(steps).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_A_SECOND: Duration = Duration::from_millis(100);

    #[test]
    fn a_burst_passes_the_next_wait_their_turn_and_the_rest_is_spread_over_the_time_it_needs() {
        let admission = Admission::new(10, 5);
        let now = Instant::now() + Duration::from_secs(60);
        let turns: Vec<_> = (0..255).map(|_| admission.turn(now)).collect();
        let at_once = turns.iter().filter(|turn| matches!(turn, Ok(None)));
        assert_eq!(at_once.count(), 5);

        let waits: Vec<_> = turns.iter().flatten().flatten().collect();
        assert_eq!(
            waits.len(),
            150,
            "as many as have their turn within the time"
        );
        for (number, turn) in (1..).zip(&waits) {
            let wait = **turn - now;
            assert!(wait >= TEN_A_SECOND * number && wait < TEN_A_SECOND * number + 2 * STEP);
        }

        let delays = turns.iter().filter_map(|turn| turn.as_ref().err());
        let delays: Vec<_> = delays.map(Refusal::retry_after).collect();
        assert_eq!(delays.len(), 100);
        assert!(delays.iter().all(|delay| *delay >= DELAY_MIN));
        let last = delays[99].saturating_sub(DELAY_MIN);
        assert!(last >= Duration::from_secs(10) && last <= Duration::from_secs(15));
    }

    #[test]
    fn who_was_refused_finds_a_place() {
        let admission = Admission::new(10, 5);
        let began = Instant::now();
        let mut coming: Vec<_> = (0..290).map(|_| began).collect();
        let mut refused = 0;
        while let Some(now) = coming.pop() {
            if let Err(refusal) = admission.turn(now) {
                assert_eq!(refusal.reason, Reason::Busy);
                refused += 1;
                coming.push(now + refusal.retry_after());
                coming.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
        assert!((140..185).contains(&refused), "{refused} of 140");
    }

    #[test]
    fn at_the_start_nothing_is_saved_up() {
        let admission = Admission::new(10, 5);
        let turns = (0..5).map(|_| admission.turn(Instant::now()).unwrap());
        let waits = turns.flatten().count();
        assert!(waits >= 4, "{waits} of 5 wait");
    }

    #[test]
    fn who_is_refused_is_told_later_and_comes_when_it_would_have() {
        let admission = Admission::new(10, 5);
        let now = Instant::now() + Duration::from_secs(60);
        let refusals: Vec<_> = (0..300).filter_map(|_| admission.turn(now).err()).collect();
        let mut steps = Vec::new();
        for refusal in refusals {
            let comes = now + refusal.retry_after();
            let (told, refusal) = admission.told_later(now, refusal);
            assert!(told > now + DELAY_MIN / 20 && told < now + DELAY_MIN);
            let apart =
                comes.max(told + refusal.retry_after()) - comes.min(told + refusal.retry_after());
            assert!(apart < Duration::from_millis(2), "{apart:?}");
            steps.push(told);
        }
        steps.sort_unstable();
        steps.dedup();
        assert!((15..30).contains(&steps.len()), "{} steps", steps.len());
    }

    #[test]
    fn no_more_is_saved_up_than_the_burst() {
        let admission = Admission::new(10, 5);
        let now = Instant::now() + Duration::from_secs(60);
        let turns = (0..100).filter(|_| matches!(admission.turn(now), Ok(None)));
        assert_eq!(turns.count(), 5);
    }

    #[test]
    fn those_whose_turns_are_close_are_let_in_together() {
        let admission = Admission::new(1000, 1);
        let now = Instant::now();
        let turns: Vec<_> = (0..1000)
            .filter_map(|_| admission.turn(now).ok().flatten())
            .collect();
        assert_eq!(turns.len(), 1000);
        let mut steps = turns;
        steps.dedup();
        assert!((10..=12).contains(&steps.len()), "{}", steps.len());
    }
}
