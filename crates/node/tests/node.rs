//! The node API with agents in this process.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::Path;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    ActualState, DesiredState, Driver, NodeInfo, NodeWorkspace, NodeWorkspaceList, SeedFile,
    WorkspaceLimits, WorkspaceSpec,
};
use atelier_api::{ErrorCode, Problem};
use atelier_node::{Clock, Launcher, Node, NodeConfig, OpenError};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

/// A node and its directory.
struct TestNode {
    directory: tempfile::TempDir,
    node: Node,
}

fn config(directory: &Path) -> NodeConfig {
    let mut config = NodeConfig::new(directory.join("data"), Launcher::InProcess);
    config.clock = Clock::new(|| atelier_api::Timestamp(1_000));
    config
}

impl TestNode {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let node = Node::open(config(directory.path())).await.unwrap();
        Self { directory, node }
    }

    async fn reopen(self) -> Self {
        let Self { directory, node } = self;
        node.shutdown().await;
        drop(node);
        let node = Node::open(config(directory.path())).await.unwrap();
        Self { directory, node }
    }

    async fn request(&self, method: Method, path: &str, body: Body) -> (StatusCode, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(body)
            .unwrap();
        let response = self.node.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, body.to_vec())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let (status, body) = self.request(Method::GET, path, Body::empty()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    async fn put(&self, number: u128, spec: &impl Serialize) -> NodeWorkspace {
        let (status, body) = self.try_put(number, spec).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    async fn try_put(&self, number: u128, spec: &impl Serialize) -> (StatusCode, Vec<u8>) {
        let body = Body::from(serde_json::to_vec(spec).unwrap());
        self.request(Method::PUT, &path(number), body).await
    }

    async fn problem(&self, method: Method, path: &str, body: Body) -> Problem {
        let (status, body) = self.request(method, path, body).await;
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.status, status.as_u16());
        problem
    }
}

fn id(number: u128) -> WorkspaceId {
    format!("ws_{number:026}").parse().unwrap()
}

fn path(number: u128) -> String {
    format!("/v1/workspaces/{}", id(number))
}

fn spec(generation: u64, desired: DesiredState) -> WorkspaceSpec {
    WorkspaceSpec {
        desired,
        generation,
        name: "demo".into(),
        driver: Driver::Host,
        limits: WorkspaceLimits::default(),
        env: [("KEY".to_owned(), "value".to_owned())].into(),
        seed: vec![SeedFile {
            path: "bin/start".into(),
            text: "#!/bin/sh\n".into(),
            executable: true,
        }],
    }
}

#[tokio::test]
async fn a_workspace_is_made_found_stopped_and_deleted() {
    let node = TestNode::open().await;
    let made = node.put(1, &spec(1, DesiredState::Running)).await;
    assert_eq!((made.state, made.generation), (ActualState::Running, 1));
    assert_eq!(made.since, atelier_api::Timestamp(1_000));
    assert!(made.protections.iter().all(|protection| !protection.holds));

    let again = node.put(1, &spec(1, DesiredState::Running)).await;
    assert_eq!(again, made, "applying it again changes nothing");
    let list: NodeWorkspaceList = node.get("/v1/workspaces").await;
    assert_eq!(list.items, vec![made]);

    let stopped = node.put(1, &spec(2, DesiredState::Stopped)).await;
    assert_eq!(stopped.state, ActualState::Stopped);
    let stopped_again = node.put(1, &spec(2, DesiredState::Stopped)).await;
    assert_eq!(stopped_again, stopped);

    for _ in 0..2 {
        let (status, _) = node.request(Method::DELETE, &path(1), Body::empty()).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let problem = node.problem(Method::GET, &path(1), Body::empty()).await;
    assert_eq!(problem.code, ErrorCode::NotFound);
    // The id may be used again.
    let made = node.put(1, &spec(1, DesiredState::Running)).await;
    assert_eq!(made.state, ActualState::Running);
}

#[tokio::test]
async fn an_older_specification_cannot_undo_a_newer_one() {
    let node = TestNode::open().await;
    node.put(1, &spec(5, DesiredState::Running)).await;
    let (status, body) = node.try_put(1, &spec(4, DesiredState::Stopped)).await;
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!((status.as_u16(), problem.code), (412, ErrorCode::Stale));
    let view: NodeWorkspace = node.get(&path(1)).await;
    assert_eq!((view.state, view.generation), (ActualState::Running, 5));
    let node = node.reopen().await;
    let (status, _) = node.try_put(1, &spec(4, DesiredState::Stopped)).await;
    assert_eq!(status.as_u16(), 412, "remembered across restarts");
}

#[tokio::test]
async fn changes_of_one_workspace_are_made_one_at_a_time() {
    let node = TestNode::open().await;
    let changes = (1..=20).map(|generation| {
        let desired = if generation % 2 == 0 {
            DesiredState::Running
        } else {
            DesiredState::Stopped
        };
        let node = &node;
        async move { node.try_put(1, &spec(generation, desired)).await.0.as_u16() }
    });
    let statuses = futures_util::future::join_all(changes).await;
    assert!(
        statuses.iter().all(|status| [200, 412].contains(status)),
        "{statuses:?}"
    );
    let view: NodeWorkspace = node.get(&path(1)).await;
    assert_eq!((view.state, view.generation), (ActualState::Running, 20));
}

#[tokio::test]
async fn the_seed_is_written_once() {
    let node = TestNode::open().await;
    node.put(1, &spec(1, DesiredState::Running)).await;
    let file = node
        .directory
        .path()
        .join(format!("data/workspaces/{}/workspace/bin/start", id(1)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "#!/bin/sh\n");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o755);
    std::fs::remove_file(&file).unwrap();
    node.put(1, &spec(2, DesiredState::Running)).await;
    assert!(!file.exists(), "what a person deleted does not come back");
}

#[tokio::test]
async fn bad_requests_are_refused_with_the_field() {
    let node = TestNode::open().await;
    let mut bad = spec(1, DesiredState::Running);
    bad.seed[0].path = "../../etc/passwd".into();
    let (status, body) = node.try_put(1, &bad).await;
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!(status.as_u16(), 422);
    assert_eq!(problem.field.as_deref(), Some("seed.0.path"));

    let code = |method, path: String, body: &'static str| {
        let node = &node;
        async move { node.problem(method, &path, Body::from(body)).await.code }
    };
    let put = code(Method::PUT, path(1), "{").await;
    assert_eq!(put, ErrorCode::Malformed);
    let other_id = code(Method::GET, "/v1/workspaces/../../x".into(), "").await;
    assert_eq!(other_id, ErrorCode::NotFound);
    let no_id = code(Method::GET, "/v1/workspaces/ws_x".into(), "").await;
    assert_eq!(no_id, ErrorCode::NotFound);
    let method = code(Method::PATCH, path(1), "").await;
    assert_eq!(method, ErrorCode::MethodNotAllowed);
    let list: NodeWorkspaceList = node.get("/v1/workspaces").await;
    assert_eq!(list.items, vec![], "nothing was made");
}

