//! Texts of documents, and edits of them: positions are lines and UTF-16 code units (LSP 3.17,
//! “Position”), as every client and server understands them.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    line: u32,
    character: u32,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    start: Position,
    end: Position,
}

/// One change of a text: of a part, or the whole text anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<Span>,
    text: String,
}

impl Change {
    /// The whole text anew.
    pub(super) fn whole(text: &str) -> Self {
        Self {
            range: None,
            text: text.to_owned(),
        }
    }

    /// What makes `new` of `old`: the part that differs.
    pub(super) fn between(old: &str, new: &str) -> Self {
        let same = |a: &[u8], b: &[u8]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let mut head = same(old.as_bytes(), new.as_bytes());
        while !old.is_char_boundary(head) {
            head -= 1;
        }
        let (rest_old, rest_new) = (&old[head..], &new[head..]);
        let mut tail = rest_old
            .bytes()
            .rev()
            .zip(rest_new.bytes().rev())
            .take_while(|(a, b)| a == b)
            .count();
        while !rest_old.is_char_boundary(rest_old.len() - tail) {
            tail -= 1;
        }
        Self {
            range: Some(Span {
                start: position(old, head),
                end: position(old, old.len() - tail),
            }),
            text: rest_new[..rest_new.len() - tail].to_owned(),
        }
    }

    /// Makes the change. A place beyond the text's end is its end.
    pub(super) fn apply(&self, text: &mut Arc<String>) {
        match self.range {
            None => *text = Arc::new(self.text.clone()),
            Some(span) => {
                let range = bytes(text, span);
                Arc::make_mut(text).replace_range(range, &self.text);
            }
        }
    }
}

/// Where the part stands, in bytes.
fn bytes(text: &str, span: Span) -> Range<usize> {
    let start = offset(text, span.start);
    start..offset(text, span.end).max(start)
}

fn offset(text: &str, position: Position) -> usize {
    let line = usize::try_from(position.line).unwrap_or(usize::MAX);
    let Some(start) = line_start(text, line) else {
        return text.len();
    };
    let mut units = 0;
    for (index, character) in text[start..].char_indices() {
        if units >= position.character || character == '\n' || is_end(&text[start + index..]) {
            return start + index;
        }
        units += if character.len_utf16() == 2 { 2 } else { 1 };
    }
    text.len()
}

/// Whether a line ends here with CR LF: the CR is not a part of the line.
fn is_end(rest: &str) -> bool {
    rest.starts_with("\r\n")
}

fn line_start(text: &str, line: usize) -> Option<usize> {
    if line == 0 {
        return Some(0);
    }
    memchr::memchr_iter(b'\n', text.as_bytes())
        .nth(line - 1)
        .map(|index| index + 1)
}

fn position(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count();
    let start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |index| index + 1);
    let character = before[start..].encode_utf16().count();
    Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        character: u32::try_from(character).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edited(text: &str, from: (u32, u32), to: (u32, u32), with: &str) -> String {
        let at = |(line, character)| Position { line, character };
        let change = Change {
            range: Some(Span {
                start: at(from),
                end: at(to),
            }),
            text: with.to_owned(),
        };
        let mut text = Arc::new(text.to_owned());
        change.apply(&mut text);
        text.to_string()
    }

    #[test]
    fn columns_are_utf16() {
        assert_eq!(edited("a😀b\nc", (0, 3), (0, 4), "X"), "a😀X\nc");
        assert_eq!(edited("é\r\nß", (0, 1), (1, 0), ""), "éß");
        assert_eq!(edited("ab\r\ncd", (0, 9), (0, 9), "X"), "abX\r\ncd");
        assert_eq!(edited("ab", (7, 0), (9, 0), "X"), "abX");
        assert_eq!(edited("ab", (0, 2), (0, 1), "X"), "abX");
    }

    proptest! {
        /// The difference of two texts, applied to the one, gives the other.
        #[test]
        fn a_difference_makes_the_one_of_the_other(
            old in "[ab😀é\n]{0,40}",
            new in "[ab😀é\n]{0,40}",
        ) {
            let mut text = Arc::new(old.clone());
            Change::between(&old, &new).apply(&mut text);
            prop_assert_eq!(text.as_str(), new.as_str());
        }
    }
}
