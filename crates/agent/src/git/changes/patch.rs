//! A patch of one file as Git prints it, and the part of it that consists of chosen lines.

use atelier_api::agent::git::{GitDiffLine, GitHunk, GitLineKind};

/// A patch. Lines are counted through all hunks, from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Patch {
    /// Everything before the first hunk, line by line.
    header: Vec<Vec<u8>>,
    hunks: Vec<Hunk>,
}

#[derive(Debug, PartialEq, Eq)]
struct Hunk {
    old: (u32, u32),
    new: (u32, u32),
    heading: Vec<u8>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// A space, `+` or `-`.
    sign: u8,
    text: Vec<u8>,
    /// It is the last one of its side, without a line end.
    is_open: bool,
}

/// In which direction a part is going to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the old side: what is not chosen stays as it was before.
    Forward,
    /// Backwards, to the new side: what is not chosen stays as it is.
    Reverse,
}

/// These lines cannot be taken alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inseparable;

impl Patch {
    /// Reads the first file's patch. What is no text has no hunks.
    pub(super) fn parse(printed: &[u8]) -> Self {
        let mut patch = Self::default();
        for line in printed.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if let Some(hunk) = Hunk::begin(line) {
                patch.hunks.push(hunk);
                continue;
            }
            let Some(hunk) = patch.hunks.last_mut() else {
                if line.starts_with(b"diff ") && !patch.header.is_empty() {
                    break;
                }
                patch.header.push(line.to_vec());
                continue;
            };
            match line.split_first() {
                Some((sign @ (b' ' | b'+' | b'-'), text)) => hunk.lines.push(Line {
                    sign: *sign,
                    text: text.to_vec(),
                    is_open: false,
                }),
                Some((b'\\', _)) => {
                    if let Some(last) = hunk.lines.last_mut() {
                        last.is_open = true;
                    }
                }
                // The next file.
                _ => break,
            }
        }
        patch
    }

    /// The hunks as they are told.
    pub(super) fn hunks(&self) -> Vec<GitHunk> {
        let mut first = 0;
        let mut hunks = Vec::with_capacity(self.hunks.len());
        for hunk in &self.hunks {
            hunks.push(hunk.describe(first));
            first += u32::try_from(hunk.lines.len()).unwrap_or(u32::MAX);
        }
        hunks
    }

    /// The patch of the lines that are chosen; nothing when no change is among them.
    pub(super) fn part(
        &self,
        direction: Direction,
        chosen: impl Fn(u32) -> bool,
    ) -> Result<Option<Vec<u8>>, Inseparable> {
        let mut body = Vec::new();
        let (mut number, mut shift, mut is_whole) = (0, 0_i64, true);
        for hunk in &self.hunks {
            let marked: Vec<(&Line, bool)> = hunk
                .lines
                .iter()
                .map(|line| {
                    let is_chosen = chosen(number);
                    number += 1;
                    (line, is_chosen)
                })
                .collect();
            let is_change = |(line, _): &&(&Line, bool)| line.sign != b' ';
            is_whole &= marked.iter().filter(is_change).all(|(_, chosen)| *chosen);
            if marked.iter().filter(is_change).any(|(_, chosen)| *chosen) {
                hunk.write(
                    &select(&marked, direction)?,
                    direction,
                    &mut shift,
                    &mut body,
                );
            }
        }
        if body.is_empty() {
            return Ok(None);
        }
        let mut patch = self.header(direction, is_whole);
        patch.extend_from_slice(&body);
        Ok(Some(patch))
    }

    /// What stands above the hunks. A part neither makes nor deletes a file, unless it is applied where the
    /// file is not, and changes no mode.
    fn header(&self, direction: Direction, is_whole: bool) -> Vec<u8> {
        let side = |prefix: &[u8]| self.header.iter().find(|line| line.starts_with(prefix));
        let (old, new) = (side(b"--- "), side(b"+++ "));
        let is_absent =
            |line: Option<&Vec<u8>>| line.is_some_and(|line| line.ends_with(b" /dev/null"));
        let keeps = is_whole
            || (direction == Direction::Forward && is_absent(old))
            || (direction == Direction::Reverse && is_absent(new));
        let mut text = Vec::new();
        if keeps {
            for line in &self.header {
                text.extend_from_slice(line);
                text.push(b'\n');
            }
            return text;
        }
        let known = if is_absent(old) { new } else { old };
        let path = known.and_then(|line| line.get(4..)).unwrap_or_default();
        let first = self.header.first().map_or(&b""[..], Vec::as_slice);
        for line in [
            first.to_vec(),
            [b"--- ", &*with_prefix(path, b'a')].concat(),
            [b"+++ ", &*with_prefix(path, b'b')].concat(),
        ] {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        text
    }
}

