//! An agent on a socket of its own, and clients of it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use atelier_agent::{Config, LanguageLimits, RecordingLimits};
use atelier_api::Problem;
use atelier_api::agent::terminals::{ClientMessage, ServerMessage, Terminal, VIEWER_ACCESS_HEADER};
use futures_util::{SinkExt, StreamExt};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// After so long a condition that has not come true will not.
const PATIENCE: Duration = Duration::from_secs(120);

/// Fails with `what` when something never happens.
pub(crate) async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// A running agent; dropping it removes its directory.
pub(crate) struct TestAgent {
    pub(crate) config: Config,
    directory: TempDir,
    shutdown: Option<oneshot::Sender<()>>,
    serving: JoinHandle<io::Result<()>>,
}

/// The configuration of a workspace below `directory`.
pub(crate) fn config(directory: &std::path::Path) -> Config {
    let config = Config {
        socket: directory.join("agent.sock"),
        workspace: directory.join("workspace"),
        home: directory.join("home"),
        system: PathBuf::from("/"),
        shell: PathBuf::from("/bin/bash"),
        env: BTreeMap::from([
            ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
            ("USER".into(), "ada".into()),
        ]),
        name: "thesis".into(),
        ring_bytes: 4 << 20,
        upload_idle: Duration::from_secs(60),
        recordings: RecordingLimits::default(),
        languages: LanguageLimits::default(),
        vscode: atelier_agent::VsCodeLimits::default(),
        machine: None,
        helper: PathBuf::new(),
    };
    std::fs::create_dir_all(&config.workspace).expect("made");
    std::fs::create_dir_all(&config.home).expect("made");
    config
}

