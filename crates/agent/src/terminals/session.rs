//! Sessions and foreground groups, where the answer may be "none": rustix takes the kernel's 0,
//! which stands for a group or session outside of this PID namespace, for impossible.
#![expect(
    unsafe_code,
    reason = "system calls that rustix does not offer in this form"
)]

use std::fs;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::process::Pid;

/// The process group in the foreground of a terminal, given its master.
pub(super) fn foreground(master: BorrowedFd<'_>) -> Option<Pid> {
    // SAFETY: the descriptor is open as long as it is borrowed; no memory is passed.
    let group = unsafe { libc::tcgetpgrp(master.as_raw_fd()) };
    positive(group)
}

/// The processes of a session, read from `/proc`: no call signals a whole session.
pub(super) fn members(session: Pid) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(positive)
        .filter(|pid| session_of(*pid) == Some(session))
        .collect()
}

fn session_of(pid: Pid) -> Option<Pid> {
    // SAFETY: only numbers go in and out.
    let session = unsafe { libc::getsid(pid.as_raw_pid()) };
    positive(session)
}

/// A process id; 0 and the -1 of a failure are none.
fn positive(raw: i32) -> Option<Pid> {
    if raw > 0 { Pid::from_raw(raw) } else { None }
}
