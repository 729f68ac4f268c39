//! The last lines that a server has said.

use std::collections::VecDeque;

use atelier_api::agent::languages::{LanguageLog, LanguageLogLine, LanguageLogSource};

use crate::clock;

/// How many lines are held.
const LINES_MAX: usize = 1000;

/// How many characters of a line are held.
const LINE_MAX: usize = 2000;

/// A server's log.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: VecDeque<LanguageLogLine>,
    dropped: u64,
}

impl Log {
    /// Adds what was said, line by line.
    pub(super) fn say(&mut self, source: LanguageLogSource, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if self.lines.len() == LINES_MAX {
                self.lines.pop_front();
                self.dropped += 1;
            }
            self.lines.push_back(LanguageLogLine {
                at: clock::now(),
                source,
                text: line.chars().take(LINE_MAX).collect(),
            });
        }
    }

    /// The last line that the program itself has said.
    pub(super) fn last_words(&self) -> Option<&str> {
        let said = |line: &&LanguageLogLine| line.source == LanguageLogSource::Server;
        self.lines
            .iter()
            .rev()
            .find(said)
            .map(|line| line.text.as_str())
    }

    pub(super) fn view(&self) -> LanguageLog {
        LanguageLog {
            lines: self.lines.iter().cloned().collect(),
            dropped: self.dropped,
        }
    }
}
