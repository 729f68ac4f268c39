//! Copying, whole trees too.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FileType, Mode, OFlags, fchmod, mkdirat, openat, readlinkat, symlinkat};
use tokio_util::sync::CancellationToken;

use super::durability::flush;
use super::entry::{self, Metadata, file_type, is_directory, is_file, is_same};
use super::error::{FileError, Reason, Result};
use super::list::each_entry;
use super::path::{RelativePath, encode};
use super::reserved::is_reserved;
use super::root::{O_DIRECTORY_PATH, Place, RootDir};
use super::temporary::{Existing, Temporary};

/// How deep a tree may be. Two directories are open per level, of the usual 1,024 descriptors.
const DEPTH_MAX: usize = 200;

/// How much is copied between looks at whether the request was cancelled, in bytes.
const CHUNK_BYTES: u64 = 16 * 1024 * 1024;

/// How far a copy is, for whoever watches it, and whether it is to go on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Files, directories and links.
    pub(crate) entries: AtomicU64,
    /// Bytes of content.
    pub(crate) bytes: AtomicU64,
    /// Set when nobody wants it any more.
    pub(crate) cancelled: CancellationToken,
}

impl Progress {
    /// Fails when it is not to go on.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancelled.is_cancelled() {
            Err(Reason::Cancelled.into())
        } else {
            Ok(())
        }
    }
}

/// Copies the entry that `from` names to `to`: content, permission bits and links as they are. It
/// appears at `to` when it is whole. Sockets, pipes and devices inside a tree are left out.
pub(crate) fn copy(
    root: &RootDir,
    from: &RelativePath,
    to: &RelativePath,
    existing: Existing,
    progress: &Progress,
) -> Result<()> {
    let about_from = |error: FileError| error.about(|| from.wire());
    let source = root.for_writing()?.locate(from).map_err(about_from)?;
    let destination = root.locate(to)?;
    copy_entry(root, &source, &destination, existing, progress).map_err(|error| {
        match error.reason() {
            Reason::Exists => error,
            _ => about_from(error),
        }
    })?;
    destination.sync()
}

/// Likewise, between places beneath `root`. The directory is for the caller to synchronise.
pub(crate) fn copy_entry(
    root: &RootDir,
    source: &Place,
    destination: &Place,
    existing: Existing,
    progress: &Progress,
) -> Result<()> {
    let metadata = source.existing()?;
    if let Some(other) = destination.metadata()? {
        if existing == Existing::Keep {
            return Err(Reason::Exists.into());
        }
        if is_same(&other, &metadata) {
            return Err(Reason::IntoItself.into());
        }
    }
    if is_directory(&metadata) && lies_in(&destination.parent, &metadata, root)? {
        return Err(Reason::IntoItself.into());
    }
    let mut temporary = Temporary::reserve(destination.parent.try_clone()?);
    Copier { progress }.entry(source, temporary.place(), 0)?;
    if is_directory(&metadata) {
        temporary.lock_directory()?;
    }
    temporary.publish(destination, existing)
}

/// Tells whether `directory` is `ancestor` or lies below it.
fn lies_in(directory: &OwnedFd, ancestor: &Metadata, root: &RootDir) -> Result<bool> {
    let top = entry::metadata(root)?;
    let mut directory = directory.try_clone()?;
    loop {
        let here = entry::metadata(&directory)?;
        if is_same(&here, ancestor) {
            return Ok(true);
        }
        if is_same(&here, &top) {
            return Ok(false);
        }
        directory = openat(&directory, "..", O_DIRECTORY_PATH, Mode::empty())?;
        if is_same(&entry::metadata(&directory)?, &here) {
            return Ok(false); // `/`: the directory was moved out of the root meanwhile.
        }
    }
}

struct Copier<'a> {
    progress: &'a Progress,
}

impl Copier<'_> {
    fn entry(&self, from: &Place, to: &Place, depth: usize) -> Result<()> {
        self.progress.check()?;
        self.progress.entries.fetch_add(1, Ordering::Relaxed);
        let metadata = from.existing()?;
        match file_type(&metadata) {
            FileType::RegularFile => self.file(from, to, depth),
            FileType::Directory if depth < DEPTH_MAX => self.directory(from, to, depth),
            FileType::Directory => Err(Reason::TooDeep(DEPTH_MAX).into()),
            FileType::Symlink => {
                let link = readlinkat(&from.parent, &from.name, Vec::new())?;
                Ok(symlinkat(link, &to.parent, &to.name)?)
            }
            _ if depth > 0 => Ok(()),
            _ => Err(Reason::NotRegular.into()),
        }
    }

    fn file(&self, from: &Place, to: &Place, depth: usize) -> Result<()> {
        let source: File = open(from, OFlags::RDONLY | OFlags::NONBLOCK)?.into();
        let metadata = entry::metadata(&source)?;
        if !is_file(&metadata) {
            return Err(Reason::NotRegular.into());
        }
        let create = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        let mut target: File = openat(&to.parent, &to.name, create, private)?.into();
        // The standard library copies inside the kernel, or even shares the blocks, where it can.
        loop {
            let copied = io::copy(&mut (&source).take(CHUNK_BYTES), &mut target)?;
            self.progress.bytes.fetch_add(copied, Ordering::Relaxed);
            if copied == 0 {
                break;
            }
            self.progress.check()?;
        }
        fchmod(&target, permissions(&metadata))?;
        if depth == 0 {
            // A tree's files are left to the system: thousands of commits would take minutes.
            flush(&target)?;
        }
        Ok(())
    }

    fn directory(&self, from: &Place, to: &Place, depth: usize) -> Result<()> {
        let source = open(from, OFlags::RDONLY | OFlags::DIRECTORY)?;
        mkdirat(&to.parent, &to.name, Mode::RWXU)?;
        let target = open(to, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        each_entry(&source, |name, _| {
            names.push(name.to_vec());
            Ok(())
        })?;
        let mut from = place(&source)?;
        let mut to = place(&target)?;
        for name in names {
            if is_reserved(&name) {
                continue;
            }
            from.name.clone_from(&name);
            to.name = name;
            match self.entry(&from, &to, depth + 1) {
                // Deleted since the directory was read.
                Err(error) if *error.reason() == Reason::NotFound => {}
                result => result.map_err(|error| error.about(|| encode(&from.name)))?,
            }
        }
        // Last, since it may take the right to write away.
        Ok(fchmod(&target, permissions(&entry::metadata(&source)?))?)
    }
}

fn open(place: &Place, flags: OFlags) -> Result<OwnedFd> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(&place.parent, &place.name, flags, Mode::empty())?)
}

fn place(directory: &OwnedFd) -> Result<Place> {
    Ok(Place {
        parent: directory.as_fd().try_clone_to_owned()?,
        name: Vec::new(),
    })
}

fn permissions(metadata: &Metadata) -> Mode {
    Mode::from_raw_mode(u32::from(metadata.stx_mode) & 0o777)
}
