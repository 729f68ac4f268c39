//! Runs a tool as one visible step: a line when it starts, the tool's last line while it works, the
//! time when it is done, and all that it printed when it fails.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// How much of a tool's output is kept for the case that it fails, in lines.
const KEPT_LINES: usize = 2_000;
/// How often the elapsed time is redrawn on a terminal.
const REDRAW: Duration = Duration::from_millis(200);
/// How often a step without a terminal says that it is still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// Columns that a live line may use: the width of the narrowest common terminal.
const COLUMNS: usize = 79;

/// Runs `command` to its end under `title`.
pub(crate) fn run(title: &str, command: &mut Command) -> Result<()> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{title}: cannot start {}", describe(command)))?;
    let (sender, lines) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || forward_lines(stream, &sender));
    }
    drop(sender);

    let mut display = Display::new(title, started);
    let mut kept = VecDeque::new();
    loop {
        match lines.recv_timeout(REDRAW) {
            Ok(line) => {
                display.update(Some(&line));
                kept.push_back(line);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
            Err(RecvTimeoutError::Timeout) => display.update(None),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait().context("cannot wait for a step")?;
    display.finish(status.success());
    if status.success() {
        return Ok(());
    }
    for line in kept {
        println!("{line}");
    }
    bail!("{title}: {} ended with {status}", describe(command));
}

/// `1 min 2 s`, `12.3 s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// The command as a person would type it.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn forward_lines(stream: impl Read, sender: &Sender<String>) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match reader.read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if sender.send(line).is_err() {
            return;
        }
    }
}

/// What a person sees of a step.
struct Display<'a> {
    title: &'a str,
    started: Instant,
    live: bool,
    tail: String,
    drawn: Instant,
}

impl<'a> Display<'a> {
    fn new(title: &'a str, started: Instant) -> Self {
        let live = io::stdout().is_terminal();
        if !live {
            println!("{title} …");
        }
        Self {
            title,
            started,
            live,
            tail: String::new(),
            drawn: started,
        }
    }

    fn update(&mut self, line: Option<&str>) {
        if let Some(line) = line.filter(|line| !line.trim().is_empty()) {
            line.trim().clone_into(&mut self.tail);
        }
        let pause = if self.live { REDRAW } else { SIGN_OF_LIFE };
        if self.drawn.elapsed() < pause {
            return;
        }
        self.drawn = Instant::now();
        let time = elapsed(self.started.elapsed());
        let line = live_line(self.title, &time, &self.tail);
        if self.live {
            print!("\r\x1b[2K{line}");
            // A terminal that went away is no reason to stop the step.
            let _ = io::stdout().flush();
        } else {
            println!("{line}");
        }
    }

    fn finish(&self, success: bool) {
        let erase = if self.live { "\r\x1b[2K" } else { "" };
        let outcome = if success { "done" } else { "FAILED" };
        let time = elapsed(self.started.elapsed());
        println!("{erase}{}: {outcome} in {time}", self.title);
    }
}

/// The title, the time and as much of the tool's last line as fits, without control characters.
fn live_line(title: &str, time: &str, tail: &str) -> String {
    let tail = tail.chars().map(|c| if c.is_control() { ' ' } else { c });
    format!("{title} {time}  ")
        .chars()
        .chain(tail)
        .take(COLUMNS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_tool_fails_its_step() {
        run("true", &mut Command::new("true")).unwrap();
        let error = run("false", &mut Command::new("false")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("false ended with exit status: 1")
        );
        let error = run("none", &mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("cannot start no-such-program"));
    }

    #[test]
    fn a_live_line_fits_a_terminal_and_carries_no_control_character() {
        let line = live_line(
            "Building",
            "1.0 s",
            &format!("a\tb\x1b[31m{}", "é".repeat(200)),
        );
        assert_eq!(line.chars().count(), COLUMNS);
        assert!(!line.chars().any(char::is_control));
    }

    #[test]
    fn times_read_well() {
        assert_eq!(elapsed(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(elapsed(Duration::from_secs(125)), "2 min 5 s");
    }
}
