//! What a terminal shows after some output: a screen that can be drawn again.
//!
//! Nothing is parsed while output flows; only bytes that fall off the ring come here, so that the
//! state at the ring's start is known, and the ring's content when a snapshot is wanted.
//!
//! A flood of plain text is not parsed but skipped, exactly: once the cursor stands in the line that
//! scrolls, text without escape sequences only ever scrolls, so that of any amount of it only the
//! last lines can matter. [`Screen::skip`] gives the argument in steps.

use std::num::NonZeroU16;
use std::panic::{AssertUnwindSafe, catch_unwind};

use atelier_api::agent::terminals::{SIZE_MAX, SIZE_MIN};

use super::escape;

const ESC: u8 = 0x1b;

/// The most bytes of one cut sequence that are kept. Longer ones (images, clipboard) draw nothing
/// on the screen that is kept here; what is beyond is left out of them.
const CUT_MAX_BYTES: usize = 64 * 1024;

/// A terminal's size, within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Columns.
    pub(super) cols: u16,
    /// Rows.
    pub(super) rows: u16,
}

impl Size {
    /// The nearest size within the limits.
    pub(super) fn clamped(cols: u16, rows: u16) -> Self {
        Self {
            cols: cols.clamp(SIZE_MIN, SIZE_MAX),
            rows: rows.clamp(SIZE_MIN, SIZE_MAX),
        }
    }

    fn parser(self) -> vt100::Parser {
        let nonzero = |count| NonZeroU16::new(count).expect("sizes are clamped to 1 and above");
        vt100::Parser::new(nonzero(self.rows), nonzero(self.cols), 0)
    }
}

/// How many lines a run of plain text must scroll before any of it is skipped. The parser counts
/// scrolled lines, and a screen that grows takes back that many rows; from here on the count makes no
/// difference.
const SCROLLED_ENOUGH: usize = SIZE_MAX as usize;

/// The state of a terminal's screen.
pub(super) struct Screen {
    parser: vt100::Parser,
    size: Size,
    /// A sequence or character that is cut at the end of what was fed.
    cut: Vec<u8>,
    /// How many lines were scrolled since the cursor was proven to stand in the line that scrolls.
    /// Plain text keeps it there.
    scrolled: Option<usize>,
    /// Plain text that has not been parsed, since more of it may make it unnecessary.
    pending: Vec<u8>,
}

impl Screen {
    /// A cleared screen.
    pub(super) fn new(size: Size) -> Self {
        Self {
            parser: size.parser(),
            size,
            cut: Vec::new(),
            scrolled: None,
            pending: Vec::new(),
        }
    }

