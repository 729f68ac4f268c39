//! Reading frames.

use std::io::{self, Cursor};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::Closing;

/// What is read from the socket at once. A PTY takes 4 KiB at a time.
const BUFFER_BYTES: usize = 8 * 1024;

/// The longest text message, unless more is allowed; the control messages are far shorter.
const TEXT_MAX_BYTES: usize = 4 * 1024;

/// The longest payload of a control frame (RFC 6455 §5.5).
const CONTROL_MAX_BYTES: u64 = 125;

/// Something that the peer sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    /// Some bytes of a binary message; where messages begin and end has no meaning here.
    Binary(&'a [u8]),
    /// A whole text message.
    Text(String),
    /// A ping, to be answered with the same bytes.
    Ping(Vec<u8>),
    /// An answer to our ping.
    Pong,
    /// The peer wants to close.
    Close,
}

/// Why nothing more can be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The connection is gone.
    Gone,
    /// The peer sent what it must not send.
    Violation(Closing),
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// The frame whose payload is being read.
struct Frame {
    opcode: OpCode,
    last: bool,
    remaining: u64,
    mask: [u8; 4],
}

/// The message that a continuation frame continues.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Binary,
    Text,
}

/// Reads what the peer sends.
pub(crate) struct Reader<R> {
    io: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    frame: Option<Frame>,
    message: Option<Message>,
    text: Vec<u8>,
    text_max_bytes: usize,
    control: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(io: R) -> Self {
        Self {
            io,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            frame: None,
            message: None,
            text: Vec::new(),
            text_max_bytes: TEXT_MAX_BYTES,
            control: Vec::new(),
        }
    }

    /// Allows text messages of so many bytes.
    pub(crate) fn allow_text(&mut self, max_bytes: usize) {
        self.text_max_bytes = max_bytes;
    }

    /// The next thing that the peer sent. Safe to cancel: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> Result<Incoming<'_>, ReadError> {
        loop {
            let Some(frame) = &mut self.frame else {
                if !self.begin_frame()? {
                    self.fill().await?;
                }
                continue;
            };
            let wanted = usize::try_from(frame.remaining).unwrap_or(usize::MAX);
            let count = wanted.min(self.end - self.start);
            if count == 0 && wanted > 0 {
                self.fill().await?;
                continue;
            }
            let (from, to) = (self.start, self.start + count);
            unmask(&mut self.buffer[from..to], &mut frame.mask);
            frame.remaining -= count as u64;
            self.start = to;
            let (opcode, last, done) = (frame.opcode, frame.last, frame.remaining == 0);
            if done {
                self.frame = None;
            }
            if let OpCode::Control(control) = opcode {
                self.control.extend_from_slice(&self.buffer[from..to]);
                if done {
                    let payload = std::mem::take(&mut self.control);
                    return Ok(match control {
                        Control::Ping => Incoming::Ping(payload),
                        Control::Close => Incoming::Close,
                        _ => Incoming::Pong,
                    });
                }
            } else if self.message == Some(Message::Text) {
                self.text.extend_from_slice(&self.buffer[from..to]);
                if self.text.len() > self.text_max_bytes {
                    return Err(violation(Closing::TOO_BIG, "A text message is too long."));
                }
                if done && last {
                    self.message = None;
                    let text = String::from_utf8(std::mem::take(&mut self.text));
                    return text.map(Incoming::Text).map_err(|_| {
                        violation(Closing::NOT_UTF8, "A text message is not valid UTF-8.")
                    });
                }
            } else {
                if done && last {
                    self.message = None;
                }
                if count > 0 {
                    return Ok(Incoming::Binary(&self.buffer[from..to]));
                }
            }
        }
    }

    /// Reads the next frame's header from the buffer; false when it is not complete yet.
    fn begin_frame(&mut self) -> Result<bool, ReadError> {
        let mut cursor = Cursor::new(&self.buffer[self.start..self.end]);
        let (header, length) = match FrameHeader::parse(&mut cursor) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return Ok(false),
            Err(_) => return Err(violation(Closing::PROTOCOL, "A frame's type is unknown.")),
        };
        self.start += usize::try_from(cursor.position()).expect("a header is short");
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(violation(
                Closing::PROTOCOL,
                "A reserved bit is set; none was agreed on.",
            ));
        }
        let Some(mask) = header.mask else {
            return Err(violation(Closing::PROTOCOL, "A frame is not masked."));
        };
        if length > u64::MAX >> 1 {
            return Err(violation(
                Closing::PROTOCOL,
                "A frame's length is not possible.",
            ));
        }
        let message = self.message;
        match header.opcode {
            OpCode::Control(_) if !header.is_final || length > CONTROL_MAX_BYTES => {
                return Err(violation(
                    Closing::PROTOCOL,
                    "A control frame is cut or too long.",
                ));
            }
            OpCode::Control(_) => {}
            OpCode::Data(Data::Continue) if message.is_none() => {
                return Err(violation(
                    Closing::PROTOCOL,
                    "There is no message to be continued.",
                ));
            }
            OpCode::Data(Data::Continue) => {}
            OpCode::Data(_) if message.is_some() => {
                return Err(violation(
                    Closing::PROTOCOL,
                    "A message begins inside another.",
                ));
            }
            OpCode::Data(Data::Text) => self.message = Some(Message::Text),
            OpCode::Data(_) => self.message = Some(Message::Binary),
        }
        self.frame = Some(Frame {
            opcode: header.opcode,
            last: header.is_final,
            remaining: length,
            mask,
        });
        Ok(true)
    }

    async fn fill(&mut self) -> Result<(), ReadError> {
        // Only a part of a header can be left over; it moves to the front.
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        match self.io.read(&mut self.buffer[self.end..]).await? {
            0 => Err(ReadError::Gone),
            count => {
                self.end += count;
                Ok(())
            }
        }
    }
}

