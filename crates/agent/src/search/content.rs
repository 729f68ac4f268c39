//! A file's text, whatever it is encoded in, and the same with other words in it.

use std::io;
use std::ops::Range;

use grep_searcher::{Searcher, Sink, SinkMatch};
use memchr::memchr;

use super::lines::without_ending;
use super::pattern::Pattern;

/// The marks that texts may begin with.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_LITTLE_MARK: &[u8] = b"\xff\xfe";
const UTF16_BIG_MARK: &[u8] = b"\xfe\xff";

/// How a text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// UTF-8 that begins with a mark.
    MarkedUtf8,
    Utf16Little,
    Utf16Big,
    /// Something else that writes ASCII as ASCII.
    Other,
}

/// A text, in memory as UTF-8, or as it is where it is encoded in something unknown.
#[derive(Debug)]
pub(super) struct Text {
    encoding: Encoding,
    bytes: Vec<u8>,
}

/// What can keep a text from being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ContentError {
    #[error("holds binary data. Nothing was replaced in it.")]
    Binary,
    #[error("is not valid UTF-16. Nothing was replaced in it.")]
    BrokenUtf16,
    #[error(
        "is not encoded in UTF-8, and the replacement is not plain ASCII. Convert it to UTF-8 first."
    )]
    NotUtf8,
    #[error("would become too large.")]
    TooLarge,
    #[error(
        "cannot be brought back: its old version was changed by a program that had it under another name."
    )]
    OldChanged,
    #[error("does not hold the matches that were named. Search again.")]
    NoMatch,
}

/// How large a text may become, in bytes.
const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;

impl Text {
    /// Reads a file's content.
    pub(super) fn decode(content: Vec<u8>) -> Result<Self, ContentError> {
        let (encoding, bytes) = if let Some(rest) = content.strip_prefix(UTF16_LITTLE_MARK) {
            (Encoding::Utf16Little, from_utf16(rest, u16::from_le_bytes)?)
        } else if let Some(rest) = content.strip_prefix(UTF16_BIG_MARK) {
            (Encoding::Utf16Big, from_utf16(rest, u16::from_be_bytes)?)
        } else if let Some(rest) = content.strip_prefix(UTF8_MARK) {
            (Encoding::MarkedUtf8, rest.to_vec())
        } else if std::str::from_utf8(&content).is_ok() {
            (Encoding::Utf8, content)
        } else {
            (Encoding::Other, content)
        };
        if memchr(0, &bytes).is_some() {
            return Err(ContentError::Binary);
        }
        Ok(Self { encoding, bytes })
    }

    /// Replaces those of the pattern's matches that `chosen` names, in order; all without. Answers with how
    /// many these are.
    pub(super) fn replace(
        &mut self,
        searcher: &mut Searcher,
        pattern: &Pattern,
        chosen: Option<&[u32]>,
    ) -> Result<u32, ContentError> {
        let mut changes = Changes {
            pattern,
            seen: 0,
            chosen,
            found: Vec::new(),
        };
        searcher
            .search_slice(pattern.matcher(), &self.bytes, &mut changes)
            .map_err(|_| ContentError::TooLarge)?;
        let changes = changes.found;
        let count = u32::try_from(changes.len()).map_err(|_| ContentError::TooLarge)?;
        let named = chosen.map_or(count, |chosen| {
            u32::try_from(chosen.len()).unwrap_or(u32::MAX)
        });
        if count == 0 || count != named {
            return Err(ContentError::NoMatch);
        }
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut done = 0;
        for Change { range, text } in changes {
            let text = text.ok_or(ContentError::TooLarge)?;
            bytes.extend_from_slice(&self.bytes[done..range.start]);
            bytes.extend_from_slice(&text);
            if bytes.len() > TEXT_BYTES_MAX {
                return Err(ContentError::TooLarge);
            }
            done = range.end;
        }
        bytes.extend_from_slice(&self.bytes[done..]);
        self.bytes = bytes;
        Ok(count)
    }

    /// The text as the file's content, encoded as it was.
    pub(super) fn encode(self) -> Result<Vec<u8>, ContentError> {
        let bytes = self.bytes;
        Ok(match self.encoding {
            Encoding::Utf8 | Encoding::Other => bytes,
            Encoding::MarkedUtf8 => [UTF8_MARK, &bytes].concat(),
            Encoding::Utf16Little => to_utf16(UTF16_LITTLE_MARK, &bytes, u16::to_le_bytes)?,
            Encoding::Utf16Big => to_utf16(UTF16_BIG_MARK, &bytes, u16::to_be_bytes)?,
        })
    }

    /// Refuses to put what is not ASCII into a text whose encoding is not known.
    pub(super) fn can_hold(&self, replacement: &str) -> Result<(), ContentError> {
        if self.encoding == Encoding::Other && !replacement.is_ascii() {
            return Err(ContentError::NotUtf8);
        }
        Ok(())
    }
}

fn from_utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Result<Vec<u8>, ContentError> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ContentError::BrokenUtf16);
    }
    char::decode_utf16(units.iter().map(|unit| read(*unit)))
        .collect::<Result<String, _>>()
        .map(String::into_bytes)
        .map_err(|_| ContentError::BrokenUtf16)
}

fn to_utf16(mark: &[u8], text: &[u8], write: fn(u16) -> [u8; 2]) -> Result<Vec<u8>, ContentError> {
    let text = std::str::from_utf8(text).map_err(|_| ContentError::BrokenUtf16)?;
    let mut bytes = mark.to_vec();
    bytes.extend(text.encode_utf16().flat_map(write));
    Ok(bytes)
}

