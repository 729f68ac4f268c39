//! Operating system commands (OSC, as in xterm's control sequences) that say something of the
//! terminal itself, picked out of the output at little cost: plain text and colours are only searched for `ESC ]`.
//!
//! Invariant: no byte of the output is changed, and no more than [`TEXT_MAX_BYTES`] of it is kept.

use std::borrow::Cow;

use memchr::memmem::Finder;

/// The longest title, in characters.
const TITLE_MAX_CHARS: usize = 256;

/// How many bytes of a sequence are kept: a command line of 8 KiB, half of it escaped.
const TEXT_MAX_BYTES: usize = 20 * 1024;

/// The most digits of a number that is of interest.
const DIGITS_MAX: usize = 3;

/// What a sequence begins with.
const BEGIN: &[u8] = b"\x1b]";

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

/// What a sequence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// OSC 0 and 2: the title.
    Title,
    /// OSC 7: the working directory, as a `file:` address.
    Directory,
    /// OSC 133: where prompts and commands begin and end (the marks of `FinalTerm`).
    Mark,
    /// OSC 633: the command line, as VS Code's shells say it.
    Shell,
}

impl Kind {
    fn of(number: &[u8]) -> Option<Self> {
        match number {
            b"0" | b"2" => Some(Self::Title),
            b"7" => Some(Self::Directory),
            b"133" => Some(Self::Mark),
            b"633" => Some(Self::Shell),
            _ => None,
        }
    }
}

/// A whole sequence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Osc<'a> {
    pub(super) kind: Kind,
    /// What stands after the number; cut to what is kept.
    pub(super) text: &'a [u8],
    /// How many bytes of the output, from the beginning of what is scanned, it ends after.
    pub(super) end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// After `ESC ]`: the number that says what the string is.
    Number,
    /// In a string of interest.
    Text(Kind),
    /// In any other string; ended like one of interest.
    Other,
}

/// Watches output for sequences of interest.
pub(super) struct OscScanner {
    /// Searches for [`BEGIN`] alone: colours, of which output may be full, do not stop it.
    begin: Finder<'static>,
    state: State,
    text: Vec<u8>,
}

impl OscScanner {
    pub(super) fn new() -> Self {
        Self {
            begin: Finder::new(BEGIN),
            state: State::Ground,
            text: Vec::new(),
        }
    }

    /// Reads on; `found` is told of each sequence that ends in `bytes`.
    pub(super) fn scan(&mut self, bytes: &[u8], mut found: impl FnMut(Osc<'_>)) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.state {
                State::Ground => {
                    let Some(begin) = self.begin.find(rest) else {
                        if rest.last() == Some(&ESC) {
                            self.state = State::Escape;
                        }
                        return;
                    };
                    self.state = State::Number;
                    at += begin + BEGIN.len();
                }
                State::Escape => {
                    self.state = match rest[0] {
                        b']' => State::Number,
                        ESC => State::Escape,
                        _ => State::Ground,
                    };
                    at += 1;
                }
                State::Number => {
                    at += 1;
                    self.number(rest[0]);
                }
                State::Text(kind) => {
                    let length = until_end(rest);
                    let room = TEXT_MAX_BYTES - self.text.len();
                    self.text.extend_from_slice(&rest[..length.min(room)]);
                    at += length;
                    let Some(&byte) = bytes.get(at) else {
                        return;
                    };
                    at += 1;
                    if matches!(byte, BEL | ESC) {
                        // The other half of `ESC \` is sure to follow.
                        let end = at + usize::from(byte == ESC);
                        found(Osc {
                            kind,
                            text: &self.text,
                            end,
                        });
                    }
                    self.end_string(byte);
                }
                State::Other => {
                    at += until_end(rest);
                    let Some(&byte) = bytes.get(at) else {
                        return;
                    };
                    at += 1;
                    self.end_string(byte);
                }
            }
        }
    }

    fn number(&mut self, byte: u8) {
        match byte {
            b'0'..=b'9' if self.text.len() < DIGITS_MAX => self.text.push(byte),
            b';' => {
                self.state = Kind::of(&self.text).map_or(State::Other, State::Text);
                self.text.clear();
            }
            BEL | ESC | CAN | SUB => self.end_string(byte),
            _ => {
                self.state = State::Other;
                self.text.clear();
            }
        }
    }

    fn end_string(&mut self, byte: u8) {
        self.text = Vec::new();
        self.state = if byte == ESC {
            State::Escape
        } else {
            State::Ground
        };
    }
}