    /// Draws output.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.cut.is_empty() && memchr::memchr(ESC, bytes).is_none() {
            self.feed_plain(bytes);
        } else {
            self.settle();
            self.scrolled = None;
            self.parse(bytes);
        }
    }

    /// Changes the size.
    pub(super) fn resize(&mut self, size: Size) {
        self.settle();
        self.scrolled = None;
        self.size = size;
        let nonzero = |count| NonZeroU16::new(count).expect("sizes are clamped to 1 and above");
        guarded(&mut self.parser, size, |parser| {
            parser
                .screen_mut()
                .set_size(nonzero(size.rows), nonzero(size.cols));
        });
    }

    /// The same screen, to draw on apart.
    pub(super) fn fork(&self) -> Self {
        let mut parser = self.size.parser();
        *parser.screen_mut() = self.parser.screen().clone();
        Self {
            parser,
            size: self.size,
            cut: self.cut.clone(),
            scrolled: self.scrolled,
            pending: self.pending.clone(),
        }
    }

    /// Bytes that draw this screen on a cleared terminal, and leave it in the same state: contents,
    /// colours, cursor, input modes, both screens, and a cut sequence.
    pub(super) fn snapshot(&mut self) -> Vec<u8> {
        self.settle();
        let screen = self.parser.screen();
        let mut bytes = Vec::new();
        if screen.alternate_screen() {
            // First what lies under the alternate screen, so that leaving it shows that again.
            let mut under = self.size.parser();
            *under.screen_mut() = screen.clone();
            under.process(b"\x1b[?47l");
            bytes.extend_from_slice(under.screen().contents_formatted().as_bytes());
            bytes.extend_from_slice(b"\x1b[?1049h");
        }
        bytes.extend_from_slice(screen.state_formatted().as_bytes());
        bytes.extend_from_slice(&self.cut);
        bytes
    }

    /// Parses `bytes`, up to a sequence or character that is cut at the end.
    fn parse(&mut self, bytes: &[u8]) {
        let joined;
        let bytes = if self.cut.is_empty() {
            bytes
        } else {
            self.cut.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.cut);
            &joined[..]
        };
        let (whole, cut) = bytes.split_at(escape::whole(bytes));
        guarded(&mut self.parser, self.size, |parser| parser.process(whole));
        self.cut
            .extend_from_slice(&cut[..cut.len().min(CUT_MAX_BYTES)]);
    }

    /// Parses what was put off.
    fn settle(&mut self) {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            self.parse(&pending);
        }
    }

    fn feed_plain(&mut self, bytes: &[u8]) {
        match &mut self.scrolled {
            None => {
                let parsed = self.find_scrolling(bytes);
                if parsed < bytes.len() {
                    self.scrolled = Some(0);
                    self.feed_plain(&bytes[parsed..]);
                }
            }
            Some(lines) if *lines < SCROLLED_ENOUGH => {
                *lines += memchr::memchr_iter(b'\n', bytes).count();
                self.parse(bytes);
            }
            Some(_) => self.skip(bytes),
        }
    }

    /// Parses `bytes` up to a place where the cursor provably stands in the line that scrolls, and
    /// says where that is; without proof, parses all.
    ///
    /// After as many line feeds as there are rows the cursor stays in one row: the last of the
    /// scroll region, or, below the region, the last of the screen. In the first case each line feed
    /// scrolls and leaves an empty line; in the second it does nothing, and a short line that was
    /// just written is still there to be seen.
    fn find_scrolling(&mut self, bytes: &[u8]) -> usize {
        let rows = usize::from(self.size.rows);
        let mut feeds = memchr::memchr_iter(b'\n', bytes).skip(rows);
        let mut before = feeds.next().unwrap_or(bytes.len());
        for feed in feeds {
            let line = &bytes[before + 1..feed];
            before = feed;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let visible = line.len() <= usize::from(self.size.cols)
                && line.iter().all(|byte| matches!(byte, b' '..=b'~'))
                && line.iter().any(u8::is_ascii_graphic);
            if visible {
                self.parse(&bytes[..=feed]);
                let screen = self.parser.screen();
                let (row, _) = screen.cursor_position();
                let scrolled = screen
                    .rows(0, self.size.cols)
                    .nth(row.into())
                    .is_some_and(|row| row.is_empty());
                if scrolled {
                    return feed + 1;
                }
                self.parse(&bytes[feed + 1..]);
                return bytes.len();
            }
        }
        self.parse(bytes);
        bytes.len()
    }

    /// Takes plain text while the cursor is in the line that scrolls. If its last lines alone fill
    /// the screen, all that is pending is dropped, else all is parsed.
    ///
    /// Dropping is exact. Plain text moves no other row than those of the scroll region, and leaves
    /// the cursor in the line that scrolls; after its last line feed that line is empty. At least as
    /// many line feeds follow as the region has lines, which push out every line that the dropped
    /// text has left. What remains of it is the cursor's column: the first one after a carriage
    /// return, else that of as many characters, counted modulo the width.
    fn skip(&mut self, bytes: &[u8]) {
        let rows = usize::from(self.size.rows);
        let returned = memchr::memmem::find(bytes, b"\r\n").map(|at| at + 2);
        let fed = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (dropped, kept) = bytes.split_at(returned.unwrap_or(fed));
        let fills = memchr::memchr_iter(b'\n', kept).take(rows + 1).count() > rows
            && kept.iter().any(u8::is_ascii_graphic);
        let equivalent = match returned {
            Some(_) => Some(b"\r\n".to_vec()),
            None => same_column([&self.pending, dropped], self.size.cols),
        };
        match equivalent {
            Some(equivalent) if fills => {
                guarded(&mut self.parser, self.size, |parser| {
                    parser.process(&equivalent);
                });
                self.pending.clear();
                self.pending.extend_from_slice(kept);
            }
            _ => {
                self.settle();
                self.parse(bytes);
            }
        }
    }
}

