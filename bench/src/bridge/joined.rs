//! A real `atelier node run`, joined with a real token.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{Node, NodeState};
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
    pub(crate) async fn start(
        server: &ControlPlane,
        program: &Path,
        line: &Line<'_>,
    ) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut join = node(program, "join", data.path());
        match line {
            Line::Tls { address, pin } => {
                join.args(["--url", &format!("https://{address}"), "--pin", pin]);
            }
            Line::Plain { address } => {
                join.args(["--url", &format!("http://{address}")]);
            }
        }
        join.env("ATELIER_JOIN_TOKEN", server.join_token().await?);
        let output = join
            .args(["--output", "json"])
            .stderr(Stdio::inherit())
            .output()
            .await?;
        ensure!(output.status.success(), "the node could not join");
        let joined: Joined = serde_json::from_slice(&output.stdout)?;
        let child = node(program, "run", data.path())
            .env("ATELIER_LOG_FILTER", "warn")
            .kill_on_drop(true)
            .spawn()?;
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
