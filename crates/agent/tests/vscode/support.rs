//! An agent whose workspace has a scripted code-server.

use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_agent::{AgentArgs, Config, VsCodeLimits};
use atelier_api::agent::ports::CONNECT_PROTOCOL;
use atelier_api::agent::vscode::{VsCode, VsCodeState};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

/// After so long a condition that has not come true will not.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

pub(crate) struct Agent {
    pub(crate) config: Config,
    bin: PathBuf,
    shutdown: Option<oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<()>,
    _directory: TempDir,
}

impl Agent {
    pub(crate) async fn bare(change: impl FnOnce(&mut VsCodeLimits)) -> Self {
        Self::at_home("home", change).await
    }

    /// One whose home has this name.
    async fn at_home(home: &str, change: impl FnOnce(&mut VsCodeLimits)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = |name: &str| directory.path().join(name);
        let bin = place("bin");
        let path = format!("{}:/nowhere", bin.display());
        let mut config = Config {
            env: [
                ("PATH".to_owned(), path),
                ("PASSWORD".to_owned(), "inherited".to_owned()),
            ]
            .into(),
            vscode: VsCodeLimits {
                watch_every: Duration::from_millis(20),
                restart_pause: Duration::from_millis(1),
                failures: 3,
                ..VsCodeLimits::default()
            },
            ..Config::from_args(AgentArgs {
                socket: place("agent.sock"),
                workspace: place("work space"),
                home: place(home),
                name: "thesis".to_owned(),
            })
        };
        for made in [&config.workspace, &config.home, &bin] {
            std::fs::create_dir_all(made).unwrap();
        }
        change(&mut config.vscode);
        let (shutdown, shut) = oneshot::channel::<()>();
        let served = config.clone();
        let serving = tokio::spawn(async move {
            let _ = atelier_agent::serve(served, async {
                let _ = shut.await;
            })
            .await;
        });
        while UnixStream::connect(&config.socket).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self {
            config,
            bin,
            shutdown: Some(shutdown),
            serving,
            _directory: directory,
        }
    }

    /// An agent whose workspace has the scripted server in a mode.
    pub(crate) async fn with(mode: &str, change: impl FnOnce(&mut VsCodeLimits)) -> Self {
        let agent = Self::bare(change).await;
        agent.install(mode);
        agent
    }

    /// One in whose home a socket's path is longer than sockets' paths may be.
    pub(crate) async fn with_long_home() -> Self {
        let agent = Self::at_home(&"home".repeat(30), |_| {}).await;
        agent.install("good");
        agent
    }

    fn install(&self, mode: &str) {
        let program = self.bin.join("code-server");
        std::fs::write(&program, include_str!("server.py")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        self.mode(mode);
    }

    pub(crate) fn mode(&self, mode: &str) {
        std::fs::write(self.bin.join("MODE"), mode).unwrap();
    }

    /// What the stand-in has written down.
    pub(crate) fn noted(&self, name: &str) -> String {
        std::fs::read_to_string(self.bin.join(name)).unwrap_or_default()
    }

    pub(crate) fn starts(&self) -> usize {
        self.noted("starts").lines().count()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.config.home.join(".local/share/atelier/vscode")
    }

    pub(crate) async fn end(mut self) {
        drop(self.shutdown.take());
        patiently("the agent's end", &mut self.serving)
            .await
            .unwrap();
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> (StatusCode, Value) {
        let stream = UnixStream::connect(&self.config.socket).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/vscode{path}"))
            .header("host", "agent")
            .header("content-type", "application/json")
            .body(Full::new(bytes::Bytes::from_static(
                br#"{"host":"vscode.example","port_url":"http://{{port}}.example/"}"#,
            )))
            .unwrap();
        let answer = patiently(path, sender.send_request(request)).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub(crate) async fn start(&self) -> (StatusCode, Value) {
        self.send(Method::POST, "/start").await
    }

    pub(crate) async fn view(&self) -> VsCode {
        let (status, view) = self.send(Method::GET, "").await;
        assert_eq!(status, StatusCode::OK, "{view}");
        serde_json::from_value(view).unwrap()
    }

    pub(crate) async fn until(&self, state: VsCodeState) -> VsCode {
        patiently(&format!("{state:?}"), async {
            loop {
                let view = self.view().await;
                if view.state == state {
                    return view;
                }
            }
        })
        .await
    }

    /// A connection to it, which stays; the first line of its answer.
    pub(crate) async fn connect(&self) -> (UnixStream, String) {
        let mut stream = UnixStream::connect(&self.config.socket).await.unwrap();
        let request = format!(
            "GET /v1/vscode/connect HTTP/1.1\r\nhost: agent\r\nconnection: upgrade\r\nupgrade: {CONNECT_PROTOCOL}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = patiently("the answer's head", stream.read_u8())
                .await
                .unwrap();
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        (stream, head.lines().next().unwrap_or_default().to_owned())
    }
}

pub(crate) fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
