//! Which nodes are there, as people are told: a state machine that knows no transport.
//!
//! A line that breaks and is back within a moment is no news. So a node that has left counts as there
//! until [`Presences::gone`] is told that it did not come back.

mod away;
mod changes;
pub(super) mod saver;

use std::collections::{HashMap, HashSet};

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use parking_lot::Mutex;

pub(super) use changes::Change;
use changes::Changes;

/// What is known of a node that has been connected since this process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    /// It counts as there.
    pub(super) online: bool,
    /// Since when it is there, or is not.
    pub(super) since: Timestamp,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Presences(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    nodes: HashMap<NodeId, Presence>,
    /// When nodes were seen, where that is not written down yet.
    unsaved: HashMap<NodeId, Timestamp>,
    /// What was news, where that is not written down yet.
    changes: Changes,
}

/// What is to be written down.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unsaved {
    /// When nodes were seen.
    pub(super) seen: Vec<(NodeId, Timestamp)>,
    /// What became of their lines, oldest first.
    pub(super) changes: Vec<Change>,
    /// So many changes found no room and are lost.
    pub(super) lost: usize,
}

impl Unsaved {
    fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.changes.is_empty()
    }

    /// Keeps so many of each, and answers the rest.
    fn split_off(&mut self, kept: usize) -> Self {
        Self {
            seen: self.seen.split_off(self.seen.len().min(kept)),
            changes: self.changes.split_off(self.changes.len().min(kept)),
            lost: 0,
        }
    }
}

impl Presences {
    /// A node is connected. Answers whether that is news.
    pub(super) fn arrived(&self, id: NodeId, now: Timestamp) -> bool {
        let mut inner = self.0.lock();
        inner.unsaved.insert(id, now);
        match inner.nodes.get(&id) {
            Some(presence) if presence.online => false,
            _ => {
                let online = Presence {
                    online: true,
                    since: now,
                };
                inner.nodes.insert(id, online);
                inner.changes.push(Change::up(id, now));
                true
            }
        }
    }

    /// A node's connection has ended; it may be back in a moment.
    pub(super) fn left(&self, id: NodeId, now: Timestamp) {
        let mut inner = self.0.lock();
        // Who was removed meanwhile leaves nothing behind.
        if inner.nodes.contains_key(&id) {
            inner.unsaved.insert(id, now);
        }
    }

    /// It did not come back after its line went `down`, unless `is_back` says so. Answers whether that is
    /// news.
    pub(super) fn gone(&self, down: Change, is_back: impl FnOnce() -> bool) -> bool {
        let mut inner = self.0.lock();
        match inner.nodes.get_mut(&down.node) {
            // Asked under the lock: whoever comes back after it is told apart by `arrived`.
            Some(presence) if presence.online && !is_back() => {
                *presence = Presence {
                    online: false,
                    since: down.at,
                };
                inner.changes.push(down);
                true
            }
            _ => false,
        }
    }

    /// These lines were up when the process before this one ended, and went down with it. Left out are those
    /// of nodes that have been here since.
    pub(super) fn stayed_away(&self, down: impl IntoIterator<Item = Change>) {
        let mut inner = self.0.lock();
        let Inner { nodes, changes, .. } = &mut *inner;
        // Under the lock: whoever arrives after it is told as one that is back.
        let away = down.into_iter();
        away.filter(|change| !nodes.contains_key(&change.node))
            .for_each(|change| changes.push(change));
    }

    /// Forgets a node that was removed.
    pub(super) fn forget(&self, id: NodeId) {
        let mut inner = self.0.lock();
        inner.nodes.remove(&id);
        inner.unsaved.remove(&id);
    }

    pub(super) fn get(&self, id: NodeId) -> Option<Presence> {
        self.0.lock().nodes.get(&id).copied()
    }

    /// All that are there.
    pub(super) fn online(&self) -> HashSet<NodeId> {
        let inner = self.0.lock();
        let online = inner.nodes.iter().filter(|(_, presence)| presence.online);
        online.map(|(id, _)| *id).collect()
    }

    /// How many are to be written down as seen.
    fn unsaved(&self) -> usize {
        self.0.lock().unsaved.len()
    }

    /// Takes what is to be written down.
    pub(super) fn take_unsaved(&self) -> Unsaved {
        let mut inner = self.0.lock();
        let seen = inner.unsaved.drain().collect();
        let (changes, lost) = inner.changes.take();
        Unsaved {
            seen,
            changes,
            lost,
        }
    }

