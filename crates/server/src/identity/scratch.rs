//! The working memory of one hash, mapped for it and unmapped after it. The allocator would keep its
//! pages: a third of what a server at rest holds.

use std::io;
use std::ptr::{NonNull, null_mut};

use argon2::Block;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// So many zeroed blocks, of 1 KiB each.
pub(super) struct Scratch {
    start: NonNull<Block>,
    blocks: usize,
}

impl Scratch {
    /// Maps the memory; its pages are taken as they are written.
    ///
    /// # Errors
    ///
    /// Fails where the system gives no memory, and for no blocks at all.
    pub(super) fn new(blocks: usize) -> io::Result<Self> {
        let bytes = blocks
            .checked_mul(Block::SIZE)
            .ok_or(io::ErrorKind::OutOfMemory)?;
        #[expect(
            unsafe_code,
            reason = "memory beside the allocator's is only to be had by a mapping"
        )]
        // SAFETY: the kernel chooses the address, so that nothing else lies there.
        let start = unsafe {
            mmap_anonymous(
                null_mut(),
                bytes,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }?;
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, blocks })
    }
}

impl AsMut<[Block]> for Scratch {
    fn as_mut(&mut self) -> &mut [Block] {
        #[expect(unsafe_code, reason = "a mapping is known by its address")]
        // SAFETY: the mapping is that long, begins at a page (blocks are aligned to 64 bytes), is
        // zeroed, which is a block of zeros, and belongs to this value alone.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.as_ptr(), self.blocks)
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a mapping is known by its address")]
        // SAFETY: it was mapped with this length, and no reference into it outlives this value.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.blocks * Block::SIZE) };
        if let Err(error) = unmapped {
            tracing::warn!(%error, "the memory of a password's hash stays mapped");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_blocks_are_zeroed_and_all_there() {
        let mut scratch = Scratch::new(19_456).unwrap();
        let blocks = scratch.as_mut();
        assert_eq!(blocks.len(), 19_456);
        assert!(blocks.iter().flat_map(AsRef::as_ref).all(|word| *word == 0));
        blocks[19_455].as_mut()[127] = 7;
        assert_eq!(scratch.as_mut()[19_455].as_ref()[127], 7);
    }

    #[test]
    fn what_the_system_cannot_give_is_an_error() {
        assert!(Scratch::new(0).is_err());
        assert!(Scratch::new(usize::MAX / Block::SIZE).is_err());
        assert!(Scratch::new(usize::MAX).is_err());
    }
}
