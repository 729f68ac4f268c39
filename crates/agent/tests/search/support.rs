//! An agent on a temporary directory, and requests to it.

use std::fs;
use std::path::{Path, PathBuf};

use atelier_agent::{AgentArgs, Config};
use atelier_api::agent::search::{
    FoundFile, NameList, Replacement, ReplacementUndone, SearchEvent, SearchSummary,
};
use atelier_api::{ErrorCode, Problem};
use axum::Router;
use axum::body::{Body, Bytes};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// An agent with a workspace of its own.
pub(crate) struct Agent {
    pub(crate) router: Router,
    directory: TempDir,
}

/// What a search came to.
#[derive(Debug)]
pub(crate) struct Found {
    /// Ordered by their paths.
    pub(crate) files: Vec<FoundFile>,
    pub(crate) summary: SearchSummary,
}

impl Agent {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["workspace", "home"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let config = Config::from_args(AgentArgs {
            socket: directory.path().join("socket"),
            workspace: directory.path().join("workspace"),
            home: directory.path().join("home"),
            name: "test".into(),
        });
        Self {
            router: atelier_agent::router(config),
            directory,
        }
    }

    /// The directory that holds the workspace.
    pub(crate) fn outside(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("workspace").join(name)
    }

    /// Puts a file into the workspace.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.path(name)).unwrap()).into_owned()
    }

    pub(crate) async fn post(&self, route: &str, body: &Value) -> (StatusCode, Bytes) {
        let request = Request::post(format!("/v1/search/{route}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (
            status,
            response.into_body().collect().await.unwrap().to_bytes(),
        )
    }

    async fn answer<T: serde::de::DeserializeOwned>(&self, route: &str, body: &Value) -> T {
        let (status, body) = self.post(route, body).await;
        assert!(
            status.is_success(),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap()
    }

    /// The refusal of a request.
    pub(crate) async fn refused(&self, route: &str, body: &Value, code: ErrorCode) -> Problem {
        let (status, body) = self.post(route, body).await;
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (problem.code, status.as_u16()),
            (code, code.status()),
            "{problem:?}"
        );
        problem
    }

    /// Searches for all of it.
    pub(crate) async fn search(&self, body: &Value) -> Found {
        let (status, body) = self.post("text", body).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let mut files = Vec::new();
        let mut summary = None;
        for line in body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            assert!(summary.is_none(), "something follows the end");
            match serde_json::from_slice(line).unwrap() {
                SearchEvent::File(file) => files.push(file),
                SearchEvent::Done(done) => summary = Some(done),
                _ => {}
            }
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let summary = summary.expect("a search ends with its summary");
        Found { files, summary }
    }

    pub(crate) async fn names(&self, body: &Value) -> NameList {
        self.answer("names", body).await
    }

    /// Replaces all that a search for `query` finds.
    pub(crate) async fn replace_all(&self, query: &str, replacement: &str) -> Replacement {
        let pattern = json!({ "query": query });
        let found = self.search(&json!({ "pattern": pattern })).await;
        self.replace(&pattern, replacement, &found.files).await
    }

    pub(crate) async fn replace(
        &self,
        pattern: &Value,
        replacement: &str,
        files: &[FoundFile],
    ) -> Replacement {
        let files: Vec<_> = files
            .iter()
            .map(|file| json!({ "path": file.path, "etag": file.etag }))
            .collect();
        let body = json!({ "pattern": pattern, "replacement": replacement, "files": files });
        self.answer("replace", &body).await
    }

    pub(crate) async fn undo(&self, replacement: &Replacement) -> ReplacementUndone {
        let body = json!({ "replacement": replacement.id.expect("something was replaced") });
        self.answer("undo", &body).await
    }
}

impl Found {
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }
}
