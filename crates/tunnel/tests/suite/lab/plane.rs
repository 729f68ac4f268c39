//! The control plane of the tests: the endpoint for nodes, and a front door for browsers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use atelier_tunnel::{
    AcceptError, AcceptOptions, Accepted, Admitted, Attempt, Authenticator, End, Heartbeat, Lane,
    Link, Reason, Refusal, Tunnels, accept, tune, upgrade,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::service_fn;
use url::Url;

/// Notices a dead line within 1.5 s.
pub(crate) const QUICK: Heartbeat = Heartbeat {
    every: Duration::from_millis(200),
    timeout: Duration::from_millis(1300),
};

/// How long a connected node may take to show that it lives.
const CLONE_PROBE: Duration = Duration::from_secs(3);

/// Beats often and has patience.
pub(crate) const BRISK: Heartbeat = Heartbeat {
    every: Duration::from_millis(20),
    timeout: Duration::from_secs(10),
};

pub(crate) struct Plane {
    pub address: SocketAddr,
    pub tunnels: Tunnels<String>,
    pub shared: Arc<Shared>,
    tls: bool,
    _stop: DropGuard,
}

/// What the endpoint works with and remembers.
#[derive(Default)]
pub(crate) struct Shared {
    pub options: AcceptOptions,
    /// To be answered before anyone is let in.
    pub refusals: Mutex<VecDeque<Refusal>>,
    /// Status to be answered in place of the upgrade, with `Retry-After: 1`.
    pub statuses: Mutex<VecDeque<StatusCode>>,
    pub attempts: Mutex<Vec<Attempt>>,
    /// To be asked whether a node that comes is there already.
    pub tunnels: Tunnels<String>,
    /// Whether a second daemon of one node is refused while the first lives.
    pub refuse_clones: AtomicBool,
    pub errors: Mutex<Vec<AcceptError>>,
    /// How connections ended, and whether they were the newest.
    pub ends: Mutex<Vec<(Lane, End, bool)>>,
}

impl Plane {
    pub(crate) async fn start() -> Self {
        Self::serve(AcceptOptions::default(), None).await
    }

    pub(crate) async fn with_heartbeat(heartbeat: Heartbeat) -> Self {
        let options = AcceptOptions {
            heartbeat,
            watched: heartbeat,
            ..AcceptOptions::default()
        };
        Self::serve(options, None).await
    }

    pub(crate) async fn serve(options: AcceptOptions, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            options,
            ..Shared::default()
        });
        let tunnels = shared.tunnels.clone();
        let stop = CancellationToken::new();
        let is_tls = tls.is_some();
        tokio::spawn(stop.child_token().run_until_cancelled_owned({
            let (shared, tunnels) = (shared.clone(), tunnels.clone());
            async move {
                while let Ok((stream, address)) = listener.accept().await {
                    tune(&stream, Lane::Interactive).unwrap();
                    let (shared, tunnels, tls) = (shared.clone(), tunnels.clone(), tls.clone());
                    tokio::spawn(async move {
                        match tls {
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    endpoint(stream, address, shared, tunnels).await;
                                }
                            }
                            None => endpoint(stream, address, shared, tunnels).await,
                        }
                    });
                }
            }
        }));
        Self {
            address,
            tunnels,
            shared,
            tls: is_tls,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn url(&self) -> Url {
        self.url_with_host("127.0.0.1")
    }

    pub(crate) fn url_with_host(&self, host: &str) -> Url {
        let scheme = if self.tls { "wss" } else { "ws" };
        let port = self.address.port();
        format!("{scheme}://{host}:{port}/tunnel").parse().unwrap()
    }

    pub(crate) fn ends(&self) -> Vec<(Lane, End, bool)> {
        self.shared.ends.lock().clone()
    }

    pub(crate) fn errors(&self) -> Vec<String> {
        let errors = self.shared.errors.lock();
        errors.iter().map(ToString::to_string).collect()
    }
}

async fn endpoint<S>(stream: S, address: SocketAddr, shared: Arc<Shared>, tunnels: Tunnels<String>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        let (shared, tunnels) = (shared.clone(), tunnels.clone());
        async move {
            if let Some(status) = shared.statuses.lock().pop_front() {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                let headers = response.headers_mut();
                headers.insert("retry-after", HeaderValue::from_static("1"));
                return Ok::<_, Infallible>(response);
            }
            let Ok((response, io)) = upgrade(&mut request) else {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::BAD_REQUEST;
                return Ok(response);
            };
            tokio::spawn(async move {
                let Ok(io) = io.await else { return };
                let options = AcceptOptions {
                    peer: Some(address),
                    ..shared.options.clone()
                };
                match accept(io, &options, &*shared).await {
                    Ok(accepted) => stay(accepted, &shared, &tunnels).await,
                    Err(error) => shared.errors.lock().push(error),
                }
            });
            Ok(response)
        }
    });
    // A connection that breaks off is the tests' everyday life.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn stay(accepted: Accepted<String>, shared: &Shared, tunnels: &Tunnels<String>) {
    let Accepted {
        grant: node,
        hello,
        connection,
    } = accepted;
    if let Ok(attached) = tunnels.attach(&node, &hello.instance, connection) {
        let (end, current) = attached.ended().await;
        shared.ends.lock().push((hello.lane, end, current));
    }
}

impl Authenticator for Shared {
    type Grant = String;

    async fn authenticate(&self, attempt: &Attempt) -> Result<Admitted<String>, Refusal> {
        self.attempts.lock().push(attempt.clone());
        if let Some(refusal) = self.refusals.lock().pop_front() {
            return Err(refusal);
        }
        let identity: Value = serde_json::from_str(attempt.hello.identity.get()).unwrap();
        if identity["nonce"] != attempt.challenge.nonce.as_str() {
            let detail = "The proof does not fit the challenge.";
            return Err(Refusal::new(
                Reason::Denied,
                detail,
                Duration::from_secs(60),
            ));
        }
        let connected = self
            .tunnels
            .tunnel(&identity["node"].as_str().unwrap_or_default().to_owned());
        let other = connected
            .instance()
            .is_some_and(|other| other != attempt.hello.instance);
        if other
            && self.refuse_clones.load(Ordering::SeqCst)
            && connected.is_alive(CLONE_PROBE).await
        {
            let detail = "Another daemon is connected with this identity.";
            return Err(Refusal::new(
                Reason::Duplicate,
                detail,
                Duration::from_millis(100),
            ));
        }
        Ok(Admitted {
            grant: identity["node"].as_str().unwrap_or_default().to_owned(),
            data: json!({ "welcome": identity["node"] }),
        })
    }
}

/// Serves browsers (HTTP/1.1 and HTTP/2): every request goes through the link.
pub(crate) async fn front(link: Link, stop: &CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router: Router = Router::new().fallback_service(service_fn(move |request| {
        let link = link.clone();
        async move {
            Ok::<_, Infallible>(link.send(request).await.unwrap_or_else(|error| {
                let mut response = Response::new(Body::from(error.to_string()));
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                response
            }))
        }
    }));
    tokio::spawn(stop.child_token().run_until_cancelled_owned(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let router = router.clone();
            tokio::spawn(browser(stream, router));
        }
    }));
    address
}

async fn browser(stream: TcpStream, router: Router) {
    let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    builder.http2().enable_connect_protocol();
    let service = TowerToHyperService::new(router);
    // A browser that breaks off is a test's intent.
    let _ = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .await;
}
