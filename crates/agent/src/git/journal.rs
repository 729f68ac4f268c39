//! What was run last, for whoever asks “what did you do?”.

use std::collections::VecDeque;

use atelier_api::agent::git::{GitRun, GitRunList};
use parking_lot::Mutex;

use crate::clock;

/// How many commands are kept.
const RUNS_MAX: usize = 200;

/// How much of a command's output is kept, in bytes.
const OUTPUT_MAX: usize = 64 * 1024;

/// The last commands, oldest first.
#[derive(Debug, Default)]
pub(super) struct Journal(Mutex<VecDeque<GitRun>>);

impl Journal {
    /// Notes a command that has ended.
    pub(super) fn note(&self, command: String, mut output: String, succeeded: bool) -> GitRun {
        if output.len() > OUTPUT_MAX {
            let end = output.floor_char_boundary(OUTPUT_MAX);
            output.truncate(end);
            output.push_str("\n…");
        }
        let run = GitRun {
            command,
            output,
            succeeded,
            at: clock::now(),
        };
        let mut runs = self.0.lock();
        if runs.len() == RUNS_MAX {
            runs.pop_front();
        }
        runs.push_back(run.clone());
        run
    }

    pub(super) fn list(&self) -> GitRunList {
        GitRunList {
            items: self.0.lock().iter().cloned().collect(),
        }
    }
}
