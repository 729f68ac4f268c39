//! Writing a file whole or not at all, and never over a version that the writer has not seen.
//!
//! The new content goes to a temporary file in the same directory, is made durable, and takes the
//! name by one rename. Hard links to the old file keep the old content.

use std::fs::File;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::IoSlice;
use std::os::fd::OwnedFd;

use atelier_api::agent::files::FileEntry;
use bytes::Bytes;
use parking_lot::Mutex;
use rustix::fs::{
    Access, AtFlags, Gid, Mode, OFlags, Uid, accessat, fchmod, fchown, fstatvfs, openat,
};
use rustix::io::Errno;

use super::durability::{Flushes, begin_write_out, flush};
use super::entry::{self, Metadata, etag, is_directory, is_file};
use super::error::{Reason, Result};
use super::page_cache::PageCache;
use super::path::RelativePath;
use super::root::{Place, RootDir};
use super::temporary::{Existing, Temporary};

/// How many writers can publish at once; more wait for each other for some microseconds.
const LOCKS: usize = 64;

/// How much is gathered before the disk is told of it, in bytes: fewer and larger requests.
const WRITE_OUT_BYTES: u64 = 256 * 1024;

/// How many pieces are written together at most (`IOV_MAX` of Linux).
const SLICES_MAX: usize = 1024;

/// From which size on a replaced file is freed after the answer, in bytes.
const FREED_LATER_BYTES: u64 = 64 * 1024;

/// The mode of any new file, less the umask.
const ORDINARY: Mode = Mode::from_raw_mode(0o666);

/// The mode of what replaces a file, until it takes over that file's own: the old one may be secret.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);

/// What must stand at the path for the write to happen (RFC 9110 §13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// Whatever does, or nothing (`If-Match: *`).
    Any,
    /// One of these versions (`If-Match`).
    Version(Vec<String>),
    /// Nothing (`If-None-Match: *`).
    Absent,
}

impl Precondition {
    fn check(&self, current: Option<&Metadata>) -> Result<()> {
        match current {
            Some(current) if is_directory(current) => return Err(Reason::IsDirectory.into()),
            Some(current) if !is_file(current) => return Err(Reason::NotRegular.into()),
            _ => {}
        }
        let current = current.map(etag);
        let holds = match self {
            Self::Any => true,
            Self::Version(seen) => current.as_ref().is_some_and(|tag| seen.contains(tag)),
            Self::Absent => current.is_none(),
        };
        if holds {
            Ok(())
        } else {
            Err(Reason::Stale(current).into())
        }
    }
}

/// Keeps this agent's writers of the same name apart, between comparing and renaming.
#[derive(Debug)]
pub(crate) struct WriteLocks([Mutex<()>; LOCKS]);

impl Default for WriteLocks {
    fn default() -> Self {
        Self([const { Mutex::new(()) }; LOCKS])
    }
}

impl WriteLocks {
    fn of(&self, place: &Place) -> Result<&Mutex<()>> {
        let parent = entry::metadata(&place.parent)?;
        let key = (
            parent.stx_dev_major,
            parent.stx_dev_minor,
            parent.stx_ino,
            &place.name,
        );
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        let index = usize::try_from(hash % LOCKS as u64).expect("a small number");
        Ok(&self.0[index])
    }
}

/// A file that is being written. Dropping it leaves what was there.
#[derive(Debug)]
pub(crate) struct Upload {
    destination: Place,
    precondition: Precondition,
    temporary: Temporary,
    file: File,
    length: u64,
    /// How much of it the disk was told to write.
    written_out: u64,
    flushes: Flushes,
    /// How it goes to the page cache.
    cache: PageCache,
}

impl Upload {
    /// Begins to write the file that `path` leads to.
    pub(crate) fn begin(
        root: &RootDir,
        path: &RelativePath,
        precondition: Precondition,
    ) -> Result<Self> {
        let destination = root.for_writing()?.locate_target(path)?;
        // Tell early what can be told early: the body may be large.
        let current = destination.metadata()?;
        precondition.check(current.as_ref())?;
        let mode = if current.is_some() {
            // Replacing needs only the directory's permission; a file that was made read only is
            // not to be changed all the same.
            let Place { parent, name } = &destination;
            accessat(parent, name, Access::WRITE_OK, AtFlags::EACCESS)
                .map_err(|_| Reason::ReadOnlyFile)?;
            PRIVATE
        } else {
            ORDINARY
        };
        let (temporary, file) = Temporary::file(destination.parent.try_clone()?, mode)?;
        Ok(Self {
            destination,
            precondition,
            temporary,
            file,
            length: 0,
            written_out: 0,
            flushes: Flushes::default(),
            cache: PageCache::default(),
        })
    }

