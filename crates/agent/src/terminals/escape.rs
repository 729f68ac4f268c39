//! Where terminal output may be cut: not inside an escape sequence or a character.
//!
//! The states are those of the DEC parser (<https://vt100.net/emu/dec_ansi_parser>) as the `vte`
//! crate under `vt100` implements it, since its view decides what a cut would break.

#[derive(Clone, Copy)]
enum State {
    Escape,
    EscapeIntermediate,
    Csi,
    Osc,
    DcsEntry,
    DcsParam,
    DcsIntermediate,
    DcsPassthrough,
    /// A string that only ESC, CAN or SUB ends.
    Ignored,
}

impl State {
    /// The state after `byte`; `None` when the sequence is over. Never asked about ESC, which
    /// begins a new sequence wherever it stands.
    fn next(self, byte: u8) -> Option<Self> {
        const CAN: u8 = 0x18;
        const SUB: u8 = 0x1a;
        if matches!(byte, CAN | SUB) {
            return None;
        }
        match (self, byte) {
            (Self::Escape, b'[') => Some(Self::Csi),
            (Self::Escape, b']') => Some(Self::Osc),
            (Self::Escape, b'P') => Some(Self::DcsEntry),
            (Self::Escape, b'X' | b'^' | b'_') => Some(Self::Ignored),
            (Self::Escape, 0x20..=0x2f) => Some(Self::EscapeIntermediate),
            (Self::Escape | Self::EscapeIntermediate, 0x30..=0x7e) => None,
            (Self::Csi, 0x40..=0x7e) => None,
            (Self::Osc, 0x07) => None,
            (Self::DcsEntry | Self::DcsParam | Self::DcsIntermediate, 0x40..=0x7e) => {
                Some(Self::DcsPassthrough)
            }
            (Self::DcsEntry | Self::DcsParam, 0x20..=0x2f) => Some(Self::DcsIntermediate),
            (Self::DcsEntry, 0x30..=0x3f) | (Self::DcsParam, 0x30..=0x3b) => Some(Self::DcsParam),
            (Self::DcsParam, 0x3c..=0x3f) | (Self::DcsIntermediate, 0x30..=0x3f) => {
                Some(Self::Ignored)
            }
            (Self::DcsPassthrough, 0x9c) => None,
            (state, _) => Some(state),
        }
    }
}

/// How many bytes at the front of `bytes`, which begin outside of any sequence, are whole
/// sequences and characters. The rest needs what follows.
pub(super) fn whole(bytes: &[u8]) -> usize {
    const ESC: u8 = 0x1b;
    let mut ground = 0;
    if let Some(escape) = memchr::memrchr(ESC, bytes) {
        let mut state = State::Escape;
        ground = escape + 1;
        loop {
            let Some(&byte) = bytes.get(ground) else {
                return escape;
            };
            ground += 1;
            match state.next(byte) {
                Some(next) => state = next,
                None => break,
            }
        }
    }
    // A character has at most four bytes, so that a cut one has at most three.
    let text = &bytes[ground..];
    (1..=text.len().min(3))
        .map(|count| &text[text.len() - count..])
        .find(|tail| !matches!(tail[0], 0x80..=0xbf))
        .filter(|tail| str::from_utf8(tail).is_err_and(|error| error.error_len().is_none()))
        .map_or(bytes.len(), |tail| bytes.len() - tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_sequences_and_characters_wait_for_their_rest() {
        for (bytes, expected) in [
            (&b"plain"[..], 5),
            (b"", 0),
            (b"a\x1b", 1),
            (b"a\x1b[3", 1),
            (b"a\x1b[31m", 6),
            (b"a\x1b[31mb\x1b[", 7),
            (b"a\x1b(", 1),
            (b"a\x1b(B", 4),
            (b"\x1b]0;title", 0),
            (b"\x1b]0;title\x07", 10),
            (b"\x1b]0;title\x1b\\", 11),
            (b"\x1b]0;title\x1b", 9),
            (b"\x1bPq#0\x1b\\", 7),
            (b"\x1bPq#0", 0),
            (b"\x1b_apc", 0),
            (b"\x1b[3\x18", 4),
            ("x€".as_bytes(), 4),
            (b"x\xe2\x82", 1),
            (b"x\xf0\x9f\x98", 1),
            (b"x\xff", 2),
            (b"x\x80\x80\x80\x80", 5),
            (b"\x1b[m\xc3", 3),
        ] {
            assert_eq!(
                whole(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
