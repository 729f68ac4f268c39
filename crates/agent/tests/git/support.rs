//! An agent, and what it is asked about Git.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use atelier_agent::{AgentArgs, Config};
use atelier_api::agent::git::{CloneEvent, GitStatus};
use atelier_api::{ErrorCode, Problem};
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::server::git;

/// An agent with a workspace of its own, whose user has no Git configuration.
pub(crate) struct Agent {
    pub(crate) router: Router,
    directory: TempDir,
}

impl Agent {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// One whose configuration is changed.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["workspace", "home"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let mut config = Config::from_args(AgentArgs {
            socket: directory.path().join("socket"),
            workspace: directory.path().join("workspace"),
            home: directory.path().join("home"),
            name: "test".into(),
        });
        // As if the developer who runs the tests had set it: it must not matter.
        config.env.insert("GIT_DIR".into(), "/nowhere".into());
        config.env.insert("GIT_CONFIG_NOSYSTEM".into(), "1".into());
        config.helper = env!("CARGO_BIN_EXE_atelier-git-helper").into();
        change(&mut config);
        Self {
            router: atelier_agent::router(config),
            directory,
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("workspace").join(name)
    }

    /// The names in a directory of the workspace, hidden and temporary ones included.
    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// An agent with a repository of one commit at `app`, and somebody to commit as.
    pub(crate) fn with_repository() -> Self {
        let agent = Self::new();
        let identity = "[user]\nname = Ada\nemail = ada@example.com\n";
        fs::write(agent.home().join(".gitconfig"), identity).unwrap();
        let app = agent.path("app");
        fs::create_dir(&app).unwrap();
        git(&app, &["init", "--quiet", "--initial-branch=main"]);
        fs::write(app.join("a.txt"), "one\ntwo\nthree\nfour\nfive\n").unwrap();
        git(&app, &["add", "--all"]);
        git(&app, &["commit", "--quiet", "--message=First"]);
        agent
    }

    /// Runs Git in `app`, as somebody in a terminal.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.path("app"), arguments)
    }

    /// Writes a file in `app`, and commits it.
    pub(crate) fn commit(&self, name: &str, content: &str, message: &str) -> String {
        fs::write(self.path("app").join(name), content).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// What a file in `app` holds.
    pub(crate) fn content(&self, name: &str) -> String {
        fs::read_to_string(self.path("app").join(name)).unwrap()
    }

    pub(crate) async fn get(&self, path_and_query: &str) -> Result<Value, Problem> {
        let request = Request::get(format!("/v1/git/{path_and_query}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Asks for something in `app`.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value, Problem> {
        self.send(in_app(path, body)).await
    }

    /// Asks for something that is in no repository.
    pub(crate) async fn post_plain(&self, path: &str, body: Value) -> Result<Value, Problem> {
        let request = Request::post(format!("/v1/git/{path}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.unwrap()).await
    }

    /// Asks for what takes long in `app`, and gives all events.
    pub(crate) async fn long(&self, path: &str, body: Value) -> Vec<Value> {
        let response = self.router.clone().oneshot(in_app(path, body)).await;
        let body = response.unwrap().into_body().collect().await.unwrap();
        let body = body.to_bytes();
        let lines = std::str::from_utf8(&body).unwrap().lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    async fn send(&self, request: Request<Body>) -> Result<Value, Problem> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let is_success = response.status().is_success();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        if is_success {
            Ok(serde_json::from_slice(&body).unwrap())
        } else {
            Err(serde_json::from_slice(&body).unwrap())
        }
    }

    /// Begins to clone. The body tells how it goes.
    pub(crate) async fn begin(&self, request: Value) -> (StatusCode, Body) {
        let request = Request::post("/v1/git/clone")
            .header("content-type", "application/json")
            .body(Body::from(request.to_string()));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        (response.status(), response.into_body())
    }

    /// Clones, and gives all events.
    pub(crate) async fn clone(&self, url: &str, path: &str) -> Vec<CloneEvent> {
        self.clone_with(json!({ "url": url, "path": path })).await
    }

    pub(crate) async fn clone_with(&self, request: Value) -> Vec<CloneEvent> {
        let (status, body) = self.begin(request).await;
        assert_eq!(status, 200);
        let body = body.collect().await.unwrap().to_bytes();
        let lines = std::str::from_utf8(&body).unwrap().lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) async fn status(&self, path: &str) -> Result<GitStatus, Problem> {
        let uri = format!("/v1/git/status?path={path}");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let is_success = response.status().is_success();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        if is_success {
            Ok(serde_json::from_slice(&body).unwrap())
        } else {
            Err(serde_json::from_slice(&body).unwrap())
        }
    }
}

fn in_app(path: &str, mut body: Value) -> Request<Body> {
    body["path"] = "app".into();
    Request::post(format!("/v1/git/{path}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// Checks that nothing answers but a problem of the given code.
#[track_caller]
pub(crate) fn expect_problem<T: std::fmt::Debug>(
    result: Result<T, Problem>,
    code: ErrorCode,
) -> Problem {
    let problem = result.expect_err("it was to fail");
    assert_eq!(problem.code, code, "{problem:?}");
    problem
}

/// Waits until `condition` holds.
pub(crate) async fn until(status: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {status}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
