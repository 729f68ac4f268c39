//! A terminal: the program, its output, and the task that carries one to the other.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::agent::commands::TerminalCommand;
use atelier_api::agent::terminals as wire;
use atelier_api::ids::TerminalId;
use parking_lot::{Mutex, MutexGuard};
use rustix::process::{Pid, Signal};
use tokio::process::Child;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::commands::{Commands, Entry};
use super::core::{Core, Label};
use super::pty::{Output, Pty};
use super::screen::Size;
use super::session;
use crate::launch::{Launch, exit_status};
use crate::{AgentError, clock, ids};

/// How long programs may take to end by themselves when their terminal is deleted.
const HANG_UP_GRACE: Duration = Duration::from_secs(1);

/// A terminal.
pub(super) struct Terminal {
    pub(super) id: TerminalId,
    pub(super) pty: Pty,
    command: Vec<String>,
    cwd: PathBuf,
    integration: Option<wire::ShellIntegration>,
    created_at: Timestamp,
    /// The program's process id, which is also its session's.
    pid: Pid,
    core: Mutex<Core>,
    /// Notified when the program's output may be read on.
    resume: Notify,
    /// The program has ended.
    ended: CancellationToken,
}

/// A terminal that can be started.
pub(super) struct Start {
    pub(super) launch: Launch,
    /// The shell is to be a login shell, by its name.
    pub(super) login: bool,
    /// The command as it is shown: without what integrates the shell.
    pub(super) command: Vec<String>,
    pub(super) integration: Option<wire::ShellIntegration>,
    pub(super) label: Label,
    pub(super) size: Size,
    pub(super) ring_bytes: usize,
}

impl Terminal {
    /// Starts a program in a new terminal.
    pub(super) fn start(start: Start) -> Result<Arc<Self>, AgentError> {
        let Start { launch, size, .. } = start;
        let (pty, child) =
            Pty::spawn(&launch, size, start.login).map_err(|error| launch.refused(error))?;
        let pid = child
            .id()
            .and_then(|pid| Pid::from_raw(pid.cast_signed()))
            .expect("a child that was not waited for has a process id");
        let nonce = start.integration.as_ref().map(|shell| shell.nonce.clone());
        let core = Core::new(start.label, size, start.ring_bytes, Commands::new(nonce));
        let terminal = Arc::new(Self {
            id: ids::terminal(),
            pty,
            command: start.command,
            cwd: launch.cwd,
            integration: start.integration,
            created_at: clock::now(),
            pid,
            core: Mutex::new(core),
            resume: Notify::new(),
            ended: CancellationToken::new(),
        });
        tokio::spawn(terminal.clone().run(child));
        Ok(terminal)
    }

