//! The title that a program sets (OSC 0 and OSC 2, as in xterm's control sequences), picked out of
//! the output at little cost: plain text is only searched for ESC.

/// The longest title, in characters.
const TITLE_MAX_CHARS: usize = 256;

/// The most bytes of a title sequence that are kept.
const TEXT_MAX_BYTES: usize = 4 * TITLE_MAX_CHARS;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// After `ESC ]`: the number that says what the string is.
    Number,
    /// In a title.
    Text,
    /// In a string that is no title; ended like one.
    Other,
}

/// Watches output for titles.
pub(super) struct TitleScanner {
    state: State,
    text: Vec<u8>,
}

impl TitleScanner {
    pub(super) fn new() -> Self {
        Self {
            state: State::Ground,
            text: Vec::new(),
        }
    }

    /// Reads on; the last title that was completed in `bytes`, without control characters.
    pub(super) fn scan(&mut self, mut bytes: &[u8]) -> Option<String> {
        let mut title = None;
        while let Some(&byte) = bytes.first() {
            if self.state == State::Ground {
                let Some(escape) = memchr::memchr(ESC, bytes) else {
                    break;
                };
                self.state = State::Escape;
                bytes = &bytes[escape + 1..];
                continue;
            }
            bytes = &bytes[1..];
            self.state = match (self.state, byte) {
                (State::Text, BEL | ESC) => {
                    title = Some(sanitized(&self.text));
                    self.end_string(byte)
                }
                (State::Number | State::Other, BEL | ESC) => self.end_string(byte),
                (State::Number | State::Text | State::Other, CAN | SUB) => self.end_string(byte),
                (State::Escape, b']') => State::Number,
                (State::Escape, ESC) => State::Escape,
                (State::Number, b'0' | b'2') if self.text.is_empty() => {
                    self.text.push(byte);
                    State::Number
                }
                (State::Number, b';') if !self.text.is_empty() => {
                    self.text.clear();
                    State::Text
                }
                (State::Number, _) => State::Other,
                (State::Text, _) => {
                    if self.text.len() < TEXT_MAX_BYTES {
                        self.text.push(byte);
                    }
                    State::Text
                }
                (State::Other, _) => State::Other,
                (State::Escape | State::Ground, _) => State::Ground,
            };
        }
        title
    }

    fn end_string(&mut self, byte: u8) -> State {
        self.text = Vec::new();
        if byte == ESC {
            State::Escape
        } else {
            State::Ground
        }
    }
}

/// A title that can be shown: programs can put anything there, and what they print may come from
/// anyone. Characters that turn the direction of text are taken out as well.
fn sanitized(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .take(TITLE_MAX_CHARS)
        .collect()
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_are_found_and_cleaned() {
        let scan = |bytes: &[u8]| TitleScanner::new().scan(bytes);
        assert_eq!(scan(b"\x1b]0;bash\x07$ "), Some("bash".into()));
        assert_eq!(scan(b"\x1b]2;a;b\x1b\\"), Some("a;b".into()));
        assert_eq!(scan(b"\x1b]0;one\x07\x1b]0;two\x07"), Some("two".into()));
        assert_eq!(
            scan("\x1b]0;\u{202e}x\ny\u{85}\x07".as_bytes()),
            Some("xy".into())
        );
        assert_eq!(scan(b"\x1b]0;\xff\x07"), Some("\u{fffd}".into()));
        assert_eq!(scan(b"\x1b]0;\x07"), Some(String::new()));
        for none in [
            &b"\x1b]1;icon\x07"[..],
            b"\x1b]02;x\x07",
            b"\x1b]52;c;AA\x07",
            b"\x1b]0;cut",
            b"\x1b[0;x\x07",
            b"]0;x\x07",
            b"\x1b]0;cancelled\x18",
        ] {
            assert_eq!(scan(none), None, "{:?}", String::from_utf8_lossy(none));
        }
        let long = [b"\x1b]0;", &vec![b'x'; 100_000][..], b"\x07"].concat();
        assert_eq!(scan(&long).map(|title| title.len()), Some(TITLE_MAX_CHARS));
    }

    proptest! {
        /// Where the output is cut does not matter.
        #[test]
        fn cuts_do_not_matter(
            parts in prop::collection::vec(prop::sample::select(vec![
                "\x1b", "]", "0", "2", ";", "title", "\x07", "\\", "\x18", "text\r\n", "é",
            ]), 0..30),
            step in 1_usize..10,
        ) {
            let bytes = parts.concat().into_bytes();
            let mut scanner = TitleScanner::new();
            let pieces = bytes.chunks(step).filter_map(|chunk| scanner.scan(chunk)).last();
            prop_assert_eq!(pieces, TitleScanner::new().scan(&bytes));
        }
    }
}
