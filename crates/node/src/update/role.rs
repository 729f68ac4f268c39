//! How a daemon came to be started. Programs of different versions tell each other in these words: they
//! only grow.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::str::FromStr;

use rustix::fs::{FlockOperation, flock};

/// How the daemon came to be started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// By a person or a service manager.
    #[default]
    First,
    /// In the place of a [`Role::First`] that found another program chosen.
    Chosen,
    /// Beside another, which holds on until this one has proven itself. The data directory's lock is on
    /// standard input, and the proof is written to standard output.
    Successor,
    /// In the place of another, in the same process. The lock is on standard input.
    Heir,
}

impl Role {
    /// As it is said in arguments.
    pub fn text(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Chosen => "chosen",
            Self::Successor => "successor",
            Self::Heir => "heir",
        }
    }

    /// The lock that was handed over; to be called first, before anything can inherit it from here.
    pub(super) fn take_lock(self) -> io::Result<Option<File>> {
        if !matches!(self, Self::Successor | Self::Heir) {
            return Ok(None);
        }
        // Closed on exec from here on.
        let lock = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
        // It is held already, if it is what it is said to be.
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Some(File::from(lock)))
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::First, Self::Chosen, Self::Successor, Self::Heir]
            .into_iter()
            .find(|role| role.text() == text)
            .ok_or_else(|| format!("`{text}` is no way in which a daemon is started"))
    }
}

/// Another handle of the same lock, to be given away.
pub(super) fn share(lock: &File) -> io::Result<OwnedFd> {
    lock.try_clone().map(OwnedFd::from)
}
