//! The pseudoterminal and the program behind it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use rustix::process::Pid;
use rustix::pty::OpenptFlags;
use rustix::termios::{InputModes, OptionalActions, Winsize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::Child;

use super::screen::Size;
use super::session;
use crate::launch::Launch;

/// The master side of a pseudoterminal.
pub(super) struct Pty {
    master: AsyncFd<OwnedFd>,
}

/// What a read of the master found.
pub(super) enum Output {
    /// So many bytes.
    Bytes(usize),
    /// Nothing at the moment.
    Nothing,
    /// No program has the terminal open any more.
    End,
}

impl Pty {
    /// Starts a program on a new pseudoterminal, as the leader of a session of its own. `login`
    /// tells a shell to be a login shell, by the leading `-` of its name.
    pub(super) fn spawn(launch: &Launch, size: Size, login: bool) -> io::Result<(Self, Child)> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = rustix::pty::openpt(flags)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        // The peer is opened by the master, not by its path: the workspace's /dev/pts need not be
        // the agent's.
        let slave = rustix::pty::ioctl_tiocgptpeer(&master, flags)?;
        rustix::termios::tcsetwinsize(&slave, winsize(size))?;
        let mut modes = rustix::termios::tcgetattr(&slave)?;
        // So that the line editor of the kernel erases characters, not bytes.
        modes.input_modes |= InputModes::IUTF8;
        rustix::termios::tcsetattr(&slave, OptionalActions::Now, &modes)?;
        rustix::io::ioctl_fionbio(&master, true)?;

        let mut command = launch.command();
        command
            .stdin(Stdio::from(slave.try_clone()?))
            .stdout(Stdio::from(slave.try_clone()?))
            .stderr(Stdio::from(slave));
        if login {
            let name = launch.command[0].rsplit('/').next().unwrap_or_default();
            command.arg0(format!("-{name}"));
        }
        #[expect(
            unsafe_code,
            reason = "a controlling terminal can only be taken in the child"
        )]
        // SAFETY: between fork and exec only two system calls are made, both async-signal-safe; no
        // memory is allocated and no lock taken.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        let child = command.spawn()?;
        #[expect(
            unsafe_code,
            reason = "tokio leaves it to the caller that the descriptor is open"
        )]
        // SAFETY: an `OwnedFd` names the same open descriptor until it is dropped, which happens
        // after its registration has ended, by `AsyncFd`'s own drop.
        let master = unsafe { AsyncFd::register(master)? };
        Ok((Self { master }, child))
    }

    /// Waits until there may be output.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.master.readable().await?.retain_ready();
        Ok(())
    }

    /// Reads output that is there. A read gives at most 4 KiB, and less does not mean that nothing
    /// is left; only `Nothing` means that.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<Output> {
        output(self.master.try_io(Interest::READABLE, |master| {
            Ok(rustix::io::retry_on_intr(|| {
                rustix::io::read(master, &mut *buffer)
            })?)
        }))
    }

    /// Writes all of the input, as fast as the program takes it. Fails when no program has the terminal
    /// open any more, and the kernel takes no more for one that might.
    pub(super) async fn write_all(&self, mut input: &[u8]) -> io::Result<()> {
        while !input.is_empty() {
            let mut guard = self.master.writable().await?;
            // The end of the other side stays: waiting for it to pass would be waiting in a circle.
            let is_closed = guard.ready().is_write_closed() || guard.ready().is_read_closed();
            let written = guard.try_io(|master| {
                Ok(rustix::io::retry_on_intr(|| {
                    rustix::io::write(master, input)
                })?)
            });
            match written {
                Ok(written) => input = &input[written?..],
                Err(_) if is_closed => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Sets the size; the kernel sends SIGWINCH to the foreground.
    pub(super) fn resize(&self, size: Size) -> io::Result<()> {
        Ok(rustix::termios::tcsetwinsize(
            self.master.get_ref(),
            winsize(size),
        )?)
    }

    /// The process group in the foreground, if there is one.
    pub(super) fn foreground(&self) -> Option<Pid> {
        session::foreground(self.master.get_ref().as_fd())
    }
}

/// What a read of a PTY says.
fn output(read: io::Result<usize>) -> io::Result<Output> {
    match read {
        Ok(0) => Ok(Output::End),
        Ok(count) => Ok(Output::Bytes(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Output::Nothing),
        // Linux says so when the last slave is closed.
        Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::IO) => {
            Ok(Output::End)
        }
        Err(error) => Err(error),
    }
}

fn winsize(size: Size) -> Winsize {
    Winsize {
        ws_row: size.rows,
        ws_col: size.cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}
