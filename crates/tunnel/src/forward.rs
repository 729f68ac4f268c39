//! One request through a connection, a browser's WebSocket included.

use std::time::Duration;

use axum::body::Body;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderName, SEC_WEBSOCKET_KEY, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version};
use http_body::Body as _;
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::connection::{Connected, Connection};
use crate::link::LinkError;
use crate::upgrade::{is_websocket, switch};

/// Meant for one connection only (RFC 9110 §7.6.1), with `Connection` itself and what it names.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    TE,
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
    let mut response = if let Some(caller) = caller(&mut request) {
        connect(connection, caller, request, limit).await?
    } else {
        let answer = connection.call(outbound(request), limit).await?;
        answer.map(Body::new)
    };
    *response.version_mut() = Version::HTTP_11;
    Ok(response)
}

/// Passes a WebSocket on, if the node takes it.
async fn connect(
    connection: &Connection,
    caller: Caller,
    request: Request<Body>,
    limit: Duration,
) -> Result<Response<Body>, LinkError> {
    let mut request = outbound(request.map(|_| Body::empty())).map(drop);
    *request.method_mut() = Method::CONNECT;
    request.headers_mut().remove(CONTENT_LENGTH);
    request
        .extensions_mut()
        .insert(h2::ext::Protocol::from_static("websocket"));
    let response = match connection.connect(request, limit).await? {
        Connected::Refused(answer) => return Ok(answer.map(Body::new)),
        Connected::Taken(response) => response,
    };
    let (head, stream) = response.into_parts();
    let mut response = Response::from_parts(head, Body::empty());
    response.headers_mut().remove(CONTENT_LENGTH);
    let on = match caller {
        Caller::Http1 { on, key } => {
            switch(&mut response, &key);
            on
        }
        Caller::Http2 { on } => on,
    };
    tokio::spawn(async move {
        let Ok(caller) = on.await else { return };
        if let Err(error) = stream.pass(TokioIo::new(caller)).await {
            tracing::debug!(%error, "a WebSocket through the tunnel broke off");
        }
    });
    Ok(response)
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
fn outbound(request: Request<Body>) -> Request<Body> {
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
    if let Some(length) = body.size_hint().exact()
        && (length > 0 || matches!(parts.method, Method::POST | Method::PUT | Method::PATCH))
    {
        let length = HeaderValue::from(length);
        parts.headers.entry(CONTENT_LENGTH).or_insert(length);
    }
    let mut outbound = Request::new(body);
    *outbound.uri_mut() = Uri::from_parts(uri).expect("scheme, authority and path make a URI");
    *outbound.method_mut() = parts.method;
    *outbound.version_mut() = Version::HTTP_2;
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
        // gRPC needs it, and HTTP/2 allows it with this value alone (RFC 9113 §8.2.2).
        if *name != TE || headers.get(TE).is_none_or(|te| te != "trailers") {
            headers.remove(name);
        }
    }
}
