//! A workspace's init process, seen from the node, whose child it is not.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Names a process for good: a process id alone may come to mean another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessKey {
    /// The id on the host.
    pub pid: i32,
    /// When it started, in clock ticks since the machine did (proc(5), `starttime`).
    pub start_ticks: u64,
}

/// A held process: it cannot be mistaken, even after its end.
#[derive(Debug, Clone)]
pub(crate) struct InitProcess {
    key: ProcessKey,
    pidfd: Arc<AsyncFd<OwnedFd>>,
}

impl InitProcess {
    /// Takes hold of a process that was just started.
    pub(crate) fn hold(pid: i32) -> io::Result<Self> {
        let raw = Pid::from_raw(pid).ok_or_else(|| io::Error::other("no process id"))?;
        let pidfd = pidfd_open(raw, PidfdFlags::NONBLOCK)?;
        // Read while the pidfd is held: the id cannot have passed to another process in between
        // unless this one has ended, and then there is nothing to hold.
        let start_ticks = start_ticks(pid)?;
        #[expect(unsafe_code, reason = "tokio asks for a promise about the descriptor")]
        // SAFETY: the AsyncFd owns the pidfd, which nothing replaces or closes while it does.
        let pidfd = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }?;
        Ok(Self {
            key: ProcessKey { pid, start_ticks },
            pidfd: Arc::new(pidfd),
        })
    }

    /// Takes hold of a process of an earlier life of the node, if it is still the same.
    pub(crate) fn adopt(key: ProcessKey) -> Option<Self> {
        let process = Self::hold(key.pid).ok()?;
        (process.key == key).then_some(process)
    }

    /// Its name for the record.
    pub(crate) fn key(&self) -> ProcessKey {
        self.key
    }

    /// Whether it has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        // A pidfd becomes readable when the process ends (pidfd_open(2)).
        let mut files = [rustix::event::PollFd::new(
            self.pidfd.get_ref(),
            rustix::event::PollFlags::IN,
        )];
        let now = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        matches!(rustix::event::poll(&mut files, Some(&now)), Ok(0))
    }

    /// Whether its end has been noticed, which takes a moment: no question to the kernel, for what asks with every request.
    pub(crate) fn has_ended(&self) -> bool {
        self.pidfd.try_io(Interest::READABLE, |_| Ok(())).is_ok()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        // The registration fails only when the runtime shuts down; then nobody waits any more.
        let _ = self.pidfd.readable().await;
    }

    /// Sends a signal; to an ended process, nothing.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = pidfd_send_signal(self.pidfd.get_ref(), signal);
    }
}

/// When a process started, in ticks.
fn start_ticks(pid: i32) -> io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Stat::parse(&stat)
        .map(|stat| stat.start_ticks)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unreadable /proc/<pid>/stat"))
}

/// What is used of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// CPU ticks of the process and its waited-for children.
    pub cpu_ticks: u64,
    /// Threads.
    pub threads: u32,
    /// When it started.
    pub start_ticks: u64,
    /// Resident pages.
    pub resident_pages: u64,
}

impl Stat {
    /// Reads the line; the program's name in it may contain anything, parentheses too.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // proc(5) counts from 1, and `state`, the first here, is its field 3.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            cpu_ticks: number(14)? + number(15)? + number(16)? + number(17)?,
            threads: u32::try_from(number(20)?).ok()?,
            start_ticks: number(22)?,
            resident_pages: number(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 2 1 20 0 3 0 12345 1000 250 \
                    18446744073709551615 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(stat.start_ticks, 12345);
        assert_eq!(stat.cpu_ticks, 15);
        assert_eq!(stat.threads, 3);
        assert_eq!(stat.resident_pages, 250);
    }

    #[tokio::test]
    async fn a_process_is_told_from_another_with_its_id() {
        let own = InitProcess::hold(std::process::id().cast_signed()).unwrap();
        assert!(own.is_alive() && !own.has_ended());
        assert!(InitProcess::adopt(own.key()).is_some());
        let other = ProcessKey {
            start_ticks: own.key().start_ticks + 1,
            ..own.key()
        };
        assert!(InitProcess::adopt(other).is_none());
    }
}
