//! The base protocol (LSP 3.17, “Base Protocol”): messages with a header that gives their length.

/// The longest header, in bytes. Servers send one or two short fields.
const HEADER_MAX: usize = 4 * 1024;

/// What a program that speaks no LSP has said, in bytes, as far as it is shown.
const EXCERPT_MAX: usize = 200;

/// Why what a server writes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FramingError {
    #[error("it does not speak the protocol: it wrote “{0}” where a header should stand")]
    Header(String),
    #[error("it announced a message of {0} bytes, which is more than {1}")]
    TooLong(u64, usize),
    #[error("it wrote a message that is not JSON-RPC in UTF-8")]
    NotJson,
}

/// A message with its header.
pub(super) fn framed(message: &str) -> Vec<u8> {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", message.len()).into_bytes();
    bytes.extend_from_slice(message.as_bytes());
    bytes
}

/// Takes a stream of bytes apart.
#[derive(Debug)]
pub(super) struct Frames {
    buffer: Vec<u8>,
    /// Where what was not taken yet begins.
    start: usize,
    /// The length of the message whose header was read.
    expected: Option<usize>,
    message_max: usize,
}

impl Frames {
    /// Nothing yet; messages have at most `message_max` bytes.
    pub(super) fn new(message_max: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            expected: None,
            message_max,
        }
    }

    /// Takes in what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message.
    pub(super) fn next(&mut self) -> Result<Option<String>, FramingError> {
        let length = match self.expected {
            Some(length) => length,
            None => match self.header()? {
                Some(length) => length,
                None => return Ok(None),
            },
        };
        self.expected = Some(length);
        let rest = &self.buffer[self.start..];
        if rest.len() < length {
            return Ok(None);
        }
        let message = std::str::from_utf8(&rest[..length])
            .map_err(|_| FramingError::NotJson)?
            .to_owned();
        self.start += length;
        self.expected = None;
        if self.start == self.buffer.len() {
            // A large message's memory is given back.
            self.buffer = Vec::new();
            self.start = 0;
        }
        Ok(Some(message))
    }

    /// Reads a header; the length that it gives.
    fn header(&mut self) -> Result<Option<usize>, FramingError> {
        let rest = &self.buffer[self.start..];
        let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") else {
            let begun = rest.len().min(HEADER_MAX);
            // What can no longer become a header is known before it ends.
            if rest.len() > HEADER_MAX || !plausible(&rest[..begun]) {
                return Err(FramingError::Header(excerpt(rest)));
            }
            return Ok(None);
        };
        let header = &rest[..end];
        let length = std::str::from_utf8(header)
            .ok()
            .and_then(content_length)
            .ok_or_else(|| FramingError::Header(excerpt(rest)))?;
        let fits = usize::try_from(length)
            .ok()
            .filter(|length| *length <= self.message_max)
            .ok_or(FramingError::TooLong(length, self.message_max))?;
        self.start += end + 4;
        Ok(Some(fits))
    }
}

/// Whether a header may begin like this: each of its lines is a field's name and a colon.
fn plausible(begun: &[u8]) -> bool {
    begun.split(|byte| *byte == b'\n').all(|line| {
        line.iter()
            .take_while(|byte| **byte != b':')
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'\r'))
    })
}

fn content_length(header: &str) -> Option<u64> {
    let mut length = None;
    for line in header.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().ok()?);
        }
    }
    length
}

fn excerpt(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(EXCERPT_MAX)];
    String::from_utf8_lossy(bytes)
        .trim()
        .escape_debug()
        .to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is understood of a stream that is read in pieces of `step` bytes.
    fn understand(bytes: &[u8], step: usize) -> Result<Vec<String>, FramingError> {
        let mut frames = Frames::new(1000);
        let mut messages = Vec::new();
        for piece in bytes.chunks(step) {
            frames.push(piece);
            while let Some(message) = frames.next()? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    #[test]
    fn other_fields_and_other_cases_are_read() {
        let bytes = b"content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}";
        assert_eq!(understand(bytes, 1), Ok(vec!["{}".to_owned()]));
    }

    #[test]
    fn what_is_no_header_is_said_as_soon_as_it_is_known() {
        for garbage in [
            &b"npm warn exec The following package was not found\n"[..],
            b"Usage: server [options]\r\n\r\n",
            b"Content-Length: many\r\n\r\n",
            b"Content-Length: -1\r\n\r\n",
            b"Content-Type: x\r\n\r\n",
            b"\x7fELF\x02\x01",
        ] {
            let error = understand(garbage, 7).expect_err("garbage");
            assert!(matches!(error, FramingError::Header(_)), "{error}");
        }
        let endless = [b'a'; HEADER_MAX + 1];
        assert!(matches!(
            understand(&endless, 512),
            Err(FramingError::Header(_))
        ));
        assert_eq!(
            understand(b"Content-Length: 1001\r\n\r\n", 64),
            Err(FramingError::TooLong(1001, 1000))
        );
        assert_eq!(
            understand(b"Content-Length: 1\r\n\r\n\xff", 64),
            Err(FramingError::NotJson)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Any cutting into reads gives the same messages.
        #[test]
        fn cuts_do_not_matter(
            messages in prop::collection::vec("[a-zé\r\n:{}]{0,300}", 0..6),
            step in 1_usize..400,
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
            prop_assert_eq!(understand(&bytes, step), Ok(messages));
        }

        /// Nothing that a program writes makes the reader fail but in the ways that it names, or hold
        /// more than a header and a message.
        #[test]
        fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..3000), step in 1_usize..64) {
            let mut frames = Frames::new(1000);
            for piece in bytes.chunks(step) {
                frames.push(piece);
                loop {
                    match frames.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(frames.buffer.len() <= HEADER_MAX + 1000 + step);
            }
        }
    }
}
