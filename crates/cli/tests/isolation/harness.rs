//! A real node with real sandboxes, driven through its router.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use atelier_api::agent::processes::{Process, ProcessCreate};
use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    ActualState, DesiredState, Driver, NodeWorkspace, ProtectionKind, SeedFile, WorkspaceLimits,
    WorkspaceSpec,
};
use atelier_node::{Launcher, Node, NodeConfig, OpenError};
use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;

/// How long anything in these tests may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts the nodes of this process.
static NODES: AtomicU32 = AtomicU32::new(0);

/// Whether the node of these tests is root, and so gives every workspace a user of its own.
pub(crate) fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A node on a directory of its own. Dropping it stops all its workspaces.
pub(crate) struct TestNode {
    pub(crate) directory: tempfile::TempDir,
    node: Option<Node>,
    number: u32,
    workspaces: Vec<WorkspaceId>,
}

/// What a command in a workspace did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    #[expect(dead_code, reason = "shown when an assertion fails")]
    pub(crate) stderr: String,
    pub(crate) success: bool,
}

impl TestNode {
    pub(crate) async fn open() -> Self {
        Self::open_with(|_, _| {}).await
    }

    /// A node whose configuration is changed; the path is the test's directory.
    pub(crate) async fn open_with(change: impl FnOnce(&mut NodeConfig, &Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        change(&mut config, directory.path());
        let node = Node::open(config).await.unwrap();
        Self {
            directory,
            node: Some(node),
            number: NODES.fetch_add(1, Ordering::Relaxed),
            workspaces: Vec::new(),
        }
    }

    /// An id that no other test's workspace has: the host is shared.
    fn workspace_id(&self, number: u128) -> WorkspaceId {
        let process = u128::from(std::process::id());
        let unique = process * 1_000_000 + u128::from(self.number) * 1000 + number;
        format!("ws_{unique:026}").parse().unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The node goes away without stopping anything, as if it were killed, and a new one comes.
    pub(crate) async fn replace(&mut self) {
        self.close_node();
        self.reopen().await;
    }

    /// The node goes away without stopping anything.
    pub(crate) fn close_node(&mut self) {
        drop(self.node.take());
    }

    /// A new node takes over. The old one's tasks may take a moment to let go of the directory.
    pub(crate) async fn reopen(&mut self) {
        self.reopen_with(|_| {}).await;
    }

    /// A new node with a changed configuration takes over.
    pub(crate) async fn reopen_with(&mut self, change: impl FnOnce(&mut NodeConfig)) {
        let mut config = config(self.directory.path());
        change(&mut config);
        let node = wait_for("the data directory", || async {
            match Node::open(config.clone()).await {
                Ok(node) => Some(node),
                Err(OpenError::InUse(_)) => None,
                Err(error) => panic!("{error}"),
            }
        })
        .await;
        self.node = Some(node);
    }

    /// Everything that runs is to end.
    pub(crate) async fn stop_all(&self) {
        self.node.as_ref().unwrap().stop_all().await;
    }

    /// What the host knows a workspace by.
    pub(crate) fn identity(&self, id: WorkspaceId) -> Identity {
        let path = self.data().join(format!("workspaces/{id}/state.json"));
        let record: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Identity {
            name: id.to_string(),
            uid: serde_json::from_value(record["uid"].clone()).unwrap(),
            // Absent while it is stopped; no process has this id.
            init: serde_json::from_value(record["run"]["process"]["pid"].clone()).unwrap_or(0),
        }
    }

    /// The workspace's processes, as the host sees them.
    pub(crate) fn processes_left(&self, id: WorkspaceId) -> Vec<String> {
        self.identity(id).processes()
    }

    pub(crate) fn router(&self) -> Router {
        self.node.as_ref().unwrap().router()
    }

    /// A running workspace with one file in it.
    pub(crate) async fn start(&mut self, number: u128, limits: WorkspaceLimits) -> WorkspaceId {
        let id = self.workspace_id(number);
        self.workspaces.push(id);
        let mut spec = spec(number, 1, DesiredState::Running);
        spec.limits = limits;
        let view = self.apply(id, &spec).await;
        assert_eq!(view.state, ActualState::Running, "{view:?}");
        id
    }

    pub(crate) async fn stop(&self, id: WorkspaceId) -> NodeWorkspace {
        self.apply(id, &spec(0, 2, DesiredState::Stopped)).await
    }

    pub(crate) async fn apply(&self, id: WorkspaceId, spec: &WorkspaceSpec) -> NodeWorkspace {
        self.json(Method::PUT, &format!("/v1/workspaces/{id}"), spec)
            .await
    }

    pub(crate) async fn view(&self, id: WorkspaceId) -> NodeWorkspace {
        self.json(Method::GET, &format!("/v1/workspaces/{id}"), &())
            .await
    }

    /// Runs a shell script in a workspace to its end.
    pub(crate) async fn shell(&self, id: WorkspaceId, script: &str) -> Ran {
        self.run(id, &["/bin/sh", "-c", script]).await
    }

    pub(crate) async fn run(&self, id: WorkspaceId, command: &[&str]) -> Ran {
        let process = self.spawn(id, command).await;
        let path = format!("/v1/workspaces/{id}/agent/processes/{}", process.id);
        let ended = wait_for(&format!("{command:?} to end"), || async {
            let process: Process = self.json(Method::GET, &path, &()).await;
            process.exit
        })
        .await;
        let output = |stream: &'static str| {
            let path = format!("{path}/output?stream={stream}");
            async move {
                let (_, body) = self.request(Method::GET, &path, Body::empty()).await;
                String::from_utf8_lossy(&body).into_owned()
            }
        };
        Ran {
            stdout: output("stdout").await,
            stderr: output("stderr").await,
            success: ended.code == Some(0),
        }
    }

    /// Starts a command that may end the agent before it can answer.
    pub(crate) async fn attempt(&self, id: WorkspaceId, command: &[&str]) {
        let path = format!("/v1/workspaces/{id}/agent/processes");
        let body = serde_json::json!({ "command": command }).to_string();
        self.request(Method::POST, &path, body.into()).await;
    }

    /// Starts a command in a workspace and leaves it running.
    pub(crate) async fn spawn(&self, id: WorkspaceId, command: &[&str]) -> Process {
        let create = ProcessCreate {
            command: command.iter().map(ToString::to_string).collect(),
            ..ProcessCreate::default()
        };
        self.json(
            Method::POST,
            &format!("/v1/workspaces/{id}/agent/processes"),
            &create,
        )
        .await
    }

    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> T {
        let body = Body::from(serde_json::to_vec(body).unwrap());
        let (status, bytes) = self.request(method.clone(), path, body).await;
        let text = String::from_utf8_lossy(&bytes);
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: Body,
    ) -> (StatusCode, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(body)
            .unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, body.to_vec())
    }

