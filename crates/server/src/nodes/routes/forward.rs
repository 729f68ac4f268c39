//! Passing requests on to an agent, of a workspace or of the machine itself.
//!
//! The agent runs others' code: it must not learn the caller's credentials, and what it answers must
//! not act on our origin. So only named headers pass, both ways; answers are marked `sandbox` and
//! `nosniff`. Bodies stream; WebSockets pass as bytes that nothing here parses.

use atelier_api::agent::terminals::{VIEWER_ACCESS_HEADER, VIEWER_NAME_HEADER, VIEWER_READ_ONLY};
use atelier_api::agent::uploads::{UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::OrganizationId;
use atelier_tunnel::Lane;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest as _, Request};
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::record::{self, Record};
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::Peer;
use crate::identity;
use crate::nodes::NodeClient;

/// What of a request reaches the agent.
static REQUEST_HEADERS: [HeaderName; 15] = [
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
    HeaderName::from_static(UPLOAD_LENGTH_HEADER),
    HeaderName::from_static(UPLOAD_OFFSET_HEADER),
];

/// What of an answer reaches the client.
static RESPONSE_HEADERS: [HeaderName; 11] = [
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
    HeaderName::from_static(UPLOAD_OFFSET_HEADER),
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
pub(crate) enum Audited {
    /// It only reads: nothing.
    No,
    /// The action and its query (paths, roots; nothing secret stands in them).
    Query,
    /// The action, its path, which says what it is done to, and its query.
    Path,
    /// The action and its query, as soon as all of the content has been passed on.
    Content,
    /// The action and these fields of its JSON body.
    Body(&'static [&'static str]),
    /// The action and, of its JSON body, the root, how many files are named, and the first of their paths.
    Files,
}

/// How many paths the audit log holds of a request that names many files.
const AUDITED_PATHS_MAX: usize = 20;

/// A request that may be passed on, and where to.
#[derive(Debug)]
pub(crate) struct Passage {
    /// The node.
    pub(crate) client: NodeClient,
    /// Whose audit log holds it.
    pub(crate) organization: OrganizationId,
    /// What is done.
    pub(crate) action: Action,
    /// What of it is audited.
    pub(crate) audited: Audited,
    /// To what, in the audit log.
    pub(crate) resource: String,
    /// The path at the node, still percent-encoded.
    pub(crate) target: String,
    /// It may be large, and must not stand in a keystroke's way.
    pub(crate) bulk: bool,
    /// Who is going to watch a terminal; absent for everything else.
    pub(crate) viewer: Option<Viewer>,
}

/// Who watches a terminal, as the others there are told.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    /// The name.
    pub(crate) name: String,
    /// They may not type.
    pub(crate) read_only: bool,
}

/// Passes an authorized request on, and audits it when it was done.
pub(crate) async fn pass(ctx: &Ctx, passage: Passage, request: Request) -> Result<Response> {
    let query = request.uri().query().unwrap_or("").to_owned();
    let target = match query.as_str() {
        "" => passage.target,
        query => format!("{}?{query}", passage.target),
    };
    let peer = request.extensions().get::<ConnectInfo<Peer>>().cloned();
    let (request, details) = details(passage.audited, &query, request).await?;
    let (mut parts, body) = request.into_parts();
    parts.uri = target
        .parse()
        .map_err(|_| Error::malformed("The path or query cannot be read."))?;
    parts.headers = only(&parts.headers, &REQUEST_HEADERS);
    if let Some(viewer) = &passage.viewer {
        announce(viewer, &mut parts.headers)?;
    }
    let read_only = passage.viewer.is_some_and(|viewer| viewer.read_only);
    if passage.bulk {
        parts.extensions.insert(Lane::Bulk);
    }
    let (body, given) = match passage.audited {
        Audited::Content => {
            let (body, given) = record::watched(body);
            (body, Some(given))
        }
        _ => (body, None),
    };
    let record = details.map(|details| Record {
        ctx: ctx.clone(),
        organization: passage.organization,
        action: passage.action,
        resource: passage.resource,
        details,
    });
    let answer = passage.client.forward(Request::from_parts(parts, body));
    let response = match (record, given) {
        (None, _) => answer.await?,
        (Some(record), None) => record.after(answer).await?,
        (Some(record), Some(given)) => record.beside(answer, given).await?,
    };
    if read_only && response.status() == StatusCode::SWITCHING_PROTOCOLS {
        kept_from_typing(&response)?;
    }
    let response = tame(response);
    if let (Some(ConnectInfo(peer)), StatusCode::SWITCHING_PROTOCOLS) = (peer, response.status()) {
        identity::guard(ctx, peer.cut);
    }
    Ok(response)
}

/// Tells the agent who comes. The headers are only ever ours: a client's do not pass.
fn announce(viewer: &Viewer, headers: &mut HeaderMap) -> Result<()> {
    let name = utf8_percent_encode(&viewer.name, NON_ALPHANUMERIC).to_string();
    let name = HeaderValue::try_from(name).map_err(Error::internal)?;
    headers.insert(VIEWER_NAME_HEADER, name);
    if viewer.read_only {
        let read_only = HeaderValue::from_static(VIEWER_READ_ONLY);
        headers.insert(VIEWER_ACCESS_HEADER, read_only);
    }
    Ok(())
}

/// An agent from before there were viewers who may not type would let them.
fn kept_from_typing(response: &Response) -> Result<()> {
    let access = response.headers().get(VIEWER_ACCESS_HEADER);
    if access.is_some_and(|access| access == VIEWER_READ_ONLY) {
        return Ok(());
    }
    Err(Error::conflict(
        "This workspace was started by an older version, which knows no viewers who only watch. Restart \
         the workspace first.",
    ))
}

async fn details(
    audited: Audited,
    query: &str,
    request: Request,
) -> Result<(Request, Option<Value>)> {
    match audited {
        Audited::No => Ok((request, None)),
        Audited::Query | Audited::Content => {
            Ok((request, Some(serde_json::json!({ "query": query }))))
        }
        Audited::Path => {
            let details = serde_json::json!({ "path": request.uri().path(), "query": query });
            Ok((request, Some(details)))
        }
        Audited::Body(fields) => {
            let (request, body) = parsed(request).await?;
            let kept = body
                .into_iter()
                .filter(|(name, _)| fields.contains(&name.as_str()));
            Ok((request, Some(Value::Object(kept.collect()))))
        }
        Audited::Files => {
            let (request, body) = parsed(request).await?;
            let files = body.get("files").and_then(Value::as_array);
            let files = files.map_or(&[][..], Vec::as_slice);
            let paths: Vec<_> = files
                .iter()
                .filter_map(|file| file.get("path"))
                .take(AUDITED_PATHS_MAX)
                .collect();
            let details = serde_json::json!({
                "root": body.get("root"), "files": files.len(), "paths": paths,
            });
            Ok((request, Some(details)))
        }
    }
}

/// The request, and its JSON body; nothing where that is not an object.
async fn parsed(request: Request) -> Result<(Request, Map<String, Value>)> {
    let (parts, body) = request.into_parts();
    let extensions = parts.extensions.clone();
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &())
        .await
        .map_err(|_| Error::too_large("The body is larger than 1 MiB, or ended early."))?;
    let parsed = serde_json::from_slice(&body).unwrap_or_default();
    let mut request = Request::from_parts(parts, Body::from(body));
    *request.extensions_mut() = extensions;
    Ok((request, parsed))
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
