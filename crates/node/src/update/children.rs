//! Processes that must not outlive this one, and those that it has from the program that it was before.

use std::fs;
use std::io;

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, getppid, set_parent_process_death_signal, waitpid,
};
use tokio::process::Command;

use crate::drivers::host::InitProcess;

/// The kernel kills the command's process when the thread that starts it ends. That thread must be the main
/// one, which ends last.
pub(super) fn end_with_this(command: &mut Command) {
    let parent = getpid();
    #[expect(
        unsafe_code,
        reason = "the wish has to be uttered between fork and exec"
    )]
    // SAFETY: only prctl and getppid, which are async-signal-safe, are called there.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // It may have ended before the wish was uttered.
            if getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::NotConnected.into())
            }
        });
    }
}

/// Takes note of the ends of the children that another program started in this process, so that none stays
/// as a zombie. To be called before this program starts any of its own.
pub(super) fn take_over() {
    for pid in inherited() {
        let Ok(process) = InitProcess::hold(pid.as_raw_nonzero().get()) else {
            continue;
        };
        tokio::spawn(async move {
            process.ended().await;
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        });
    }
}

/// The processes whose parent this one is.
fn inherited() -> Vec<Pid> {
    let own = getpid().as_raw_nonzero().get();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| parent(*id) == Some(own))
        .filter_map(Pid::from_raw)
        .collect()
}

/// The parent's id (proc(5), field 4 of `stat`).
fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[expect(
        clippy::zombie_processes,
        reason = "that one is taken note of is what is tested"
    )]
    async fn children_are_found_and_their_ends_noted() {
        // Started past tokio, as if by another program.
        let child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert!(inherited().contains(&Pid::from_raw(pid).unwrap()));
        take_over();
        tokio::time::timeout(std::time::Duration::from_secs(60), async {
            while parent(pid).is_some() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("the zombie goes");
    }
}
