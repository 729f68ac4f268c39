//! An agent whose workspace has a scripted language server, and viewers of it.

use std::collections::VecDeque;
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use atelier_agent::{AgentArgs, Config, LanguageLimits};
use atelier_api::agent::languages::{LanguageServer, LanguageState};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// After so long a condition that has not come true will not.
const PATIENCE: Duration = Duration::from_secs(120);

/// The server of a shell script's directory: a language whose servers need nothing beside them.
pub(crate) const BASH: &str = "/v1/languages/bash";

pub(crate) async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

pub(crate) struct Agent {
    pub(crate) config: Config,
    _directory: TempDir,
    _shutdown: oneshot::Sender<()>,
}

/// Makes a program.
pub(crate) fn program(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Limits that nothing but a test's own reaches.
fn patient() -> LanguageLimits {
    LanguageLimits {
        watch_every: Duration::from_millis(20),
        restart_pause: Duration::from_millis(1),
        failures: 3,
        ..LanguageLimits::default()
    }
}

impl Agent {
    /// An agent without any server.
    pub(crate) async fn bare(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = |name: &str| directory.path().join(name);
        let mut config = Config {
            env: [("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into(),
            languages: patient(),
            ..Config::from_args(AgentArgs {
                socket: place("agent.sock"),
                workspace: place("work space"),
                home: place("home"),
                name: "thesis".to_owned(),
            })
        };
        std::fs::create_dir_all(&config.workspace).unwrap();
        std::fs::create_dir_all(&config.home).unwrap();
        change(&mut config);
        let (shutdown, shut) = oneshot::channel::<()>();
        tokio::spawn(atelier_agent::serve(config.clone(), async {
            let _ = shut.await;
        }));
        while UnixStream::connect(&config.socket).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self {
            config,
            _directory: directory,
            _shutdown: shutdown,
        }
    }

    /// An agent whose workspace has the scripted server in a mode.
    pub(crate) async fn with(mode: &str, change: impl FnOnce(&mut LanguageLimits)) -> Self {
        let agent = Self::bare(|config| change(&mut config.languages)).await;
        agent.mode(mode);
        agent
    }

    /// What the server does when it starts.
    pub(crate) fn mode(&self, mode: &str) {
        let bin = self.config.workspace.join("node_modules/.bin");
        program(&bin.join("bash-language-server"), include_str!("server.py"));
        std::fs::write(bin.join("MODE"), mode).unwrap();
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> (StatusCode, Value) {
        let stream = UnixStream::connect(&self.config.socket).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "agent")
            .body(Full::new(bytes::Bytes::new()))
            .unwrap();
        let answer = patiently(path, sender.send_request(request)).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).unwrap()
        };
        (status, body)
    }

    pub(crate) async fn view(&self) -> LanguageServer {
        let (status, body) = self.send(Method::GET, BASH).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_value(body).unwrap()
    }

    /// Everything that the log says.
    pub(crate) async fn log(&self) -> String {
        let (_, body) = self.send(Method::GET, &format!("{BASH}/log")).await;
        let lines = body["lines"].as_array().unwrap();
        let texts: Vec<&str> = lines
            .iter()
            .map(|line| line["text"].as_str().unwrap())
            .collect();
        texts.join(
            "
",
        )
    }

    pub(crate) async fn attach(&self) -> Viewer {
        self.attach_to(&format!("{BASH}/attach")).await
    }

    pub(crate) async fn attach_to(&self, path: &str) -> Viewer {
        let mut request = format!("ws://agent{path}").into_client_request().unwrap();
        let protocol = "atelier.language.v1".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let stream = UnixStream::connect(&self.config.socket).await.unwrap();
        let (websocket, answer) = tokio_tungstenite::client_async(request, stream)
            .await
            .unwrap();
        assert_eq!(
            answer.headers()["sec-websocket-protocol"],
            "atelier.language.v1"
        );
        Viewer {
            websocket,
            unread: VecDeque::new(),
            next: 0,
        }
    }

    /// A viewer that has initialized.
    pub(crate) async fn viewer(&self) -> Viewer {
        let mut viewer = self.attach().await;
        let result = viewer
            .ask("initialize", json!({ "capabilities": {} }))
            .await;
        assert!(result["capabilities"].is_object(), "{result}");
        viewer.notify("initialized", json!({})).await;
        viewer
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        let workspace = self.config.workspace.to_str().unwrap().replace(' ', "%20");
        format!("file://{workspace}/{name}")
    }
}

pub(crate) struct Viewer {
    websocket: WebSocketStream<UnixStream>,
    /// What came while something else was waited for.
    unread: VecDeque<Value>,
    next: u64,
}

impl Viewer {
    pub(crate) async fn send(&mut self, text: String) {
        self.websocket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string())
            .await;
    }

    /// Sends a request; its id.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let id = self.next;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(request.to_string()).await;
        id
    }

    /// The answer to a request: its result, or else its error.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        let answer = self
            .wait("an answer", |it| {
                it["id"] == id && it.get("method").is_none()
            })
            .await;
        answer
            .get("result")
            .or(answer.get("error"))
            .cloned()
            .unwrap()
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        self.answer(id).await
    }

    /// The next message that is wanted.
    pub(crate) async fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.unread.iter().position(&wanted) {
            return self.unread.remove(index).unwrap();
        }
        loop {
            let next = tokio::time::timeout(PATIENCE, self.websocket.next()).await;
            let next = next
                .unwrap_or_else(|_| panic!("waited in vain: {what}; there was {:?}", self.unread));
            match next {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if wanted(&message) {
                        return message;
                    }
                    self.unread.push_back(message);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("waited for {what}, got {other:?}"),
            }
        }
    }

    /// The server as it is when it is in that state.
    pub(crate) async fn state(&mut self, state: LanguageState) -> LanguageServer {
        let wanted = serde_json::to_value(state).unwrap();
        let is_it =
            |it: &Value| it["method"] == "$/atelier/state" && it["params"]["state"] == wanted;
        let message = self.wait(&format!("{state:?}"), is_it).await;
        serde_json::from_value(message["params"].clone()).unwrap()
    }

    /// The diagnostics of a document whose message is `text`.
    pub(crate) async fn diagnosed(&mut self, uri: &str, text: &str) -> Value {
        self.wait(&format!("diagnostics of {text:?}"), |it| {
            let params = &it["params"];
            it["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["diagnostics"][0]["message"] == text
        })
        .await
    }

    pub(crate) async fn open(&mut self, uri: &str, text: &str) {
        self.open_as(uri, "shellscript", text).await;
    }

    pub(crate) async fn open_as(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }))
            .await;
    }

    /// Puts a text at a place in the first line.
    pub(crate) async fn insert(&mut self, uri: &str, character: u32, text: &str) {
        let at = json!({ "line": 0, "character": character });
        let change = json!({ "range": { "start": at, "end": at }, "text": text });
        let params =
            json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [change] });
        self.notify("textDocument/didChange", params).await;
    }

    /// How the connection is closed.
    pub(crate) async fn closed(&mut self) -> CloseFrame {
        loop {
            match patiently("the end", self.websocket.next()).await {
                Some(Ok(Message::Close(frame))) => return frame.unwrap(),
                Some(Ok(_)) => {}
                other => panic!("ended without a farewell: {other:?}"),
            }
        }
    }

    pub(crate) async fn leave(mut self) {
        self.websocket.close(None).await.unwrap();
    }
}
