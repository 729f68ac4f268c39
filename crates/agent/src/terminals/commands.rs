//! What a terminal's shell tells of its commands: which it runs, where, since when, and how they
//! ended.
//!
//! The shell marks its output (`shell/`): OSC 133 `A` before a prompt, `C` before a command's output,
//! `D;STATUS` after it; OSC 633 `E;LINE;NONCE` with the command line. Marks may come from anything that
//! is printed, so they decide nothing; a command line is only believed with the shell's nonce.

use std::collections::VecDeque;

use atelier_api::Timestamp;
use atelier_api::agent::commands::{COMMAND_BYTES_MAX, COMMANDS_BYTES_MAX, COMMANDS_MAX};

use super::osc;

/// A command, as the terminal remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) directory: Option<String>,
    pub(super) started_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) exit_code: Option<i32>,
    pub(super) start_offset: u64,
    pub(super) end_offset: Option<u64>,
}

/// The commands of one terminal.
pub(super) struct Commands {
    nonce: Option<String>,
    pub(super) directory: Option<String>,
    /// The line of the command that is about to begin.
    announced: Option<String>,
    running: Option<Entry>,
    /// Oldest first.
    ended: VecDeque<Entry>,
    /// How many bytes their lines have together.
    ended_bytes: usize,
    last_number: u64,
}

impl Commands {
    /// Of a shell that ends its own marks with `nonce`, if it is one that we know.
    pub(super) fn new(nonce: Option<String>) -> Self {
        Self {
            nonce,
            directory: None,
            announced: None,
            running: None,
            ended: VecDeque::new(),
            ended_bytes: 0,
            last_number: 0,
        }
    }

    /// All of them, newest first. One whose line is not known is not among them.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.running
            .iter()
            .chain(self.ended.iter().rev())
            .filter(|entry| !entry.text.is_empty())
    }

    /// The text of an OSC 133 that ended at `offset`.
    pub(super) fn mark(&mut self, text: &[u8], offset: u64, now: impl FnOnce() -> Timestamp) {
        match text.first() {
            Some(b'A') => {
                // A prompt without an end before it: a shell that was interrupted says no more.
                self.end(None, offset, now);
                self.announced = None;
            }
            Some(b'C') if self.running.is_none() => self.begin(offset, now()),
            Some(b'D') => {
                let mut parts = text.split(|byte| *byte == b';').skip(1);
                let code = parts
                    .next()
                    .and_then(|code| str::from_utf8(code).ok()?.parse().ok());
                self.end(code, offset, now);
            }
            _ => {}
        }
    }

    /// The text of an OSC 633: only `E`, with the right nonce, is of interest.
    pub(super) fn shell(&mut self, text: &[u8]) {
        let mut parts = text.splitn(3, |byte| *byte == b';');
        let (Some(b"E"), Some(line), Some(nonce)) = (parts.next(), parts.next(), parts.next())
        else {
            return;
        };
        if self
            .nonce
            .as_ref()
            .is_none_or(|own| own.as_bytes() != nonce)
        {
            return;
        }
        let line = osc::command_line(line);
        if line.len() > COMMAND_BYTES_MAX {
            // Half a command line is worse than none: it can be run again.
            return;
        }
        match &mut self.running {
            Some(running) if running.text.is_empty() => running.text = line,
            Some(_) => {}
            None => self.announced = Some(line),
        }
    }

    fn begin(&mut self, offset: u64, now: Timestamp) {
        self.last_number += 1;
        self.running = Some(Entry {
            number: self.last_number,
            text: self.announced.take().unwrap_or_default(),
            directory: self.directory.clone(),
            started_at: now,
            ended_at: None,
            exit_code: None,
            start_offset: offset,
            end_offset: None,
        });
    }

    fn end(&mut self, code: Option<i32>, offset: u64, now: impl FnOnce() -> Timestamp) {
        let Some(mut entry) = self.running.take() else {
            return;
        };
        if entry.text.is_empty() {
            return;
        }
        entry.exit_code = code;
        entry.ended_at = Some(now());
        entry.end_offset = Some(offset);
        self.ended_bytes += bytes(&entry);
        self.ended.push_back(entry);
        while self.ended.len() > COMMANDS_MAX || self.ended_bytes > COMMANDS_BYTES_MAX {
            let oldest = self.ended.pop_front();
            self.ended_bytes -= oldest.as_ref().map_or(0, bytes);
        }
    }
}

