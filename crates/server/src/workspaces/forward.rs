//! Passing requests on to a workspace's agent.
//!
//! The agent runs the workspace's code: it must not learn the caller's credentials, and what it
//! answers must not act on our origin. So only named headers pass, both ways; answers are marked
//! `sandbox` and `nosniff`. Bodies stream; WebSockets pass as bytes that nothing here parses.

use atelier_api::ids::WorkspaceId;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest as _, Request};
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::{Map, Value};

use super::service;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::Peer;
use crate::identity;

/// What of a request reaches the agent.
static REQUEST_HEADERS: [HeaderName; 13] = [
    header::ACCEPT,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_VERSION,
];

/// What of an answer reaches the client.
static RESPONSE_HEADERS: [HeaderName; 10] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::RETRY_AFTER,
    HeaderName::from_static("atelier-offset"),
];

/// What of an answer makes an upgrade.
static UPGRADE_HEADERS: [HeaderName; 5] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_ACCEPT,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_PROTOCOL,
];

/// What the audit log is to hold of a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Audited {
    /// It only reads: nothing.
    No,
    /// The action and its query (paths, roots; nothing secret stands in them).
    Query,
    /// The action and these fields of its JSON body.
    Body(&'static [&'static str]),
}

/// Authorizes, passes the request on, audits it when it was done.
pub(super) async fn forward(
    ctx: Ctx,
    action: Action,
    audited: Audited,
    request: Request,
) -> Result<Response> {
    let (id, rest) = split(request.uri())?;
    let placement = service::running(&ctx, action, id).await?;
    let client = service::node_client(&ctx, placement.node).await?;
    let query = request.uri().query().unwrap_or("").to_owned();
    let target = format!(
        "/v1/workspaces/{id}/agent/{rest}{}{query}",
        if query.is_empty() { "" } else { "?" }
    );

    let peer = request.extensions().get::<ConnectInfo<Peer>>().cloned();
    let (request, details) = details(audited, &query, request).await?;
    let (mut parts, body) = request.into_parts();
    parts.uri = target
        .parse()
        .map_err(|_| Error::malformed("The path or query cannot be read."))?;
    parts.headers = only(&parts.headers, &REQUEST_HEADERS);
    let response = client.forward(Request::from_parts(parts, body)).await?;
    let response = tame(response);

    let done =
        response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if let (Some(details), true) = (details, done) {
        ctx.audit(placement.organization, action, &id, details)
            .await?;
    }
    if let (Some(ConnectInfo(peer)), StatusCode::SWITCHING_PROTOCOLS) = (peer, response.status()) {
        identity::guard(&ctx, peer.cut);
    }
    Ok(response)
}

/// `/workspaces/{id}/{rest}` → id and rest, still percent-encoded.
fn split(uri: &Uri) -> Result<(WorkspaceId, &str)> {
    let not_found = || Error::not_found("workspace");
    let path = uri
        .path()
        .strip_prefix("/workspaces/")
        .ok_or_else(not_found)?;
    let (id, rest) = path.split_once('/').ok_or_else(not_found)?;
    Ok((id.parse().map_err(|_| not_found())?, rest))
}

async fn details(
    audited: Audited,
    query: &str,
    request: Request,
) -> Result<(Request, Option<Value>)> {
    match audited {
        Audited::No => Ok((request, None)),
        Audited::Query => Ok((request, Some(serde_json::json!({ "query": query })))),
        Audited::Body(fields) => {
            let (parts, body) = request.into_parts();
            let extensions = parts.extensions.clone();
            let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &())
                .await
                .map_err(|_| Error::too_large("The body is larger than 1 MiB, or ended early."))?;
            let parsed: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
            let kept = parsed
                .into_iter()
                .filter(|(name, _)| fields.contains(&name.as_str()));
            let details = Value::Object(kept.collect());
            let mut request = Request::from_parts(parts, Body::from(body));
            *request.extensions_mut() = extensions;
            Ok((request, Some(details)))
        }
    }
}

fn only(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(names.len());
    for name in names {
        for value in headers.get_all(name) {
            kept.append(name, value.clone());
        }
    }
    kept
}

/// An answer that can do nothing but be read.
fn tame(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut headers = only(&parts.headers, &RESPONSE_HEADERS);
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        headers.extend(only(&parts.headers, &UPGRADE_HEADERS));
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    parts.headers = headers;
    Response::from_parts(parts, body)
}
