//! Changes of the tree that are one system call: make a directory, move, set permissions.

use rustix::fs::{FileType, Mode, OFlags, mkdirat};
use rustix::io::Errno;

use super::entry::{file_type, metadata};
use super::error::{FileError, Reason, Result};
use super::path::RelativePath;
use super::root::{O_DIRECTORY_PATH, Place, RootDir, set_mode};
use super::temporary::{Existing, replace};

/// The mode of a new directory, less the umask.
const DIRECTORY: Mode = Mode::from_raw_mode(0o777);

/// Makes a directory in one that exists.
pub(crate) fn create_directory(root: &RootDir, path: &RelativePath) -> Result<()> {
    if path.is_root() {
        return Err(Reason::Exists.into());
    }
    let place = root.for_writing()?.locate(path)?;
    mkdirat(&place.parent, &place.name, DIRECTORY)?;
    place.sync()
}

/// Makes a directory and those above it, as far as they are missing.
pub(crate) fn create_directories(root: &RootDir, path: &RelativePath) -> Result<()> {
    root.for_writing()?;
    let mut lowest = None;
    let mut here = RelativePath::default();
    for name in path.as_bytes().split(|byte| *byte == b'/') {
        if path.is_root() {
            break;
        }
        here = here.join(name);
        match root.open_at(&here, O_DIRECTORY_PATH) {
            Ok(_) => continue,
            Err(error) if *error.reason() == Reason::NotFound => {}
            Err(error) if *error.reason() == Reason::NotDirectory && here == *path => {
                return Err(Reason::Exists.into());
            }
            Err(error) => return Err(error.about(|| here.wire())),
        }
        let place = root.locate(&here)?;
        match mkdirat(&place.parent, &place.name, DIRECTORY) {
            Ok(()) => lowest = Some(place),
            // Someone else was faster; or it is a link to nowhere, which the next step finds.
            Err(Errno::EXIST) => {
                root.open_at(&here, O_DIRECTORY_PATH)
                    .map_err(|_| FileError::from(Reason::Exists).about(|| here.wire()))?;
            }
            Err(errno) => return Err(FileError::from(errno).about(|| here.wire())),
        }
    }
    // With a journal, the last change takes the earlier ones along.
    lowest.map_or(Ok(()), |place: Place| place.sync())
}

/// Moves the entry that `from` names (a link itself, not its target).
pub(crate) fn move_entry(
    root: &RootDir,
    from: &RelativePath,
    to: &RelativePath,
    existing: Existing,
) -> Result<()> {
    let about_from = |error: FileError| error.about(|| from.wire());
    let source = root.for_writing()?.locate(from).map_err(about_from)?;
    source.existing().map_err(about_from)?;
    let destination = root.locate(to)?;
    replace(&source, &destination, existing)?;
    destination.sync()?;
    source.sync()
}

/// Sets the nine permission bits of what `path` leads to.
pub(crate) fn update_mode(root: &RootDir, path: &RelativePath, mode: u32) -> Result<()> {
    let fd = root.for_writing()?.open_at(path, OFlags::PATH)?;
    let current = metadata(&fd)?;
    if !matches!(
        file_type(&current),
        FileType::RegularFile | FileType::Directory
    ) {
        return Err(Reason::NotRegular.into());
    }
    let special = u32::from(current.stx_mode) & 0o7000;
    set_mode(&fd, Mode::from_raw_mode(special | mode))
}
