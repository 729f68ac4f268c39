//! What replacements can be undone from: the files as they were before.
//!
//! ```text
//! .atelier-undo/              in the root itself, so that an old file need not be copied
//!     .gitignore              `*`: where the root is a repository, Git passes it over
//!     repl_01h…/
//!         record.json         which files, and the versions that replaced them; written last
//!         0, 1, …             the old files: second names of them, where the file system has such
//! ```
//!
//! Invariant: what has a record is complete. What has none is what a killed agent left, and goes with the
//! next replacement.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;

use atelier_api::agent::search::{REPLACEMENT_DAYS, REPLACEMENTS_KEPT};
use atelier_api::ids::ReplacementId;
use parking_lot::{Mutex, MutexGuard};
use rustix::fs::{AtFlags, Mode, OFlags, linkat, mkdirat, openat, renameat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::content::ContentError;
use super::writing::Skip;
use crate::files::{
    FileError, Metadata, Place, RelativePath, RootDir, UNDO_DIRECTORY, each_entry, etag, metadata,
    remove, sync_directory,
};
use crate::{clock, ids};

/// How much old content is kept for replacements before the last one, in bytes.
const KEPT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// How long a record may be, in bytes; far more than one of the most files takes.
const RECORD_BYTES_MAX: u64 = 64 * 1024 * 1024;

const RECORD: &str = "record.json";

/// The record while it is being written.
const NEW_RECORD: &str = "record.json.new";

/// Nobody else's business.
const PRIVATE: Mode = Mode::RWXU;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// The store of all roots. One replacement is made or undone at a time.
#[derive(Debug, Default)]
pub(super) struct UndoStore {
    turn: Mutex<()>,
}

/// The right to use the store.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _guard: MutexGuard<'a, ()>,
}

/// What a replacement has changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    files: Vec<OldFile>,
}

/// A file that was replaced.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OldFile {
    /// Its path on the wire.
    pub(super) path: String,
    /// The version that replaced it.
    pub(super) etag: String,
    old: Old,
}

/// Where the old file is, and what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Old {
    name: u32,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, u32),
    /// Its version before it was replaced.
    etag: String,
}

impl Old {
    fn new(name: u32, metadata: &Metadata) -> Self {
        let modified = metadata.stx_mtime;
        Self {
            name,
            size: metadata.stx_size,
            modified: (modified.tv_sec, modified.tv_nsec),
            etag: etag(metadata),
        }
    }

    /// Whether it is as it was kept; its version is another one since it has another name.
    fn is_untouched(&self, metadata: &Metadata) -> bool {
        let now = Self::new(self.name, metadata);
        (now.size, now.modified) == (self.size, self.modified)
    }
}

/// The store of one root, and what one replacement has in it.
#[derive(Debug)]
struct Item {
    store: OwnedFd,
    name: String,
    directory: OwnedFd,
    record: Record,
}

impl UndoStore {
    /// Waits until no other replacement is made or undone.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn {
            _guard: self.turn.lock(),
        }
    }
}

impl Backup {
    /// Begins to keep what a replacement will replace below `root`, and lets older ones go.
    pub(super) fn begin(_: &Turn<'_>, root: &RootDir) -> Result<Self, FileError> {
        let store = match mkdirat(root, UNDO_DIRECTORY, PRIVATE) {
            Ok(()) => {
                let store = open_directory(root, UNDO_DIRECTORY)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let ignore = openat(&store, ".gitignore", flags, Mode::RUSR | Mode::WUSR)?;
                File::from(ignore).write_all(b"*\n")?;
                sync_directory(&root.open_directory(&RelativePath::default())?)?;
                store
            }
            Err(Errno::EXIST) => open_directory(root, UNDO_DIRECTORY)?,
            Err(errno) => return Err(errno.into()),
        };
        if let Err(error) = prune(&store, REPLACEMENTS_KEPT - 1) {
            tracing::debug!(%error, "old replacements could not be forgotten");
        }
        let id = ids::replacement();
        let name = id.to_string();
        mkdirat(&store, &name, PRIVATE)?;
        let directory = open_directory(&store, &name)?;
        Ok(Self {
            id,
            item: Some(Item {
                store,
                name,
                directory,
                record: Record::default(),
            }),
            next: 0,
        })
    }
}

