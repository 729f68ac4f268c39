//! The WebSocket frames that carry bytes (RFC 6455 §5.2), made where the bytes are: a message of 64 KiB is not copied
//! once more to get its head.

use bytes::{Buf as _, BytesMut};
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::pieces;

/// The longest head: two bytes, the length in eight, the mask in four.
const HEAD_MAX: usize = 14;

/// A whole message of bytes.
const FINAL_BINARY: u8 = 0x82;

/// Set where a mask follows the length.
const MASKED: u8 = 0x80;

/// A message that is being gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// Room for the head, then the bytes; nothing at all before the first of them.
    buffer: BytesMut,
}

impl Gathered {
    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.buffer.len().saturating_sub(HEAD_MAX)
    }

    /// Adds bytes. The first ones make room, for so many in all.
    pub(crate) fn add(&mut self, bytes: &[u8], room: usize) {
        if self.buffer.is_empty() {
            self.buffer.reserve(HEAD_MAX + room);
            self.buffer.extend_from_slice(&[0; HEAD_MAX]);
        }
        pieces::append(&mut self.buffer, bytes);
    }

    /// The frame. What a client sends is masked (RFC 6455 §5.3).
    pub(crate) fn take(&mut self, role: Role) -> BytesMut {
        let length = self.len();
        let mut frame = std::mem::take(&mut self.buffer);
        let mut head = [0; HEAD_MAX];
        head[0] = FINAL_BINARY;
        let mut end = 2;
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ ..=125), _) => head[1] = length,
            (_, Ok(length)) => {
                head[1] = 126;
                head[2..4].copy_from_slice(&length.to_be_bytes());
                end = 4;
            }
            _ => {
                head[1] = 127;
                head[2..10].copy_from_slice(&(length as u64).to_be_bytes());
                end = 10;
            }
        }
        if role == Role::Client {
            let mask: [u8; 4] = rand::random();
            head[1] |= MASKED;
            head[end..end + 4].copy_from_slice(&mask);
            end += 4;
            apply(mask, &mut frame[HEAD_MAX..]);
        }
        let start = HEAD_MAX - end;
        frame[start..HEAD_MAX].copy_from_slice(&head[..end]);
        frame.advance(start);
        frame
    }
}

/// Masks, or takes the mask off.
fn apply(mask: [u8; 4], bytes: &mut [u8]) {
    let [a, b, c, d] = mask;
    let twice = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ twice).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::protocol::WebSocket;
    use tokio_tungstenite::tungstenite::{Bytes, Message};

    use super::*;

    /// What the other end reads of it, by the library.
    fn read(frame: &[u8], role: Role) -> Message {
        let mut socket = WebSocket::from_raw_socket(Cursor::new(frame.to_vec()), role, None);
        let message = socket.read().unwrap();
        let end = socket.get_ref().position();
        assert_eq!(end, frame.len() as u64, "nothing is left");
        message
    }

    #[test]
    fn the_other_end_reads_what_was_added_at_every_length() {
        let bytes: Vec<u8> = (0..70_000_u32)
            .map(|at| (at % 251).to_le_bytes()[0])
            .collect();
        for (own, other) in [(Role::Client, Role::Server), (Role::Server, Role::Client)] {
            for length in [
                1, 7, 8, 9, 125, 126, 127, 2_047, 2_049, 65_535, 65_536, 70_000,
            ] {
                let mut gathered = Gathered::default();
                let (first, rest) = bytes[..length].split_at(length / 3);
                gathered.add(first, 100);
                gathered.add(rest, 100);
                assert_eq!(gathered.len(), length);
                let frame = gathered.take(own);
                let expected = Message::Binary(Bytes::copy_from_slice(&bytes[..length]));
                assert_eq!(read(&frame, other), expected, "{own:?}, {length}");
                assert_eq!(gathered.len(), 0);
            }
        }
    }

    #[test]
    fn what_a_client_sends_has_a_mask_of_its_own_each_time() {
        let frame = || {
            let mut gathered = Gathered::default();
            gathered.add(&[0; 64], 64);
            gathered.take(Role::Client)
        };
        let frames = [frame(), frame(), frame()];
        assert!(frames.iter().any(|other| *other != frames[0]));
        assert!(frames.iter().any(|frame| frame[6..] != [0; 64]));
    }
}
