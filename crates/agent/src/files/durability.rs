//! Making content durable before it gets its name.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::thread::{self, JoinHandle};

use rustix::fs::{fstatfs, fsync};
use rustix::io::Errno;

use super::error::Result;

/// ext2 to ext4 and XFS (statfs(2)).
const ORDERED: [i64; 2] = [0xEF53, 0x5846_5342];

/// How much more of a file comes before what there is of it is made durable, in bytes.
const FLUSHED_BYTES: u64 = 16 * 1024 * 1024;

/// Makes a file durable while more of it is written.
///
/// A disk with a cache that is lost with the power, as many virtual machines have, stores what it was given when it is told
/// to flush. Told once, at the end, it idled during a large upload, which then waited for half as long again.
#[derive(Debug, Default)]
pub(crate) struct Flushes {
    /// The one that is under way, in a thread of its own: it may take long, and nothing must queue behind it.
    running: Option<JoinHandle<io::Result<()>>>,
    /// How long the file was when it began.
    begun_at: u64,
    /// Why one failed. The kernel tells it once, and what is lost stays lost.
    failed: Option<Errno>,
}

impl Flushes {
    /// Begins with the next one if it is due, now that the file is so long. An error when any has failed.
    pub(crate) fn go_on(&mut self, file: &File, length: u64) -> Result<()> {
        if self.running.as_ref().is_none_or(JoinHandle::is_finished) {
            self.finish()?;
            if length - self.begun_at >= FLUSHED_BYTES {
                self.begun_at = length;
                // Where there is no descriptor or thread for it, all is left to the end.
                self.running = file.try_clone().ok().and_then(|file| {
                    let flush = thread::Builder::new().name("flush".to_owned());
                    flush.spawn(move || file.sync_data()).ok()
                });
            }
        }
        Ok(())
    }

    /// Waits for the one that is under way. An error when any has failed.
    pub(crate) fn finish(&mut self) -> Result<()> {
        if let Some(running) = self.running.take() {
            let ended = running.join().expect("a system call does not panic");
            if let Err(error) = ended {
                self.failed = Some(Errno::from_io_error(&error).unwrap_or(Errno::IO));
            }
        }
        self.failed.map_or(Ok(()), |errno| Err(errno.into()))
    }
}

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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn a_flush_is_begun_for_each_part() {
        let mut file = tempfile::tempfile().unwrap();
        let mut flushes = Flushes::default();
        for part in 1..=3 {
            file.write_all(b"more").unwrap();
            let due = part * FLUSHED_BYTES;
            flushes.go_on(&file, due - 1).unwrap();
            assert!(flushes.running.is_none(), "there is too little");
            flushes.go_on(&file, due).unwrap();
            assert!(flushes.running.is_some());
            flushes.finish().unwrap();
        }
    }

    #[test]
    fn one_flush_is_under_way_at_a_time() {
        let (reader, writer) = io::pipe().unwrap();
        let waiting = move || reader.take(1).read_to_end(&mut Vec::new()).map(drop);
        let mut flushes = Flushes {
            running: Some(thread::spawn(waiting)),
            ..Flushes::default()
        };
        let file = tempfile::tempfile().unwrap();
        flushes.go_on(&file, FLUSHED_BYTES).unwrap();
        assert_eq!(flushes.begun_at, 0);
        drop(writer);
        flushes.finish().unwrap();
        flushes.go_on(&file, FLUSHED_BYTES).unwrap();
        assert_eq!(flushes.begun_at, FLUSHED_BYTES);
    }

    #[test]
    fn what_was_lost_once_is_told_every_time() {
        // The kernel flushes no such file.
        let file = File::options().write(true).open("/dev/null").unwrap();
        let mut flushes = Flushes::default();
        flushes.go_on(&file, FLUSHED_BYTES).unwrap();
        flushes.finish().unwrap_err();
        flushes.go_on(&file, 0).unwrap_err();
        flushes.finish().unwrap_err();
    }
}
