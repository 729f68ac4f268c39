//! Temporary entries: what is being written, until it is whole and gets its name.
//!
//! Invariant: what is not finished is never seen under the name that it will have; lists and watches
//! leave temporary entries out; and none outlives its writer for long. A writer that ends early
//! removes its own; one that was killed leaves an entry whose lock is free, which the next list of
//! the directory sweeps away.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{
    FlockOperation, Mode, OFlags, RenameFlags, flock, mkdirat, openat, renameat_with,
};
use rustix::io::Errno;

use super::delete::remove;
use super::error::{FileError, Reason, Result};
use super::root::Place;

/// What every temporary name begins with; hidden, and not a name that anyone else gives.
const PREFIX: &[u8] = b".atelier-tmp-";

/// The mode of any new directory, less the umask.
const ORDINARY: Mode = Mode::from_raw_mode(0o777);

/// Sets this agent's names apart from those of one that ran before.
static INSTANCE: LazyLock<String> = LazyLock::new(|| format!("{:016x}-", rand::random::<u64>()));

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Tells whether a name is one that this module gives.
pub(crate) fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(PREFIX)
}

/// An entry that is removed when dropped, unless it was published.
#[derive(Debug)]
pub(crate) struct Temporary {
    place: Place,
    /// Held for as long as the entry is being written; freed by the kernel when the agent dies.
    lock: Option<OwnedFd>,
    published: bool,
}

/// What happens to an entry that stands where a new one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, and the new one is refused.
    Keep,
    /// It is replaced.
    Replace,
}

impl Temporary {
    /// A name in `parent` under which nothing stands.
    pub(crate) fn reserve(parent: OwnedFd) -> Self {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut name = PREFIX.to_vec();
        name.extend_from_slice(INSTANCE.as_bytes());
        name.extend_from_slice(format!("{counter:x}").as_bytes());
        Self {
            place: Place { parent, name },
            lock: None,
            published: false,
        }
    }

    /// A new file in `parent`, open for writing, with `mode` less the umask.
    pub(crate) fn file(parent: OwnedFd, mode: Mode) -> Result<(Self, File)> {
        let mut temporary = Self::reserve(parent);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = openat(&temporary.place.parent, &temporary.place.name, flags, mode)?;
        temporary.lock(file.try_clone()?);
        Ok((temporary, file.into()))
    }

    /// A new empty directory in `parent`, open for reading.
    pub(crate) fn directory(parent: OwnedFd) -> Result<(Self, OwnedFd)> {
        let mut temporary = Self::reserve(parent);
        mkdirat(&temporary.place.parent, &temporary.place.name, ORDINARY)?;
        let directory = temporary.lock_directory()?;
        Ok((temporary, directory))
    }

    /// Locks the directory that now stands under the name, and opens it for reading.
    pub(crate) fn lock_directory(&mut self) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = openat(&self.place.parent, &self.place.name, flags, Mode::empty())?;
        self.lock(directory.try_clone()?);
        Ok(directory)
    }

    fn lock(&mut self, fd: OwnedFd) {
        // File systems without locks lose the sweeping's safety net, not more.
        let _ = flock(&fd, FlockOperation::NonBlockingLockExclusive);
        self.lock = Some(fd);
    }

    /// The directory that it stands in, and its name.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Gives it its final name. What it replaces is removed.
    pub(crate) fn publish(mut self, destination: &Place, existing: Existing) -> Result<()> {
        match rename(&self.place, destination, existing) {
            Ok(()) => self.published = true,
            Err(error) if existing == Existing::Replace && is_in_the_way(&error) => {
                // Now the old entry has the temporary name, and goes with it.
                exchange(&self.place, destination)?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Makes an entry vanish at once; its removal may take time.
    pub(crate) fn discard(place: &Place) -> Result<()> {
        let mut doomed = Self::reserve(place.parent.try_clone()?);
        doomed.published = true; // Nothing of ours stands there yet.
        rename(place, &doomed.place, Existing::Keep)?;
        doomed.published = false;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        let Ok(parent) = self.place.parent.try_clone() else {
            return; // Out of descriptors; a later list sweeps it away.
        };
        let name = std::mem::take(&mut self.place.name);
        let lock = self.lock.take();
        let clean_up = move || {
            if let Err(error) = remove(&parent, &name)
                && *error.reason() != Reason::NotFound
            {
                tracing::warn!(%error, "a temporary entry could not be removed");
            }
            drop(lock);
        };
        // Freeing gigabytes takes time that the event loop does not have.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(clean_up)),
            Err(_) => clean_up(),
        }
    }
}

/// Renames within a root.
fn rename(from: &Place, to: &Place, existing: Existing) -> Result<()> {
    let rename = |flags| renameat_with(&from.parent, &from.name, &to.parent, &to.name, flags);
    match existing {
        Existing::Replace => rename(RenameFlags::empty()),
        Existing::Keep => match rename(RenameFlags::NOREPLACE) {
            // Some network file systems cannot refuse in the kernel; then a look must do. EINVAL
            // also says that a directory would move into itself, which the rename repeats.
            Err(Errno::INVAL | Errno::NOSYS) => match to.metadata()? {
                Some(_) => Err(Errno::EXIST),
                None => rename(RenameFlags::empty()),
            },
            result => result,
        },
    }
    .map_err(rename_error)
}

/// Moves an entry, whatever stands at its destination when that may be replaced.
pub(crate) fn replace(from: &Place, to: &Place, existing: Existing) -> Result<()> {
    match rename(from, to, existing) {
        Err(error) if existing == Existing::Replace && is_in_the_way(&error) => {
            exchange(from, to)?;
            Temporary::discard(from)
        }
        result => result,
    }
}

/// Tells whether a rename failed because a directory stands where a file goes, or holds something.
fn is_in_the_way(error: &FileError) -> bool {
    matches!(
        error.reason(),
        Reason::NotEmpty | Reason::Exists | Reason::IsDirectory | Reason::NotDirectory
    )
}

/// Swaps two entries, which a plain rename cannot do with a directory that holds something.
fn exchange(one: &Place, other: &Place) -> Result<()> {
    let flags = RenameFlags::EXCHANGE;
    renameat_with(&one.parent, &one.name, &other.parent, &other.name, flags).map_err(rename_error)
}

fn rename_error(errno: Errno) -> FileError {
    match errno {
        Errno::INVAL => Reason::IntoItself.into(),
        Errno::XDEV => Reason::OtherFileSystem.into(),
        errno => errno.into(),
    }
}

/// Removes those of the names in `directory` that a writer left behind which is no more.
pub(crate) fn sweep(directory: impl AsFd, names: &[Vec<u8>]) {
    for name in names {
        let ours = name[PREFIX.len()..].starts_with(INSTANCE.as_bytes());
        if !ours && is_abandoned(&directory, name) {
            match remove(&directory, name) {
                Ok(()) => tracing::info!("removed what a killed agent had not finished writing"),
                Err(error) => tracing::debug!(%error, "cannot remove an abandoned entry"),
            }
        }
    }
}

fn is_abandoned(directory: impl AsFd, name: &[u8]) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match openat(directory, name, flags, Mode::empty()) {
        Ok(fd) => flock(&fd, FlockOperation::NonBlockingLockExclusive).is_ok(),
        // A link that was to be published.
        Err(Errno::LOOP) => true,
        Err(_) => false,
    }
}
