//! The file of a recording: asciicast v2, a header and then an event on each line
//! (<https://docs.asciinema.org/manual/asciicast/v2/>).

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use atelier_api::Timestamp;
use atelier_api::agent::recordings::{Recording, RecordingEnd};
use atelier_api::ids::{RecordingId, TerminalId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::terminals::screen::Size;

/// How much of the end of a file is read for its last event: more than any one has.
const TAIL_BYTES: u64 = 256 * 1024;

/// The longest header that is read, in bytes.
const HEADER_BYTES_MAX: u64 = 16 * 1024;

/// What the last event of a recording says, before the reason.
const END_LABEL: &str = "ended: ";

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The program printed this.
    Output(Vec<u8>),
    /// The screen has this size from now on.
    Resize(Size),
    /// It is over.
    End(RecordingEnd),
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    width: u16,
    height: u16,
    /// Seconds since 1970.
    timestamp: i64,
    title: String,
    #[serde(default)]
    env: serde_json::Value,
    atelier: Own,
}

/// What the format has no field for.
#[derive(Debug, Serialize, Deserialize)]
struct Own {
    terminal: TerminalId,
    started_at: Timestamp,
}

/// The first line of a recording.
pub(super) fn header(terminal: TerminalId, name: &str, at: Timestamp, size: Size) -> Vec<u8> {
    let header = Header {
        version: 2,
        width: size.cols,
        height: size.rows,
        timestamp: at.0 / 1000,
        title: name.to_owned(),
        env: json!({ "TERM": "xterm-256color" }),
        atelier: Own {
            terminal,
            started_at: at,
        },
    };
    let mut line = serde_json::to_vec(&header).expect("it is plain data");
    line.push(b'\n');
    line
}

/// Writes events as lines. The format holds text: a character that is cut waits for its rest, and what is
/// no UTF-8 becomes `U+FFFD`, as it does on the screen.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a character.
    cut: Vec<u8>,
}

impl Lines {
    /// The line of an event that happened so many milliseconds after the beginning; empty when there is
    /// nothing to say yet.
    pub(super) fn line(&mut self, at_ms: u64, event: &Event) -> Vec<u8> {
        let (code, data) = match event {
            Event::Output(bytes) => match self.text(bytes) {
                text if text.is_empty() => return Vec::new(),
                text => ("o", text),
            },
            Event::Resize(size) => ("r", format!("{}x{}", size.cols, size.rows)),
            Event::End(end) => ("m", format!("{END_LABEL}{}", word(*end))),
        };
        let data = serde_json::to_string(&data).expect("it is text");
        let (seconds, thousandths) = (at_ms / 1000, at_ms % 1000);
        format!("[{seconds}.{thousandths:03}, \"{code}\", {data}]\n").into_bytes()
    }

    fn text(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let whole = all
            .utf8_chunks()
            .last()
            .filter(|last| is_cut(last.invalid()))
            .map_or(all.len(), |last| all.len() - last.invalid().len());
        self.cut = all.split_off(whole);
        String::from_utf8_lossy(&all).into_owned()
    }
}

/// Whether the bytes may become a character when more follow.
fn is_cut(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// What a file says of itself.
///
/// # Errors
/// It cannot be read, or is no recording of ours.
pub(super) fn read(path: &Path, id: RecordingId) -> io::Result<Recording> {
    let mut file = File::open(path)?;
    let size_bytes = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new(Read::by_ref(&mut file).take(HEADER_BYTES_MAX)).read_until(b'\n', &mut line)?;
    let header: Header = serde_json::from_slice(&line)?;
    let (at_ms, ended) = last_event(&mut file, size_bytes)?;
    Ok(Recording {
        id,
        terminal: header.atelier.terminal,
        name: header.title,
        started_at: header.atelier.started_at,
        duration_ms: at_ms,
        size_bytes,
        cols: header.width,
        rows: header.height,
        ended: Some(ended.unwrap_or(RecordingEnd::Interrupted)),
    })
}

/// When the last whole event was, and why the recording ended if it says so.
fn last_event(file: &mut File, size: u64) -> io::Result<(u64, Option<RecordingEnd>)> {
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let mut lines = tail.rsplit(|byte| *byte == b'\n');
    // The header is an object, so that it is passed over as a line that was cut is.
    let event = lines.find_map(|line| serde_json::from_slice::<(f64, String, String)>(line).ok());
    let Some((seconds, code, data)) = event else {
        return Ok((0, None));
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and a time is not negative"
    )]
    let at_ms = (seconds * 1000.0).round() as u64;
    let end = data
        .strip_prefix(END_LABEL)
        .filter(|_| code == "m")
        .and_then(|word| serde_json::from_value(json!(word)).ok());
    Ok((at_ms, end))
}

