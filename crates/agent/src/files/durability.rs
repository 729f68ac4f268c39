//! Making content durable before it gets its name.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd as _;

use rustix::fs::{fstatfs, fsync};

use super::error::Result;

/// ext2 to ext4 and XFS (statfs(2)).
const ORDERED: [i64; 2] = [0xEF53, 0x5846_5342];

/// Makes sure that whoever sees the file under a new name after a power cut sees all of it. The
/// caller then renames it and synchronises the directory.
///
/// On file systems with one journal it is enough that the data, and with it the size, went out
/// before the rename: the journal is ordered, so the one commit that makes the rename durable makes
/// the rest durable with it. That halves the commits, and with them the time of a small write.
/// Anywhere else the file is synchronised by itself first.
pub(crate) fn flush(file: &File) -> Result<()> {
    let ordered = fstatfs(file).is_ok_and(|fs| ORDERED.contains(&fs.f_type));
    if ordered && write_out(file).is_ok() {
        return Ok(());
    }
    // Also tells apart what went wrong with writing out.
    Ok(fsync(file)?)
}

/// Lets the disk begin to write a part of a file, so that less is left to do at the end, and a large
/// upload does not fill the memory with what is still to be written.
pub(crate) fn begin_write_out(file: &File, range: Range<u64>) {
    let (Ok(offset), Ok(length)) = (range.start.try_into(), (range.end - range.start).try_into())
    else {
        return;
    };
    if length > 0 {
        // It is only a hint.
        let _ = sync_range(file, offset, length, libc::SYNC_FILE_RANGE_WRITE);
    }
}

/// Writes all pages out and waits for it.
fn write_out(file: &File) -> io::Result<()> {
    let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE
        | libc::SYNC_FILE_RANGE_WRITE
        | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    sync_range(file, 0, 0, flags)
}

/// `sync_file_range(2)`; a length of 0 means up to the end.
fn sync_range(file: &File, offset: i64, length: i64, flags: libc::c_uint) -> io::Result<()> {
    #[expect(unsafe_code, reason = "rustix does not offer sync_file_range")]
    // SAFETY: takes no pointers; the descriptor is open for as long as `file` is borrowed.
    let result = unsafe { libc::sync_file_range(file.as_raw_fd(), offset, length, flags) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
