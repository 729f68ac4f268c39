//! Deleting, whole trees too, without following a link.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

use super::error::{FileError, Reason, Result};
use super::list::each_entry;
use super::path::{RelativePath, encode};
use super::root::RootDir;

/// How many directories are open at once. What lies deeper is first moved up, so that a tree of any
/// depth can be deleted with few descriptors and little stack.
const DEPTH_MAX: usize = 64;

/// Deletes the entry that `path` names (a link itself, not its target).
pub(crate) fn delete(root: &RootDir, path: &RelativePath, recursive: bool) -> Result<()> {
    let place = root.for_writing()?.locate(path)?;
    if recursive {
        remove(&place.parent, &place.name)?;
    } else {
        match unlinkat(&place.parent, &place.name, AtFlags::empty()) {
            Err(Errno::ISDIR) => unlinkat(&place.parent, &place.name, AtFlags::REMOVEDIR)?,
            result => result?,
        }
    }
    place.sync()
}

/// Removes an entry with all it holds.
pub(crate) fn remove(parent: impl AsFd, name: &[u8]) -> Result<()> {
    match unlinkat(&parent, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => {}
        result => return Ok(result?),
    }
    let directory = open(&parent, name)?;
    empty(&directory, &directory, &mut 0, 1)?;
    Ok(unlinkat(&parent, name, AtFlags::REMOVEDIR)?)
}

/// Removes all that `directory` holds, moving what lies too deep up to `top`.
fn empty(directory: &OwnedFd, top: &OwnedFd, moved: &mut u64, depth: usize) -> Result<()> {
    loop {
        let mut directories = Vec::new();
        let mut found = false;
        each_entry(directory, |name, kind| {
            found = true;
            if kind == FileType::Directory {
                directories.push(name.to_vec());
                return Ok(());
            }
            match unlinkat(directory, name, AtFlags::empty()) {
                // Someone else was faster, or made it a directory: the next round sees.
                Ok(()) | Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
                Err(errno) => Err(FileError::from(errno).about(|| encode(name))),
            }
        })?;
        if !found {
            return Ok(());
        }
        for name in directories {
            let result = if depth < DEPTH_MAX {
                remove_directory(directory, &name, top, moved, depth)
            } else {
                *moved += 1;
                let hoisted = format!(".atelier-deleted-{moved}");
                renameat(directory, &name, top, hoisted).map_err(FileError::from)
            };
            match result {
                Err(error) if *error.reason() != Reason::NotFound => {
                    return Err(error.about(|| encode(&name)));
                }
                _ => {}
            }
        }
    }
}

fn remove_directory(
    parent: &OwnedFd,
    name: &[u8],
    top: &OwnedFd,
    moved: &mut u64,
    depth: usize,
) -> Result<()> {
    let directory = match open(parent, name) {
        Ok(directory) => directory,
        // Replaced by a file or a link meanwhile: the next round removes that.
        Err(error) if matches!(error.reason(), Reason::NotDirectory | Reason::TooManyLinks) => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    empty(&directory, top, moved, depth + 1)?;
    match unlinkat(parent, name, AtFlags::REMOVEDIR) {
        // Something came in meanwhile: the next round removes that, too.
        Err(Errno::NOTEMPTY | Errno::NOTDIR) => Ok(()),
        result => Ok(result?),
    }
}

fn open(parent: impl AsFd, name: &[u8]) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(parent, name, flags, Mode::empty())?)
}
