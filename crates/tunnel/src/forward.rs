//! One request through a connection, a browser's WebSocket included.

use std::time::Duration;

use axum::body::Body;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderName, SEC_WEBSOCKET_KEY, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::Connection;
use crate::link::LinkError;
use crate::settings::PIPE;
use crate::upgrade::{is_websocket, switch};

/// Meant for one connection only (RFC 9110 §7.6.1), with `Connection` itself and what it names. `TE` is left to
/// hyper: `trailers` passes, as gRPC needs.
const HOP_BY_HOP: [HeaderName; 5] = [
    CONNECTION,
    UPGRADE,
    TRANSFER_ENCODING,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The caller's side of a WebSocket that is to pass.
enum Caller {
    /// HTTP/1.1: is answered 101 with a proof over this key.
    Http1 { on: OnUpgrade, key: HeaderValue },
    /// HTTP/2, RFC 8441: is answered 200.
    Http2 { on: OnUpgrade },
}

/// Sends the request and gives back the node's answer.
pub(crate) async fn forward(
    connection: &Connection,
    mut request: Request<Body>,
    limit: Duration,
) -> Result<Response<Body>, LinkError> {
    let caller = caller(&mut request);
    let request = outbound(request, caller.is_some());
    let mut response = connection.call(request, limit).await?;
    *response.version_mut() = Version::HTTP_11;
    match caller {
        Some(caller) if response.status() == StatusCode::OK => {
            let permit = response.body_mut().take_permit();
            let node = hyper::upgrade::on(&mut response);
            let mut response = response.map(|_| Body::empty());
            response.headers_mut().remove(CONTENT_LENGTH);
            let on = match caller {
                Caller::Http1 { on, key } => {
                    switch(&mut response, &key);
                    on
                }
                Caller::Http2 { on } => on,
            };
            tokio::spawn(pipe(on, node, permit));
            Ok(response)
        }
        _ => Ok(response.map(Body::new)),
    }
}

/// The upgrade that came with the request, if it is a WebSocket's.
fn caller(request: &mut Request<Body>) -> Option<Caller> {
    if request.method() == Method::CONNECT {
        let protocol = request.extensions().get::<Protocol>()?;
        if !protocol.as_str().eq_ignore_ascii_case("websocket") {
            return None;
        }
        let on = request.extensions_mut().remove()?;
        return Some(Caller::Http2 { on });
    }
    if request.method() != Method::GET || !is_websocket(request.headers()) {
        return None;
    }
    let key = request.headers_mut().remove(SEC_WEBSOCKET_KEY)?;
    let on = request.extensions_mut().remove()?;
    Some(Caller::Http1 { on, key })
}

/// The request as HTTP/2 has it.
fn outbound(request: Request<Body>, websocket: bool) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    strip(&mut parts.headers);
    let authority = parts
        .headers
        .remove(HOST)
        .and_then(|host| Authority::try_from(host.as_bytes()).ok())
        .or_else(|| parts.uri.authority().cloned())
        .unwrap_or_else(|| Authority::from_static("node"));
    let path = match parts.uri.path_and_query() {
        Some(path) => path.clone(),
        None => PathAndQuery::from_static("/"),
    };
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority);
    uri.path_and_query = Some(path);
    let mut outbound = Request::new(body);
    *outbound.uri_mut() = Uri::from_parts(uri).expect("scheme, authority and path make a URI");
    *outbound.method_mut() = parts.method;
    *outbound.version_mut() = Version::HTTP_2;
    if websocket {
        *outbound.method_mut() = Method::CONNECT;
        *outbound.body_mut() = Body::empty();
        parts.headers.remove(CONTENT_LENGTH);
        let protocol = Protocol::from_static("websocket");
        outbound.extensions_mut().insert(protocol);
    }
    *outbound.headers_mut() = parts.headers;
    outbound
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Passes bytes both ways until both are done or one breaks. No frame is parsed.
async fn pipe(caller: OnUpgrade, node: OnUpgrade, permit: Option<OwnedSemaphorePermit>) {
    let Ok((caller, node)) = tokio::try_join!(caller, node) else {
        return;
    };
    let (mut caller, mut node) = (TokioIo::new(caller), TokioIo::new(node));
    let copied = tokio::io::copy_bidirectional_with_sizes(&mut caller, &mut node, PIPE, PIPE).await;
    if let Err(error) = copied {
        tracing::debug!(%error, "a WebSocket through the tunnel broke off");
    }
    drop(permit);
}
