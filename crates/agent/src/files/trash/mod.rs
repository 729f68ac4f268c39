//! The trash of a root ([`atelier_api::agent::trash`], decision 0015).
//!
//! ```text
//! .atelier-trash/             in the root itself, so that a rename brings things there and back
//!     .gitignore              `*`: where the root is a repository, Git passes it over
//!     trash_01h…/
//!         item.json           what it was, where, and when it was deleted
//!         entry               the thing itself
//! ```
//!
//! Invariant: what is in the trash is whole. The record is written before the entry comes, and goes after it:
//! a record without an entry is what a killed agent left, and goes with time.

mod bounds;
mod record;
mod size;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;

use atelier_api::agent::files::FileEntry;
use atelier_api::agent::transfers::NameConflict;
use atelier_api::agent::trash::{TRASH_DIRECTORY, TrashEntry, TrashList};
use atelier_api::ids::TrashId;
use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

pub(crate) use bounds::settle;

use super::change::create_directories;
use super::copy::Progress;
use super::entry::view;
use super::error::{Reason, Result};
use super::list::each_entry;
use super::path::RelativePath;
use super::root::{O_DIRECTORY_PATH, Place, RootDir, sync_directory};
use super::temporary::{self, Existing, Temporary, is_temporary};
use super::transfer::{arrive, move_anywhere};
use crate::ids;
use record::Record;

/// What the deleted thing is called inside its item.
const ENTRY: &[u8] = b"entry";

/// Nobody else's business.
const PRIVATE: Mode = Mode::RWXU;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// The trash of a root, open.
#[derive(Debug)]
pub(crate) struct Trash<'a> {
    root: &'a RootDir,
    directory: OwnedFd,
}