/// A part of a text that becomes another; nothing when that would be too long.
struct Change {
    range: Range<usize>,
    text: Option<Vec<u8>>,
}

/// Collects changes, exactly as a search counts its matches.
struct Changes<'a> {
    pattern: &'a Pattern,
    seen: u32,
    chosen: Option<&'a [u32]>,
    found: Vec<Change>,
}

impl Sink for Changes<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let line = without_ending(found.bytes());
        let ending = &found.bytes()[line.len()..];
        let start = usize::try_from(found.absolute_byte_offset()).map_err(io::Error::other)?;
        self.pattern.each_match(line, |range, text| {
            if self.chosen.is_none_or(|chosen| chosen.contains(&self.seen)) {
                self.found.push(Change {
                    range: start + range.start..start + range.end,
                    text: text.map(|text| with_endings(text, ending)),
                });
            }
            self.seen = self.seen.saturating_add(1);
            true
        });
        Ok(true)
    }
}

/// New lines in a replacement end as the line that they come into.
fn with_endings(text: Vec<u8>, ending: &[u8]) -> Vec<u8> {
    if ending != b"\r\n" || memchr(b'\n', &text).is_none() {
        return text;
    }
    let mut lines = text.split(|byte| *byte == b'\n');
    let mut ended = lines.next().unwrap_or_default().to_vec();
    for line in lines {
        ended.extend_from_slice(b"\r\n");
        ended.extend_from_slice(line);
    }
    ended
}

#[cfg(test)]
mod tests {
    use atelier_api::agent::search::{CaseMatching, TextPattern};
    use proptest::prelude::*;

    use super::*;
    use crate::search::sink::searcher;

    fn replaced(
        content: &[u8],
        query: &str,
        replacement: &str,
        chosen: Option<&[u32]>,
    ) -> Result<Vec<u8>, ContentError> {
        let pattern = TextPattern {
            query: query.into(),
            regex: true,
            case: CaseMatching::Sensitive,
            ..TextPattern::default()
        };
        let pattern = Pattern::new(&pattern, Some(replacement)).unwrap();
        let mut text = Text::decode(content.to_vec())?;
        text.can_hold(replacement)?;
        text.replace(&mut searcher(0), &pattern, chosen)?;
        text.encode()
    }

    fn utf16(text: &str) -> Vec<u8> {
        to_utf16(UTF16_LITTLE_MARK, text.as_bytes(), u16::to_le_bytes).unwrap()
    }

    #[test]
    fn encodings_and_endings_stay() {
        for (content, expected) in [
            ("a x\r\nb x".as_bytes().to_vec(), b"a yy\r\nb yy".to_vec()),
            (b"\xef\xbb\xbfx\n".to_vec(), b"\xef\xbb\xbfyy\n".to_vec()),
            (utf16("é x\r\n"), utf16("é yy\r\n")),
            (b"caf\xe9 x\n".to_vec(), b"caf\xe9 yy\n".to_vec()),
        ] {
            assert_eq!(replaced(&content, "x$", "yy", None), Ok(expected));
        }
    }

    #[test]
    fn a_new_line_ends_as_those_around_it() {
        assert_eq!(
            replaced(b"a,b\r\n", ",", r"\n", None),
            Ok(b"a\r\nb\r\n".to_vec())
        );
        assert_eq!(replaced(b"a,b\n", ",", r"\n", None), Ok(b"a\nb\n".to_vec()));
    }

    #[test]
    fn only_the_chosen_ones_change() {
        assert_eq!(
            replaced(b"x x\nx x", "x", "y", Some(&[1, 2])),
            Ok(b"x y\ny x".to_vec())
        );
        assert_eq!(
            replaced(b"x", "x", "y", Some(&[1])),
            Err(ContentError::NoMatch)
        );
        assert_eq!(replaced(b"z", "x", "y", None), Err(ContentError::NoMatch));
    }

    #[test]
    fn what_cannot_hold_it_is_left() {
        assert_eq!(
            replaced(b"\xe9x", "x", "é", None),
            Err(ContentError::NotUtf8)
        );
        assert_eq!(replaced(b"x\0", "x", "y", None), Err(ContentError::Binary));
        assert_eq!(
            replaced(b"\xff\xfex", "x", "y", None),
            Err(ContentError::BrokenUtf16)
        );
        assert_eq!(
            replaced(b"\xff\xfe\x00\xd8", "x", "y", None),
            Err(ContentError::BrokenUtf16)
        );
    }

    proptest! {
        #[test]
        fn replacing_with_the_same_changes_nothing(
            content in proptest::collection::vec(prop_oneof![Just(b'x'), Just(b'\n'), Just(b'\r'), 1..=255_u8], 0..300),
        ) {
            match replaced(&content, "x", "x", None) {
                Ok(same) => prop_assert_eq!(same, content),
                Err(error) => prop_assert!(error == ContentError::NoMatch || content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff")),
            }
        }

        #[test]
        fn encoding_gives_back_what_was_decoded(content in proptest::collection::vec(1..=255_u8, 0..200), mark in 0..4_usize) {
            let mark = [b"", UTF8_MARK, UTF16_LITTLE_MARK, UTF16_BIG_MARK][mark];
            let content = [mark, &content[..]].concat();
            if let Ok(text) = Text::decode(content.clone()) {
                prop_assert_eq!(text.encode(), Ok(content));
            }
        }
    }
}
