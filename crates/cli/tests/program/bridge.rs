//! A second server, joined over the tunnel by the real daemon: used like the local one, and as hard to
//! lose.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use atelier_api::Page;
use atelier_api::v1::nodes::{Node, NodeState, NodeTokenCreate, NodeTokenCreated};

use crate::program::{ATELIER, Program};
use crate::survival::{COUNTER, every_number_once};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server's daemon in a process of its own; dropped, it is ended.
pub(crate) struct Daemon {
    data: PathBuf,
    child: Child,
}

impl Daemon {
    /// Joins with a new token and starts.
    pub(crate) async fn join(program: &Program, folder: &Path) -> Self {
        Self::join_at(program, folder, &program.url).await
    }

    /// The same by another way to the control plane.
    pub(crate) async fn join_at(program: &Program, folder: &Path, url: &str) -> Self {
        let secret = Self::token(program).await;
        Self::join_with(&secret, url, folder, &[], Stdio::inherit())
    }

    /// A join token.
    pub(crate) async fn token(program: &Program) -> String {
        let path = format!(
            "/organizations/{}/node-tokens",
            program.organization.unwrap()
        );
        let made: NodeTokenCreated = program.post(&path, &NodeTokenCreate::default()).await;
        made.secret
    }

    /// Joins from wherever this thread is, with these flags; `log` takes what the daemon says until it is
    /// started again.
    pub(crate) fn join_with(
        secret: &str,
        url: &str,
        folder: &Path,
        flags: &[&str],
        log: Stdio,
    ) -> Self {
        let data = folder.join("node");
        let joined = Command::new(ATELIER)
            .args(["node", "join", "--url", url, "--data"])
            .arg(&data)
            .args(flags)
            .env("ATELIER_JOIN_TOKEN", secret)
            .output()
            .unwrap();
        assert!(joined.status.success(), "{joined:?}");
        Self {
            child: Self::start(&data, log),
            data,
        }
    }

    fn start(data: &Path, log: Stdio) -> Child {
        let mut command = Command::new(ATELIER);
        command.args(["node", "run", "--data"]).arg(data);
        let policy = data.with_file_name("node.toml");
        if policy.exists() {
            command.arg("--policy").arg(policy);
        }
        command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Started again.
    pub(crate) fn start_again(&mut self) {
        self.child = Self::start(&self.data, Stdio::inherit());
    }

    /// `kill -9`, and started again.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.start_again();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The machine's own agent outlives its daemon by design; the test's must not outlive the test.
        let _ = Command::new(ATELIER)
            .args(["node", "leave", "--yes", "--stop", "--data"])
            .arg(&self.data)
            .output();
    }
}

/// The joined server, once it is in this state.
pub(crate) async fn remote(program: &Program, state: NodeState) -> Node {
    let path = format!("/organizations/{}/nodes", program.organization.unwrap());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let nodes: Page<Node> = program.get(&path).await;
        let found = nodes.items.into_iter().find(|node| !node.local);
        match found {
            Some(node) if node.state == state => return node,
            found => assert!(Instant::now() < deadline, "{found:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_counter_on_a_joined_server_survives_either_side_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start().await;
    let mut daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    assert!(node.info.is_some(), "it has said what it is");

    let workspace = program.workspace_on("far away", Some(node.id)).await;
    let terminal = program.terminal(workspace, COUNTER).await;
    let mut viewer = program.viewer(workspace, &terminal);
    viewer.read_to(500).await;
    program.kill();
    program.start_again();
    viewer.read_to(3_000).await;
    daemon.restart();
    viewer.read_to(usize::MAX).await;
    assert_eq!(
        String::from_utf8(viewer.output).unwrap(),
        every_number_once()
    );

    // The workspace ends while its server can still be told.
    remote(&program, NodeState::Online).await;
    let stopped = program.command(&["workspace", "stop", &workspace.to_string()]);
    assert!(stopped.status.success(), "{stopped:?}");
}

#[tokio::test]
async fn a_revoked_server_is_cut_off_and_its_daemon_ends() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start().await;
    let mut daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let path = format!("/nodes/{}/revoke", node.id);
    let revoked: Node = program.post(&path, &serde_json::json!({})).await;
    assert!(revoked.revoked);
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = daemon.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "the daemon must end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(status.code(), Some(77), "it must not be started again");
    remote(&program, NodeState::Offline).await;
}
