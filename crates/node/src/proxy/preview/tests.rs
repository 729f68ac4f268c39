//! Applications that misbehave, behind a real agent.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atelier_agent::{Config, LanguageLimits, RecordingLimits};
use atelier_api::node::Application;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::proxy::{Agent, AgentSocket, Pipes};

struct Workspace {
    agent: Agent,
    pipes: Pipes,
    _directory: tempfile::TempDir,
}

impl Workspace {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let config = Config {
            socket: path.join("agent.sock"),
            workspace: path.to_owned(),
            home: path.to_owned(),
            system: "/".into(),
            shell: "/bin/sh".into(),
            env: BTreeMap::new(),
            name: "w".into(),
            ring_bytes: 4096,
            upload_idle: Duration::from_secs(60),
            recordings: RecordingLimits::default(),
            languages: LanguageLimits::default(),
            vscode: atelier_agent::VsCodeLimits::default(),
            machine: None,
            helper: path.join("helper"),
        };
        tokio::spawn(atelier_agent::serve(config, std::future::pending()));
        while UnixStream::connect(path.join("agent.sock")).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self {
            agent: Agent::new(AgentSocket::open(path, None).unwrap()),
            pipes: Pipes {
                tasks: TaskTracker::new(),
                shutdown: CancellationToken::new(),
            },
            _directory: directory,
        }
    }

    async fn ask(&self, port: u16, target: &str, request: Request<Body>) -> Response {
        let target = target.parse().unwrap();
        let application = Application::Port(port);
        let answer = self
            .agent
            .preview(application, target, request, &self.pipes);
        let answer = answer.await;
        answer.unwrap_or_else(IntoResponse::into_response)
    }

    async fn get(&self, port: u16, target: &str) -> (u16, HeaderMap, String) {
        let response = self.ask(port, target, get()).await;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes);
        let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
        (parts.status.as_u16(), parts.headers, body)
    }
}

fn get() -> Request<Body> {
    Request::get("/ignored").body(Body::empty()).unwrap()
}

/// Something that listens and does this to whoever connects.
async fn listening<F: Future<Output = ()> + Send + 'static>(
    with: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(with(stream));
        }
    });
    port
}

