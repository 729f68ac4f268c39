//! The last bytes of a stream, each with its absolute offset, in chunks that are allocated as they
//! are used.

use std::collections::VecDeque;

/// The unit in which memory is taken and old bytes are given up. Also the largest frame that is
/// sent: above 32 KiB a larger frame gains nothing (tunnel study, section 2).
pub(crate) const CHUNK_BYTES: usize = 32 * 1024;

/// The last bytes of a stream.
///
/// Invariant: all chunks but the last are full, so that an offset is found by division.
pub(crate) struct Ring {
    chunks: VecDeque<Box<[u8]>>,
    /// How much of the last chunk is filled.
    filled: usize,
    /// The offset of the oldest byte held.
    start: u64,
    chunk_bytes: usize,
    chunks_max: usize,
}

impl Ring {
    /// A ring that holds at most `capacity` bytes, and when it is full never less than one chunk
    /// below that. The capacity is rounded to whole chunks, two at least.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::with_chunks(capacity / CHUNK_BYTES, CHUNK_BYTES)
    }

    fn with_chunks(chunks_max: usize, chunk_bytes: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            filled: 0,
            start: 0,
            chunk_bytes,
            chunks_max: chunks_max.max(2),
        }
    }

    /// The offset of the oldest byte held.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// The offset after the newest byte.
    pub(crate) fn end(&self) -> u64 {
        let full = self.chunks.len().saturating_sub(1) * self.chunk_bytes;
        self.start + (full + self.filled) as u64
    }

    /// How many bytes fit before the oldest are given up.
    pub(crate) fn room(&self) -> usize {
        let held = usize::try_from(self.end() - self.start).expect("the ring is in memory");
        self.chunks_max * self.chunk_bytes - held
    }

    /// Space for the next bytes, never empty; [`Ring::advance`] says how much of it was used. When
    /// the oldest chunk has to go for it, `evicted` sees it once more.
    pub(crate) fn spare(&mut self, evicted: impl FnOnce(&[u8])) -> &mut [u8] {
        if self.chunks.is_empty() || self.filled == self.chunk_bytes {
            let chunk = if self.chunks.len() == self.chunks_max {
                let oldest = self
                    .chunks
                    .pop_front()
                    .expect("there are at least two chunks");
                evicted(&oldest);
                self.start += self.chunk_bytes as u64;
                oldest
            } else {
                vec![0; self.chunk_bytes].into_boxed_slice()
            };
            self.chunks.push_back(chunk);
            self.filled = 0;
        }
        let last = self
            .chunks
            .back_mut()
            .expect("a chunk has just been made sure of");
        &mut last[self.filled..]
    }

    /// Makes the first `count` bytes of the spare space part of the stream.
    pub(crate) fn advance(&mut self, count: usize) {
        self.filled += count;
        assert!(
            self.filled <= self.chunk_bytes,
            "more was used than there was"
        );
    }

    /// The bytes from `offset` on, at most `max` and at most a chunk's length, in two pieces of
    /// which the second may be empty. `None` when `offset` is not held.
    pub(crate) fn pieces(&self, offset: u64, max: usize) -> Option<[&[u8]; 2]> {
        let end = self.end();
        if offset < self.start || offset > end {
            return None;
        }
        let from = usize::try_from(offset - self.start).expect("the ring is in memory");
        let held = usize::try_from(end - offset).expect("the ring is in memory");
        let count = held.min(max).min(self.chunk_bytes);
        if count == 0 {
            return Some([&[], &[]]);
        }
        let (index, within) = (from / self.chunk_bytes, from % self.chunk_bytes);
        let first = count.min(self.chunk_bytes - within);
        let second = match self.chunks.get(index + 1) {
            Some(chunk) => &chunk[..count - first],
            None => &[],
        };
        Some([&self.chunks[index][within..within + first], second])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn push(ring: &mut Ring, mut bytes: &[u8], evicted: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let spare = ring.spare(|chunk| evicted.extend_from_slice(chunk));
            let count = spare.len().min(bytes.len());
            spare[..count].copy_from_slice(&bytes[..count]);
            ring.advance(count);
            bytes = &bytes[count..];
        }
    }

    fn read_all(ring: &Ring, mut offset: u64, max: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while offset < ring.end() {
            let pieces = ring.pieces(offset, max).expect("held");
            bytes.extend_from_slice(pieces[0]);
            bytes.extend_from_slice(pieces[1]);
            offset += (pieces[0].len() + pieces[1].len()) as u64;
        }
        bytes
    }

    #[test]
    fn an_empty_ring_takes_no_memory() {
        let ring = Ring::new(4 << 20);
        assert!(ring.chunks.is_empty());
        assert_eq!((ring.start(), ring.end(), ring.room()), (0, 0, 4 << 20));
        assert_eq!(ring.pieces(0, 10), Some([&[][..], &[][..]]));
        assert_eq!(ring.pieces(1, 10), None);
    }

    proptest! {
        /// What is held and what was evicted are together the whole stream, whatever the sizes.
        #[test]
        fn nothing_is_lost_or_doubled(
            chunks in 2_usize..6,
            chunk_bytes in 1_usize..9,
            writes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20),
            from in 0.0..1.0_f64,
            max in 1_usize..12,
        ) {
            let mut ring = Ring::with_chunks(chunks, chunk_bytes);
            let mut evicted = Vec::new();
            let all = writes.concat();
            for write in &writes {
                push(&mut ring, write, &mut evicted);
            }
            prop_assert_eq!(ring.end(), all.len() as u64);
            prop_assert_eq!(ring.start(), evicted.len() as u64);
            prop_assert_eq!(&all[..evicted.len()], &evicted[..]);
            prop_assert_eq!(ring.room(), chunks * chunk_bytes - (all.len() - evicted.len()));
            // Full, it holds all but at most one chunk of its capacity.
            if all.len() >= chunks * chunk_bytes {
                prop_assert!(all.len() - evicted.len() > (chunks - 1) * chunk_bytes);
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss,
                clippy::cast_precision_loss, reason = "small and positive")]
            let offset = ring.start() + ((ring.end() - ring.start()) as f64 * from) as u64;
            let tail = usize::try_from(offset).expect("small");
            prop_assert_eq!(read_all(&ring, offset, max), &all[tail..]);
            prop_assert!(ring.start() == 0 || ring.pieces(ring.start() - 1, 1).is_none());
            prop_assert!(ring.pieces(ring.end() + 1, 1).is_none());
        }
    }
}
