//! Running the `git` program: as the workspace's user would, but without ever asking anything, and
//! without helpers that an address or a repository could choose.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use super::ssh::base_command;
use crate::files::descriptor_path;
use crate::{AgentError, Config};

/// How long to wait for what Git's helpers still have to say when Git itself has ended. One that
/// stays (a shared SSH connection) holds the pipe open for minutes.
pub(super) const FAREWELL: Duration = Duration::from_millis(500);

/// How much of a command's output is read, in bytes: 10,000 changed files of 400 bytes each.
pub(super) const OUTPUT_MAX: u64 = 4 * 1024 * 1024;

/// How much of a command's complaints is read, in bytes.
const MESSAGE_MAX: u64 = 64 * 1024;

/// What Git must not take from the agent's own environment: it would work on another repository.
const FOREIGN: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

/// How Git is run in this workspace.
#[derive(Debug)]
pub(super) struct Git {
    environment: BTreeMap<String, String>,
}

impl Git {
    pub(super) fn new(config: &Config) -> Self {
        let mut environment = config.environment();
        for name in FOREIGN {
            environment.remove(name);
        }
        let settings = [
            // Its messages are read by programs.
            ("LC_ALL", "C"),
            // Never ask: nobody would see the question.
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", ""),
            ("SSH_ASKPASS", ""),
            ("SSH_ASKPASS_REQUIRE", "never"),
            ("GCM_INTERACTIVE", "never"),
            ("GIT_ALLOW_PROTOCOL", "http:https:ssh:git"),
            // A file's name is a name, whatever signs stand in it.
            ("GIT_LITERAL_PATHSPECS", "1"),
            // Nobody would see an editor either. What takes messages gets another one (`helper`).
            ("GIT_EDITOR", "true"),
            ("GIT_SEQUENCE_EDITOR", "true"),
            ("GIT_MERGE_AUTOEDIT", "no"),
            ("GIT_PAGER", "cat"),
        ];
        for (name, value) in settings {
            environment.insert(name.into(), value.into());
        }
        // What is meant to reach another host has more in it (`ssh`).
        environment
            .entry("GIT_SSH_COMMAND".into())
            .or_insert_with(|| base_command(&config.home));
        Self { environment }
    }

    /// `git` in `directory`, which is held by its descriptor.
    pub(super) fn command(&self, directory: &impl AsFd) -> Command {
        let mut command = Command::new("git");
        command
            .env_clear()
            .envs(&self.environment)
            // The child has the same descriptors until it becomes Git.
            .current_dir(descriptor_path(directory))
            .args(["-c", "protocol.ext.allow=never"])
            .args(["-c", "protocol.file.allow=never"])
            .args(["-c", "core.fsmonitor=false"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // So that its helpers can be ended with it.
            .process_group(0);
        command
    }
}

/// A running `git`. Dropping it kills it with all its helpers.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) child: Child,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
    has_ended: bool,
}

impl Running {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        Ok(Self {
            child,
            stdout,
            stderr,
            has_ended: false,
        })
    }

    /// Reads what Git and its helpers write to standard error; 0 bytes when they have ended.
    pub(super) async fn read_message(&mut self, bytes: &mut [u8]) -> usize {
        if !self.has_ended {
            tokio::select! {
                biased;
                read = self.stderr.read(bytes) => return read.unwrap_or(0),
                _ = self.child.wait() => self.has_ended = true,
            }
        }
        match tokio::time::timeout(FAREWELL, self.stderr.read(bytes)).await {
            Ok(read) => read.unwrap_or(0),
            Err(_) => 0,
        }
    }

    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Waits until Git and its helpers have ended after they were killed: each holds the pipe open
    /// for as long as it lives.
    pub(super) async fn ended(&mut self) {
        let _ = self.child.wait().await;
        self.has_ended = true;
        while self.read_message(&mut [0; 1024]).await > 0 {}
    }

    /// Kills it with all its helpers, unless it has ended.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Asks it to end: it takes its locks away first.
    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let group = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a command said.
#[derive(Debug)]
pub(super) struct Output {
    /// What it printed, up to [`OUTPUT_MAX`] bytes.
    pub(super) stdout: Vec<u8>,
    /// The beginning of what it complained about.
    pub(super) message: String,
    pub(super) succeeded: bool,
}

/// Runs a command to its end.
pub(super) async fn run(command: Command) -> Result<Output, AgentError> {
    run_with(command, None).await
}

/// Runs a command to its end, with `input` as its standard input.
pub(super) async fn run_with(
    mut command: Command,
    input: Option<&[u8]>,
) -> Result<Output, AgentError> {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut running = Running::start(command).map_err(|error| {
        AgentError::unavailable(60, "The program git cannot be started in this workspace.")
            .caused_by(error)
    })?;
    let internal = |error| AgentError::internal("Git could not be read.", error);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let stdin = running.child.stdin.take();
    let feed = async move {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A command that has seen enough closes it.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let mut out = (&mut running.stdout).take(OUTPUT_MAX);
    let mut err = (&mut running.stderr).take(MESSAGE_MAX);
    tokio::try_join!(
        out.read_to_end(&mut stdout),
        err.read_to_end(&mut stderr),
        feed
    )
    .map_err(internal)?;
    // It may have more to say, which nobody reads.
    if stdout.len() as u64 == OUTPUT_MAX || stderr.len() as u64 == MESSAGE_MAX {
        running.kill();
    }
    let succeeded = running.wait().await.map_err(internal)?.success();
    Ok(Output {
        stdout,
        message: String::from_utf8_lossy(&stderr).trim().to_owned(),
        succeeded,
    })
}
