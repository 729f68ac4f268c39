//! What `git clone --progress` prints: lines that end in CR while they change and in LF when done.

/// The longest line that is kept, in bytes; servers can send any text.
const LINE_MAX: usize = 1024;

/// Git's words for a step, and ours.
const PHASES: [(&str, &str); 6] = [
    ("Counting objects", "counting"),
    ("Compressing objects", "compressing"),
    ("Receiving objects", "receiving"),
    ("Resolving deltas", "resolving"),
    ("Updating files", "checking_out"),
    ("Writing objects", "writing"),
];

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) phase: &'static str,
    pub(super) percent: u8,
}

impl Progress {
    /// Reads a line; nothing when it is not about progress.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.strip_prefix("remote: ").unwrap_or(line);
        if let Some(counts) = line.strip_prefix("Rebasing (") {
            let (done, all) = counts.strip_suffix(')')?.split_once('/')?;
            let (done, all): (u64, u64) = (done.parse().ok()?, all.parse().ok()?);
            let percent = done.saturating_mul(100).checked_div(all)?.min(100);
            let percent = u8::try_from(percent).ok()?;
            return Some(Self {
                phase: "rebasing",
                percent,
            });
        }
        let (step, rest) = line.split_once(": ")?;
        let (_, phase) = PHASES.iter().find(|(name, _)| *name == step)?;
        let (percent, _) = rest.split_once('%')?;
        let percent: u8 = percent.trim().parse().ok()?;
        (percent <= 100).then_some(Self { phase, percent })
    }
}

/// Cuts a stream of bytes into lines that can be shown.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Takes bytes in, and gives the lines that are complete now, less empty ones.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut parts = bytes.split(|byte| matches!(byte, b'\r' | b'\n'));
        self.extend(parts.next().unwrap_or_default());
        for part in parts {
            lines.extend(self.finish());
            self.extend(part);
        }
        lines
    }

    /// The line that has no end yet.
    pub(super) fn finish(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.partial);
        // Servers send escape sequences to clear lines; nobody else may move a cursor with them.
        let line: String = String::from_utf8_lossy(&line)
            .replace("\x1b[K", "")
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        let line = line.trim_end();
        (!line.is_empty()).then(|| line.to_owned())
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LINE_MAX.saturating_sub(self.partial.len());
        self.partial
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn progress_is_read() {
        for (line, expected) in [
            (
                "remote: Counting objects:  66% (2/3)",
                Some(("counting", 66)),
            ),
            (
                "remote: Compressing objects: 100% (2/2), done.",
                Some(("compressing", 100)),
            ),
            (
                "Receiving objects:  45% (450/1000), 1.20 MiB | 3.00 MiB/s",
                Some(("receiving", 45)),
            ),
            ("Resolving deltas:   0% (0/7)", Some(("resolving", 0))),
            (
                "Updating files: 100% (9/9), done.",
                Some(("checking_out", 100)),
            ),
            ("remote: Enumerating objects: 3, done.", None),
            ("remote: Total 3 (delta 0), reused 0 (delta 0)", None),
            ("Writing objects:  50% (1/2)", Some(("writing", 50))),
            ("Rebasing (2/5)", Some(("rebasing", 40))),
            ("Rebasing (2/0)", None),
            ("Receiving objects: 300%", None),
            ("fatal: repository 'x' not found", None),
        ] {
            let progress = Progress::parse(line).map(|p| (p.phase, p.percent));
            assert_eq!(progress, expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_the_bytes_come(
            text in "[a-z%:é\r\n\x1b]{0,200}",
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            let mut start = 0;
            for cut in cuts {
                seen.extend(lines.push(&bytes[start..cut]));
                start = cut;
            }
            seen.extend(lines.finish());

            let mut whole = Lines::default();
            let mut expected = whole.push(bytes);
            expected.extend(whole.finish());
            prop_assert!(seen.iter().all(|line| !line.is_empty() && !line.contains(char::is_control)));
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn any_bytes_give_bounded_lines(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let mut lines = Lines::default();
            for line in lines.push(&bytes).into_iter().chain(lines.finish()) {
                // A byte that is not UTF-8 becomes three.
                prop_assert!(line.len() <= 3 * LINE_MAX);
                let _ = Progress::parse(&line);
            }
        }
    }
}
