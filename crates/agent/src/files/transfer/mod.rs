//! Many entries at once, moved or copied into a directory ([`atelier_api::agent::transfers`]).
//!
//! Invariant: an entry is moved, copied or replaced whole or not at all; what became of each is told.

mod names;

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use atelier_api::agent::files::FileEntry;
use atelier_api::agent::transfers::{EntryOutcome, NameConflict, Outcome, TransferKind};

pub(crate) use names::numbered;

use super::copy::{Progress, copy_entry};
use super::delete::remove;
use super::entry::{self, is_same, view};
use super::error::{FileError, Reason, Result};
use super::path::RelativePath;
use super::root::{O_DIRECTORY_PATH, Place, RootDir, sync_directory};
use super::temporary::{Existing, replace};
use crate::AgentError;

/// How many numbers are tried for a name: whoever has so many copies wants another name.
const NUMBERS_MAX: u32 = 1_000;

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) root: Arc<RootDir>,
    pub(crate) kind: TransferKind,
    pub(crate) to: RelativePath,
    pub(crate) conflict: NameConflict,
}

impl Transfer {
    /// Does it, and reports on each entry as soon as it is through. Fails without having `begun` where
    /// nothing can be done at all.
    pub(crate) fn run(
        &self,
        paths: &[String],
        progress: &Progress,
        begun: impl FnOnce(),
        mut report: impl FnMut(EntryOutcome),
    ) -> Result<()> {
        let open = || self.root.for_writing()?.open_at(&self.to, O_DIRECTORY_PATH);
        let directory = open().map_err(|error| error.about(|| self.to.wire()))?;
        begun();
        let mut left = BTreeSet::new();
        for wire in paths {
            let result = RelativePath::parse(wire)
                .map_err(FileError::from)
                .and_then(|path| {
                    let arrived = self.entry(&path, &directory, progress)?;
                    if self.kind == TransferKind::Move && arrived.is_some() {
                        left.extend(path.split().map(|(parent, _)| parent));
                    }
                    arrived.map(|path| view(&self.root, &path)).transpose()
                });
            report(outcome(wire.clone(), result));
        }
        // Once for all: a commit for each would take longer than the moves themselves.
        sync_directory(&directory)?;
        for parent in &left {
            // One that has gone meanwhile has nothing to keep.
            if let Ok(parent) = self.root.open_at(parent, O_DIRECTORY_PATH) {
                sync_directory(&parent)?;
            }
        }
        Ok(())
    }

    /// Moves or copies one entry. Answers where it is then; nothing when it was skipped.
    fn entry(
        &self,
        path: &RelativePath,
        directory: &OwnedFd,
        progress: &Progress,
    ) -> Result<Option<RelativePath>> {
        progress.check()?;
        let source = self.root.locate(path)?;
        source.existing()?;
        let is_there = is_same(
            &entry::metadata(&source.parent)?,
            &entry::metadata(directory)?,
        );
        if self.kind == TransferKind::Move && is_there {
            return Ok(None);
        }
        arrive(
            directory,
            path.name(),
            self.conflict,
            |destination, existing| match self.kind {
                TransferKind::Copy => {
                    copy_entry(&self.root, &source, destination, existing, progress)
                }
                TransferKind::Move => {
                    move_anywhere(&self.root, &source, destination, existing, progress)
                }
            },
        )
        .map(|name| name.map(|name| self.to.join(&name)))
    }
}

/// Moves an entry, to another file system too.
pub(crate) fn move_anywhere(
    root: &RootDir,
    source: &Place,
    destination: &Place,
    existing: Existing,
    progress: &Progress,
) -> Result<()> {
    match replace(source, destination, existing) {
        Err(error) if *error.reason() == Reason::OtherFileSystem => {
            copy_entry(root, source, destination, existing, progress)?;
            remove(&source.parent, &source.name)
        }
        result => result,
    }
}

/// Puts something into `directory` by the name `name`, or by another one where the choice is so. Answers the
/// name; nothing when it was skipped.
pub(crate) fn arrive(
    directory: &OwnedFd,
    name: &[u8],
    conflict: NameConflict,
    put: impl Fn(&Place, Existing) -> Result<()>,
) -> Result<Option<Vec<u8>>> {
    let existing = match conflict {
        NameConflict::Replace => Existing::Replace,
        NameConflict::Fail | NameConflict::KeepBoth | NameConflict::Skip => Existing::Keep,
    };
    let mut destination = Place {
        parent: directory.try_clone()?,
        name: name.to_vec(),
    };
    for _ in 0..NUMBERS_MAX {
        match put(&destination, existing) {
            Ok(()) => return Ok(Some(destination.name)),
            Err(error) if *error.reason() == Reason::Exists => match conflict {
                NameConflict::Skip => return Ok(None),
                NameConflict::KeepBoth => {
                    let is_directory = destination
                        .metadata()?
                        .is_some_and(|other| entry::is_directory(&other));
                    destination.name = numbered(&destination.name, is_directory);
                }
                NameConflict::Fail | NameConflict::Replace => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
    Err(Reason::NoFreeName.into())
}

/// What is told of an entry.
pub(crate) fn outcome(path: String, result: Result<Option<FileEntry>>) -> EntryOutcome {
    let mut told = EntryOutcome {
        path,
        outcome: Outcome::Done,
        entry: None,
        trash_id: None,
        problem: None,
    };
    match result {
        Ok(Some(entry)) => told.entry = Some(entry),
        Ok(None) => told.outcome = Outcome::Skipped,
        Err(error) => {
            let error = AgentError::from(error.about(|| told.path.clone()));
            told.outcome = Outcome::Failed;
            told.problem = Some(error.problem().clone());
        }
    }
    told
}