impl<'a> Trash<'a> {
    /// Opens it; nothing when nothing was deleted yet.
    pub(crate) fn find(root: &'a RootDir) -> Result<Option<Self>> {
        if root.for_writing()?.is_whole_system() {
            return Err(Reason::NoTrash.into());
        }
        match openat(root, TRASH_DIRECTORY, DIRECTORY, Mode::empty()) {
            Ok(directory) => Ok(Some(Self { root, directory })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Opens it, a new one where there is none.
    pub(crate) fn open(root: &'a RootDir) -> Result<Self> {
        if let Some(trash) = Self::find(root)? {
            return Ok(trash);
        }
        match mkdirat(root, TRASH_DIRECTORY, PRIVATE) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        let trash = Self::find(root)?.ok_or(Reason::Busy)?;
        record::write(&trash.directory, b".gitignore", b"*\n")?;
        Ok(trash)
    }

    /// Moves the entry that `path` names (a link itself, not its target) here. That is durable after
    /// [`sync`](Self::sync).
    pub(crate) fn put(&self, path: &RelativePath, progress: &Progress) -> Result<TrashEntry> {
        let source = self.root.locate(path)?;
        let metadata = source.existing()?;
        if path.as_bytes().split(|byte| *byte == b'/').next() == Some(TRASH_DIRECTORY.as_bytes()) {
            return Err(Reason::InTrash.into());
        }
        let id = ids::trash();
        let item = self.make_item(id)?;
        let record = Record::new(path, &metadata);
        let put = || {
            record.save(&item.parent)?;
            move_anywhere(self.root, &source, &item, Existing::Keep, progress)
        };
        if let Err(error) = put() {
            let _ = Temporary::discard(&self.place(id)?);
            return Err(error);
        }
        Ok(record.describe(id))
    }

    /// Makes durable that these are here and no longer where they were. Once for all of them: with a journal,
    /// the first commit takes the others along.
    pub(crate) fn sync(&self, entries: &[(TrashId, RelativePath)]) -> Result<()> {
        for (id, _) in entries {
            // One that was restored already has nothing to keep.
            if let Ok(item) = self.item(*id) {
                sync_directory(&item.parent)?;
            }
        }
        sync_directory(&self.directory)?;
        let parent = |(_, path): &(TrashId, RelativePath)| path.split().map(|(parent, _)| parent);
        let parents: BTreeSet<_> = entries.iter().filter_map(parent).collect();
        for parent in parents {
            // One that has gone meanwhile has nothing to keep.
            if let Ok(parent) = self.root.open_at(&parent, O_DIRECTORY_PATH) {
                sync_directory(&parent)?;
            }
        }
        Ok(())
    }

    /// Brings an entry back to where it was. Nothing when it was skipped; it stays in the trash then.
    pub(crate) fn restore(
        &self,
        id: TrashId,
        conflict: NameConflict,
        progress: &Progress,
    ) -> Result<Option<FileEntry>> {
        let item = self.item(id)?;
        let path = Record::read(&item.parent)?.path()?;
        let (parent, name) = path.split().ok_or(Reason::RootItself)?;
        if !parent.is_root() {
            create_directories(self.root, &parent)?;
        }
        let directory = self.root.open_at(&parent, O_DIRECTORY_PATH)?;
        let arrived = arrive(&directory, name, conflict, |destination, existing| {
            move_anywhere(self.root, &item, destination, existing, progress)
        })?;
        let Some(name) = arrived else {
            return Ok(None);
        };
        sync_directory(&directory)?;
        Temporary::discard(&self.place(id)?)?;
        view(self.root, &parent.join(&name)).map(Some)
    }

    /// The path that an entry had; nothing when it is not here.
    pub(crate) fn path_of(&self, id: TrashId) -> Option<String> {
        let item = self.item(id).ok()?;
        Record::read(&item.parent).ok().map(|record| record.path)
    }

    /// What is here, newest first.
    pub(crate) fn list(&self) -> Result<TrashList> {
        let mut items = Vec::new();
        let mut leftovers = Vec::new();
        each_entry(&self.directory, |name, _| {
            if is_temporary(name) {
                leftovers.push(name.to_vec());
            } else if let Some(id) = id_of(name)
                && let Ok(item) = self.item(id)
                && item.metadata()?.is_some()
                && let Ok(record) = Record::read(&item.parent)
            {
                items.push(record.describe(id));
            }
            Ok(())
        })?;
        temporary::sweep(&self.directory, &leftovers);
        items.sort_by_key(|entry: &TrashEntry| Reverse((entry.deleted_at, entry.id)));
        Ok(TrashList { items })
    }

    /// Deletes an entry for good. It vanishes at once; freeing it may take time.
    pub(crate) fn delete(&self, id: TrashId) -> Result<()> {
        Temporary::discard(&self.place(id)?).map_err(|error| error.about(|| id.to_string()))
    }

    /// Deletes all for good.
    pub(crate) fn empty(&self) -> Result<()> {
        let mut ids = Vec::new();
        each_entry(&self.directory, |name, _| {
            ids.extend(id_of(name));
            Ok(())
        })?;
        for id in ids {
            match self.delete(id) {
                // Somebody else was faster.
                Err(error) if *error.reason() == Reason::NotFound => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// A new item, and the place in it for the entry.
    fn make_item(&self, id: TrashId) -> Result<Place> {
        mkdirat(&self.directory, id.to_string(), PRIVATE)?;
        self.item(id)
    }

    /// The place of an entry.
    fn item(&self, id: TrashId) -> Result<Place> {
        let parent = openat(&self.directory, id.to_string(), DIRECTORY, Mode::empty())?;
        Ok(Place {
            parent,
            name: ENTRY.to_vec(),
        })
    }

    /// The place of an item.
    fn place(&self, id: TrashId) -> Result<Place> {
        Ok(Place {
            parent: self.directory.try_clone()?,
            name: id.to_string().into_bytes(),
        })
    }
}

fn id_of(name: &[u8]) -> Option<TrashId> {
    std::str::from_utf8(name).ok()?.parse().ok()
}