/// How many bytes there are before the one that ends a string, or in all.
fn until_end(bytes: &[u8]) -> usize {
    let end = memchr::memchr3(BEL, ESC, CAN, bytes).unwrap_or(bytes.len());
    memchr::memchr(SUB, &bytes[..end]).unwrap_or(end)
}

/// A title that can be shown: programs can put anything there, and what they print may come from
/// anyone. Characters that turn the direction of text are taken out as well.
pub(super) fn title(text: &[u8]) -> String {
    let kept = &text[..text.len().min(4 * TITLE_MAX_CHARS)];
    String::from_utf8_lossy(kept)
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .take(TITLE_MAX_CHARS)
        .collect()
}

/// A viewer's name, as the control plane says it: percent-encoded, and made fit to be shown like a title.
pub(super) fn viewer_name(text: &[u8]) -> String {
    title(&unescaped(text, b'%', 0))
}

/// The path of OSC 7's `file://host/path`; absent for anything else. Whatever host it names: shells say
/// the machine's, of which nobody here knows another one.
pub(super) fn directory(text: &[u8]) -> Option<String> {
    let rest = text.strip_prefix(b"file://")?;
    let path = &rest[memchr::memchr(b'/', rest)?..];
    let path = String::from_utf8(unescaped(path, b'%', 0).into_owned()).ok()?;
    (!path.contains('\0')).then_some(path)
}