    /// The state. Never held across an await.
    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock()
    }

    /// The terminal as it is shown.
    pub(super) fn view(&self) -> wire::Terminal {
        let core = self.core();
        wire::Terminal {
            id: self.id,
            name: core.label.name.clone(),
            title: core.title.clone(),
            command: self.command.clone(),
            cwd: self.cwd.to_string_lossy().into_owned(),
            cols: core.size.cols,
            rows: core.size.rows,
            created_at: self.created_at,
            pid: self.pid.as_raw_pid().cast_unsigned(),
            exit: core.exit.clone(),
            start_offset: core.start(),
            end_offset: core.end(),
            viewers: core.viewers(),
            color: core.label.color,
            icon: core.label.icon,
            directory: core.commands.directory.clone(),
            integration: self.integration.clone(),
            recording: core.recording,
        }
    }

    /// Its commands, newest first, as far as they fit.
    pub(super) fn commands(
        &self,
        fits: impl Fn(&Entry) -> bool,
        limit: usize,
    ) -> Vec<TerminalCommand> {
        let core = self.core();
        let entries = core.commands.newest_first().filter(|entry| fits(entry));
        entries
            .take(limit)
            .map(|entry| TerminalCommand {
                terminal: self.id,
                terminal_name: core.label.name.clone(),
                number: entry.number,
                text: entry.text.clone(),
                directory: entry.directory.clone(),
                started_at: entry.started_at,
                ended_at: entry.ended_at,
                exit_code: entry.exit_code,
                start_offset: entry.start_offset,
                end_offset: entry.end_offset,
            })
            .collect()
    }

    /// Whether the program is still there.
    pub(super) fn is_running(&self) -> bool {
        !self.ended.is_cancelled()
    }

    /// Writes input, as fast as the program takes it.
    pub(super) async fn type_in(&self, input: &[u8]) -> Result<(), AgentError> {
        let ended = || AgentError::conflict("The terminal's program has ended.");
        tokio::select! {
            biased;
            () = self.ended.cancelled() => Err(ended()),
            written = self.pty.write_all(input) => written.map_err(|error| ended().caused_by(error)),
        }
    }

    /// The reader looks again whether it may go on.
    pub(super) fn resume(&self) {
        self.resume.notify_one();
    }

    /// Sets the size, for the program and all viewers.
    pub(super) fn resize(&self, size: Size) {
        let changed = self.core().resize(size);
        if changed && let Err(error) = self.pty.resize(size) {
            tracing::debug!(%error, "a terminal could not be resized");
        }
    }

    /// Sends a signal to the program in the foreground.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), AgentError> {
        if !self.is_running() {
            return Err(AgentError::conflict("The terminal's program has ended."));
        }
        let nobody = || AgentError::conflict("No program is in the terminal's foreground now.");
        let group = self.pty.foreground().ok_or_else(nobody)?;
        rustix::process::kill_process_group(group, signal)
            .map_err(|error| nobody().caused_by(error))
    }

    /// Ends every program of the terminal's session: asks first, then forces.
    pub(super) async fn kill(&self) {
        self.core().abandon();
        self.resume();
        if self.is_running() {
            // What hanging up a line does: the shell and the foreground are told, and woken for it.
            let foreground = self.pty.foreground().filter(|group| *group != self.pid);
            for group in [Some(self.pid), foreground].into_iter().flatten() {
                for signal in [Signal::HUP, Signal::CONT] {
                    // It may have ended by itself.
                    let _ = rustix::process::kill_process_group(group, signal);
                }
            }
            let _ = tokio::time::timeout(HANG_UP_GRACE, self.ended.cancelled()).await;
        }
        self.force();
        self.ended.cancelled().await;
    }

    /// Kills what is left of the session. Any of it may end by itself meanwhile.
    fn force(&self) {
        let members = session::members(self.pid);
        if self.is_running() {
            let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        } else if members.contains(&self.pid) {
            // Its leader was waited for, so this is another session under a reused number.
            return;
        }
        for pid in members {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }

    async fn run(self: Arc<Self>, mut child: Child) {
        let ((), status) = tokio::join!(self.read(), child.wait());
        match status {
            Ok(status) => self.core().ended(exit_status(status)),
            Err(error) => tracing::error!(%error, "a terminal's program could not be waited for"),
        }
        self.ended.cancel();
    }

    /// Takes in output until there is no more.
    ///
    /// One read, then the viewers and other terminals get their turn. That is fair, since a read gives
    /// at most 4 KiB; and it is fast: the kernel refills the PTY's buffer meanwhile, while a read that
    /// follows at once has to wait for that (measured: 50 MB/s against 90).
    async fn read(&self) {
        loop {
            while !self.core().may_read() {
                self.resume.notified().await;
            }
            if let Err(error) = self.pty.readable().await {
                tracing::error!(%error, "a terminal cannot be watched for output");
                return;
            }
            match self.take_in() {
                Ok(Output::Bytes(_)) => tokio::task::yield_now().await,
                Ok(Output::Nothing) => {}
                Ok(Output::End) => return,
                Err(error) => {
                    tracing::error!(%error, "a terminal's output cannot be read");
                    return;
                }
            }
        }
    }

    /// Takes in what one read gives, and tells the viewers.
    fn take_in(&self) -> io::Result<Output> {
        let mut core = self.core();
        let output = core.absorb(|space| self.pty.read(space))?;
        if matches!(output, Output::Bytes(_)) {
            core.wake_viewers();
        }
        Ok(output)
    }
}

impl Drop for Terminal {
    /// A program does not outlive its agent.
    fn drop(&mut self) {
        if self.is_running() {
            self.force();
        }
    }
}