/// `b/name` or `"b/na\tme"` → the same with another letter.
fn with_prefix(path: &[u8], letter: u8) -> Vec<u8> {
    let mut path = path.to_vec();
    let at = usize::from(path.first() == Some(&b'"'));
    if let Some(first) = path.get_mut(at) {
        *first = letter;
    }
    path
}

/// What is left of a hunk. In a block of changes, the lines of the two sides are paired, so that what is
/// chosen stands where one would look for it.
fn select(marked: &[(&Line, bool)], direction: Direction) -> Result<Vec<Line>, Inseparable> {
    let mut kept: Vec<Line> = Vec::new();
    let mut take = |line: &Line, is_chosen: bool| {
        let stays = match direction {
            Direction::Forward => b'-',
            Direction::Reverse => b'+',
        };
        if line.sign == b' ' || is_chosen {
            kept.push(line.clone());
        } else if line.sign == stays {
            kept.push(Line {
                sign: b' ',
                ..line.clone()
            });
        }
    };
    let mut rest = marked;
    while let Some(((line, _), after)) = rest.split_first() {
        if line.sign == b' ' {
            take(line, false);
            rest = after;
            continue;
        }
        let end = rest.iter().position(|(line, _)| line.sign == b' ');
        let (block, after) = rest.split_at(end.unwrap_or(rest.len()));
        let side = |sign| block.iter().filter(move |(line, _)| line.sign == sign);
        let (mut removed, mut added) = (side(b'-'), side(b'+'));
        loop {
            let pair = (removed.next(), added.next());
            if pair == (None, None) {
                break;
            }
            for (line, is_chosen) in [pair.0, pair.1].into_iter().flatten() {
                take(line, *is_chosen);
            }
        }
        rest = after;
    }
    // A line without an end must be the last one of its side.
    for (index, line) in kept.iter().enumerate().filter(|(_, line)| line.is_open) {
        let after = kept.get(index + 1..).unwrap_or_default();
        let follows =
            |other: &Line| line.sign == b' ' || other.sign == b' ' || other.sign == line.sign;
        if after.iter().any(follows) {
            return Err(Inseparable);
        }
    }
    Ok(kept)
}

impl Hunk {
    /// `@@ -1,2 +3,4 @@ heading`
    fn begin(line: &[u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"@@ -")?;
        let end = memchr::memmem::find(rest, b" @@")?;
        let numbers = std::str::from_utf8(rest.get(..end)?).ok()?;
        let (old, new) = numbers.split_once(" +")?;
        Some(Self {
            old: range(old)?,
            new: range(new)?,
            heading: rest.get(end + 3..)?.trim_ascii_start().to_vec(),
            lines: Vec::new(),
        })
    }

    fn describe(&self, first: u32) -> GitHunk {
        let line = |line: &Line| GitDiffLine {
            kind: match line.sign {
                b'+' => GitLineKind::Added,
                b'-' => GitLineKind::Removed,
                _ => GitLineKind::Context,
            },
            text: String::from_utf8_lossy(&line.text).into_owned(),
            no_newline: line.is_open,
        };
        GitHunk {
            old_start: self.old.0,
            old_lines: self.old.1,
            new_start: self.new.0,
            new_lines: self.new.1,
            heading: String::from_utf8_lossy(&self.heading).into_owned(),
            first,
            lines: self.lines.iter().map(line).collect(),
        }
    }