    /// Ends everything; call it at the end of every test.
    pub(crate) async fn close(mut self) {
        for id in std::mem::take(&mut self.workspaces) {
            let path = format!("/v1/workspaces/{id}");
            let (status, body) = self.request(Method::DELETE, &path, Body::empty()).await;
            let body = String::from_utf8_lossy(&body);
            assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
        }
        let node = self.node.take().unwrap();
        node.shutdown().await;
    }
}

/// A failed test must not leave sandboxes behind.
impl Drop for TestNode {
    fn drop(&mut self) {
        self.node = None;
        for id in &self.workspaces {
            if self
                .data()
                .join(format!("workspaces/{id}/state.json"))
                .exists()
                && let Some(init) = Pid::from_raw(self.identity(*id).init)
            {
                let _ = kill_process(init, Signal::KILL);
            }
        }
    }
}

/// A workspace, as the host knows it.
pub(crate) struct Identity {
    name: String,
    uid: u32,
    pub(crate) init: i32,
}

impl Identity {
    /// Its processes: those of its user, where it has one of its own, and those in its sandbox.
    pub(crate) fn processes(&self) -> Vec<String> {
        host_processes()
            .filter(|(pid, path)| {
                let owned = std::fs::metadata(path).is_ok_and(|file| file.uid() == self.uid);
                let groups = std::fs::read_to_string(path.join("cgroup")).unwrap_or_default();
                (root() && owned)
                    || *pid == self.init.cast_unsigned()
                    || groups.contains(&self.name)
            })
            .map(|(_, path)| std::fs::read_to_string(path.join("stat")).unwrap_or_default())
            // Gone meanwhile, or dead and only not yet collected by the host's init.
            .filter(|stat| !stat.is_empty() && !stat.contains(") Z "))
            .collect()
    }
}

