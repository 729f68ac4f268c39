//! The node of the tests: a small router that remembers what it saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atelier_tunnel::{Asked, Identity};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header::HOST};
use axum::response::Response;
use axum::routing::{any, get, post};
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// What the node's handlers noticed.
#[derive(Default)]
pub(crate) struct Seen {
    /// Streams, stuck requests and WebSockets that are open.
    pub open: AtomicUsize,
    /// Bytes that streams have handed out.
    pub produced: AtomicUsize,
    /// How the last upload ended.
    pub upload: Mutex<Option<Result<usize, String>>>,
}

impl Seen {
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn produced(&self) -> usize {
        self.produced.load(Ordering::SeqCst)
    }

    fn enter(self: &Arc<Self>) -> Inside {
        self.open.fetch_add(1, Ordering::SeqCst);
        Inside(self.clone())
    }
}

struct Inside(Arc<Seen>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn router(seen: Arc<Seen>) -> Router {
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route(
            "/host",
            get(|headers: HeaderMap| async move { headers[HOST].to_str().unwrap().to_owned() }),
        )
        .route("/uri", get(async |uri: Uri| uri.to_string()))
        .route("/inner/{b}", get(parameters))
        .route("/bytes", get(bytes))
        .route("/endless", get(endless))
        .route("/echo", post(|body: Body| async move { body }))
        .route("/count", post(count))
        .route("/count-apart", post(count_apart))
        .route("/stuck", any(stuck))
        .route("/ws", any(websocket))
        .with_state(seen)
}

async fn parameters(params: RawPathParams) -> String {
    let pairs = params
        .iter()
        .map(|(name, value)| [name, "=", value, ";"].concat());
    pairs.collect()
}

/// As many bytes as the query says.
async fn bytes(RawQuery(query): RawQuery) -> Body {
    let mut left: usize = query.unwrap().parse().unwrap();
    Body::from_stream(async_stream::stream! {
        while left > 0 {
            let chunk = left.min(64 << 10);
            left -= chunk;
            yield Ok::<_, std::io::Error>(Bytes::from(vec![7; chunk]));
        }
    })
}

async fn endless(State(seen): State<Arc<Seen>>) -> Body {
    let inside = seen.enter();
    Body::from_stream(async_stream::stream! {
        loop {
            inside.0.produced.fetch_add(32 << 10, Ordering::SeqCst);
            yield Ok::<_, std::io::Error>(Bytes::from(vec![7; 32 << 10]));
        }
    })
}

async fn count(State(seen): State<Arc<Seen>>, mut body: Body) -> (StatusCode, String) {
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => total += frame.into_data().map_or(0, |data| data.len()),
            Err(error) => {
                *seen.upload.lock() = Some(Err(error.to_string()));
                return (StatusCode::BAD_REQUEST, error.to_string());
            }
        }
    }
    *seen.upload.lock() = Some(Ok(total));
    (StatusCode::OK, total.to_string())
}

/// Reads in a task of its own, as what passes a body on does: it goes on when nobody waits for the answer.
async fn count_apart(State(seen): State<Arc<Seen>>, body: Body) -> (StatusCode, String) {
    let inside = seen.enter();
    let counting = tokio::spawn(async move {
        let _inside = inside;
        count(State(seen), body).await
    });
    counting.await.unwrap()
}

/// Neither reads nor answers.
async fn stuck(State(seen): State<Arc<Seen>>, _body: Body) -> StatusCode {
    let _inside = seen.enter();
    std::future::pending().await
}

async fn websocket(State(seen): State<Arc<Seen>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .protocols(["echo.v1"])
        .on_upgrade(async move |socket| echo(socket, seen.enter()).await)
}

async fn echo(mut socket: WebSocket, _inside: Inside) {
    while let Some(Ok(message)) = socket.recv().await {
        match message {
            Message::Text(_) | Message::Binary(_) => {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
            // axum answers pings and the close with the next read.
            Message::Close(_) | Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

/// Proves nothing but that the nonce arrived.
pub(crate) struct TestIdentity {
    pub name: &'static str,
    pub nonce: Option<&'static str>,
    pub told: Arc<Mutex<Vec<Value>>>,
}

impl TestIdentity {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            nonce: None,
            told: Arc::default(),
        }
    }
}

impl Identity for TestIdentity {
    fn answer(&self, asked: &Asked<'_>) -> Value {
        json!({ "node": self.name, "nonce": self.nonce.unwrap_or(asked.nonce), "host": asked.host })
    }

    fn welcomed(&self, data: &Value) {
        self.told.lock().push(data.clone());
    }
}
