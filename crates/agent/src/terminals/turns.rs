//! How the one thread is shared among terminals that have much to say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much output is taken in before others get their turn, when no other terminal has as much to
/// say. Also about what a viewer is sent at once: larger frames gain nothing (tunnel study,
/// section 2).
const TURN_BYTES: usize = 32 * 1024;

/// The least that a turn takes: one read of a PTY.
const TURN_MIN_BYTES: usize = 4096;

/// Counts the terminals that did not get to the end of their output in their last turn.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<AtomicUsize>);

/// One terminal's part in the count.
#[derive(Debug)]
pub(super) struct Share {
    turns: Turns,
    busy: bool,
}

impl Turns {
    /// A terminal's part.
    pub(super) fn share(&self) -> Share {
        Share {
            turns: self.clone(),
            busy: false,
        }
    }

    fn busy(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Share {
    /// How much the next turn may take. A round of all busy terminals takes in about one turn's
    /// worth, so that a key typed into another one waits no longer than beside one flood.
    pub(super) fn bytes(&self) -> usize {
        (TURN_BYTES / self.turns.busy().max(1)).max(TURN_MIN_BYTES)
    }

    /// Says whether the last turn left output behind.
    pub(super) fn set_busy(&mut self, busy: bool) {
        if busy != self.busy {
            self.busy = busy;
            if busy {
                self.turns.0.fetch_add(1, Ordering::Relaxed);
            } else {
                self.turns.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set_busy(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_get_smaller_as_more_are_busy_and_larger_again() {
        let turns = Turns::default();
        let mut shares: Vec<_> = (0..16).map(|_| turns.share()).collect();
        assert_eq!(shares[0].bytes(), TURN_BYTES);
        shares[0].set_busy(true);
        assert_eq!(shares[0].bytes(), TURN_BYTES);
        for share in &mut shares {
            share.set_busy(true);
        }
        assert_eq!(shares[0].bytes(), TURN_MIN_BYTES);
        shares.truncate(1);
        assert_eq!(shares[0].bytes(), TURN_BYTES);
        shares[0].set_busy(false);
        assert_eq!(turns.busy(), 0);
    }
}