impl Kept {
    /// What is kept of the replacement below `root`; nothing when there is nothing any more.
    pub(super) fn open(
        _: &Turn<'_>,
        root: &RootDir,
        id: ReplacementId,
    ) -> Result<Option<Self>, FileError> {
        let store = match open_directory(root, UNDO_DIRECTORY) {
            Err(error) if *error.reason() == crate::files::Reason::NotFound => return Ok(None),
            store => store?,
        };
        if let Err(error) = prune(&store, REPLACEMENTS_KEPT) {
            tracing::debug!(%error, "old replacements could not be forgotten");
        }
        let name = id.to_string();
        let directory = match open_directory(&store, &name) {
            Err(error) if *error.reason() == crate::files::Reason::NotFound => return Ok(None),
            directory => directory?,
        };
        let Some(record) = Record::read(&directory) else {
            return Ok(None);
        };
        Ok(Some(Self(Item {
            store,
            name,
            directory,
            record,
        })))
    }
}

fn open_directory(parent: impl std::os::fd::AsFd, name: &str) -> Result<OwnedFd, FileError> {
    Ok(openat(parent, name, DIRECTORY, Mode::empty())?)
}

impl Record {
    /// Reads it; nothing when there is none, or none that makes sense.
    fn read(directory: &OwnedFd) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(directory, RECORD, flags, Mode::empty()).ok()?;
        let mut json = Vec::new();
        let mut file = File::from(file).take(RECORD_BYTES_MAX);
        file.read_to_end(&mut json).ok()?;
        serde_json::from_slice(&json).ok()
    }

    fn write(&self, directory: &OwnedFd) -> Result<(), FileError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
        let file = openat(directory, NEW_RECORD, flags, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(file);
        let json = serde_json::to_vec(self).expect("a record is plain data");
        file.write_all(&json)?;
        file.sync_all()?;
        renameat(directory, NEW_RECORD, directory, RECORD)?;
        sync_directory(directory)
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.old.size).sum()
    }
}

/// The old files of a replacement that is being made. Dropping it forgets them.
#[derive(Debug)]
pub(super) struct Backup {
    id: ReplacementId,
    /// Gone when finished.
    item: Option<Item>,
    next: u32,
}

impl Backup {
    fn item(&mut self) -> &mut Item {
        self.item
            .as_mut()
            .expect("it is there until it is finished")
    }

    /// Keeps the file that stands at `place`.
    pub(super) fn keep(&mut self, place: &Place) -> Result<Old, FileError> {
        let old = Old::new(self.next, &place.existing()?);
        self.next += 1;
        let directory = &self.item().directory;
        let name = old.name.to_string();
        match linkat(
            &place.parent,
            &place.name,
            directory,
            &name,
            AtFlags::empty(),
        ) {
            // Another file system, one without second names, or a file of somebody else's.
            Err(Errno::XDEV | Errno::PERM | Errno::MLINK | Errno::NOTSUP | Errno::NOSYS) => {
                let copied = copy(place, directory, &name)?;
                return Ok(Old {
                    name: old.name,
                    etag: old.etag,
                    ..copied
                });
            }
            linked => linked?,
        }
        Ok(old)
    }

    /// Remembers that the version `etag` of the file at `path` replaced what was kept.
    pub(super) fn add(&mut self, path: &str, etag: &str, old: Old) {
        let (path, etag) = (path.to_owned(), etag.to_owned());
        self.item().record.files.push(OldFile { path, etag, old });
    }

    /// Makes it durable. Answers with what it can be undone by; nothing when there is nothing to undo.
    pub(super) fn finish(mut self) -> Result<Option<ReplacementId>, FileError> {
        if self.item().record.files.is_empty() {
            return Ok(None);
        }
        let item = self.item();
        item.record.write(&item.directory)?;
        sync_directory(&item.store)?;
        self.item = None;
        Ok(Some(self.id))
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        if let Some(item) = self.item.take()
            && let Err(error) = remove(&item.store, item.name.as_bytes())
        {
            tracing::debug!(%error, "what a replacement kept could not be removed");
        }
    }
}