fn bytes(entry: &Entry) -> usize {
    entry.text.len() + entry.directory.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(5);

    fn commands() -> Commands {
        Commands::new(Some("n0".into()))
    }

    fn run(commands: &mut Commands, line: &str, code: &str, offset: u64) {
        commands.mark(b"A", offset, || NOW);
        commands.shell(format!("E;{line};n0").as_bytes());
        commands.mark(b"C", offset, || NOW);
        commands.mark(format!("D;{code}").as_bytes(), offset + 10, || NOW);
    }

    fn shown(commands: &Commands) -> Vec<(u64, &str, Option<i32>)> {
        commands
            .newest_first()
            .map(|entry| (entry.number, entry.text.as_str(), entry.exit_code))
            .collect()
    }

    #[test]
    fn a_command_begins_runs_and_ends() {
        let mut commands = commands();
        commands.directory = Some("/a".into());
        commands.mark(b"A", 0, || NOW);
        commands.mark(b"B", 5, || NOW);
        commands.shell(b"E;ls;n0");
        assert_eq!(shown(&commands), []);
        commands.mark(b"C", 10, || NOW);
        assert_eq!(shown(&commands), [(1, "ls", None)]);
        commands.mark(b"D;2", 20, || Timestamp(9));
        let entry = commands.newest_first().next().expect("it ended");
        assert_eq!(
            entry,
            &Entry {
                number: 1,
                text: "ls".into(),
                directory: Some("/a".into()),
                started_at: NOW,
                ended_at: Some(Timestamp(9)),
                exit_code: Some(2),
                start_offset: 10,
                end_offset: Some(20),
            }
        );
    }

    #[test]
    fn only_the_shell_itself_says_what_was_run() {
        let mut commands = commands();
        for forged in [
            &b"E;rm -rf /;guess"[..],
            b"E;rm -rf /",
            b"E",
            b"",
            b"P;x;n0",
        ] {
            commands.mark(b"A", 0, || NOW);
            commands.shell(forged);
            commands.mark(b"C", 0, || NOW);
            commands.mark(b"D;0", 0, || NOW);
        }
        let mut foreign = Commands::new(None);
        foreign.shell(b"E;x;");
        foreign.mark(b"C", 0, || NOW);
        assert_eq!((shown(&commands), shown(&foreign)), (vec![], vec![]));
    }

    #[test]
    fn marks_out_of_order_do_no_harm() {
        let mut commands = commands();
        commands.mark(b"D;1", 0, || NOW);
        commands.mark(b"C", 1, || NOW);
        // The line may follow the mark.
        commands.shell(b"E;make;n0");
        commands.mark(b"C", 2, || NOW);
        commands.shell(b"E;other;n0");
        commands.mark(b"A", 3, || NOW);
        commands.mark(b"D;1", 4, || NOW);
        commands.mark(b"D;x", 5, || NOW);
        assert_eq!(shown(&commands), [(1, "make", None)]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut commands = commands();
        for number in 0..COMMANDS_MAX + 10 {
            run(&mut commands, &format!("echo {number}"), "0", 0);
        }
        assert_eq!(commands.ended.len(), COMMANDS_MAX);
        assert_eq!(commands.ended[0].text, "echo 10");
        let long = "x".repeat(COMMAND_BYTES_MAX);
        for _ in 0..COMMANDS_BYTES_MAX / COMMAND_BYTES_MAX + 5 {
            run(&mut commands, &long, "0", 0);
        }
        assert!(commands.ended_bytes <= COMMANDS_BYTES_MAX);
        let held: usize = commands.ended.iter().map(bytes).sum();
        assert_eq!(held, commands.ended_bytes);
        let last = commands.last_number;
        run(&mut commands, &format!("{long}x"), "0", 0);
        assert_eq!(commands.ended.back().map(|entry| entry.number), Some(last));
    }
}