#[tokio::test]
async fn one_that_does_not_run_says_so() {
    let node = TestNode::open().await;
    node.put(1, &spec(1, DesiredState::Stopped)).await;
    for path in [
        format!("{}/agent/health", path(1)),
        format!("{}/usage", path(1)),
    ] {
        let problem = node.problem(Method::GET, &path, Body::empty()).await;
        assert_eq!(problem.code, ErrorCode::WorkspaceNotRunning);
    }
    let unknown = format!("{}/agent/health", path(2));
    let problem = node.problem(Method::GET, &unknown, Body::empty()).await;
    assert_eq!(problem.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_died_with_the_node_is_reported() {
    let node = TestNode::open().await;
    node.put(1, &spec(1, DesiredState::Running)).await;
    node.put(2, &spec(1, DesiredState::Stopped)).await;
    let node = node.reopen().await;
    let view: NodeWorkspace = node.get(&path(1)).await;
    assert_eq!(view.state, ActualState::Failed);
    assert!(view.detail.is_some());
    let view: NodeWorkspace = node.get(&path(2)).await;
    assert_eq!(view.state, ActualState::Stopped);
    let view = node.put(1, &spec(1, DesiredState::Running)).await;
    assert_eq!((view.state, view.detail), (ActualState::Running, None));
}

#[tokio::test]
async fn an_unreadable_state_loses_no_files() {
    let node = TestNode::open().await;
    node.put(1, &spec(7, DesiredState::Stopped)).await;
    let storage = node
        .directory
        .path()
        .join(format!("data/workspaces/{}", id(1)));
    std::fs::write(storage.join("state.json"), "{\"cut").unwrap();
    let node = node.reopen().await;
    let view: NodeWorkspace = node.get(&path(1)).await;
    assert_eq!((view.state, view.generation), (ActualState::Stopped, 0));
    node.put(1, &spec(7, DesiredState::Running)).await;
    assert!(storage.join("workspace/bin/start").exists());
}

#[tokio::test]
async fn two_nodes_cannot_use_one_directory() {
    let node = TestNode::open().await;
    let second = Node::open(config(node.directory.path())).await;
    assert!(matches!(second, Err(OpenError::InUse(_))), "{second:?}");
}

#[tokio::test]
async fn the_node_says_what_it_is() {
    let node = TestNode::open().await;
    let info: NodeInfo = node.get("/v1/info").await;
    assert!(info.cpus > 0 && info.memory_bytes > 0);
    assert_eq!(info.drivers, vec![Driver::Host]);
    assert!(info.protections.iter().all(|protection| !protection.holds));
}

#[tokio::test]
async fn a_socket_path_longer_than_the_kernel_takes_works() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("d".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    let node = TestNode {
        node: Node::open(config(&deep)).await.unwrap(),
        directory,
    };
    let made = node.put(1, &spec(1, DesiredState::Running)).await;
    assert_eq!(made.state, ActualState::Running, "{made:?}");
}
