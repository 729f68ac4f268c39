//! Which user ids are given to workspaces.

use std::collections::BTreeSet;
use std::ops::Range;

use parking_lot::Mutex;

/// Hands out each id at most once, until it is given back.
#[derive(Debug)]
pub(crate) struct UidPool {
    range: Range<u32>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    used: BTreeSet<u32>,
    next: u32,
}

impl UidPool {
    /// A pool of `range`. `seed` says where in it to begin, so that two nodes on one machine do not
    /// give out the same ids.
    pub(crate) fn new(range: Range<u32>, seed: u64) -> Self {
        let length = u64::from(range.end.saturating_sub(range.start)).max(1);
        let offset = u32::try_from(seed % length).expect("smaller than a u32 range");
        let next = range.start + offset;
        Self {
            range,
            state: Mutex::new(State {
                used: BTreeSet::new(),
                next,
            }),
        }
    }

    /// Marks an id as given out; it may lie outside of the range when the range has been changed.
    pub(crate) fn reserve(&self, uid: u32) {
        self.state.lock().used.insert(uid);
    }

    /// A free id; the one after the last, so that an id that was just given back rests for long.
    pub(crate) fn take(&self) -> Option<u32> {
        let mut state = self.state.lock();
        let start = state.next;
        let after = start..self.range.end;
        let before = self.range.start..start.min(self.range.end);
        let uid = after.chain(before).find(|uid| !state.used.contains(uid))?;
        state.used.insert(uid);
        state.next = if uid + 1 < self.range.end {
            uid + 1
        } else {
            self.range.start
        };
        Some(uid)
    }

    /// Takes an id back: nothing on disk belongs to it any more.
    pub(crate) fn give_back(&self, uid: u32) {
        self.state.lock().used.remove(&uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_given_out_once_until_there_is_none() {
        let pool = UidPool::new(10..13, 1);
        pool.reserve(12);
        assert_eq!(pool.take(), Some(11));
        assert_eq!(pool.take(), Some(10));
        assert_eq!(pool.take(), None);
        pool.give_back(12);
        assert_eq!(pool.take(), Some(12));
    }
}
