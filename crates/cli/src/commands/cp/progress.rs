//! How far a copy is, on one line of a person's terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often the line changes at most.
const EVERY: Duration = Duration::from_millis(200);

/// Shows how far a copy is; nothing where nobody looks.
#[derive(Debug)]
pub(super) struct Progress {
    total: Option<u64>,
    began: Instant,
    shown: Option<Instant>,
    is_watched: bool,
}

impl Progress {
    pub(super) fn new(total: Option<u64>) -> Self {
        Self {
            total,
            began: Instant::now(),
            shown: None,
            is_watched: std::io::stderr().is_terminal(),
        }
    }

    /// Learns how much it will be.
    pub(super) fn of(&mut self, total: Option<u64>) {
        self.total = total;
    }

    /// Shows that so many bytes are done.
    pub(super) fn show(&mut self, done: u64) {
        if !self.is_watched || self.shown.is_some_and(|shown| shown.elapsed() < EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let line = self.line(done);
        // Without a terminal to write to, nothing is lost.
        let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    }

    /// Leaves the terminal's line as it was before.
    pub(super) fn end(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    fn line(&self, done: u64) -> String {
        let millis = self.began.elapsed().as_millis().max(1);
        let speed = u128::from(done) * 1000 / millis;
        let speed = size(u64::try_from(speed).unwrap_or(u64::MAX));
        match self.total {
            Some(total @ 1..) => {
                let percent = u128::from(done) * 100 / u128::from(total);
                format!(
                    "{percent:3} %  {} of {}, {speed}/s",
                    size(done),
                    size(total)
                )
            }
            _ => format!("{}, {speed}/s", size(done)),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// A number of bytes, for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In tenths of the unit.
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read_at_a_glance() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_550_000, "1.5 MB"),
            (200_000_000, "200.0 MB"),
            (3_000_000_000_000_000, "3000.0 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
