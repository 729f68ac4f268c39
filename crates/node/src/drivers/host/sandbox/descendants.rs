//! The processes below one, for where no PID namespace keeps them together.

use std::fs;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

/// All processes below `root`, parents before children.
pub(crate) fn of(root: i32) -> Vec<i32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        let tasks = fs::read_dir(format!("/proc/{parent}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(
                children
                    .split_ascii_whitespace()
                    .filter_map(|id| id.parse::<i32>().ok()),
            );
        }
    }
    found.remove(0);
    found
}

/// Sends a signal to all below this process.
pub(super) fn signal(signal: Signal) {
    send(std::process::id().cast_signed(), signal);
}

/// Sends a signal to all below `root`.
pub(crate) fn send(root: i32, signal: Signal) {
    for pid in of(root).into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Kills all below this process, which is their subreaper: again and again, until there is none.
pub(super) fn kill_all() {
    loop {
        signal(Signal::KILL);
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}
