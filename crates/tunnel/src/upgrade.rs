//! From an HTTP request to the connection under it: the control plane's WebSocket endpoint for nodes.

use std::future::Future;

use axum::body::Body;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Why a request cannot become a tunnel. Answer 400 or 426 with its text.
#[derive(Debug, thiserror::Error)]
#[error("this address takes WebSocket connections of nodes only (RFC 6455, version 13)")]
pub struct NotAnUpgrade;

/// Turns a node's upgrade request into the answer 101 and the connection, which is there once the
/// answer has been sent.
///
/// # Errors
/// [`NotAnUpgrade`] when it is none; the request is as it was.
pub fn upgrade(
    request: &mut Request<Body>,
) -> Result<
    (
        Response<Body>,
        impl Future<Output = hyper::Result<TokioIo<Upgraded>>> + Send + 'static,
    ),
    NotAnUpgrade,
> {
    let headers = request.headers();
    let fit = request.method() == Method::GET
        && is_websocket(headers)
        && headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_some_and(|v| v == "13");
    let (true, Some(key)) = (fit, headers.get(SEC_WEBSOCKET_KEY).cloned()) else {
        return Err(NotAnUpgrade);
    };
    let on = request.extensions_mut().remove::<OnUpgrade>();
    let on = on.ok_or(NotAnUpgrade)?;
    let mut response = Response::new(Body::empty());
    switch(&mut response, &key);
    Ok((response, async move { on.await.map(TokioIo::new) }))
}

/// Whether the request asks for a WebSocket.
pub(crate) fn is_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(UPGRADE)
        .is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Makes this the answer "101, a WebSocket from here on".
pub(crate) fn switch(response: &mut Response<Body>, key: &HeaderValue) {
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
}
