//! A real `atelier node run`, joined with a real token.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{Node, NodeState, NodeTokenCreate};
use atelier_testkit::network::Machine;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::{Child, Command};

use crate::control_plane::ControlPlane;

/// How long it may take until it is there.
const WITHIN: Duration = Duration::from_secs(30);
/// How often a wait looks.
const POLL: Duration = Duration::from_millis(20);

/// How it reaches the control plane.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// By TLS, to the certificate with this SHA-256.
    Tls {
        /// Where.
        address: &'a str,
        /// The fingerprint.
        pin: &'a str,
    },
    /// Unencrypted, as is permitted on one machine.
    Plain {
        /// Where.
        address: &'a str,
    },
}

impl<'a> Line<'a> {
    /// By TLS, as the control plane ends it.
    pub(crate) fn pinned(server: &'a ControlPlane) -> Self {
        let (address, pin) = (&server.tls.address, &server.tls.pin);
        Self::Tls { address, pin }
    }
}

/// A node that is to be.
#[derive(Debug)]
pub(crate) struct Joining<'a> {
    /// Whose.
    pub(crate) server: &'a ControlPlane,
    /// What it runs.
    pub(crate) program: &'a Path,
    /// How it gets there.
    pub(crate) line: Line<'a>,
    /// The machine that it is on, if not this one.
    pub(crate) machine: Option<&'a Machine>,
    /// What its join token says of it.
    pub(crate) token: NodeTokenCreate,
}

impl<'a> Joining<'a> {
    /// On this machine.
    pub(crate) fn new(server: &'a ControlPlane, program: &'a Path, line: Line<'a>) -> Self {
        Self {
            server,
            program,
            line,
            machine: None,
            token: NodeTokenCreate::default(),
        }
    }

    fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let runtime = tokio::runtime::Handle::current();
        match self.machine {
            None => command.spawn(),
            Some(machine) => machine.run(|| {
                let _entered = runtime.enter();
                command.spawn()
            }),
        }
    }
}

/// The daemon.
#[derive(Debug)]
pub(crate) struct JoinedNode {
    pub(crate) id: NodeId,
    child: Child,
    data: tempfile::TempDir,
}

/// What `atelier node join --output json` says.
#[derive(Debug, Deserialize)]
struct Joined {
    node_id: NodeId,
}

impl JoinedNode {
    /// Joins, runs, and waits until the control plane has it.
    pub(crate) async fn start(joining: &Joining<'_>) -> anyhow::Result<Self> {
        let Joining {
            server, program, ..
        } = joining;
        let data = tempfile::tempdir()?;
        let mut join = node(program, "join", data.path());
        match joining.line {
            Line::Tls { address, pin } => {
                join.args(["--url", &format!("https://{address}"), "--pin", pin]);
            }
            Line::Plain { address } => {
                join.args(["--url", &format!("http://{address}")]);
            }
        }
        join.env(
            "ATELIER_JOIN_TOKEN",
            server.join_token(&joining.token).await?,
        )
        .args(["--output", "json"])
        .stdout(Stdio::piped());
        let output = joining.spawn(&mut join)?.wait_with_output().await?;
        ensure!(output.status.success(), "the node could not join");
        let joined: Joined = serde_json::from_slice(&output.stdout)?;
        let mut run = node(program, "run", data.path());
        run.env("ATELIER_LOG_FILTER", "warn").kill_on_drop(true);
        let child = joining.spawn(&mut run)?;
        let began = Instant::now();
        loop {
            let now: Node = server.get(&format!("/nodes/{}", joined.node_id)).await?;
            if now.state == NodeState::Online {
                break;
            }
            ensure!(began.elapsed() < WITHIN, "the node did not connect");
            tokio::time::sleep(POLL).await;
        }
        Ok(Self {
            id: joined.node_id,
            child,
            data,
        })
    }

    pub(crate) fn pid(&self) -> i32 {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        pid.unwrap_or(0)
    }

    /// Ends the daemon, and everything that would outlive it.
    pub(crate) async fn leave(mut self, program: &Path) -> anyhow::Result<()> {
        let pid = Pid::from_raw(self.pid()).context("the node daemon ended by itself")?;
        kill_process(pid, Signal::TERM)?;
        self.child.wait().await?;
        let mut leave = node(program, "leave", self.data.path());
        let output = leave
            .args(["--yes", "--stop"])
            .stderr(Stdio::inherit())
            .output()
            .await?;
        ensure!(
            output.status.success(),
            "the node could not leave: {}",
            output.status
        );
        Ok(())
    }
}

/// `atelier node …`, which goes straight to the control plane.
fn node(program: &Path, verb: &str, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["node", verb, "--data"]).arg(data);
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    command
}