fn violation(code: u16, detail: &str) -> ReadError {
    ReadError::Violation(Closing::new(code, detail))
}

/// Takes the mask off, and turns it so that it fits the bytes that follow.
fn unmask(bytes: &mut [u8], mask: &mut [u8; 4]) {
    let mut chunks = bytes.chunks_exact_mut(4);
    for chunk in &mut chunks {
        for (byte, mask) in chunk.iter_mut().zip(&*mask) {
            *byte ^= mask;
        }
    }
    let rest = chunks.into_remainder();
    for (byte, mask) in rest.iter_mut().zip(&*mask) {
        *byte ^= mask;
    }
    mask.rotate_left(rest.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a peer's bytes are understood as, read in pieces of `step` bytes.
    fn understand(bytes: &[u8], step: usize) -> (Vec<u8>, Vec<String>, usize, Option<u16>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("runtime");
        runtime.block_on(async {
            let (mut peer, io) = tokio::io::duplex(step);
            let bytes = bytes.to_vec();
            let writing = tokio::spawn(async move {
                // The reader stops at a violation.
                let _ = tokio::io::AsyncWriteExt::write_all(&mut peer, &bytes).await;
            });
            let mut reader = Reader::new(io);
            let (mut binary, mut texts, mut pings, mut code) = (Vec::new(), Vec::new(), 0, None);
            loop {
                match reader.next().await {
                    Ok(Incoming::Binary(bytes)) => binary.extend_from_slice(bytes),
                    Ok(Incoming::Text(text)) => texts.push(text),
                    Ok(Incoming::Ping(_)) => pings += 1,
                    Ok(Incoming::Pong) => {}
                    Ok(Incoming::Close) | Err(ReadError::Gone) => break,
                    Err(ReadError::Violation(closing)) => {
                        code = Some(closing.code);
                        break;
                    }
                }
            }
            drop(reader);
            writing.await.expect("written");
            (binary, texts, pings, code)
        })
    }

    fn masked(opcode: OpCode, payload: &[u8], last: bool) -> Vec<u8> {
        let mask = Some([0x12, 0x9a, 0xf3, 0x07]);
        let header = FrameHeader {
            is_final: last,
            opcode,
            mask,
            ..FrameHeader::default()
        };
        let mut bytes = Vec::new();
        header
            .format(payload.len() as u64, &mut bytes)
            .expect("formatted");
        let begin = bytes.len();
        bytes.extend_from_slice(payload);
        unmask(&mut bytes[begin..], &mut [0x12, 0x9a, 0xf3, 0x07]);
        bytes
    }

    const BINARY: OpCode = OpCode::Data(Data::Binary);
    const TEXT: OpCode = OpCode::Data(Data::Text);
    const CONTINUE: OpCode = OpCode::Data(Data::Continue);
    const PING: OpCode = OpCode::Control(Control::Ping);

    #[test]
    fn a_control_frame_may_stand_inside_a_message() {
        let bytes = [
            masked(TEXT, b"he", false),
            masked(PING, b"?", true),
            masked(CONTINUE, b"llo", true),
            masked(BINARY, b"", true),
            masked(BINARY, b"x", true),
        ]
        .concat();
        assert_eq!(
            understand(&bytes, 64),
            (b"x".to_vec(), vec!["hello".to_owned()], 1, None)
        );
    }

    #[test]
    fn what_must_not_be_sent_is_answered_with_its_code() {
        let unmasked = b"\x82\x01x".to_vec();
        let reserved_bit = {
            let mut bytes = masked(BINARY, b"x", true);
            bytes[0] |= 0x40;
            bytes
        };
        let unknown_type = {
            let mut bytes = masked(BINARY, b"x", true);
            bytes[0] = 0x83;
            bytes
        };
        let endless = [&[0x82, 0xff][..], &[0xff; 8], &[0; 4]].concat();
        for (name, bytes, code) in [
            ("unmasked", unmasked, 1002),
            ("reserved bit", reserved_bit, 1002),
            ("unknown type", unknown_type, 1002),
            ("impossible length", endless, 1002),
            ("continues nothing", masked(CONTINUE, b"x", true), 1002),
            ("cut ping", masked(PING, b"x", false), 1002),
            ("long ping", masked(PING, &[0; 126], true), 1002),
            (
                "message in message",
                [masked(BINARY, b"x", false), masked(BINARY, b"x", true)].concat(),
                1002,
            ),
            ("not UTF-8", masked(TEXT, &[0xff], true), 1007),
            (
                "long text",
                masked(TEXT, &[b'x'; TEXT_MAX_BYTES + 1], true),
                1009,
            ),
        ] {
            assert_eq!(understand(&bytes, 7).3, Some(code), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Any cutting into frames and reads gives the same bytes and texts.
        #[test]
        fn cuts_do_not_matter(
            messages in prop::collection::vec(
                (any::<bool>(), prop::collection::vec("[a-zé]{0,400}", 1..4)), 0..6),
            step in 1_usize..300,
        ) {
            let (mut bytes, mut binary, mut texts) = (Vec::new(), Vec::new(), Vec::new());
            for (is_text, parts) in &messages {
                for (index, part) in parts.iter().enumerate() {
                    let opcode = match (index, is_text) {
                        (0, true) => TEXT,
                        (0, false) => BINARY,
                        _ => CONTINUE,
                    };
                    bytes.extend(masked(opcode, part.as_bytes(), index + 1 == parts.len()));
                }
                if *is_text {
                    texts.push(parts.concat());
                } else {
                    binary.extend(parts.concat().into_bytes());
                }
            }
            prop_assert_eq!(understand(&bytes, step), (binary, texts, 0, None));
        }
    }
}
