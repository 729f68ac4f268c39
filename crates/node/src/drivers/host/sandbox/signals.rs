//! Signals as a file descriptor, so that PID 1 can wait for them and for the log at once.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};

/// What PID 1 listens to.
const WANTED: &[libc::c_int] = &[libc::SIGCHLD, libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// Blocks the signals and gives back a descriptor (non-blocking) that reads them.
pub(super) fn block() -> io::Result<OwnedFd> {
    let mask = set(WANTED);
    #[expect(unsafe_code, reason = "signalfd(2) has no wrapper")]
    // SAFETY: the mask is initialised and lives through the calls; a descriptor that signalfd
    // returns is new and owned by nobody else.
    unsafe {
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const mask, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        let fd = libc::signalfd(-1, &raw const mask, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Unblocks everything; async-signal-safe, for the child between fork and exec.
pub(super) fn unblock() -> io::Result<()> {
    let mask = set(&[]);
    #[expect(unsafe_code, reason = "sigprocmask(2) has no wrapper")]
    // SAFETY: the mask is initialised and lives through the call.
    let result =
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const mask, std::ptr::null_mut()) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The signals that have come.
pub(super) fn take(signals: &OwnedFd) -> impl Iterator<Item = libc::c_int> {
    std::iter::from_fn(move || {
        let mut info = [0_u8; size_of::<libc::signalfd_siginfo>()];
        match rustix::io::read(signals, &mut info) {
            Ok(read) if read == info.len() => {
                // The first field, `ssi_signo`, is a u32.
                let number = u32::from_ne_bytes([info[0], info[1], info[2], info[3]]);
                libc::c_int::try_from(number).ok()
            }
            _ => None,
        }
    })
}

/// Sends a signal to every other process of the PID namespace. Only for its PID 1.
pub(super) fn send_to_all(signal: libc::c_int) {
    #[expect(unsafe_code, reason = "kill(2) of -1 has no wrapper")]
    // SAFETY: kill takes plain numbers. In a PID namespace of its own, -1 reaches nothing outside.
    unsafe {
        libc::kill(-1, signal);
    }
}

fn set(signals: &[libc::c_int]) -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    #[expect(unsafe_code, reason = "signal sets have no wrapper")]
    // SAFETY: sigemptyset initialises the set before it is used.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        set.assume_init()
    }
}
