//! A root: a directory below which the kernel resolves paths.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use atelier_api::agent::files::Root;
use atelier_api::node::FilesPolicy;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, open, openat2, readlinkat, statx};
use rustix::io::Errno;

use super::confinement::Confinement;
use super::entry::{self, Metadata};
use super::error::{Reason, Result};
use super::path::{RelativePath, split_last};

/// The kernel answers EAGAIN when a rename raced with the resolution (openat2(2)). Nobody keeps
/// that up for this many attempts without meaning to.
const RESOLVE_ATTEMPTS: usize = 64;

/// As many links as the kernel itself follows (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

/// A directory below which paths are resolved.
///
/// Invariant: every file of the workspace is reached from here, by `openat2`, or by a name without a
/// slash in a directory that was opened so. No check of a path as text stands between.
#[derive(Debug)]
pub(crate) struct RootDir {
    fd: OwnedFd,
    resolve: ResolveFlags,
    writable: bool,
    /// What of it may be reached; all of it in a workspace.
    confinement: Option<Confinement>,
}

/// A name in a directory that lies beneath a root. The name is a single component.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) parent: OwnedFd,
    pub(crate) name: Vec<u8>,
}

impl RootDir {
    /// Opens the directory that `kind` stands for.
    pub(crate) fn open(kind: Root, path: &Path) -> Result<Self> {
        let beneath = ResolveFlags::BENEATH;
        let (scope, writable) = match kind {
            Root::Workspace | Root::Home => (beneath, true),
            // Absolute links are common in `/`, and lead to what they would lead to there.
            Root::System => (ResolveFlags::IN_ROOT, false),
        };
        Ok(Self {
            fd: open(path, O_DIRECTORY_PATH, Mode::empty())?,
            resolve: scope | ResolveFlags::NO_MAGICLINKS,
            writable,
            confinement: None,
        })
    }

    /// Opens a directory of the machine itself: its `/`, or the home of the agent's user. What may be
    /// written there is for the host's policy and the user's permissions to say.
    pub(crate) fn on_machine(kind: Root, path: &Path, policy: &FilesPolicy) -> Result<Self> {
        let scope = match kind {
            Root::Home => ResolveFlags::BENEATH,
            Root::Workspace | Root::System => ResolveFlags::IN_ROOT,
        };
        Ok(Self {
            fd: open(path, O_DIRECTORY_PATH, Mode::empty())?,
            resolve: scope | ResolveFlags::NO_MAGICLINKS,
            writable: !policy.read_only,
            confinement: Confinement::new(&policy.roots),
        })
    }

    /// Whether it is a whole `/`, of which nobody can follow every change.
    pub(crate) fn is_whole_system(&self) -> bool {
        self.resolve.contains(ResolveFlags::IN_ROOT)
    }

    /// Refuses roots that are read only.
    pub(crate) fn for_writing(&self) -> Result<&Self> {
        if self.writable {
            Ok(self)
        } else {
            Err(Reason::ReadOnlyRoot.into())
        }
    }

    /// Opens what `path` leads to.
    pub(crate) fn open_at(&self, path: &RelativePath, flags: OFlags) -> Result<OwnedFd> {
        self.resolve(path.for_kernel(), flags)
    }

