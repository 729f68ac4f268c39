//! What an archive says of itself: what is missing, and what may not be right.

use std::fmt::Write as _;

/// How much is written down, in bytes; then only counted.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// What came up, a line each.
#[derive(Debug, Default)]
pub(super) struct Notes {
    text: String,
    /// How many found no room.
    more: u64,
}

impl Notes {
    /// Notes something about the path `wire`.
    pub(super) fn add(&mut self, wire: &str, what: &str) {
        if self.text.len() + wire.len() + what.len() > TEXT_BYTES_MAX {
            self.more += 1;
            return;
        }
        // On one line, whatever the name: it is read by people and by programs.
        let name = wire.replace(['\n', '\r'], "\u{fffd}");
        writeln!(self.text, "{name}: {what}").expect("writing to a string");
    }

    /// All of it, for people; nothing where nothing came up.
    pub(super) fn into_text(mut self) -> Option<String> {
        if self.more > 0 {
            writeln!(self.text, "… and {} more", self.more).expect("writing to a string");
        }
        (!self.text.is_empty()).then(|| {
            format!(
                "Some of what this archive was to hold is missing from it, or may not be as it was:\n\n{}",
                self.text
            )
        })
    }
}
