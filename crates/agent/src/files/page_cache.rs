//! How much of what is written stays in the kernel's memory.

use std::fs::File;
use std::io::IoSlice;
use std::sync::LazyLock;

use rustix::io::{Errno, ReadWriteFlags, Result, pwritev, pwritev2};
use rustix::system::uname;

/// How much of a file stays when it was written, in bytes. What comes after that leaves as soon as it is on the disk: a
/// large upload would push out what the workspace works with, would count as its memory, and on a virtual machine the
/// pages that it takes instead may have to be fetched from the host one by one.
const KEPT: u64 = 16 * 1024 * 1024;

/// `RWF_DONTCACHE` (Linux 6.14, readv(2)).
const DONT_CACHE: ReadWriteFlags =
    ReadWriteFlags::from_bits_retain(libc::RWF_DONTCACHE.cast_unsigned());

/// From which version on it is used: 6.15 has it switched off, since pages could be let go while they were written again
/// (Linux commit 478ad02d6844), and 6.16 is the first in which that is mended.
const SOUND_FROM: (u32, u32) = (6, 16);

static IS_SOUND: LazyLock<bool> =
    LazyLock::new(|| version(uname().release().to_bytes()).is_some_and(|own| own >= SOUND_FROM));

/// What is known of writing one file past the page cache.
#[derive(Debug)]
pub(super) struct PageCache {
    /// Whether its file system can, too, as far as is known.
    can_pass: bool,
}

impl Default for PageCache {
    fn default() -> Self {
        Self {
            can_pass: *IS_SOUND,
        }
    }
}

impl PageCache {
    /// Writes at `offset`, as much as goes in one call.
    pub(super) fn write(
        &mut self,
        file: &File,
        slices: &[IoSlice<'_>],
        offset: u64,
    ) -> Result<usize> {
        if self.can_pass && offset >= KEPT {
            match pwritev2(file, slices, offset, DONT_CACHE) {
                Err(Errno::OPNOTSUPP) => self.can_pass = false,
                result => return result,
            }
        }
        pwritev(file, slices, offset)
    }
}

/// The first two numbers of a kernel's release, such as `6.18.44-generic`.
fn version(release: &[u8]) -> Option<(u32, u32)> {
    let mut numbers = std::str::from_utf8(release).ok()?.split(['.', '-', '+']);
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_told_apart_by_their_first_two_numbers() {
        for (release, expected) in [
            ("6.18.44-fc", Some((6, 18))),
            ("6.1.0-18-amd64", Some((6, 1))),
            ("7.0-rc1", Some((7, 0))),
            ("6.16+", Some((6, 16))),
            ("6", None),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(version(release.as_bytes()), expected, "{release}");
        }
        assert!((6, 9) < SOUND_FROM && (10, 0) > SOUND_FROM);
    }
}
