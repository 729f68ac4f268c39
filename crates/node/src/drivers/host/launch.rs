//! The node's side of starting a sandbox: gives `sandbox-init` its specification and listens to
//! what it says until the agent takes over.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use atelier_api::node::Protection;
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::process::InitProcess;
use super::sandbox::{Message, SandboxSpec};

/// How long the sandbox may take to be built on a busy machine.
const BUILT_WITHIN: Duration = Duration::from_secs(30);

/// A sandbox whose agent is starting.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) process: InitProcess,
    pub(super) protections: Vec<Protection>,
    pub(super) pid_namespace: bool,
}

/// Why there is no sandbox, for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LaunchError(pub(super) String);

/// Launches; where the node is not root and a sandbox cannot be built in a user namespace (inside a
/// container that masks `/proc`, say), without namespaces.
pub(super) async fn launch_or_degrade(
    program: &Path,
    mut spec: SandboxSpec,
    log: &Path,
) -> Result<Launched, LaunchError> {
    let error = match launch(program, &spec, log).await {
        Err(error) if !spec.privileged => error,
        result => return result,
    };
    tracing::warn!(%error, "no sandbox in a user namespace; going on without namespaces");
    spec.namespaces = false;
    launch(program, &spec, log).await.map_err(|_| error)
}

/// Runs `<program> sandbox-init`. The init process is nobody's child when this returns.
async fn launch(program: &Path, spec: &SandboxSpec, log: &Path) -> Result<Launched, LaunchError> {
    tokio::time::timeout(BUILT_WITHIN, exchange(program, spec, log))
        .await
        .unwrap_or_else(|_| Err(LaunchError("The sandbox was not ready in time.".into())))
}

async fn exchange(program: &Path, spec: &SandboxSpec, log: &Path) -> Result<Launched, LaunchError> {
    let failed = |what: &str, error: std::io::Error| LaunchError(format!("{what}: {error}."));
    let stderr = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(log)
        .map_err(|error| failed("The workspace's log could not be opened", error))?;
    let mut child = Command::new(program)
        .arg("sandbox-init")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed("The sandbox could not be started", error))?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(LaunchError("The sandbox has no pipes.".into()));
    };
    let mut line = serde_json::to_vec(spec).expect("a specification is plain data");
    line.push(b'\n');
    stdin
        .write_all(&line)
        .await
        .map_err(|error| failed("The sandbox took no specification", error))?;

    let mut messages = BufReader::new(stdout).lines();
    let mut stdin = Some(stdin);
    let mut process = None;
    let mut ready = None;
    while process.is_none() || ready.is_none() {
        let message = messages
            .next_line()
            .await
            .ok()
            .flatten()
            .and_then(|line| serde_json::from_str(&line).ok());
        match message {
            Some(Message::Started { pid }) => {
                let held = InitProcess::hold(pid)
                    .map_err(|error| failed("The sandbox ended at once", error))?;
                process = Some(KillOnDrop(Some(held)));
                // Its parent may go.
                stdin.take();
            }
            Some(Message::Ready {
                protections,
                pid_namespace,
            }) => ready = Some((protections, pid_namespace)),
            Some(Message::Failed { detail }) => {
                return Err(LaunchError(format!("The sandbox failed at {detail}.")));
            }
            None => return Err(LaunchError("The sandbox ended without a word.".into())),
        }
    }
    // Reaps the parent, which ends now.
    let _ = child.wait().await;
    let (Some(mut process), Some((protections, pid_namespace))) = (process, ready) else {
        unreachable!("the loop ends with both");
    };
    Ok(Launched {
        process: process.0.take().expect("taken once"),
        protections,
        pid_namespace,
    })
}

/// Ends a half-built sandbox when the node gives up on it.
struct KillOnDrop(Option<InitProcess>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            process.signal(Signal::KILL);
        }
    }
}