/// Two workspaces of one node: one from which everything is tried, and its neighbour.
pub(crate) struct Pair {
    pub(crate) node: TestNode,
    pub(crate) own: WorkspaceId,
    pub(crate) other: WorkspaceId,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        Self::start_on(TestNode::open().await).await
    }

    pub(crate) async fn start_on(mut node: TestNode) -> Self {
        let own = node.start(1, WorkspaceLimits::default()).await;
        let other = node.start(2, WorkspaceLimits::default()).await;
        Self { node, own, other }
    }

    /// Whether a protection holds for the own workspace.
    pub(crate) async fn protected(&self, kind: ProtectionKind) -> bool {
        holds(&self.node.view(self.own).await, kind)
    }

    /// The script must fail in the own workspace, and bring nothing of the neighbour to light.
    pub(crate) async fn refused(&self, script: &str) {
        let run = self.node.shell(self.own, script).await;
        assert!(!run.success, "`{script}` should fail: {run:?}");
        assert!(!run.stdout.contains("secret-2"), "`{script}`: {run:?}");
    }
}

/// The host's processes whose command line contains the text.
pub(crate) fn host_processes_with(text: &str) -> Vec<u32> {
    host_processes()
        .filter(|(_, path)| {
            let command = std::fs::read_to_string(path.join("cmdline")).unwrap_or_default();
            command.contains(text)
        })
        .map(|(pid, _)| pid)
        .collect()
}

/// The workspace's control groups, as the host sees them.
pub(crate) fn cgroups_left(id: WorkspaceId) -> Vec<String> {
    let found = Command::new("find")
        .args(["/sys/fs/cgroup", "-type", "d", "-name", &id.to_string()])
        .output()
        .unwrap();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    found.lines().map(str::to_owned).collect()
}

fn host_processes() -> impl Iterator<Item = (u32, PathBuf)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, entry.path()))
    })
}

fn config(directory: &Path) -> NodeConfig {
    let program = env!("CARGO_BIN_EXE_atelier").into();
    NodeConfig::new(directory.join("data"), Launcher::Sandbox { program })
}

pub(crate) fn spec(number: u128, generation: u64, desired: DesiredState) -> WorkspaceSpec {
    WorkspaceSpec {
        desired,
        generation,
        name: format!("Wörkspace {number}"),
        driver: Driver::Host,
        limits: WorkspaceLimits::default(),
        env: [("SECRET".to_owned(), format!("secret-{number}"))].into(),
        seed: vec![SeedFile {
            path: "notes/secret.txt".into(),
            text: format!("secret-{number}\n"),
            executable: false,
        }],
    }
}

/// Whether a protection holds for a workspace.
pub(crate) fn holds(workspace: &NodeWorkspace, kind: ProtectionKind) -> bool {
    workspace
        .protections
        .iter()
        .any(|protection| protection.kind == kind && protection.holds)
}

/// Waits until `condition` gives something.
pub(crate) async fn wait_for<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut condition: impl FnMut() -> F,
) -> T {
    let found = async {
        loop {
            if let Some(found) = condition().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