    /// Adds to the file, and lets the disk begin with it.
    pub(crate) fn write(&mut self, chunks: &[Bytes]) -> Result<()> {
        let chunks = chunks.iter().filter(|chunk| !chunk.is_empty());
        let mut slices: Vec<IoSlice<'_>> = chunks.map(|chunk| IoSlice::new(chunk)).collect();
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let together = left.len().min(SLICES_MAX);
            match self.cache.write(&self.file, &left[..together], self.length) {
                Ok(0) => return Err(Errno::IO.into()),
                Ok(written) => {
                    self.length += written as u64;
                    IoSlice::advance_slices(&mut left, written);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if self.length - self.written_out >= WRITE_OUT_BYTES {
            begin_write_out(&self.file, self.written_out..self.length);
            self.written_out = self.length;
        }
        self.flushes.go_on(&self.file, self.length)
    }

    /// Likewise.
    pub(crate) fn with(mut self, chunks: &[Bytes]) -> Result<Self> {
        self.write(chunks)?;
        Ok(self)
    }

    /// How much was written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// How much the file system has room for, in bytes, as far as it says.
    pub(crate) fn space(&self) -> u64 {
        fstatvfs(&self.file).map_or(u64::MAX, |fs| fs.f_bavail.saturating_mul(fs.f_frsize))
    }

    /// Cuts off what a write that failed has left behind the end.
    pub(crate) fn cut(&self) -> Result<()> {
        Ok(self.file.set_len(self.length)?)
    }

    /// Demands something else of what stands at the path.
    pub(crate) fn demand(&mut self, precondition: Precondition) {
        self.precondition = precondition;
    }

    /// Whether what is demanded holds now.
    pub(crate) fn check(&self) -> Result<()> {
        self.precondition
            .check(self.destination.metadata()?.as_ref())
    }

    /// Commits, and describes what stands at `path` then.
    pub(crate) fn publish(
        self,
        locks: &WriteLocks,
        root: &RootDir,
        path: &RelativePath,
    ) -> Result<FileEntry> {
        let written = self.commit(locks)?;
        let mut entry = entry::view(root, path)?;
        // Of a link, the version that counts is its target's.
        entry.etag = Some(etag(&written));
        Ok(entry)
    }

    /// Makes the new content durable and gives it its name. Answers with the new version.
    fn commit(mut self, locks: &WriteLocks) -> Result<Metadata> {
        self.settle()?;
        let renamed = self.rename(locks, |_| Ok(()))?;
        renamed.place.sync()?;
        Ok(renamed.written)
    }

    /// Lets the disk begin with all that it has not begun with, when the content is complete. Of many files
    /// that are written together, each can so be on its way before the first is waited for.
    pub(crate) fn begin_settling(&mut self) {
        begin_write_out(&self.file, self.written_out..self.length);
        self.written_out = self.length;
    }

    /// Makes the new content durable, with the owner and mode of what it replaces.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.flushes.finish()?;
        if let Some(current) = self.destination.metadata()? {
            take_over(&self.file, &current)?;
        }
        flush(&self.file)
    }

    /// Gives the settled content its name, after `before` was done with what stands there. The caller then
    /// synchronises the directory.
    pub(crate) fn rename(
        self,
        locks: &WriteLocks,
        before: impl FnOnce(&Place) -> Result<()>,
    ) -> Result<Renamed> {
        let Self {
            destination,
            precondition,
            temporary,
            file,
            ..
        } = self;
        let replaced;
        {
            let _guard = locks.of(&destination)?.lock();
            let current = destination.metadata()?;
            precondition.check(current.as_ref())?;
            before(&destination)?;
            replaced = current.and_then(|current| Replaced::hold(&destination, &current));
            if precondition == Precondition::Absent {
                let published = temporary.publish(&destination, Existing::Keep);
                if matches!(&published, Err(error) if *error.reason() == Reason::Exists) {
                    // Another program was faster by microseconds.
                    precondition.check(destination.metadata()?.as_ref())?;
                }
                published?;
            } else {
                temporary.publish(&destination, Existing::Replace)?;
            }
        }
        Ok(Renamed {
            written: entry::metadata(&file)?,
            place: destination,
            _replaced: replaced,
        })
    }
}

/// New content that has its name.
#[derive(Debug)]
pub(crate) struct Renamed {
    /// The directory and the name, of which the directory is not synchronised yet.
    pub(crate) place: Place,
    /// The new version.
    pub(crate) written: Metadata,
    _replaced: Option<Replaced>,
}

/// A file that loses its name. As long as it is held it is not freed, which takes longer the larger it
/// is, and must not stand in the way of what is written.
#[derive(Debug)]
struct Replaced(Option<OwnedFd>);

impl Replaced {
    fn hold(place: &Place, current: &Metadata) -> Option<Self> {
        if current.stx_size < FREED_LATER_BYTES {
            return None;
        }
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let held = openat(&place.parent, &place.name, flags, Mode::empty());
        held.ok().map(|held| Self(Some(held)))
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let held = self.0.take();
            drop(runtime.spawn_blocking(move || drop(held)));
        }
    }
}

/// Gives the new file the old one's owner and mode.
fn take_over(file: &File, current: &Metadata) -> Result<()> {
    let own = entry::metadata(file)?;
    if (own.stx_uid, own.stx_gid) != (current.stx_uid, current.stx_gid) {
        // Only root may give files away; for others, a file that they replace becomes theirs.
        let (uid, gid) = (
            Uid::from_raw(current.stx_uid),
            Gid::from_raw(current.stx_gid),
        );
        let _ = fchown(file, Some(uid), Some(gid));
    }
    // After the owner, since changing that clears the set-user-id bits.
    let mode = Mode::from_raw_mode(u32::from(current.stx_mode) & 0o7777);
    Ok(fchmod(file, mode)?)
}