    /// Writes the hunk with other lines. `shift` is by how many lines the side that it is not applied to is
    /// longer so far.
    fn write(&self, lines: &[Line], direction: Direction, shift: &mut i64, body: &mut Vec<u8>) {
        let count = |other: u8| lines.iter().filter(|line| line.sign != other).count();
        let (old_count, new_count) = (count(b'+'), count(b'-'));
        let moved = |start: u32| (i64::from(start) + *shift).max(0);
        let (old, new) = match direction {
            Direction::Forward => (i64::from(self.old.0), moved(self.old.0)),
            Direction::Reverse => (moved(self.new.0), i64::from(self.new.0)),
        };
        let grown = i64::try_from(new_count).unwrap_or(0) - i64::try_from(old_count).unwrap_or(0);
        *shift += match direction {
            Direction::Forward => grown,
            Direction::Reverse => -grown,
        };
        let at = |start: i64, count: usize| {
            if count == 0 {
                start.min(0)
            } else {
                start.max(1)
            }
        };
        let head = format!(
            "@@ -{},{old_count} +{},{new_count} @@\n",
            at(old, old_count),
            at(new, new_count)
        );
        body.extend_from_slice(head.as_bytes());
        for line in lines {
            body.push(line.sign);
            body.extend_from_slice(&line.text);
            body.push(b'\n');
            if line.is_open {
                body.extend_from_slice(b"\\ No newline at end of file\n");
            }
        }
    }
}

/// `start,count`, or `start` alone for one line.
fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATCH: &[u8] = b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n\
        @@ -1,4 +1,4 @@ fn\n one\n-two\n-three\n+TWO\n+THREE\n four\n";

    fn part(direction: Direction, lines: &[u32]) -> String {
        let patch = Patch::parse(PATCH);
        let part = patch.part(direction, |number| lines.contains(&number));
        String::from_utf8(part.unwrap().unwrap()).unwrap()
    }

    #[test]
    fn all_lines_are_the_patch_itself() {
        let part = part(Direction::Forward, &[1, 2, 3, 4]);
        assert!(
            part.ends_with("-two\n+TWO\n-three\n+THREE\n four\n"),
            "{part}"
        );
        assert!(part.contains("index 1..2 100644\n"), "{part}");
    }

    #[test]
    fn a_chosen_pair_stands_where_it_belongs() {
        let forward = part(Direction::Forward, &[2, 4]);
        assert!(
            forward.ends_with(" one\n two\n-three\n+THREE\n four\n"),
            "{forward}"
        );
        assert!(forward.contains("@@ -1,4 +1,4 @@\n"), "{forward}");
        let reverse = part(Direction::Reverse, &[2, 4]);
        assert!(
            reverse.ends_with(" one\n TWO\n-three\n+THREE\n four\n"),
            "{reverse}"
        );
    }

    #[test]
    fn no_change_is_no_patch() {
        let patch = Patch::parse(PATCH);
        assert_eq!(
            patch.part(Direction::Forward, |number| number == 0),
            Ok(None)
        );
    }

    #[test]
    fn what_has_no_line_end_cannot_stand_before_something() {
        let patch = Patch::parse(
            b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n",
        );
        let only_b = patch.part(Direction::Forward, |number| number == 2);
        assert_eq!(only_b, Err(Inseparable));
        assert!(patch.part(Direction::Forward, |_| true).unwrap().is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let patch = Patch::parse(&[b"@@ -1 +1 @@\n".as_slice(), &bytes].concat());
            let _ = (patch.hunks(), patch.part(Direction::Reverse, |number| number % 2 == 0));
        }
    }
}