    /// Opens the directory that `path` leads to, to be read.
    pub(crate) fn open_directory(&self, path: &RelativePath) -> Result<OwnedFd> {
        self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    /// The entry that `path` names, a link itself rather than its target. The root has none.
    pub(crate) fn locate(&self, path: &RelativePath) -> Result<Place> {
        let (parent, name) = path.split().ok_or(Reason::RootItself)?;
        Ok(Place {
            parent: self.open_at(&parent, O_DIRECTORY_PATH)?,
            name: name.to_vec(),
        })
    }

    /// The entry that `path` leads to when links are followed, whether or not it exists.
    pub(crate) fn locate_target(&self, path: &RelativePath) -> Result<Place> {
        // The links' text may hold `..`; only the kernel may resolve that, so this is no longer a
        // `RelativePath`.
        let mut path = match path.split() {
            Some(_) => path.as_bytes().to_vec(),
            None => return Err(Reason::RootItself.into()),
        };
        for _ in 0..LINKS_MAX {
            let (directory, name) = split_last(&path);
            if matches!(name, b"" | b"." | b"..") {
                return Err(Reason::IsDirectory.into());
            }
            let place = Place {
                parent: self.resolve(
                    if directory.is_empty() {
                        b"."
                    } else {
                        directory
                    },
                    O_DIRECTORY_PATH,
                )?,
                name: name.to_vec(),
            };
            let link = match readlinkat(&place.parent, &place.name, Vec::new()) {
                Ok(link) => link.into_bytes(),
                // Not a link, or nothing.
                Err(Errno::INVAL | Errno::NOENT) => return Ok(place),
                Err(errno) => return Err(errno.into()),
            };
            path = match link.strip_prefix(b"/") {
                Some(absolute) if self.is_whole_system() => absolute.to_vec(),
                Some(_) => return Err(Reason::Escapes.into()),
                None if directory.is_empty() => link,
                None => [directory, b"/", &link].concat(),
            };
        }
        Err(Reason::TooManyLinks.into())
    }

    /// What `path` leads to, when links are followed; nothing when that is nowhere or outside.
    pub(crate) fn target(&self, path: &RelativePath) -> Option<Metadata> {
        let fd = self.open_at(path, OFlags::PATH).ok()?;
        entry::metadata(&fd).ok()
    }

    fn resolve(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
        match &self.confinement {
            None => self.resolve_anywhere(path, flags),
            Some(confinement) => {
                let named = OFlags::PATH | (flags & (OFlags::NOFOLLOW | OFlags::DIRECTORY));
                confinement.open(&self.resolve_anywhere(path, named)?, flags)
            }
        }
    }

    fn resolve_anywhere(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        for _ in 0..RESOLVE_ATTEMPTS {
            match openat2(&self.fd, path, flags, Mode::empty(), self.resolve) {
                Ok(fd) => return Ok(fd),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::XDEV) => return Err(Reason::Escapes.into()),
                Err(errno) => return Err(errno.into()),
            }
        }
        Err(Reason::Busy.into())
    }
}

impl AsFd for RootDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// To name a directory, not to read it.
pub(crate) const O_DIRECTORY_PATH: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Place {
    /// What stands here now (a link itself); nothing when nothing does.
    pub(crate) fn metadata(&self) -> Result<Option<Metadata>> {
        match statx(
            &self.parent,
            &self.name,
            AtFlags::SYMLINK_NOFOLLOW,
            entry::MASK,
        ) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// What stands here now.
    pub(crate) fn existing(&self) -> Result<Metadata> {
        self.metadata()?.ok_or_else(|| Reason::NotFound.into())
    }

    /// Makes the last change of names in the directory durable. The file's own data is not touched.
    pub(crate) fn sync(&self) -> Result<()> {
        sync_directory(&self.parent)
    }
}

/// Makes the last change of names in `directory` durable.
pub(crate) fn sync_directory(directory: &OwnedFd) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::openat(directory, ".", flags, Mode::empty()) {
        Ok(directory) => Ok(rustix::fs::fsync(&directory)?),
        // A directory that may be changed but not read cannot be synchronised on its own.
        Err(Errno::ACCESS) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// The kernel's own name of an open file. It leads to that very file, whatever the names lead to.
pub(crate) fn descriptor_path(fd: &impl AsFd) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd())
}

/// Sets the mode of what a descriptor that may be `O_PATH` stands for.
pub(crate) fn set_mode(fd: &impl AsFd, mode: Mode) -> Result<()> {
    // fchmod(2) refuses O_PATH descriptors; fchmodat2(2) needs Linux 6.6.
    Ok(rustix::fs::chmodat(
        CWD,
        descriptor_path(fd),
        mode,
        AtFlags::empty(),
    )?)
}

/// Opens the file at `path` below `directory`, for reading, without following any link on the way.
pub(crate) fn open_without_links(directory: impl AsFd, path: &[u8]) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    Ok(openat2(directory, path, flags, Mode::empty(), resolve)?)
}
