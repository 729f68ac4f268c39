//! The host's policy, through the node's API, with agents in this process.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use atelier_api::agent::processes::Process;
use atelier_api::node::{
    ActualState, DesiredState, Driver, NodeInfo, NodePolicy, NodeWorkspace, WorkspaceLimits,
    WorkspaceSpec,
};
use atelier_api::{ErrorCode, Problem};
use atelier_node::{Launcher, Node, NodeConfig, OpenError};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

const WORKSPACE: &str = "/v1/workspaces/ws_00000000000000000000000001";

/// A node whose owner wrote a policy.
struct Owned {
    directory: tempfile::TempDir,
    node: Node,
}

async fn open(directory: &Path, policy: &str) -> Result<Node, OpenError> {
    let file = directory.join("node.toml");
    fs::write(&file, policy).unwrap();
    let mut config = NodeConfig::new(directory.join("data"), Launcher::InProcess);
    config.policy_file = Some(file);
    Node::open(config).await
}

impl Owned {
    async fn open(policy: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let node = open(directory.path(), policy).await.unwrap();
        Self { directory, node }
    }

    async fn reopen(self, policy: &str) -> Self {
        let Self { directory, node } = self;
        node.shutdown().await;
        drop(node);
        let node = open(directory.path(), policy).await.unwrap();
        Self { directory, node }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> (StatusCode, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("if-match", "*")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = self.node.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, body.to_vec())
    }

    async fn status(&self, method: Method, path: &str, body: &str) -> u16 {
        self.send(method, path, body).await.0.as_u16()
    }

    async fn apply(&self, generation: u64, desired: DesiredState) -> (StatusCode, Vec<u8>) {
        let spec = WorkspaceSpec {
            desired,
            generation,
            name: "demo".into(),
            driver: Driver::Host,
            limits: WorkspaceLimits::default(),
            env: [].into(),
            seed: vec![],
        };
        let body = serde_json::to_string(&spec).unwrap();
        self.send(Method::PUT, WORKSPACE, &body).await
    }
}

#[tokio::test]
async fn without_a_policy_the_machine_is_served() {
    let owned = Owned::open("").await;
    let (status, body) = owned
        .send(
            Method::POST,
            "/v1/machine/processes",
            r#"{"command":["/bin/echo","hello"]}"#,
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    let process: Process = serde_json::from_slice(&body).unwrap();
    let output = format!("/v1/machine/processes/{}/output", process.id);
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while owned.send(Method::GET, &output, "").await.1 != b"hello\n" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    in_time.await.unwrap();
    for path in ["terminals", "files/list?path=etc", "health"] {
        let path = format!("/v1/machine/{path}");
        assert_eq!(owned.status(Method::GET, &path, "").await, 200, "{path}");
    }
    let git = "/v1/machine/git/status?path=";
    assert_eq!(owned.status(Method::GET, git, "").await, 404);
}

#[tokio::test]
async fn each_verb_is_denied_by_itself_and_said() {
    for (policy, denied) in [
        ("terminal = false", "terminals"),
        ("exec = false", "processes"),
        ("files = { permitted = false }", "files/list?path="),
    ] {
        let owned = Owned::open(policy).await;
        for path in ["terminals", "processes", "files/list?path="] {
            let url = format!("/v1/machine/{path}");
            let (status, body) = owned.send(Method::GET, &url, "").await;
            if path == denied {
                let problem: Problem = serde_json::from_slice(&body).unwrap();
                assert_eq!((status.as_u16(), problem.code), (403, ErrorCode::Forbidden));
                assert!(problem.detail.contains("node.toml"), "{}", problem.detail);
            } else {
                assert_eq!(status, StatusCode::OK, "{policy}: {path}");
            }
        }
    }
}

#[tokio::test]
async fn files_stay_within_their_roots() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("open")).unwrap();
    fs::write(root.join("open/a"), "a").unwrap();
    fs::write(root.join("secret"), "secret").unwrap();
    symlink("../secret", root.join("open/link")).unwrap();
    symlink(&root, root.join("open/up")).unwrap();
    let shown = root.to_str().unwrap();
    let owned = Owned::open(&format!("files = {{ roots = [\"{shown}/open\"] }}")).await;
    let base = shown.trim_start_matches('/');
    for (path, expected) in [
        ("open/a", 200),
        ("secret", 403),
        ("open/link", 403),
        ("open/up/secret", 403),
        ("open/../secret", 403),
        ("open/up/open/a", 200),
    ] {
        let url = format!("/v1/machine/files/content?path={base}/{path}");
        assert_eq!(
            owned.status(Method::GET, &url, "").await,
            expected,
            "{path}"
        );
    }
    // A path in a body, which the node itself does not read.
    let transfer = format!(r#"{{"root":"system","from":"{base}/secret","to":"{base}/open/b"}}"#);
    let copied = owned
        .status(Method::POST, "/v1/machine/files/copy", &transfer)
        .await;
    assert_eq!(copied, 403);
    let written = format!("/v1/machine/files/content?path={base}/open/new");
    assert_eq!(owned.status(Method::PUT, &written, "x").await, 200);
    assert!(!root.join("open/b").exists() && root.join("open/new").exists());

    let owned = owned
        .reopen(&format!(
            "files = {{ roots = [\"{shown}/open\"], read_only = true }}"
        ))
        .await;
    assert_eq!(owned.status(Method::PUT, &written, "y").await, 403);
    assert_eq!(owned.status(Method::GET, &written, "").await, 200);
}

#[tokio::test]
async fn workspaces_that_are_no_longer_permitted_are_stopped_and_kept() {
    let owned = Owned::open("").await;
    assert_eq!(owned.apply(1, DesiredState::Running).await.0, 200);
    let owned = owned.reopen("workspaces = false").await;
    assert_eq!(owned.apply(2, DesiredState::Running).await.0, 403);
    let agent = format!("{WORKSPACE}/agent/health");
    assert_eq!(owned.status(Method::GET, &agent, "").await, 403);
    let (_, body) = owned.apply(3, DesiredState::Stopped).await;
    let view: NodeWorkspace = serde_json::from_slice(&body).unwrap();
    assert_eq!(view.state, ActualState::Stopped);
    assert_eq!(owned.status(Method::GET, WORKSPACE, "").await, 200);
    assert_eq!(owned.status(Method::DELETE, WORKSPACE, "").await, 204);
}

#[tokio::test]
async fn the_policy_is_shown() {
    let owned = Owned::open("exec = false\nprivileged = true\n").await;
    let (_, body) = owned.send(Method::GET, "/v1/info", "").await;
    let info: NodeInfo = serde_json::from_slice(&body).unwrap();
    let expected = NodePolicy {
        exec: false,
        privileged: true,
        ..NodePolicy::default()
    };
    assert_eq!(info.policy, Some(expected));
    let id = fs::read_to_string("/etc/machine-id").ok();
    assert_eq!(info.machine.is_some(), id.is_some());
}

#[tokio::test]
async fn a_policy_that_cannot_be_followed_keeps_the_node_from_opening() {
    let directory = tempfile::tempdir().unwrap();
    for policy in ["exe = false", "exec = 1", "files = { roots = [\"..\"] }"] {
        let refused = open(directory.path(), policy).await;
        assert!(matches!(refused, Err(OpenError::Policy(_))), "{policy}");
    }
    assert!(!directory.path().join("data").exists(), "nothing was made");
}
