//! Serving clients, each to the end of its connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::listen::Clients;

/// How long a client may take for a request's head, and stay without a request. Longer than proxies keep a connection
/// that is not used (Caddy two minutes, nginx one), lest they send on one that has just been closed.
pub(super) const HEAD_WITHIN: Duration = Duration::from_secs(150);

/// How often a silent HTTP/2 client is asked whether it is there …
const ASK_EVERY: Duration = Duration::from_secs(60);
/// … and how long it may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// An answer on its way; never an error.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// On what terms clients are served.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Whether HTTP/2 is spoken with those who know that it is, as proxies can (RFC 9113 §3.3).
    http2: bool,
    /// See [`HEAD_WITHIN`].
    head_within: Duration,
}

impl Terms {
    const PLATFORM: Self = Self {
        http2: true,
        head_within: HEAD_WITHIN,
    };

    /// Nothing but HTTP/1 is offered to TLS clients, and others that speak HTTP/2 do not begin with a `Host`.
    pub(super) const PREVIEWS: Self = Self {
        http2: false,
        head_within: HEAD_WITHIN,
    };

    fn http(self) -> Builder<TokioExecutor> {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head_within);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(ASK_EVERY)
            .keep_alive_timeout(ANSWERED_WITHIN)
            // For WebSockets (RFC 8441).
            .enable_connect_protocol();
        if self.http2 { http } else { http.http1_only() }
    }
}

/// Serves the platform's clients until `stopping` is cancelled: then nobody is taken in any more, and open requests end.
pub(crate) async fn serve<A>(clients: Clients, answer: A, stopping: CancellationToken)
where
    A: Fn(Request<Body>) -> Answering + Clone + Send + Sync + 'static,
{
    serve_on(Terms::PLATFORM, clients, answer, stopping).await;
}

async fn serve_on<A>(terms: Terms, mut clients: Clients, answer: A, stopping: CancellationToken)
where
    A: Fn(Request<Body>) -> Answering + Clone + Send + Sync + 'static,
{
    let connections = TaskTracker::new();
    while let Some((connection, address)) = stopping.run_until_cancelled(clients.accept()).await {
        let (answer, stopping) = (answer.clone(), stopping.child_token());
        connections.spawn(converse(terms, connection, address, answer, stopping));
    }
    drop(clients);
    connections.close();
    connections.wait().await;
}

/// Serves one client until it goes, or, once `stopping` is cancelled, to the end of its open requests. The token is the
/// connection's own: at one for all they would wait for each other.
pub(super) async fn converse<A>(
    terms: Terms,
    mut connection: Connection,
    address: SocketAddr,
    answer: A,
    stopping: CancellationToken,
) where
    A: Fn(Request<Body>) -> Answering + Send + Sync + 'static,
{
    connection.wait_for_first_byte(terms.head_within);
    let peer = connection.peer(address);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer.clone()));
        answer(request)
    });
    let http = terms.http();
    let mut serving = pin!(http.serve_connection_with_upgrades(TokioIo::new(connection), service));
    let served = tokio::select! {
        biased;
        served = serving.as_mut() => served,
        () = stopping.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::trace!(%error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    use super::super::listen::Listener;
    use super::*;

    /// A server that says hello, to `/slow` once it is told to.
    struct Greeting {
        client: TcpStream,
        /// The slow one has begun; …
        begun: Arc<Notify>,
        /// … and may end.
        end: Arc<Notify>,
        stopping: CancellationToken,
        serving: JoinHandle<()>,
    }

    impl Greeting {
        async fn start() -> Self {
            let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = plain.local_addr().unwrap();
            let clients = Listener { plain, tls: None }.open(None);
            let [begun, end] = [(); 2].map(|()| Arc::new(Notify::new()));
            let stopping = CancellationToken::new();
            let answer = {
                let (begun, end) = (begun.clone(), end.clone());
                move |request: Request<Body>| -> Answering {
                    let (begun, end) = (begun.clone(), end.clone());
                    Box::pin(async move {
                        if request.uri() == "/slow" {
                            begun.notify_one();
                            end.notified().await;
                        }
                        Ok(Response::new(Body::from("hello")))
                    })
                }
            };
            let serving = tokio::spawn(serve_on(TERMS, clients, answer, stopping.clone()));
            let client = TcpStream::connect(address).await.unwrap();
            Self {
                client,
                begun,
                end,
                stopping,
                serving,
            }
        }

        async fn say(&mut self, text: &str) {
            self.client.write_all(text.as_bytes()).await.unwrap();
        }

        async fn answered(&mut self) {
            let mut answer = Vec::new();
            while !answer.ends_with(b"hello") {
                answer.push(self.client.read_u8().await.unwrap());
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }

        async fn is_closed(&mut self) -> bool {
            self.client.read(&mut [0; 1]).await.unwrap_or(0) == 0
        }
    }

    const TERMS: Terms = Terms {
        head_within: Duration::from_millis(300),
        ..Terms::PLATFORM
    };

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

    #[tokio::test]
    async fn a_client_that_says_nothing_or_half_a_request_is_let_go() {
        for said in ["", "GET / HTTP/1.1\r\nHo", REQUEST] {
            let begun = Instant::now();
            let mut server = Greeting::start().await;
            server.say(said).await;
            if said == REQUEST {
                server.answered().await;
            }
            assert!(server.is_closed().await, "{said:?}");
            assert!(begun.elapsed() >= TERMS.head_within, "{said:?}");
        }
    }

    #[tokio::test]
    async fn a_request_may_take_longer_than_its_head() {
        let mut server = Greeting::start().await;
        server.say(&REQUEST.replace("/ ", "/slow ")).await;
        server.begun.notified().await;
        // One that came later has waited for too long.
        let address = server.client.peer_addr().unwrap();
        let mut silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or(0), 0);
        server.end.notify_one();
        server.answered().await;
    }

    #[tokio::test]
    async fn a_stop_lets_an_open_request_end_and_no_other_begin() {
        let mut server = Greeting::start().await;
        server.say(REQUEST).await;
        server.answered().await;
        server.say(&REQUEST.replace("/ ", "/slow ")).await;
        server.begun.notified().await;
        let address = server.client.peer_addr().unwrap();
        server.stopping.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!server.serving.is_finished());
        server.end.notify_one();
        server.answered().await;
        assert!(server.is_closed().await);
        server.serving.await.unwrap();
    }
}
