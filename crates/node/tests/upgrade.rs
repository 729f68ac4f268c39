//! A WebSocket through the node: from HTTP/1.1, and from HTTP/2 as through the tunnel.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use atelier_api::node::{DesiredState, Driver, WorkspaceLimits, WorkspaceSpec};
use atelier_node::{Launcher, Node, NodeConfig};
use axum::body::Body;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower::ServiceExt as _;

const WORKSPACE: &str = "ws_00000000000000000000000001";
const WATCH: &str = "/v1/workspaces/ws_00000000000000000000000001/agent/files/watch";

async fn node(directory: &tempfile::TempDir) -> Node {
    let node = Node::open(NodeConfig::new(
        directory.path().join("data"),
        Launcher::InProcess,
    ))
    .await
    .unwrap();
    let spec = WorkspaceSpec {
        desired: DesiredState::Running,
        generation: 1,
        name: "demo".into(),
        driver: Driver::Host,
        limits: WorkspaceLimits::default(),
        env: [].into(),
        seed: vec![],
    };
    let request = Request::put(format!("/v1/workspaces/{WORKSPACE}"))
        .header("content-type", "application/json")
        .body(Body::from(serde_json::to_vec(&spec).unwrap()))
        .unwrap();
    let response = node.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    node
}

/// The agent answers pings of any length with the same bytes.
async fn pings_come_back<S>(mut socket: WebSocketStream<S>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    for payload in [&b""[..], b"ping", &[7; 125]] {
        socket
            .send(Message::Ping(payload.to_vec().into()))
            .await
            .unwrap();
        let pong = loop {
            if let Message::Pong(pong) = socket.next().await.unwrap().unwrap() {
                break pong;
            }
        };
        assert_eq!(&pong[..], payload);
    }
    socket.close(None).await.unwrap();
    while let Some(message) = socket.next().await {
        if message.is_err() {
            break;
        }
    }
}

#[tokio::test]
async fn from_http_1() {
    let directory = tempfile::tempdir().unwrap();
    let node = node(&directory).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = node.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = format!("ws://{address}{WATCH}")
        .into_client_request()
        .unwrap();
    // The library checks the agent's Sec-WebSocket-Accept against the key that it sent.
    let (socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    pings_come_back(socket).await;
}

#[tokio::test]
async fn from_http_2() {
    let directory = tempfile::tempdir().unwrap();
    let node = node(&directory).await;
    let (near, far) = tokio::io::duplex(64 * 1024);
    let service = TowerToHyperService::new(node.router());
    tokio::spawn(async move {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .enable_connect_protocol()
            .serve_connection(TokioIo::new(far), service)
            .await
    });
    let (mut sender, connection) = hyper::client::conn::http2::handshake::<_, _, Body>(
        TokioExecutor::new(),
        TokioIo::new(near),
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    // hyper sends an extended CONNECT only after it has seen the peer's settings.
    let request = Request::get("http://node/v1/info")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        sender.send_request(request).await.unwrap().status(),
        StatusCode::OK
    );

    let request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://node{WATCH}"))
        .version(Version::HTTP_2)
        .header("sec-websocket-version", "13")
        .extension(hyper::ext::Protocol::from_static("websocket"))
        .body(Body::empty())
        .unwrap();
    let mut response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("sec-websocket-accept"));
    let upgraded = hyper::upgrade::on(&mut response).await.unwrap();
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    pings_come_back(socket).await;
}

#[tokio::test]
async fn a_plain_request_to_a_websocket_is_refused_by_the_agent() {
    let directory = tempfile::tempdir().unwrap();
    let node = node(&directory).await;
    let request = Request::get(WATCH).body(Body::empty()).unwrap();
    let response = node.router().oneshot(request).await.unwrap();
    assert!(response.status().is_client_error(), "{}", response.status());
}