    /// Gives back what could not be written; when a node was seen last stays.
    pub(super) fn put_back(&self, unsaved: Unsaved) {
        let mut inner = self.0.lock();
        for (id, at) in unsaved.seen {
            inner.unsaved.entry(id).or_insert(at);
        }
        inner.changes.put_back(unsaved.changes);
    }

    /// Counts all that are there as seen now.
    pub(super) fn see_all(&self, now: Timestamp) {
        let mut inner = self.0.lock();
        let Inner { nodes, unsaved, .. } = &mut *inner;
        let online = nodes.iter().filter(|(_, presence)| presence.online);
        unsaved.extend(online.map(|(id, _)| (*id, now)));
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::v1::nodes::NodeConnectionReason;
    use uuid::Uuid;

    use super::*;

    const NODE: NodeId = NodeId::from_uuid(Uuid::from_u128(1));

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    fn up(ms: i64) -> Change {
        Change::up(NODE, at(ms))
    }

    fn down(ms: i64) -> Change {
        Change::down(NODE, at(ms), NodeConnectionReason::Closed)
    }

    #[test]
    fn a_line_that_is_back_in_a_moment_is_no_news() {
        let presences = Presences::default();
        assert!(presences.arrived(NODE, at(1)));
        presences.left(NODE, at(5));
        assert!(!presences.arrived(NODE, at(6)));
        assert!(!presences.gone(down(5), || true));
        let presence = presences.get(NODE).unwrap();
        assert_eq!((presence.online, presence.since), (true, at(1)));
        assert_eq!(presences.take_unsaved().changes, [up(1)]);
    }

    #[test]
    fn going_and_coming_are_told_once() {
        let presences = Presences::default();
        presences.arrived(NODE, at(1));
        presences.left(NODE, at(5));
        assert!(presences.gone(down(5), || false));
        assert!(!presences.gone(down(6), || false));
        let presence = presences.get(NODE).unwrap();
        assert_eq!((presence.online, presence.since), (false, at(5)));
        assert!(presences.online().is_empty());
        assert!(presences.arrived(NODE, at(9)));
        assert!(!presences.arrived(NODE, at(10)));
        assert!(presences.online().contains(&NODE));
        assert_eq!(presences.take_unsaved().changes, [up(1), down(5), up(9)]);
    }

    #[test]
    fn what_was_seen_is_taken_once_and_the_removed_leave_nothing() {
        let presences = Presences::default();
        let seen = || presences.take_unsaved().seen;
        presences.arrived(NODE, at(1));
        let taken = presences.take_unsaved();
        assert_eq!(taken.seen, [(NODE, at(1))]);
        presences.left(NODE, at(5));
        presences.put_back(taken);
        assert_eq!(seen(), [(NODE, at(5))]);
        assert_eq!(seen(), []);
        presences.see_all(at(7));
        assert_eq!(seen(), [(NODE, at(7))]);

        presences.forget(NODE);
        presences.left(NODE, at(9));
        assert!(!presences.gone(down(9), || false));
        assert_eq!(presences.take_unsaved(), Unsaved::default());
        assert_eq!(presences.get(NODE), None);
    }

    #[test]
    fn changes_that_could_not_be_written_come_before_the_next() {
        let presences = Presences::default();
        presences.arrived(NODE, at(1));
        let taken = presences.take_unsaved();
        assert!(presences.gone(down(5), || false));
        presences.put_back(taken);
        assert_eq!(presences.take_unsaved().changes, [up(1), down(5)]);
        assert_eq!(presences.take_unsaved(), Unsaved::default());
    }

    #[test]
    fn one_that_has_been_here_since_the_start_did_not_stay_away() {
        let presences = Presences::default();
        let other = Change::down(
            NodeId::from_uuid(Uuid::from_u128(2)),
            at(3),
            NodeConnectionReason::StayedAway,
        );
        let away = Change::down(NODE, at(3), NodeConnectionReason::StayedAway);
        let both = [away.clone(), other.clone()];
        presences.arrived(NODE, at(5));
        presences.stayed_away(both.clone());
        assert_eq!(presences.take_unsaved().changes, [up(5), other]);
        // Nor when it has gone again: that is told with its own reason.
        presences.gone(down(7), || false);
        presences.stayed_away([away.clone()]);
        assert_eq!(presences.take_unsaved().changes, [down(7)]);

        // One that comes now comes back.
        let presences = Presences::default();
        presences.stayed_away([away.clone()]);
        assert!(presences.arrived(NODE, at(9)));
        assert_eq!(presences.take_unsaved().changes, [away, up(9)]);
    }
}
