//! What the tests share: a control plane and a node, connected in process or through a tunnel.

pub(crate) mod node;
pub(crate) mod plane;
pub(crate) mod raw;
pub(crate) mod relay;
pub(crate) mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atelier_tunnel::{AcceptOptions, DialConfig, Dialer, Lane, Link, State, Trust};
use axum::body::Body;
use axum::http::{Request, Response};
use axum::{Router, body::Bytes};
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::node::{Seen, TestIdentity};
use self::plane::Plane;

/// Longer than anything here takes; reached only by a failing test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A node and the front door of its control plane.
pub(crate) struct Lab {
    pub link: Link,
    /// Where browsers call: every request goes through the link.
    pub front: SocketAddr,
    /// What the node saw.
    pub seen: Arc<Seen>,
    /// Not there in process.
    pub plane: Option<Plane>,
    pub state: Option<watch::Receiver<State>>,
    _stop: DropGuard,
}

impl Lab {
    /// The node's router in this process.
    pub(crate) async fn local() -> Self {
        let seen = Arc::new(Seen::default());
        let link = Link::Local(Arc::new(node::router(seen.clone())));
        let stop = CancellationToken::new();
        Self {
            front: plane::front(link.clone(), &stop).await,
            link,
            seen,
            plane: None,
            state: None,
            _stop: stop.drop_guard(),
        }
    }

    /// A node that dialed in.
    pub(crate) async fn tunnel() -> Self {
        Self::with(Plane::start().await).await
    }

    /// A node that dialed in, with TLS.
    pub(crate) async fn encrypted() -> Self {
        let certificates = tls::certificates("localhost");
        let plane = Plane::serve(AcceptOptions::default(), Some(certificates.acceptor)).await;
        let config = DialConfig {
            trust: Trust::Authorities(certificates.authority_pem),
            ..DialConfig::new(plane.url_with_host("localhost"))
        };
        Self::dialing(plane, config).await
    }

    /// With this control plane.
    pub(crate) async fn with(plane: Plane) -> Self {
        let config = DialConfig::new(plane.url());
        Self::dialing(plane, config).await
    }

    async fn dialing(plane: Plane, config: DialConfig) -> Self {
        let seen = Arc::new(Seen::default());
        let stop = CancellationToken::new();
        let state = run_node(
            config,
            TestIdentity::new("n1"),
            node::router(seen.clone()),
            &stop,
        );
        let tunnel = plane.tunnels.tunnel(&"n1".to_owned());
        eventually("the node is connected", || tunnel.is_connected()).await;
        let link = Link::Tunnel(tunnel);
        Self {
            front: plane::front(link.clone(), &stop).await,
            link,
            seen,
            plane: Some(plane),
            state: Some(state),
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn plane(&self) -> &Plane {
        self.plane.as_ref().expect("only asked of tunnels")
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        tokio::time::timeout(PATIENCE, self.link.send(request))
            .await
            .expect("the node answers")
            .expect("the request passes")
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn get_bulk(&self, path: &str) -> Response<Body> {
        let request = Request::get(path).extension(Lane::Bulk);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A browser's WebSocket.
    pub(crate) async fn websocket(
        &self,
        path: &str,
    ) -> WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>> {
        let url = format!("ws://{}{path}", self.front);
        tokio_tungstenite::connect_async(url)
            .await
            .expect("a WebSocket")
            .0
    }
}

/// Starts a node's dialer.
pub(crate) fn run_node(
    config: DialConfig,
    identity: TestIdentity,
    router: Router,
    stop: &CancellationToken,
) -> watch::Receiver<State> {
    let dialer = Dialer::new(config, Arc::new(identity), router).expect("a sound configuration");
    let state = dialer.state();
    tokio::spawn(dialer.run(stop.child_token()));
    state
}

/// Waits for a condition.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waited).await;
    assert!(waited.is_ok(), "waited in vain until {what}");
}

/// Waits for a state of the dialer.
pub(crate) async fn state_where(
    states: &mut watch::Receiver<State>,
    what: &str,
    fit: impl FnMut(&State) -> bool,
) -> State {
    if let Ok(state) = tokio::time::timeout(PATIENCE, states.wait_for(fit)).await {
        return state.expect("the dialer runs").clone();
    }
    panic!("waited in vain until {what}; {:?}", states.borrow())
}

/// A whole body as text.
pub(crate) async fn text(response: Response<Body>) -> String {
    let body = tokio::time::timeout(PATIENCE, response.into_body().collect()).await;
    let body = body
        .expect("the body ends")
        .expect("the body is whole")
        .to_bytes();
    String::from_utf8(body.to_vec()).expect("text")
}

/// The next data of a body; HTTP/2 may end one with an empty frame.
pub(crate) async fn next_data(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
        match frame.expect("a frame or the end")? {
            Ok(frame) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Some(Ok(data)),
                _ => {}
            },
            Err(error) => return Some(Err(error)),
        }
    }
}

/// The message's text.
pub(crate) fn as_text(message: &Message) -> &str {
    message.to_text().expect("text")
}