/// The text with each escape, `skipped` characters after `mark`, replaced by the byte whose two
/// hexadecimal digits follow; what is no escape stays.
fn unescaped(text: &[u8], mark: u8, skipped: usize) -> Cow<'_, [u8]> {
    if memchr::memchr(mark, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let digits = text.get(at + 1 + skipped..at + 3 + skipped);
        let value = digits.and_then(|digits| {
            u8::from_str_radix(str::from_utf8(digits).ok()?, 16)
                .ok()
                .filter(|_| digits.iter().all(u8::is_ascii_hexdigit))
        });
        match value {
            Some(value) if byte == mark && (skipped == 0 || text[at + 1] == b'x') => {
                plain.push(value);
                at += 3 + skipped;
            }
            _ if byte == mark && skipped > 0 && text.get(at + 1) == Some(&mark) => {
                plain.push(mark);
                at += 2;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(plain)
}

/// The plain form of a command line in which `\\` stands for a backslash and `\xHH` for a byte.
pub(super) fn command_line(text: &[u8]) -> String {
    String::from_utf8_lossy(&unescaped(text, b'\\', 1)).into_owned()
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Found = Vec<(Kind, Vec<u8>, usize)>;

    fn scan(pieces: &[&[u8]]) -> Found {
        let (mut scanner, mut found, mut before) = (OscScanner::new(), Vec::new(), 0);
        for piece in pieces {
            scanner.scan(piece, |osc| {
                found.push((osc.kind, osc.text.to_vec(), before + osc.end));
            });
            before += piece.len();
        }
        found
    }

    fn last_title(bytes: &[u8]) -> Option<String> {
        let found = scan(&[bytes]);
        found
            .iter()
            .rfind(|(kind, ..)| *kind == Kind::Title)
            .map(|(_, text, _)| title(text))
    }

    #[test]
    fn titles_are_found_and_cleaned() {
        assert_eq!(last_title(b"\x1b]0;bash\x07$ "), Some("bash".into()));
        assert_eq!(last_title(b"\x1b]2;a;b\x1b\\"), Some("a;b".into()));
        assert_eq!(
            last_title(b"\x1b]0;one\x07\x1b]0;two\x07"),
            Some("two".into())
        );
        assert_eq!(
            last_title("\x1b]0;\u{202e}x\ny\u{85}\x07".as_bytes()),
            Some("xy".into())
        );
        assert_eq!(last_title(b"\x1b]0;\xff\x07"), Some("\u{fffd}".into()));
        assert_eq!(last_title(b"\x1b]0;\x07"), Some(String::new()));
        let long = [b"\x1b]0;", &vec![b'x'; 100_000][..], b"\x07"].concat();
        assert_eq!(
            last_title(&long).map(|title| title.len()),
            Some(TITLE_MAX_CHARS)
        );
    }

    #[test]
    fn what_is_no_sequence_of_interest_is_passed_over() {
        for none in [
            &b"\x1b]1;icon\x07"[..],
            b"\x1b]02;x\x07",
            b"\x1b]52;c;AA\x07",
            b"\x1b]1337;File=:AAAA\x07",
            b"\x1b]7\x07",
            b"\x1b]0;cut",
            b"\x1b[0;x\x07",
            b"]0;x\x07",
            b"\x1b]0;cancelled\x18",
            b"\x1b]133;A\x1a",
        ] {
            assert_eq!(scan(&[none]), [], "{:?}", String::from_utf8_lossy(none));
        }
        assert_eq!(
            scan(&[b"\x1b]9;\x1b]133;A\x07"]),
            [(Kind::Mark, b"A".to_vec(), 12)]
        );
    }

    #[test]
    fn a_sequence_ends_where_its_last_byte_is() {
        assert_eq!(
            scan(&[b"a\x1b]133;C\x07b"]),
            [(Kind::Mark, b"C".to_vec(), 9)]
        );
        assert_eq!(
            scan(&[b"a\x1b]133;C\x1b\\b"]),
            [(Kind::Mark, b"C".to_vec(), 10)]
        );
    }

    #[test]
    fn directories_are_absolute_paths() {
        let of = |text: &str| directory(text.as_bytes());
        assert_eq!(of("file://host/home/ada"), Some("/home/ada".into()));
        assert_eq!(of("file:///a%20b/%D8%B9"), Some("/a b/ع".into()));
        assert_eq!(of("file:///100%/%zz%4"), Some("/100%/%zz%4".into()));
        for none in [
            "",
            "/home",
            "file://host",
            "http://host/a",
            "file:///%ff",
            "file:///a%00b",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn command_lines_are_made_plain() {
        let of = |text: &str| command_line(text.as_bytes());
        assert_eq!(of("ls -l"), "ls -l");
        assert_eq!(of(r"a\x3b b\x0ac\\x3b"), "a; b\nc\\x3b");
        assert_eq!(of(r"tail\"), r"tail\");
        assert_eq!(of(r"\x4 \y \x+f"), r"\x4 \y \x+f");
    }

    proptest! {
        /// Where the output is cut does not matter: the same is found, at the same offsets.
        #[test]
        fn cuts_do_not_matter(
            parts in prop::collection::vec(prop::sample::select(vec![
                "\x1b", "]", "0", "2", "7", "133", "633", ";", "title", "\x07", "\\", "\x18", "\x1a",
                "text\r\n", "é", "E;ls", "\x1b]133;A\x07", "\x1b]633;E;ls;n\x1b\\", "\x1b]7;file:///a\x07",
            ]), 0..40),
            cuts in prop::collection::vec(1_usize..12, 1..40),
        ) {
            let bytes = parts.concat().into_bytes();
            let (mut pieces, mut rest) = (Vec::new(), &bytes[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(scan(&pieces), scan(&[&bytes]));
        }

        /// Whatever is printed, what is kept stays bounded and nothing breaks.
        #[test]
        fn anything_can_be_printed(pieces in prop::collection::vec(
            prop::collection::vec(prop_oneof![
                Just(0x1b_u8), Just(b']'), Just(b';'), Just(7), any::<u8>(),
            ], 0..100), 0..8),
        ) {
            let mut scanner = OscScanner::new();
            for piece in &pieces {
                scanner.scan(piece, |osc| {
                    let _ = (title(osc.text), directory(osc.text), command_line(osc.text));
                });
                prop_assert!(scanner.text.len() <= TEXT_MAX_BYTES);
            }
        }
    }
}
