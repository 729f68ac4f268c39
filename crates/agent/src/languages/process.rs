//! A language server's program, and what goes into it.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::mpsc;

use super::framing::framed;
use crate::AgentError;
use crate::launch::Launch;

/// How much may wait for the server to read it, in bytes.
const INPUT_MAX: usize = 32 * 1024 * 1024;

/// A process group; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// The group of a child that leads one.
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    pub(crate) fn pid(&self) -> Option<Pid> {
        self.0
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It may have ended by itself.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// A program that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) child: Child,
    pub(super) group: Group,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
    pub(super) input: Input,
}

impl Running {
    pub(super) fn start(launch: &Launch) -> Result<Self, AgentError> {
        let mut child = launch
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| launch.refused(error))?;
        Ok(Self {
            group: Group::of(&child),
            stdout: child.stdout.take().expect("it is piped"),
            stderr: child.stderr.take().expect("it is piped"),
            input: Input::new(child.stdin.take().expect("it is piped")),
            child,
        })
    }
}

/// The way into a server.
#[derive(Debug, Clone)]
pub(super) struct Input {
    messages: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Input {
    fn new(mut stdin: ChildStdin) -> Self {
        let (messages, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                // A server that has ended is noticed elsewhere.
                let _ = stdin.write_all(&message).await;
                counter.fetch_sub(message.len(), Ordering::Relaxed);
            }
        });
        Self { messages, waiting }
    }

    /// Sends a message; false when the server takes none any more.
    pub(super) fn send(&self, message: &str) -> bool {
        let bytes = framed(message);
        let waiting = self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        waiting < INPUT_MAX && self.messages.send(bytes).is_ok()
    }
}