impl TestAgent {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("made");
        let mut config = config(directory.path());
        change(&mut config);
        let (shutdown, shut) = oneshot::channel();
        let serving = tokio::spawn(atelier_agent::serve(config.clone(), async {
            let _ = shut.await;
        }));
        let agent = Self {
            config,
            directory,
            shutdown: Some(shutdown),
            serving,
        };
        while UnixStream::connect(&agent.config.socket).await.is_err() {
            tokio::task::yield_now().await;
        }
        agent
    }

    /// Ends the agent as SIGTERM does.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.shutdown
            .take()
            .expect("running")
            .send(())
            .expect("listening");
        patiently("the agent stops", self.serving)
            .await
            .expect("joined")
            .expect("stopped");
        self.directory
    }

    pub(crate) async fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.config.socket)
            .await
            .expect("connected")
    }

    /// Sends a request; the status, headers and body of the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> (http::response::Parts, Vec<u8>) {
        let io = TokioIo::new(self.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io)
            .await
            .expect("handshake");
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "agent")
            .header("content-type", "application/json")
            .body(Full::new(bytes::Bytes::from(body)))
            .expect("a request");
        let answer = patiently(path, sender.send_request(request))
            .await
            .expect("answered");
        let (parts, body) = answer.into_parts();
        (
            parts,
            body.collect().await.expect("body").to_bytes().to_vec(),
        )
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl Serialize,
    ) -> T {
        let body = serde_json::to_vec(&body).expect("JSON");
        let (parts, body) = self.send(method, path, body).await;
        let text = String::from_utf8_lossy(&body);
        assert!(parts.status.is_success(), "{path}: {} {text}", parts.status);
        let body = if body.is_empty() { b"null" } else { &body[..] };
        serde_json::from_slice(body).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// A request that must fail, in the one form that errors have.
    pub(crate) async fn refuse(&self, method: Method, path: &str, body: impl Serialize) -> Problem {
        let body = serde_json::to_vec(&body).expect("JSON");
        let (parts, body) = self.send(method, path, body).await;
        assert!(
            !parts.status.is_success(),
            "{path}: {}",
            String::from_utf8_lossy(&body)
        );
        assert_eq!(parts.headers["content-type"], "application/problem+json");
        let problem: Problem = serde_json::from_slice(&body).expect("a problem");
        assert_eq!(
            StatusCode::from_u16(problem.status).expect("a status"),
            parts.status
        );
        problem
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        self.ask(Method::GET, path, json!(null)).await
    }

    /// A terminal that runs a shell script instead of the login shell.
    pub(crate) async fn script(&self, script: &str) -> Terminal {
        let body = json!({ "command": ["/bin/sh", "-c", script] });
        self.ask(Method::POST, "/v1/terminals", body).await
    }

    pub(crate) async fn terminal(&self, terminal: &Terminal) -> Terminal {
        self.get(&format!("/v1/terminals/{}", terminal.id)).await
    }

    /// Waits until a terminal is as wanted.
    pub(crate) async fn until(&self, terminal: &Terminal, wanted: impl Fn(&Terminal) -> bool) {
        patiently("the terminal becomes as wanted", async {
            while !wanted(&self.terminal(terminal).await) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(crate) async fn websocket(&self, path: &str) -> WebSocketStream<UnixStream> {
        self.websocket_with(path, &[]).await
    }

    /// The same, with these headers.
    async fn websocket_with(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> WebSocketStream<UnixStream> {
        let mut request = format!("ws://agent{path}")
            .into_client_request()
            .expect("a request");
        request.headers_mut().insert(
            "sec-websocket-protocol",
            "atelier.terminal.v1, atelier.process.v1, atelier.bridge.v1"
                .parse()
                .expect("a value"),
        );
        for (name, value) in headers {
            let value = value.parse().expect("a value");
            request.headers_mut().insert(*name, value);
        }
        let (websocket, answer) = tokio_tungstenite::client_async(request, self.connect().await)
            .await
            .expect("upgraded");
        assert!(answer.headers().contains_key("sec-websocket-protocol"));
        let access = |headers: &http::HeaderMap| headers.get(VIEWER_ACCESS_HEADER).cloned();
        let asked = headers
            .iter()
            .find(|(name, _)| *name == VIEWER_ACCESS_HEADER);
        assert_eq!(
            access(answer.headers())
                .as_ref()
                .map(http::HeaderValue::as_bytes),
            asked.map(|(_, value)| value.as_bytes()),
            "an agent says that it keeps to it"
        );
        websocket
    }

    /// The status with which a WebSocket is refused.
    pub(crate) async fn upgrade_status(&self, path: &str) -> u16 {
        let request = format!("ws://agent{path}")
            .into_client_request()
            .expect("a request");
        match tokio_tungstenite::client_async(request, self.connect().await).await {
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Attaches with these headers.
    pub(crate) async fn attach_as(
        &self,
        terminal: &Terminal,
        headers: &[(&'static str, &str)],
    ) -> Viewer {
        let path = format!("/v1/terminals/{}/attach", terminal.id);
        Viewer::new(self.websocket_with(&path, headers).await)
    }

    pub(crate) async fn attach(&self, terminal: &Terminal, offset: Option<u64>) -> Viewer {
        let query = offset
            .map(|offset| format!("?offset={offset}"))
            .unwrap_or_default();
        let path = format!("/v1/terminals/{}/attach{query}", terminal.id);
        Viewer::new(self.websocket(&path).await)
    }
}

/// What a viewer is told.
#[derive(Debug)]
pub(crate) enum Told {
    Message(ServerMessage),
    /// Output that begins at the offset.
    Output(u64, Vec<u8>),
    Snapshot(Vec<u8>),
    Closed(Option<CloseFrame>),
}

/// A viewer of a terminal that keeps to the protocol.
pub(crate) struct Viewer {
    pub(crate) websocket: WebSocketStream<UnixStream>,
    /// The offset of the next byte.
    pub(crate) offset: u64,
    snapshot_bytes: u64,
    acked: u64,
    /// How many bytes of output it was sent.
    pub(crate) received: usize,
    /// Whether it acknowledges what it reads.
    pub(crate) acks: bool,
}

impl Viewer {
    fn new(websocket: WebSocketStream<UnixStream>) -> Self {
        Self {
            websocket,
            offset: 0,
            snapshot_bytes: 0,
            acked: 0,
            received: 0,
            acks: true,
        }
    }

    pub(crate) async fn next(&mut self) -> Told {
        loop {
            let message = patiently("the terminal says something", self.websocket.next()).await;
            match message {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text).expect("a message");
                    if let ServerMessage::Hello {
                        offset,
                        snapshot_bytes,
                        ..
                    } = &message
                    {
                        (self.offset, self.snapshot_bytes) = (*offset, *snapshot_bytes);
                        self.acked = self.offset;
                    }
                    return Told::Message(message);
                }
                Some(Ok(Message::Binary(bytes))) if self.snapshot_bytes > 0 => {
                    assert_eq!(bytes.len() as u64, self.snapshot_bytes);
                    self.snapshot_bytes = 0;
                    return Told::Snapshot(bytes.into());
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let begin = self.offset;
                    self.offset += bytes.len() as u64;
                    self.received += bytes.len();
                    if self.acks && self.offset - self.acked >= 64 * 1024 {
                        self.acked = self.offset;
                        // The agent may have closed already.
                        let _ = self
                            .say(&ClientMessage::Ack {
                                offset: self.offset,
                            })
                            .await;
                    }
                    return Told::Output(begin, bytes.into());
                }
                Some(Ok(Message::Close(frame))) => return Told::Closed(frame),
                None | Some(Err(_)) => return Told::Closed(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next control message that `pick` wants.
    pub(crate) async fn told<T>(&mut self, pick: impl Fn(&ServerMessage) -> Option<T>) -> T {
        loop {
            match self.next().await {
                Told::Message(message) => {
                    if let Some(picked) = pick(&message) {
                        return picked;
                    }
                }
                Told::Closed(frame) => panic!("closed before it was told: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Reads output until it contains `text`; everything that was read.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut output: Vec<u8> = Vec::new();
        let mut searched = 0;
        while memchr::memmem::find(&output[searched..], text.as_bytes()).is_none() {
            searched = output.len().saturating_sub(text.len());
            match self.next().await {
                Told::Output(_, bytes) => output.extend(bytes),
                Told::Closed(frame) => {
                    let output = String::from_utf8_lossy(&output);
                    panic!("closed ({frame:?}) before `{text}` came, after {output}");
                }
                _ => {}
            }
        }
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Reads all output until the program has ended.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            match self.next().await {
                Told::Output(_, bytes) => output.extend(bytes),
                Told::Message(ServerMessage::Exit { .. }) => return output,
                Told::Closed(frame) => panic!("closed before the end: {frame:?}"),
                _ => {}
            }
        }
    }

    pub(crate) async fn type_in(&mut self, input: impl Into<Vec<u8>>) {
        self.websocket
            .send(Message::binary(input.into()))
            .await
            .expect("sent");
    }

    pub(crate) async fn say(
        &mut self,
        message: &ClientMessage,
    ) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let text = serde_json::to_string(message).expect("JSON");
        self.websocket.send(Message::text(text)).await
    }
}

/// The numbers from `first` to `last`, one a line, as `seq` prints them.
pub(crate) fn counted(first: u32, last: u32) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for number in first..=last {
        writeln!(text, "{number}").expect("a string takes everything");
    }
    text
}

/// The body of a request that needs none.
pub(crate) fn nothing() -> Value {
    Value::Null
}
