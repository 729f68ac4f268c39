//! Ends of the protocol made by hand, to speak it wrongly.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::client::conn::http2::{Connection, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use url::Url;

use super::PATIENCE;

/// An HTTP/2 client over plain TCP.
pub(crate) async fn http2(
    stream: TcpStream,
) -> (
    SendRequest<Body>,
    Connection<TokioIo<TcpStream>, Body, TokioExecutor>,
) {
    hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2")
}

/// A node's WebSocket to this control plane.
pub(crate) async fn node(plane: SocketAddr) -> WebSocketStream<TcpStream> {
    node_on(TcpStream::connect(plane).await.unwrap()).await
}

async fn node_on(stream: TcpStream) -> WebSocketStream<TcpStream> {
    let url = format!("ws://{}/tunnel", stream.peer_addr().unwrap());
    tokio_tungstenite::client_async(url, stream)
        .await
        .unwrap()
        .0
}

/// A node that has read the challenge and says hello.
pub(crate) async fn node_says(plane: SocketAddr, hello: Value) -> WebSocketStream<TcpStream> {
    node_says_on(TcpStream::connect(plane).await.unwrap(), hello).await
}

/// The same over this connection.
pub(crate) async fn node_says_on(
    stream: TcpStream,
    mut hello: Value,
) -> WebSocketStream<TcpStream> {
    let mut socket = node_on(stream).await;
    let challenge = next_json(&mut socket).await;
    assert_eq!(challenge["type"], "challenge");
    assert_eq!(challenge["nonce"].as_str().unwrap().len(), 64);
    if hello["identity"]["nonce"].is_null() {
        hello["identity"]["nonce"] = challenge["nonce"].clone();
    }
    socket.send(Message::text(hello.to_string())).await.unwrap();
    socket
}

/// A hello as it should be.
pub(crate) fn hello(node: &str, lane: &str, instance: &str) -> Value {
    json!({
        "type": "hello", "protocol": 1, "lane": lane, "instance": instance,
        "identity": { "node": node }, "a later version's field": 1,
    })
}

/// A control plane that says these things, one per message it gets, first of all unasked.
pub(crate) async fn plane(says: Vec<Value>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/tunnel", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let says = says.clone();
            tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                for message in says {
                    let _ = socket.send(Message::text(message.to_string())).await;
                    let _ = socket.next().await;
                }
                std::future::pending::<()>().await;
            });
        }
    });
    url.parse().unwrap()
}

/// The next message, as JSON.
pub(crate) async fn next_json(socket: &mut WebSocketStream<TcpStream>) -> Value {
    let message = tokio::time::timeout(PATIENCE, socket.next()).await;
    let message = message
        .expect("a message")
        .expect("not the end")
        .expect("no error");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

/// Reads until the other side has closed.
pub(crate) async fn closed(socket: &mut WebSocketStream<TcpStream>) -> Option<WsError> {
    loop {
        match tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("the end")
        {
            None => return None,
            Some(Err(error)) => return Some(error),
            Some(Ok(_)) => {}
        }
    }
}

/// Serves HTTP/2 over the WebSocket's binary messages, until the other side ends it.
pub(crate) async fn serve(mut socket: WebSocketStream<TcpStream>, router: Router) {
    let (near, mut far) = tokio::io::duplex(64 << 10);
    let probe = axum::routing::get(async || StatusCode::NO_CONTENT);
    let router = router.route("/-/tunnel/probe", probe);
    let mut http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    http.enable_connect_protocol();
    let served = http.serve_connection(TokioIo::new(near), TowerToHyperService::new(router));
    let serving = tokio::spawn(served);
    let mut buffer = vec![0; 16 << 10];
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => far.write_all(&bytes).await.unwrap(),
                Some(Ok(Message::Ping(_))) => socket.flush().await.unwrap(),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
            count = far.read(&mut buffer) => match count.unwrap() {
                0 => break,
                count => {
                    let bytes = Message::binary(buffer[..count].to_vec());
                    if socket.send(bytes).await.is_err() {
                        break;
                    }
                }
            },
        }
    }
    serving.abort();
}
