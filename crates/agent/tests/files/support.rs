//! An agent on temporary directories, and requests to it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use atelier_agent::{AgentArgs, Config};
use atelier_api::agent::files::{FileEntry, FileList};
use atelier_api::{ErrorCode, Problem};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// An agent with a workspace and home of its own.
pub(crate) struct Agent {
    pub(crate) router: Router,
    directory: TempDir,
}

/// What the agent answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Agent {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// One that is configured in some other way.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["workspace", "home", "system"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let mut config = Config::from_args(AgentArgs {
            socket: directory.path().join("socket"),
            workspace: directory.path().join("workspace"),
            home: directory.path().join("home"),
            name: "test".into(),
        });
        config.system = directory.path().join("system");
        change(&mut config);
        Self {
            router: atelier_agent::router(config),
            directory,
        }
    }

    /// The directory that holds the roots.
    pub(crate) fn outside(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.directory.path().join("workspace")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.workspace().join(name)
    }

    /// Puts a file into the workspace.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
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

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(Request::get(uri).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn delete(&self, uri: &str) -> Reply {
        self.send(Request::delete(uri).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn json(&self, method: Method, uri: &str, body: Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", "application/json")
            .body(body.to_string().into());
        self.send(request.unwrap()).await
    }

    pub(crate) async fn put(
        &self,
        path: &str,
        condition: (&str, &str),
        body: impl Into<Body>,
    ) -> Reply {
        let request = Request::put(content(path))
            .header(condition.0, condition.1)
            .body(body.into());
        self.send(request.unwrap()).await
    }

    pub(crate) async fn stat(&self, path: &str) -> FileEntry {
        self.get(&stat(path)).await.json()
    }

    pub(crate) async fn list(&self, path: &str) -> FileList {
        self.get(&format!("/v1/files/list?path={}", escape(path)))
            .await
            .json()
    }

    /// Serves on a port, for what needs a connection.
    pub(crate) fn serve(&self) -> SocketAddr {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        // Connections take it over: what a client does not read is soon noticed.
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

impl Reply {
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks that this is a problem of the given code, in the one error body.
    #[track_caller]
    pub(crate) fn problem(&self, code: ErrorCode) -> Problem {
        let problem: Problem = serde_json::from_slice(&self.body).unwrap_or_else(|_| {
            panic!("{self:?} is not a problem");
        });
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(self.status, code.status());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn content(path: &str) -> String {
    format!("/v1/files/content?path={}", escape(path))
}

pub(crate) fn stat(path: &str) -> String {
    format!("/v1/files/stat?path={}", escape(path))
}

/// Writes a text so that a query string can hold it.
pub(crate) fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(byte.into());
        } else {
            write!(escaped, "%{byte:02X}").unwrap();
        }
        escaped
    })
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn until(status: &str, mut condition: impl FnMut() -> bool) -> impl Future<Output = ()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let status = status.to_owned();
    async move {
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain until {status}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// A tmpfs of one megabyte, for as long as it lives.
pub(crate) struct SmallDisk(pub(crate) PathBuf);

impl SmallDisk {
    /// Nothing where mounting is not permitted.
    pub(crate) fn mount(path: PathBuf) -> Option<Self> {
        fs::create_dir(&path).unwrap();
        let options = Some(c"size=1m");
        rustix::mount::mount(
            "tmpfs",
            &path,
            "tmpfs",
            rustix::mount::MountFlags::empty(),
            options,
        )
        .ok()
        .map(|()| Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(&self.0, rustix::mount::UnmountFlags::DETACH);
    }
}
