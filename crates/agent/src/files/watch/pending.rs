//! What a viewer has not been told yet.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use atelier_api::agent::files::{ChangeKind, FileChange, WatchMessage};

use crate::files::path::RelativePath;

/// How many changes one message holds. A viewer with more to hear reads again what it shows, which
/// costs it less than hearing of each.
pub(super) const CHANGES_MAX: usize = 2048;

/// Why a viewer has to rescan that has missed changes.
pub(super) const OVERFLOWN: &str = "too much changed at once";

/// Changes in the order in which they began, repeats folded.
#[derive(Debug, Default)]
pub(super) struct Pending {
    changes: Vec<(RelativePath, ChangeKind)>,
    positions: HashMap<RelativePath, usize>,
    rescan: Option<&'static str>,
    /// Not all can be followed; told once.
    limited: Option<&'static str>,
    is_limited: bool,
}

impl Pending {
    pub(super) fn push(&mut self, path: RelativePath, kind: ChangeKind) {
        if self.rescan.is_some() {
            return;
        }
        match self.positions.entry(path) {
            Entry::Occupied(position) => {
                let known = &mut self.changes[*position.get()].1;
                *known = fold(*known, kind);
            }
            Entry::Vacant(_) if self.changes.len() >= CHANGES_MAX => {
                self.rescan(OVERFLOWN);
            }
            Entry::Vacant(position) => {
                self.changes.push((position.key().clone(), kind));
                position.insert(self.changes.len() - 1);
            }
        }
    }

    /// Says that changes were missed.
    pub(super) fn rescan(&mut self, reason: &'static str) {
        self.changes = Vec::new();
        self.positions = HashMap::new();
        self.rescan = Some(reason);
    }

    /// Says that from now on changes are missed. Who does not know what that means rescans.
    pub(super) fn limit(&mut self, reason: &'static str) {
        if !self.is_limited {
            self.is_limited = true;
            self.limited = Some(reason);
        }
        self.rescan(reason);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.rescan.is_none() && self.limited.is_none()
    }

    /// What comes next, as one message.
    pub(super) fn take(&mut self) -> WatchMessage {
        if let Some(reason) = self.limited.take() {
            return WatchMessage::Limited {
                reason: reason.to_owned(),
            };
        }
        if let Some(reason) = self.rescan.take() {
            return WatchMessage::Rescan {
                reason: reason.to_owned(),
            };
        }
        self.positions.clear();
        let changes = self.changes.drain(..);
        WatchMessage::Changes {
            changes: changes
                .map(|(path, kind)| FileChange {
                    kind,
                    path: path.wire(),
                })
                .collect(),
        }
    }
}

/// What two changes of the same path come to, for one who has heard of neither.
fn fold(earlier: ChangeKind, later: ChangeKind) -> ChangeKind {
    match (earlier, later) {
        // Still new to whoever hears of it.
        (ChangeKind::Created, ChangeKind::Modified) => ChangeKind::Created,
        // It may have replaced something, so even what came and went has to be told.
        (_, later) => later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(wire: &str) -> RelativePath {
        RelativePath::parse(wire).unwrap()
    }

    #[test]
    fn repeats_are_folded_in_order() {
        let mut pending = Pending::default();
        pending.push(path("a"), ChangeKind::Created);
        pending.push(path("b"), ChangeKind::Modified);
        pending.push(path("a"), ChangeKind::Modified);
        pending.push(path("b"), ChangeKind::Deleted);
        let change = |kind, path: &str| FileChange {
            kind,
            path: path.into(),
        };
        assert_eq!(
            pending.take(),
            WatchMessage::Changes {
                changes: vec![
                    change(ChangeKind::Created, "a"),
                    change(ChangeKind::Deleted, "b")
                ]
            }
        );
        assert!(pending.is_empty());
    }

    #[test]
    fn a_limit_is_told_once_and_each_time_there_is_to_rescan() {
        let mut pending = Pending::default();
        pending.limit("full");
        assert!(matches!(pending.take(), WatchMessage::Limited { .. }));
        assert!(matches!(pending.take(), WatchMessage::Rescan { .. }));
        assert!(pending.is_empty());
        pending.limit("full");
        assert!(matches!(pending.take(), WatchMessage::Rescan { .. }));
        assert!(pending.is_empty());
    }

    #[test]
    fn too_many_changes_become_a_rescan() {
        let mut pending = Pending::default();
        for index in 0..=CHANGES_MAX {
            pending.push(path(&format!("{index}")), ChangeKind::Created);
        }
        assert!(matches!(pending.take(), WatchMessage::Rescan { .. }));
        pending.push(path("a"), ChangeKind::Created);
        assert!(matches!(pending.take(), WatchMessage::Changes { .. }));
    }
}