/// Reads a request's head.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[tokio::test]
async fn an_application_sees_the_request_as_it_was_made_but_for_the_connections_own() {
    let workspace = Workspace::start().await;
    let port = listening(|mut stream| async move {
        let seen = head(&mut stream).await;
        let answer = format!(
            "HTTP/1.1 299 Fine\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nkeep-alive: timeout=5\r\n\
             atelier-preview: forged\r\ncontent-length: {}\r\n\r\n{seen}",
            seen.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let request = Request::post("/ignored")
        .header("atelier-preview-host", "app.example:81")
        .header("x-mine", "Ä b")
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .header("connection", "close, x-hop, host")
        .header("x-hop", "1")
        .header("te", "gzip")
        .body(Body::empty())
        .unwrap();
    let target = "//a/%2e%2e/%ff?q=%20&'{}";
    let response = workspace.ask(port, target, request).await;
    assert_eq!(response.status(), 299);
    let headers = response.headers();
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(headers["atelier-preview"], "application");
    assert!(!headers.contains_key("keep-alive"));
    let seen = response.into_body().collect().await.unwrap().to_bytes();
    let seen = String::from_utf8_lossy(&seen).to_lowercase();
    assert!(
        seen.starts_with(&format!("post {target} http/1.1\r\n")),
        "{seen}"
    );
    assert!(seen.contains("host: app.example:81\r\n"), "{seen}");
    assert!(seen.contains("cookie: a=1; b=2\r\n"), "{seen}");
    for gone in ["x-hop", "te:", "atelier-"] {
        assert!(!seen.contains(gone), "{gone} in {seen}");
    }
}

#[tokio::test]
async fn a_port_that_is_none_of_the_workspaces_is_not_reached() {
    let workspace = Workspace::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let (status, headers, body) = workspace.get(port, "/").await;
    assert_eq!(status, 502);
    assert!(body.contains("Nothing of the workspace listens"), "{body}");
    assert!(!headers.contains_key("atelier-preview"));
}

#[tokio::test]
async fn what_speaks_no_http_or_hangs_up_is_said_to() {
    let workspace = Workspace::start().await;
    let no_http = listening(|mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
        head(&mut stream).await;
    })
    .await;
    let (status, _, body) = workspace.get(no_http, "/").await;
    assert_eq!(status, 502);
    assert!(body.contains("not speak HTTP"), "{body}");

    let hangs_up = listening(|stream| async move { drop(stream) }).await;
    let (status, _, body) = workspace.get(hangs_up, "/").await;
    assert_eq!(status, 502);
    assert!(body.contains("closed the connection"), "{body}");
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let workspace = Workspace::start().await;
    let port = listening(|mut stream| async move {
        head(&mut stream).await;
        let line = format!("x-more: {}\r\n", "x".repeat(1000));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        // A gigabyte, had anybody the patience.
        for _ in 0..1_000_000 {
            if stream.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
    })
    .await;
    let (status, _, body) = workspace.get(port, "/").await;
    assert_eq!(status, 502);
    assert!(body.contains("more headers than may pass"), "{body}");
}

#[tokio::test]
async fn an_answer_without_end_ends_with_its_reader() {
    let workspace = Workspace::start().await;
    let gone = CancellationToken::new();
    let left = gone.clone();
    let port = listening(move |mut stream| {
        let left = left.clone();
        async move {
            head(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            left.cancel();
        }
    })
    .await;
    let mut body = workspace.ask(port, "/", get()).await.into_body();
    assert!(body.frame().await.unwrap().is_ok());
    drop(body);
    gone.cancelled().await;
}

#[test]
fn an_application_known_to_speak_http_is_spoken_to_without_the_agent() {
    let here = tokio::runtime::Runtime::new().unwrap();
    let agents = tokio::runtime::Runtime::new().unwrap();
    let workspace = agents.block_on(Workspace::start());
    here.block_on(async {
        let port = listening(|mut stream| async move {
            while !head(&mut stream).await.is_empty() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        })
        .await;
        // Through the agent, which learns what is spoken; then over a socket that it gives.
        for _ in 0..2 {
            let (status, _, body) = workspace.get(port, "/").await;
            assert_eq!((status, body.as_str()), (200, "hi"));
        }
        agents.shutdown_background();
        let (status, _, body) = workspace.get(port, "/").await;
        assert_eq!((status, body.as_str()), (200, "hi"));
    });
}

/// Answers whatever is asked on a connection, one after the other, and counts the connections.
async fn answering(answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let port = listening(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            while !head(&mut stream).await.is_empty() {
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    (port, connections)
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other_whatever_the_answers_end_is() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
    ] {
        let workspace = Workspace::start().await;
        let (port, connections) = answering(answer).await;
        for _ in 0..6 {
            let (status, _, body) = workspace.get(port, "/").await;
            assert!(status < 400, "{answer}: {body}");
            assert!(body.is_empty() || body == "hi", "{answer}: {body}");
        }
        // The first is the agent's, which learns from it what is spoken.
        assert_eq!(connections.load(Ordering::SeqCst), 2, "{answer}");
    }
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_has_ended() {
    let workspace = Workspace::start().await;
    let (port, _) = answering("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno").await;
    for _ in 0..3 {
        let endless = futures_util::stream::pending::<Result<axum::body::Bytes, std::io::Error>>();
        let request = Request::post("/").body(Body::from_stream(endless)).unwrap();
        let response = workspace.ask(port, "/", request).await;
        assert_eq!(response.status(), 413);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "no");
    }
}

#[tokio::test]
async fn many_ask_at_once() {
    let workspace = Workspace::start().await;
    let (port, _) = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    for _ in 0..4 {
        let asked = (0..200).map(|_| workspace.get(port, "/"));
        for (status, _, body) in futures_util::future::join_all(asked).await {
            assert_eq!((status, body.as_str()), (200, "hi"));
        }
    }
}
