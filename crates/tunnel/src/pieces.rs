//! Copies in pieces.
//!
//! glibc before 2.40 copies more than 2 KiB with `rep movsb` where the processor says that this is fast. AMD's Zen 3 and 4 say
//! so, and are up to thirty times slower (2.7 of 89 GB/s, measured on Zen 3) where the destination lies 1 to 31 bytes further in
//! its page of 4 KiB than the source does in its own (glibc bug 30994), as behind a header it mostly does: a quarter of the time
//! of a transfer through the tunnel went there. Smaller copies never take that way, and are no slower elsewhere.

use std::io::IoSlice;

use bytes::BytesMut;
use tokio::io::ReadBuf;

/// Never copied that way, whatever the processor has, in bytes.
const PIECE: usize = 2 << 10;

/// How many are written together at most.
const TOGETHER: usize = 64;

/// Appends to a buffer.
pub(crate) fn append(to: &mut BytesMut, bytes: &[u8]) {
    to.reserve(bytes.len());
    for piece in bytes.chunks(PIECE) {
        to.extend_from_slice(piece);
    }
}

/// Fills a buffer that is read into; there must be room.
pub(crate) fn fill(to: &mut ReadBuf<'_>, bytes: &[u8]) {
    for piece in bytes.chunks(PIECE) {
        to.put_slice(piece);
    }
}

/// What is written in one go, for a writer that copies it: TLS does.
pub(crate) fn slices<'a>(
    bytes: &'a [u8],
    room: &'a mut [IoSlice<'a>; TOGETHER],
) -> &'a [IoSlice<'a>] {
    let pieces = bytes.chunks(PIECE).zip(room.iter_mut());
    let count = pieces
        .map(|(piece, slice)| *slice = IoSlice::new(piece))
        .count();
    &room[..count]
}

/// Room for [`slices`].
pub(crate) fn room<'a>() -> [IoSlice<'a>; TOGETHER] {
    [IoSlice::new(&[]); TOGETHER]
}
