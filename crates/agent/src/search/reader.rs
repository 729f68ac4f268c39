//! Reading files to search them: small ones at once, large ones in parts.
//!
//! Nothing is mapped: a mapped file that becomes shorter would end the agent, and with it every terminal.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::io::read;

/// Up to this size a file is read at once, in bytes.
const WHOLE_BYTES: u64 = 256 * 1024;

/// A file's content, as it is searched.
pub(super) enum Content<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// To be read on.
    Parts(File),
}

/// Reads a file of `size` bytes into `buffer`, or leaves it to be read in parts.
pub(super) fn begin(file: OwnedFd, size: u64, buffer: &mut Vec<u8>) -> io::Result<Content<'_>> {
    buffer.clear();
    if size > WHOLE_BYTES {
        return Ok(Content::Parts(file.into()));
    }
    if size == 0 {
        return Ok(Content::Whole(buffer));
    }
    // One byte more than it has: so the first read tells, too, that nothing follows.
    let wanted = usize::try_from(size).expect("a small file") + 1;
    buffer.reserve(wanted);
    loop {
        let room = buffer.capacity() - buffer.len();
        // A regular file gives less than was asked for only at its end.
        if room == 0 || read(&file, spare_capacity(buffer))? < room {
            break;
        }
    }
    Ok(Content::Whole(buffer))
}

/// Ends reading when the search is to stop.
pub(super) struct Stoppable<'a, R, F> {
    pub(super) inner: R,
    pub(super) stopped: &'a F,
}

impl<R: Read, F: Fn() -> bool> Read for Stoppable<'_, R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.stopped)() {
            return Err(io::Error::other("the search was ended"));
        }
        self.inner.read(buffer)
    }
}
