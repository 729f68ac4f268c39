//! Passing a WebSocket through, unparsed: from HTTP/1.1 (`Upgrade`) or HTTP/2 (extended CONNECT,
//! RFC 8441) to the agent's HTTP/1.1.

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;

use super::{Pipes, headers};

/// The buffer of each direction: a batch of terminal output (32 KiB) passes in one piece.
const BUFFER: usize = 64 * 1024;

/// A caller who wants to speak WebSocket.
pub(super) struct Upgrade {
    caller: OnUpgrade,
    /// Came as an extended CONNECT, which is accepted with 200 and has no key.
    extended_connect: bool,
}

impl Upgrade {
    /// Takes the upgrade out of the request, if it asks for one.
    pub(super) fn take(request: &mut Request<Body>) -> Option<Self> {
        let protocol = request.extensions_mut().remove::<Protocol>();
        let extended_connect = request.method() == Method::CONNECT
            && protocol.is_some_and(|protocol| protocol.as_str() == "websocket");
        let upgrade = request
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
        let asked = extended_connect || (request.method() == Method::GET && upgrade);
        let caller = request.extensions_mut().remove::<OnUpgrade>()?;
        asked.then_some(Self {
            caller,
            extended_connect,
        })
    }

    /// Makes the headers of the agent's request a WebSocket handshake (RFC 6455 §4.1).
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if self.extended_connect {
            headers.insert(header::SEC_WEBSOCKET_KEY, key());
        }
    }

    /// Answers the caller, and copies bytes both ways as long as both sides live.
    pub(super) fn accept(
        self,
        response: &mut http::Response<hyper::body::Incoming>,
        pipes: &Pipes,
    ) -> Response {
        let mut answer = Response::new(Body::empty());
        *answer.headers_mut() = headers::from_agent(response.headers());
        if self.extended_connect {
            answer.headers_mut().remove(header::SEC_WEBSOCKET_ACCEPT);
        } else {
            *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            let headers = answer.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        let agent = hyper::upgrade::on(response);
        let shutdown = pipes.shutdown.clone();
        pipes.tasks.spawn(async move {
            let copied = async {
                let (caller, agent) = tokio::try_join!(self.caller, agent)?;
                let (mut caller, mut agent) = (TokioIo::new(caller), TokioIo::new(agent));
                // Ends with an error when either side is cut off, which is how most viewers leave.
                let _ =
                    copy_bidirectional_with_sizes(&mut caller, &mut agent, BUFFER, BUFFER).await;
                Ok::<_, hyper::Error>(())
            };
            tokio::select! {
                result = copied => if let Err(error) = result {
                    tracing::debug!(%error, "a connection was not upgraded");
                },
                () = shutdown.cancelled() => {}
            }
        });
        answer
    }
}

/// A request for a WebSocket of our own (RFC 6455 §4.1).
pub(super) fn websocket(uri: &str) -> Request<Body> {
    Request::get(uri)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, key())
        .body(Body::empty())
        .expect("the parts are valid")
}

pub(super) fn key() -> HeaderValue {
    let key = base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 16]>());
    key.parse().expect("base64 is a valid header")
}
