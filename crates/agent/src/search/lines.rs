//! Lines as they are told: places counted as browsers count, and long lines cut around what was found.

use std::ops::Range;
use std::str::Utf8Chunks;

use atelier_api::agent::search::{FoundLine, FoundMatch};

/// A line up to this length is told whole, in bytes.
const WHOLE_BYTES: usize = 1_000;

/// How much of a longer line stands before a match, in bytes.
const BEFORE_BYTES: usize = 100;

/// How much of a longer line stands after the beginning of a match, in bytes.
const AFTER_BYTES: usize = 400;

/// How much of what a match would become is told, in characters.
const REPLACEMENT_CHARS: usize = 1_000;

/// A match in a line, in bytes, and what it would become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineMatch {
    pub(super) range: Range<usize>,
    pub(super) replacement: Option<Vec<u8>>,
}

/// The line without its ending.
pub(super) fn without_ending(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Describes a line, which has no ending, with the matches in it, in order. Without any it is told as one
/// that only stands around a match.
pub(super) fn describe(number: u64, line: &[u8], matches: Vec<LineMatch>) -> Vec<FoundLine> {
    let mut places = Places::new(line);
    let mut told: Vec<FoundLine> = Vec::new();
    let mut window = 0..0;
    let mut ended = 0;
    if line.len() <= WHOLE_BYTES || matches.is_empty() {
        window = 0..boundary(line, WHOLE_BYTES);
        told.push(part(number, line, &window, 0));
    }
    for found in matches {
        if told.is_empty() || found.range.start >= window.end && window.end < line.len() {
            window = around(line, &found.range, ended);
            let offset = places.units(window.start);
            told.push(part(number, line, &window, offset));
        }
        let replacement = found.replacement.map(|text| {
            let text = String::from_utf8_lossy(&text);
            text.chars().take(REPLACEMENT_CHARS).collect()
        });
        let place = FoundMatch {
            start: places.units(found.range.start),
            end: places.units(found.range.end),
            replacement,
        };
        told.last_mut()
            .expect("a part was begun")
            .matches
            .push(place);
        ended = found.range.end;
    }
    told
}

fn part(number: u64, line: &[u8], window: &Range<usize>, offset: u64) -> FoundLine {
    FoundLine {
        number,
        offset,
        text: String::from_utf8_lossy(&line[window.clone()]).into_owned(),
        cut: window.end < line.len(),
        matches: Vec::new(),
    }
}

/// What of a long line is told of a match, when the one before has ended at `ended`.
fn around(line: &[u8], found: &Range<usize>, ended: usize) -> Range<usize> {
    let start = found.start.saturating_sub(BEFORE_BYTES).max(ended);
    let start = boundary(line, start);
    start..boundary(line, found.start + AFTER_BYTES)
}

/// The last place up to `at` that does not lie within a character.
fn boundary(line: &[u8], at: usize) -> usize {
    if at >= line.len() {
        return line.len();
    }
    for back in 1..=at.min(3) {
        let length = match line[at - back] {
            0x80..0xC0 => continue,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
            _ => 1,
        };
        // Whether the character that begins there reaches over the place.
        let is_inside = length > back && (0x80..0xC0).contains(&line[at]);
        return if is_inside { at - back } else { at };
    }
    at
}

/// Counts UTF-16 code units from the beginning of a line, in one pass.
struct Places<'a> {
    chunks: Utf8Chunks<'a>,
    /// What is valid from `byte` on, and how many bytes after it are not.
    valid: &'a str,
    invalid: usize,
    byte: usize,
    units: u64,
}

impl<'a> Places<'a> {
    fn new(line: &'a [u8]) -> Self {
        Self {
            chunks: line.utf8_chunks(),
            valid: "",
            invalid: 0,
            byte: 0,
            units: 0,
        }
    }

    /// How many units stand before `byte`. It does not lie before the place asked for last, or the answer
    /// is that one's.
    fn units(&mut self, byte: usize) -> u64 {
        loop {
            let within = byte.saturating_sub(self.byte).min(self.valid.len());
            let within = self.valid.floor_char_boundary(within);
            let (before, after) = self.valid.split_at(within);
            self.units += count(before);
            self.byte += within;
            self.valid = after;
            if !after.is_empty() || byte < self.byte + self.invalid.max(1) {
                return self.units;
            }
            if self.invalid > 0 {
                self.byte += self.invalid;
                self.units += 1;
            }
            let Some(chunk) = self.chunks.next() else {
                self.invalid = 0;
                return self.units;
            };
            self.valid = chunk.valid();
            self.invalid = chunk.invalid().len();
        }
    }
}