/// A short text that moves the cursor to the same column as `texts` do, then a line feed. `None`
/// when they hold more than printable ASCII and line feeds.
fn same_column(texts: [&[u8]; 2], cols: u16) -> Option<Vec<u8>> {
    // Folded, not searched, so that the compiler makes vector code of it.
    let printable = |ok, byte: &u8| ok & matches!(byte, b' '..=b'~' | b'\n');
    if !texts.iter().all(|text| text.iter().fold(true, printable)) {
        return None;
    }
    let feeds = |text: &&[u8]| memchr::memchr_iter(b'\n', text).count();
    let printed: usize = texts.iter().map(|text| text.len() - feeds(text)).sum();
    let width = if printed == 0 {
        0
    } else {
        (printed - 1) % usize::from(cols) + 1
    };
    let mut text = vec![b'x'; width];
    text.push(b'\n');
    Some(text)
}

/// Runs the parser on bytes that come from any program. Should it panic, the screen is lost, but
/// not the agent.
fn guarded(parser: &mut vt100::Parser, size: Size, run: impl FnOnce(&mut vt100::Parser)) {
    if catch_unwind(AssertUnwindSafe(|| run(parser))).is_err() {
        tracing::error!("the screen parser failed on a terminal's output; its screen is cleared");
        *parser = size.parser();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything about a parser's screen that output can change.
    fn state(screen: &vt100::Screen) -> (String, Vec<bool>, (u16, u16)) {
        let wrapped = (0..screen.size().0.get())
            .map(|row| screen.row_wrapped(row))
            .collect();
        (screen.state_formatted(), wrapped, screen.cursor_position())
    }

    /// A parser that read everything at once.
    fn parsed(size: Size, bytes: &[u8]) -> vt100::Parser {
        let mut parser = size.parser();
        parser.process(bytes);
        parser
    }

    fn lines(count: usize, text: &str, end: &str) -> Vec<u8> {
        (0..count)
            .flat_map(|index| format!("{index} {text}{end}").into_bytes())
            .collect()
    }

    #[test]
    fn a_flood_of_text_is_skipped() {
        let size = Size { cols: 20, rows: 5 };
        for end in ["\r\n", "\n"] {
            let mut screen = Screen::new(size);
            let flood = lines(5000, "some words", end);
            for chunk in flood.chunks(1000) {
                screen.feed(chunk);
            }
            assert!(!screen.pending.is_empty() && screen.pending.len() <= 1000);
            screen.settle();
            assert_eq!(
                state(screen.parser.screen()),
                state(parsed(size, &flood).screen())
            );
        }
    }

    #[test]
    fn text_below_the_scroll_region_is_not_skipped() {
        let size = Size { cols: 20, rows: 5 };
        let mut bytes = b"\x1b[1;3r\x1b[5;1H".to_vec();
        let mut screen = Screen::new(size);
        screen.feed(&bytes);
        let flood = lines(5000, "x", "\r\n");
        screen.feed(&flood);
        bytes.extend(flood);
        assert!(screen.scrolled.is_none());
        assert_eq!(
            state(screen.parser.screen()),
            state(parsed(size, &bytes).screen())
        );
    }

    #[test]
    fn a_snapshot_keeps_what_lies_under_the_alternate_screen() {
        let size = Size { cols: 20, rows: 5 };
        let bytes = b"shell$ vim\r\n\x1b[?1049h\x1b[2J\x1b[H\x1b[31medit\x1b[?25l\x1b[?2004h";
        let mut screen = Screen::new(size);
        screen.feed(bytes);
        let snapshot = screen.snapshot();
        let mut again = parsed(size, &snapshot);
        assert_eq!(state(again.screen()), state(parsed(size, bytes).screen()));
        again.process(b"\x1b[?1049l");
        assert_eq!(again.screen().contents(), "shell$ vim");
        assert_eq!(again.screen().cursor_position(), (1, 0));
    }

    #[test]
    fn a_sequence_without_end_is_bounded() {
        let size = Size { cols: 20, rows: 5 };
        let mut screen = Screen::new(size);
        screen.feed(b"before\x1b]0;");
        for _ in 0..100 {
            screen.feed(&[b'x'; 10_000]);
        }
        assert_eq!(screen.cut.len(), CUT_MAX_BYTES);
        screen.feed(b"\x07after");
        assert!(screen.cut.is_empty());
        assert_eq!(screen.parser.screen().contents(), "beforeafter");
    }

    fn line_end() -> impl Strategy<Value = &'static str> {
        prop_oneof![3 => Just("\r\n"), 2 => Just("\n"), 1 => Just("\t\n")]
    }

    /// Output as programs write it, and worse.
    fn output() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => (1_usize..40, "[ a-z]{0,30}", line_end())
                .prop_map(|(count, text, end)| lines(count, &text, end)),
            4 => (1000_usize..1300, "[ a-zé]{0,9}", line_end())
                .prop_map(|(count, text, end)| lines(count, &text, end)),
            2 => "[a-zé€😀\t\u{8}]{0,40}".prop_map(String::into_bytes),
            2 => Just(b"\r\n".to_vec()),
            1 => Just(b"\n".to_vec()),
            1 => Just(b"\r".to_vec()),
            2 => (0_u8..110).prop_map(|n| format!("\x1b[{n}m").into_bytes()),
            1 => (1_u8..9, 1_u8..30).prop_map(|(a, b)| format!("\x1b[{a};{b}H").into_bytes()),
            1 => (0_u8..9, 0_u8..9).prop_map(|(a, b)| format!("\x1b[{a};{b}r").into_bytes()),
            1 => prop::sample::select(vec![
                "\x1b[?1049h", "\x1b[?1049l", "\x1b[2J", "\x1b[K", "\x1b[L", "\x1b[M", "\x1bM",
                "\x1b7", "\x1b8", "\x1b[?25l", "\x1b[?6h", "\x1bc", "\x1b]0;t\x07", "\x1b]2;u\x1b\\",
                "\x1bPq\x1b\\", "\x1b[5b",
            ]).prop_map(|text| text.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..12),
        ];
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Fed in any pieces, skipped or not, the screen is that of a parser which read it all.
        #[test]
        fn skipping_changes_nothing(
            rows in 1_u16..8, cols in 1_u16..40, bytes in output(),
            step in 1_usize..2000, grown in 1_u16..30,
        ) {
            let size = Size { cols, rows };
            let mut screen = Screen::new(size);
            for chunk in bytes.chunks(step) {
                screen.feed(chunk);
            }
            let mut fork = screen.fork();
            screen.settle();
            let mut expected = size.parser();
            expected.process(&bytes[..escape::whole(&bytes)]);
            prop_assert_eq!(state(screen.parser.screen()), state(expected.screen()));
            fork.settle();
            prop_assert_eq!(state(fork.parser.screen()), state(expected.screen()));
            // What cannot be seen matters as soon as the screen grows or more is written.
            let grown = Size { cols, rows: grown };
            let nonzero = |count| NonZeroU16::new(count).expect("positive");
            screen.resize(grown);
            expected.screen_mut().set_size(nonzero(grown.rows), nonzero(grown.cols));
            prop_assert_eq!(state(screen.parser.screen()), state(expected.screen()));
        }

        /// A snapshot draws the screen it was made of.
        #[test]
        fn a_snapshot_draws_the_same(
            rows in 2_u16..8, cols in 2_u16..40, bytes in output(), step in 1_usize..2000,
        ) {
            let size = Size { cols, rows };
            let mut screen = Screen::new(size);
            for chunk in bytes.chunks(step) {
                screen.feed(chunk);
            }
            let again = parsed(size, &screen.snapshot());
            // Not the screen's own parser: control characters inside of a cut sequence take effect
            // at once, and the snapshot ends with the cut sequence.
            let original = parsed(size, &bytes);
            let original = original.screen();
            prop_assert_eq!(again.screen().contents(), original.contents());
            prop_assert_eq!(again.screen().cursor_position(), original.cursor_position());
            prop_assert_eq!(again.screen().alternate_screen(), original.alternate_screen());
        }
    }
}
