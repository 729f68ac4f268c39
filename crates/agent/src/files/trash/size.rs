//! How much an entry takes on the disk.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statx};

use crate::files::entry;
use crate::files::list::each_entry;
use crate::files::root::Place;

/// How deep is looked: each level keeps a descriptor open. What lies deeper is not counted.
const DEPTH_MAX: usize = 64;

/// The bytes that an entry with all below it takes. What cannot be read counts for nothing.
pub(super) fn measure(place: &Place) -> u64 {
    of(&place.parent, &place.name, 0)
}

fn of(parent: &OwnedFd, name: &[u8], depth: usize) -> u64 {
    let Ok(metadata) = statx(parent, name, AtFlags::SYMLINK_NOFOLLOW, entry::MASK) else {
        return 0;
    };
    let own = metadata.stx_blocks * 512;
    if entry::file_type(&metadata) != FileType::Directory || depth >= DEPTH_MAX {
        return own;
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(directory) = openat(parent, name, flags, Mode::empty()) else {
        return own;
    };
    let mut below = 0;
    let _ = each_entry(&directory, |name, _| {
        below += of(&directory, name, depth + 1);
        Ok(())
    });
    own + below
}
