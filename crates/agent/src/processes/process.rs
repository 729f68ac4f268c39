//! A process: the program, its output, and the tasks that carry one to the other.

use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::agent::processes::{self as wire, Stream};
use atelier_api::ids::ProcessId;
use parking_lot::{Mutex, MutexGuard};
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::Child;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::input::Input;
use super::output::Output;
use crate::launch::{Launch, exit_status};
use crate::{AgentError, clock, ids};

/// How long after SIGTERM a process whose time is over is killed.
const TERMINATE_GRACE: Duration = Duration::from_secs(5);

/// How long its streams may be silent after a process has ended until they count as complete.
/// Programs that it left behind may hold them open for ever.
const LINGER: Duration = Duration::from_millis(200);

/// A process.
pub(super) struct Process {
    pub(super) id: ProcessId,
    pub(super) input: Input,
    command: Vec<String>,
    cwd: PathBuf,
    started_at: Timestamp,
    /// Its process id, which is also its group's.
    pid: Pid,
    output: Mutex<Output>,
    /// Notified when a stream may be read on.
    resume: [Notify; 2],
    /// The process has ended.
    ended: CancellationToken,
}

impl Process {
    /// Starts a program.
    pub(super) fn start(
        launch: Launch,
        stdin: bool,
        timeout: Option<Duration>,
    ) -> Result<Arc<Self>, AgentError> {
        let mut child = launch
            .command()
            .stdin(if stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| launch.refused(error))?;
        let pid = child
            .id()
            .and_then(|pid| Pid::from_raw(pid.cast_signed()))
            .expect("a child that was not waited for has a process id");
        let stdout = child.stdout.take().expect("it was asked for");
        let stderr = child.stderr.take().expect("it was asked for");
        let process = Arc::new(Self {
            id: ids::process(),
            input: Input::new(child.stdin.take()),
            command: launch.command,
            cwd: launch.cwd,
            started_at: clock::now(),
            pid,
            output: Mutex::new(Output::new()),
            resume: [Notify::new(), Notify::new()],
            ended: CancellationToken::new(),
        });
        tokio::spawn(process.clone().read(Stream::Stdout, stdout));
        tokio::spawn(process.clone().read(Stream::Stderr, stderr));
        tokio::spawn(process.clone().wait(child));
        if let Some(timeout) = timeout {
            tokio::spawn(process.clone().end_after(timeout));
        }
        Ok(process)
    }

    /// The state of its output. Never held across an await.
    pub(super) fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock()
    }

    /// The process as it is shown.
    pub(super) fn view(&self) -> wire::Process {
        let output = self.output();
        wire::Process {
            id: self.id,
            command: self.command.clone(),
            cwd: self.cwd.to_string_lossy().into_owned(),
            pid: self.pid.as_raw_pid().cast_unsigned(),
            started_at: self.started_at,
            exit: output.exit.clone(),
            timed_out: output.timed_out,
            stdout: output.span(Stream::Stdout),
            stderr: output.span(Stream::Stderr),
        }
    }

    /// Whether it has not ended yet.
    pub(super) fn is_running(&self) -> bool {
        !self.ended.is_cancelled()
    }

    /// Sends a signal to its whole group.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), AgentError> {
        let ended = || AgentError::conflict("The process has ended.");
        if !self.is_running() {
            return Err(ended());
        }
        rustix::process::kill_process_group(self.pid, signal)
            .map_err(|error| ended().caused_by(error))
    }

    /// The readers look again whether they may go on.
    pub(super) fn resume(&self) {
        for resume in &self.resume {
            resume.notify_one();
        }
    }

    /// Kills its whole group.
    pub(super) async fn kill(&self) {
        self.output().abandon();
        self.resume();
        // It may have ended by itself.
        let _ = self.signal(Signal::KILL);
        self.ended.cancelled().await;
    }

    async fn wait(self: Arc<Self>, mut child: Child) {
        match child.wait().await {
            Ok(status) => self.output().ended(exit_status(status)),
            Err(error) => tracing::error!(%error, "a process could not be waited for"),
        }
        self.ended.cancel();
        self.input.close().await;
    }

    async fn end_after(self: Arc<Self>, timeout: Duration) {
        let in_time = tokio::time::timeout(timeout, self.ended.cancelled())
            .await
            .is_ok();
        if in_time || !self.is_running() {
            return;
        }
        self.output().timed_out = true;
        // Both may fail when it ends at this very moment.
        let _ = self.signal(Signal::TERM);
        let _ = tokio::time::timeout(TERMINATE_GRACE, self.ended.cancelled()).await;
        let _ = self.signal(Signal::KILL);
    }

    /// Takes in a stream until its end.
    async fn read(self: Arc<Self>, stream: Stream, mut pipe: impl AsyncRead + Unpin) {
        let resume = &self.resume[usize::from(stream == Stream::Stderr)];
        let mut complete = false;
        loop {
            while !self.output().may_read(stream) {
                resume.notified().await;
            }
            let silent = async {
                self.ended.cancelled().await;
                tokio::time::sleep(LINGER).await;
            };
            tokio::select! {
                biased;
                count = self.take_in(stream, &mut pipe) => match count {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(%error, "a process's output cannot be read");
                        break;
                    }
                },
                () = silent, if !complete => {
                    complete = true;
                    self.output().completed(stream);
                }
            }
        }
        self.output().completed(stream);
    }

    /// Takes in what one read gives, straight into the ring; 0 at the end.
    async fn take_in(
        &self,
        stream: Stream,
        pipe: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<usize> {
        poll_fn(|cx| {
            let mut pending = false;
            let taken = self.output().absorb(stream, |space| {
                let mut buffer = ReadBuf::new(space);
                match Pin::new(&mut *pipe).poll_read(cx, &mut buffer) {
                    Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
                    Poll::Ready(Err(error)) => Err(error),
                    Poll::Pending => {
                        pending = true;
                        Ok(0)
                    }
                }
            });
            if pending {
                Poll::Pending
            } else {
                Poll::Ready(taken)
            }
        })
        .await
    }
}

impl Drop for Process {
    /// A process does not outlive its agent.
    fn drop(&mut self) {
        // It may end by itself at this very moment.
        let _ = self.signal(Signal::KILL);
    }
}
