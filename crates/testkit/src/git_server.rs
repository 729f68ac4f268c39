//! A Git server for tests: smart HTTP by `git http-backend`, on a port of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinHandle;

/// How the server treats its clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// Everyone may clone and push.
    #[default]
    Open,
    /// Only with this user name and password (RFC 7617).
    Guarded {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    },
    /// Sends that many bytes of a pack, and cuts the connection. Smaller answers come whole.
    Cut {
        /// In bytes.
        after: usize,
    },
    /// Sends that many bytes of a pack, and nothing more. Smaller answers come whole.
    Stalled {
        /// In bytes.
        after: usize,
    },
}

/// A running server. Dropping it stops it and deletes its repositories.
#[derive(Debug)]
pub struct GitServer {
    directory: TempDir,
    address: SocketAddr,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    repositories: PathBuf,
    manner: Manner,
}

impl GitServer {
    /// Starts a server without repositories.
    pub async fn start(manner: Manner) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let shared = Arc::new(Shared {
            repositories: directory.path().to_owned(),
            manner,
        });
        let router = Router::new().fallback(serve).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self {
            directory,
            address,
            task,
        }
    }

    /// Adds a repository with one commit that holds `files`. Gives the commit.
    pub fn add(&self, name: &str, files: &[(&str, &[u8])]) -> String {
        let bare = self.directory.path().join(name);
        let work = tempfile::tempdir().expect("a temporary directory");
        git(work.path(), &["init", "--quiet", "--initial-branch=main"]);
        for (path, content) in files {
            let path = work.path().join(path);
            fs::create_dir_all(path.parent().expect("it lies in the repository")).expect("made");
            fs::write(path, content).expect("written");
        }
        git(work.path(), &["add", "--all"]);
        git(
            work.path(),
            &["commit", "--quiet", "--allow-empty", "--message=First"],
        );
        let commit = git(work.path(), &["rev-parse", "HEAD"]);
        let bare_name = bare.to_str().expect("UTF-8");
        git(work.path(), &["clone", "--quiet", "--bare", ".", bare_name]);
        git(&bare, &["config", "http.receivepack", "true"]);
        commit
    }

    /// Adds a repository without commits.
    pub fn add_empty(&self, name: &str) {
        git(self.directory.path(), &["init", "--quiet", "--bare", name]);
    }

    /// Runs `git` in a repository of the server.
    pub fn git(&self, name: &str, arguments: &[&str]) -> String {
        git(&self.directory.path().join(name), arguments)
    }

    /// The address of a repository.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// The address of a repository with credentials in it.
    pub fn url_with(&self, credentials: &str, name: &str) -> String {
        format!("http://{credentials}@{}/{name}", self.address)
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs `git` for a test, as nobody in particular. Gives what it prints.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .output()
        .expect("git is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let is_pack = request.uri().path().ends_with("/git-upload-pack");
    if let Manner::Guarded { username, password } = &shared.manner {
        let expected = format!("Basic {}", base64(&format!("{username}:{password}")));
        let given = request.headers().get(header::AUTHORIZATION);
        if given.is_none_or(|given| given != expected.as_str()) {
            let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"Git\"")];
            return (StatusCode::UNAUTHORIZED, challenge).into_response();
        }
    }
    let (status, headers, body) = backend(&shared.repositories, request).await;
    let body = match shared.manner {
        Manner::Cut { after } if is_pack && body.len() > after => {
            let part = body.slice(..after);
            let cut = std::io::Error::other("the test cuts the connection");
            Body::from_stream(stream::iter([Ok(part), Err(cut)]))
        }
        Manner::Stalled { after } if is_pack && body.len() > after => {
            let part = body.slice(..after);
            let silence = stream::pending::<Result<Bytes, std::io::Error>>();
            let part = stream::iter([Ok(part)]);
            Body::from_stream(futures_util::StreamExt::chain(part, silence))
        }
        _ => body.into(),
    };
    (status, headers, body).into_response()
}

/// Answers by `git http-backend` (RFC 3875, git-http-backend(1)).
async fn backend(repositories: &Path, request: Request) -> (StatusCode, HeaderMap, Bytes) {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("a whole request");
    let header = |name: header::HeaderName| {
        let value = parts.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
            .to_owned()
    };
    let mut command = tokio::process::Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", repositories)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or(""))
        .env("CONTENT_TYPE", header(header::CONTENT_TYPE))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header(header::CONTENT_ENCODING))
        .env(
            "GIT_PROTOCOL",
            header(header::HeaderName::from_static("git-protocol")),
        )
        .env("REMOTE_USER", "test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn().expect("git is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    let feed = async move {
        // It may answer before it has read all.
        let _ = stdin.write_all(&body).await;
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), feed);
    let output = Bytes::from(output.expect("it ends").stdout);

    let end = output.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.expect("a CGI answer has headers");
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        if name == "Status" {
            let code = value.split(' ').next().unwrap_or("");
            status = code.parse().expect("a status code");
        } else {
            let name: header::HeaderName = name.parse().expect("a header name");
            headers.insert(name, value.parse().expect("a header value"));
        }
    }
    (status, headers, output.slice(end + 4..))
}

/// RFC 4648 §4.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, index| {
            bits << 8 | u32::from(chunk.get(index).copied().unwrap_or(0))
        });
        for index in 0..4 {
            let digit = (bits >> (18 - 6 * index)) & 63;
            encoded.push(if index <= chunk.len() {
                ALPHABET[digit as usize].into()
            } else {
                '='
            });
        }
    }
    encoded
}
