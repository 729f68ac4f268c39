//! Lines that went up and down, until that is written.

use std::collections::VecDeque;

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::NodeConnectionReason;

/// How many wait at most while the database takes none: ten thousand servers that go and are back.
const WAITING_MAX: usize = 20_000;

/// How long a detail is at most, in characters: one line of a list.
const DETAIL_MAX: usize = 200;

/// The line to a node went up or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) struct Change {
    pub(in crate::nodes) node: NodeId,
    pub(in crate::nodes) at: Timestamp,
    /// It went up.
    pub(in crate::nodes) online: bool,
    /// Why it went down.
    pub(in crate::nodes) reason: Option<NodeConnectionReason>,
}

impl Change {
    /// It went up.
    pub(in crate::nodes) fn up(node: NodeId, at: Timestamp) -> Self {
        Self {
            node,
            at,
            online: true,
            reason: None,
        }
    }

    /// It went down, and why.
    pub(in crate::nodes) fn down(
        node: NodeId,
        at: Timestamp,
        mut reason: NodeConnectionReason,
    ) -> Self {
        if let NodeConnectionReason::Failed { detail } = &mut reason {
            // What the other side has said may be in it, and PostgreSQL takes no NUL.
            *detail = detail
                .chars()
                .map(|char| if char.is_control() { ' ' } else { char })
                .take(DETAIL_MAX)
                .collect();
        }
        Self {
            node,
            at,
            online: false,
            reason: Some(reason),
        }
    }
}

/// Those that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Changes {
    waiting: VecDeque<Change>,
    /// So many found no room.
    lost: usize,
}

impl Changes {
    /// Adds the newest. When there is no room the oldest goes.
    pub(super) fn push(&mut self, change: Change) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(change);
    }

    /// Takes all, and how many were lost before them.
    pub(super) fn take(&mut self) -> (Vec<Change>, usize) {
        let Self { waiting, lost } = std::mem::take(self);
        (waiting.into(), lost)
    }

    /// Gives back what could not be written, which is older than what waits.
    pub(super) fn put_back(&mut self, older: Vec<Change>) {
        let room = WAITING_MAX - self.waiting.len();
        let lost = older.len().saturating_sub(room);
        self.lost += lost;
        for change in older.into_iter().skip(lost).rev() {
            self.waiting.push_front(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NODE: NodeId = NodeId::from_uuid(Uuid::from_u128(1));

    fn up(at: usize) -> Change {
        Change::up(NODE, Timestamp(i64::try_from(at).unwrap()))
    }

    fn times(changes: &[Change]) -> (i64, i64, usize) {
        let at = |change: Option<&Change>| change.unwrap().at.0;
        (at(changes.first()), at(changes.last()), changes.len())
    }

    #[test]
    fn what_could_not_be_written_stays_before_what_came_meanwhile() {
        let mut changes = Changes::default();
        changes.push(up(1));
        changes.push(up(2));
        let (taken, lost) = changes.take();
        assert_eq!((times(&taken), lost), ((1, 2, 2), 0));
        changes.push(up(3));
        changes.put_back(taken);
        let (taken, lost) = changes.take();
        assert_eq!(taken, [up(1), up(2), up(3)]);
        assert_eq!(lost, 0);
        assert_eq!(changes.take(), (Vec::new(), 0));
    }

    #[test]
    fn the_oldest_go_when_there_is_no_room_and_are_counted_once() {
        let mut changes = Changes::default();
        for at in 0..WAITING_MAX + 3 {
            changes.push(up(at));
        }
        let (taken, lost) = changes.take();
        let last = i64::try_from(WAITING_MAX).unwrap() + 2;
        assert_eq!((times(&taken), lost), ((3, last, WAITING_MAX), 3));

        changes.push(up(WAITING_MAX + 3));
        changes.put_back(taken);
        let (taken, lost) = changes.take();
        assert_eq!((times(&taken), lost), ((4, last + 1, WAITING_MAX), 1));
        assert_eq!(changes.take(), (Vec::new(), 0));
    }

    #[test]
    fn a_detail_is_one_line_of_bounded_length() {
        let detail = |text: &str| {
            let detail = text.to_owned();
            let down = NodeConnectionReason::Failed { detail };
            match Change::down(NODE, Timestamp(1), down).reason {
                Some(NodeConnectionReason::Failed { detail }) => detail,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(detail("broken\0 off\nhere"), "broken  off here");
        assert_eq!(detail(&"ق".repeat(900)).chars().count(), DETAIL_MAX);
    }
}