fn word(end: RecordingEnd) -> String {
    match serde_json::to_value(end) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::ids::{RecordingId, TerminalId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const SIZE: Size = Size { cols: 80, rows: 24 };

    fn said(lines: &mut Lines, at_ms: u64, event: &Event) -> String {
        String::from_utf8(lines.line(at_ms, event)).expect("lines are text")
    }

    #[test]
    fn events_are_lines_of_json() {
        let mut lines = Lines::default();
        let output = Event::Output(b"a\x1b[31m\"\r\n".to_vec());
        assert_eq!(
            said(&mut lines, 1234, &output),
            "[1.234, \"o\", \"a\\u001b[31m\\\"\\r\\n\"]\n"
        );
        let resize = Event::Resize(Size {
            cols: 100,
            rows: 30,
        });
        assert_eq!(said(&mut lines, 5, &resize), "[0.005, \"r\", \"100x30\"]\n");
        let end = Event::End(RecordingEnd::Size);
        assert_eq!(
            said(&mut lines, 60_000, &end),
            "[60.000, \"m\", \"ended: size\"]\n"
        );
    }

    #[test]
    fn a_character_that_is_cut_waits_for_its_rest() {
        let mut lines = Lines::default();
        assert_eq!(
            said(&mut lines, 0, &Event::Output(b"\xe2\x82".to_vec())),
            ""
        );
        assert_eq!(
            said(&mut lines, 0, &Event::Output(b"\xac!\xff".to_vec())),
            "[0.000, \"o\", \"€!\u{fffd}\"]\n"
        );
    }

    #[test]
    fn a_file_says_what_it_is() {
        let folder = tempfile::tempdir().expect("made");
        let path = folder.path().join("a.cast");
        let id = RecordingId::from_uuid(Uuid::from_u128(1));
        let terminal = TerminalId::from_uuid(Uuid::from_u128(2));
        let mut bytes = header(terminal, "build", Timestamp(1_700_000_000_123), SIZE);
        let mut lines = Lines::default();
        let check = |bytes: &[u8], duration_ms, ended| {
            std::fs::write(&path, bytes).expect("written");
            let recording = read(&path, id).expect("one of ours");
            assert_eq!(recording.name, "build");
            assert_eq!(recording.terminal, terminal);
            assert_eq!(recording.started_at, Timestamp(1_700_000_000_123));
            assert_eq!(
                (recording.duration_ms, recording.ended),
                (duration_ms, Some(ended))
            );
        };
        check(&bytes, 0, RecordingEnd::Interrupted);
        bytes.extend(lines.line(1500, &Event::Output(b"hello".to_vec())));
        check(&bytes, 1500, RecordingEnd::Interrupted);
        let cut = [&bytes[..], b"[2.0, \"o\", \"cu"].concat();
        check(&cut, 1500, RecordingEnd::Interrupted);
        bytes.extend(lines.line(2000, &Event::End(RecordingEnd::Stopped)));
        check(&bytes, 2000, RecordingEnd::Stopped);

        for foreign in [&b""[..], b"{}\n", b"\x00\xff", b"{\"version\": 2}\n"] {
            std::fs::write(&path, foreign).expect("written");
            assert!(read(&path, id).is_err());
        }
    }

    proptest! {
        /// However the output is cut, the recording holds the same text.
        #[test]
        fn cuts_do_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..60), step in 1_usize..9) {
            let texts = |pieces: Vec<&[u8]>| -> String {
                let mut lines = Lines::default();
                pieces.into_iter().map(|piece| lines.text(piece)).collect()
            };
            let whole = texts(vec![&bytes]);
            prop_assert_eq!(texts(bytes.chunks(step).collect()), whole);
        }
    }
}
