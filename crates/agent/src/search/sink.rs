//! What is found in one file.

use std::io;

use atelier_api::agent::search::FoundLine;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch};

use super::lines::{LineMatch, describe, without_ending};
use super::pattern::Pattern;

/// How long a line may be, in bytes. It has to be held whole.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How much text of one file is told, in bytes.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// What goes through files; kept, since it holds buffers.
pub(super) fn searcher(context: u8) -> Searcher {
    SearcherBuilder::new()
        .line_terminator(grep_matcher::LineTerminator::crlf())
        .line_number(true)
        .before_context(context.into())
        .after_context(context.into())
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(LINE_BYTES_MAX))
        .build()
}

/// Collects what is found in one file, within bounds.
pub(super) struct Collector<'a, F> {
    pattern: &'a Pattern,
    /// How many matches are collected.
    limit: u32,
    /// Takes one of the matches that the whole search may tell; false when there are none left.
    claim: F,
    pub(super) lines: Vec<FoundLine>,
    pub(super) matches: u32,
    text_bytes: usize,
    /// The file has more than was collected.
    pub(super) truncated: bool,
    /// The file holds binary data.
    pub(super) binary: bool,
}

impl<'a, F: Fn() -> bool> Collector<'a, F> {
    pub(super) fn new(pattern: &'a Pattern, limit: u32, claim: F) -> Self {
        Self {
            pattern,
            limit,
            claim,
            lines: Vec::new(),
            matches: 0,
            text_bytes: 0,
            truncated: false,
            binary: false,
        }
    }

    fn tell(&mut self, number: Option<u64>, line: &[u8], matches: Vec<LineMatch>) {
        let lines = describe(number.unwrap_or_default(), line, matches);
        self.text_bytes += lines.iter().map(|line| line.text.len()).sum::<usize>();
        self.lines.extend(lines);
    }
}

impl<F: Fn() -> bool> Sink for Collector<'_, F> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let line = without_ending(found.bytes());
        let mut matches = Vec::new();
        self.pattern.each_match(line, |range, replacement| {
            let is_full = self.matches == self.limit || self.text_bytes > TEXT_BYTES_MAX;
            if is_full || !(self.claim)() {
                self.truncated = true;
                return false;
            }
            self.matches += 1;
            matches.push(LineMatch { range, replacement });
            true
        });
        if !matches.is_empty() {
            self.tell(found.line_number(), line, matches);
        }
        Ok(!self.truncated)
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        let line = without_ending(context.bytes());
        self.tell(context.line_number(), line, Vec::new());
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        self.binary = true;
        Ok(true)
    }
}