fn copy(place: &Place, directory: &OwnedFd, name: &str) -> Result<Old, FileError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut from: File = openat(&place.parent, &place.name, flags, Mode::empty())?.into();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut to: File = openat(directory, name, flags, Mode::RUSR | Mode::WUSR)?.into();
    io::copy(&mut from, &mut to)?;
    to.sync_all()?;
    Ok(Old::new(0, &metadata(&to)?))
}

/// What is kept of a replacement.
#[derive(Debug)]
pub(super) struct Kept(Item);

impl Kept {
    /// The files that can be brought back.
    pub(super) fn files(&self) -> Vec<OldFile> {
        self.0.record.files.clone()
    }

    /// What a file held before.
    pub(super) fn content(&self, file: &OldFile) -> Result<Vec<u8>, Skip> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let name = file.old.name.to_string();
        let opened = openat(&self.0.directory, &name, flags, Mode::empty());
        let opened = opened.map_err(|_| ContentError::OldChanged)?;
        if !file.old.is_untouched(&metadata(&opened)?) {
            return Err(ContentError::OldChanged.into());
        }
        let mut content = Vec::with_capacity(usize::try_from(file.old.size).unwrap_or(0));
        let mut opened = File::from(opened).take(file.old.size);
        opened.read_to_end(&mut content).map_err(FileError::from)?;
        Ok(content)
    }

    /// Lets go of what was brought back, and of all when that was all. `restored` says which version each
    /// of these paths has now: earlier replacements, which made the one before, can then be undone, too.
    pub(super) fn forget(mut self, restored: &HashMap<String, String>) -> Result<(), FileError> {
        let Item {
            store,
            name,
            directory,
            record,
        } = &mut self.0;
        let mut renewed = HashMap::new();
        record.files.retain(|file| {
            let Some(now) = restored.get(&file.path) else {
                return true;
            };
            renewed.insert((file.path.clone(), file.old.etag.clone()), now);
            false
        });
        for id in kept(store)? {
            let other = id.to_string();
            if other != *name {
                renew(&open_directory(&*store, &other)?, &renewed)?;
            }
        }
        if record.files.is_empty() {
            return remove(&*store, name.as_bytes());
        }
        record.write(directory)
    }
}

/// Tells a replacement which of its files have been brought back by undoing a later one.
fn renew(
    directory: &OwnedFd,
    renewed: &HashMap<(String, String), &String>,
) -> Result<(), FileError> {
    let Some(mut record) = Record::read(directory) else {
        return Ok(());
    };
    let mut changed = false;
    for file in &mut record.files {
        let key = (file.path.clone(), file.etag.clone());
        if let Some(now) = renewed.get(&key) {
            (*now).clone_into(&mut file.etag);
            changed = true;
        }
    }
    if changed {
        record.write(directory)?;
    }
    Ok(())
}

/// The replacements that something is kept of, the latest first.
fn kept(store: &OwnedFd) -> Result<Vec<ReplacementId>, FileError> {
    let mut kept: Vec<ReplacementId> = Vec::new();
    each_entry(store, |name, _| {
        let name = std::str::from_utf8(name).unwrap_or_default();
        kept.extend(name.parse::<ReplacementId>());
        Ok(())
    })?;
    kept.sort_unstable_by(|one, other| other.cmp(one));
    Ok(kept)
}

/// Lets go of replacements beyond `count`, and of those that are too old or hold too much; the latest stays.
fn prune(store: &OwnedFd, count: usize) -> Result<(), FileError> {
    let mut bytes = 0;
    for (index, id) in kept(store)?.into_iter().enumerate() {
        let name = id.to_string();
        let record = Record::read(&open_directory(store, &name)?);
        bytes += record.as_ref().map_or(0, Record::bytes);
        let is_kept = record.is_some()
            && index < count
            && is_young(id)
            && (index == 0 || bytes <= KEPT_BYTES_MAX);
        if !is_kept {
            remove(store, name.as_bytes())?;
        }
    }
    Ok(())
}

fn is_young(id: ReplacementId) -> bool {
    let seconds = id.uuid().get_timestamp().map_or(0, |made| made.to_unix().0);
    let now = u64::try_from(clock::now().0 / 1000).unwrap_or(0);
    now.saturating_sub(seconds) <= REPLACEMENT_DAYS * 24 * 60 * 60
}