fn count(text: &str) -> u64 {
    if text.is_ascii() {
        text.len() as u64
    } else {
        text.encode_utf16().count() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn at(range: Range<usize>) -> LineMatch {
        LineMatch {
            range,
            replacement: None,
        }
    }

    /// The code units of a line as a browser shows it.
    fn units(line: &[u8]) -> Vec<u16> {
        String::from_utf8_lossy(line).encode_utf16().collect()
    }

    #[test]
    fn places_are_counted_in_utf_16() {
        let line = "a😀é".as_bytes();
        let told = describe(7, line, vec![at(1..5), at(5..7)]);
        assert_eq!(told.len(), 1);
        let places: Vec<_> = told[0]
            .matches
            .iter()
            .map(|it| (it.start, it.end))
            .collect();
        assert_eq!(places, [(1, 3), (3, 4)]);
        assert_eq!((told[0].number, told[0].offset, told[0].cut), (7, 0, false));
    }

    #[test]
    fn a_long_line_is_cut_around_each_match() {
        let mut line = vec![b'x'; 50_000];
        line[20_000..20_003].copy_from_slice(b"abc");
        line[20_100..20_103].copy_from_slice(b"abc");
        line[40_000..40_003].copy_from_slice(b"abc");
        let told = describe(
            1,
            &line,
            vec![at(20_000..20_003), at(20_100..20_103), at(40_000..40_003)],
        );
        let parts: Vec<_> = told
            .iter()
            .map(|part| (part.offset, part.text.len(), part.matches.len(), part.cut))
            .collect();
        assert_eq!(parts, [(19_900, 500, 2, true), (39_900, 500, 1, true)]);
    }

    #[test]
    fn a_match_may_be_longer_than_what_is_told() {
        let line = vec![b'y'; 5_000];
        let told = describe(1, &line, vec![at(0..5_000)]);
        assert_eq!((told[0].text.len(), told[0].matches[0].end), (400, 5_000));
    }

    #[test]
    fn endings_are_no_text() {
        for (line, text) in [
            ("a\r\n", "a"),
            ("a\n", "a"),
            ("a", "a"),
            ("\n", ""),
            ("a\rb\n", "a\rb"),
        ] {
            assert_eq!(without_ending(line.as_bytes()), text.as_bytes());
        }
    }

    /// Lines of characters of every length, and of bytes that are none.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "[a-z]{0,300}".prop_map(String::into_bytes),
            "[é€😀ا]{0,60}".prop_map(String::into_bytes),
            vec(any::<u8>(), 0..20),
        ];
        vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_is_told_is_a_part_of_the_line(line in line(), places in vec((0.0..1.0_f64, 0_usize..700), 0..6)) {
            #[expect(
                clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                reason = "places in a short line"
            )]
            let mut ranges: Vec<_> = places
                .into_iter()
                .map(|(start, length)| {
                    let start = (start * line.len() as f64) as usize;
                    start..(start + length).min(line.len())
                })
                .collect();
            ranges.sort_by_key(|range| range.start);
            ranges.dedup_by(|later, earlier| later.start < earlier.end);
            let told = describe(1, &line, ranges.iter().cloned().map(at).collect());
            let shown = units(&line);
            let mut found = 0;
            for part in &told {
                let start = usize::try_from(part.offset).unwrap();
                let text: Vec<u16> = part.text.encode_utf16().collect();
                prop_assert_eq!(&shown[start..start + text.len()], &text[..]);
                prop_assert_eq!(part.cut, start + text.len() < shown.len());
                for place in &part.matches {
                    prop_assert!(part.offset <= place.start && place.start <= part.offset + text.len() as u64);
                    prop_assert!(place.start <= place.end && place.end <= shown.len() as u64);
                    found += 1;
                }
            }
            prop_assert_eq!(found, ranges.len());
        }

        #[test]
        fn places_in_valid_text_are_exact(text in "[a-z€😀é]{1,2000}", start in 0.0..1.0_f64) {
            #[expect(
                clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                reason = "a place in a short text"
            )]
            let start = text.floor_char_boundary((start * text.len() as f64) as usize);
            let told = describe(1, text.as_bytes(), vec![at(start..text.len())]);
            let before = text[..start].encode_utf16().count() as u64;
            let all = text.encode_utf16().count() as u64;
            let place = &told.last().unwrap().matches[0];
            prop_assert_eq!((place.start, place.end), (before, all));
        }
    }
}
