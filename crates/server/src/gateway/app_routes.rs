//! Passing a request on to an application.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use atelier_api::node::{PREVIEW_HEADER, PREVIEW_HOST_HEADER};
use atelier_api::{ErrorCode, Problem};
use atelier_tunnel::Lane;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::header::{HOST, UPGRADE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::grants::Grant;
use super::headers::{self, Forwarded};
use super::page::{Page, wants_page};
use super::token::Place;
use crate::app::App;
use crate::error::{Chain, Error, Result};
use crate::http::Peer;
use crate::middleware::client_address;

/// The largest reason of a node that is read, in bytes.
const REASON_MAX: usize = 64 * 1024;

/// The host that a request is sent to, with its port.
pub(super) fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    authority.or_else(|| headers.get(HOST)?.to_str().ok())
}

/// What the gateway says by itself.
pub(super) fn said(page: Page, request: &HeaderMap) -> Response {
    page.render(wants_page(request)).map(Body::from)
}

/// A request that somebody may make of an application.
pub(super) struct Visit<'a> {
    pub(super) app: &'a App,
    pub(super) grant: Arc<Grant>,
    pub(super) place: Place,
    /// What the application is asked for, byte for byte.
    pub(super) target: &'a str,
    /// What it is told as its host.
    pub(super) host: String,
    /// The host that the browser knows.
    pub(super) public_host: String,
    pub(super) proto: &'a str,
    pub(super) prefix: Option<&'a str>,
}

/// Passes a request on. The answer's body ends when its reader may no longer see the application.
///
/// # Errors
/// What the node says of an application that gives no answer; when the node is offline.
pub(super) async fn pass(visit: Visit<'_>, request: Request) -> Result<Response> {
    let Visit {
        app,
        grant,
        place,
        target,
        host,
        public_host,
        proto,
        prefix,
    } = visit;
    let (mut parts, body) = request.into_parts();
    let client = client_address(app, &parts.extensions, &parts.headers);
    let client = client.map(|address| address.to_string());
    let peer = parts.extensions.get::<ConnectInfo<Peer>>().cloned();
    let path = format!(
        "/v1/workspaces/{}/ports/{}/proxy{target}",
        place.workspace, place.application
    );
    let path = PathAndQuery::try_from(path)
        .map_err(|_| Error::malformed("The path or query cannot be read."))?;
    parts.uri = path.into();
    headers::to_application(
        &mut parts.headers,
        &Forwarded {
            client: client.as_deref(),
            host: &public_host,
            proto,
            prefix,
        },
    );
    if let Ok(host) = HeaderValue::try_from(host) {
        parts.headers.insert(PREVIEW_HOST_HEADER, host);
    }
    // A browser's WebSocket over HTTP/2 (RFC 8441).
    let connect = parts.method == Method::CONNECT;
    if !connect && !parts.headers.contains_key(UPGRADE) {
        // A download must not stand in a keystroke's way.
        parts.extensions.insert(Lane::Bulk);
    }
    let answer = grant
        .client()
        .forward(Request::from_parts(parts, body))
        .await;
    let response = answer.inspect_err(|_| grant.doubt())?;
    if !response.headers().contains_key(PREVIEW_HEADER) {
        return Err(Box::pin(refusal(response, &grant)).await);
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(PREVIEW_HEADER);
    let switched = parts.status == StatusCode::SWITCHING_PROTOCOLS
        || (connect && parts.status == StatusCode::OK);
    if let (true, Some(ConnectInfo(peer))) = (switched, peer) {
        watch(app, Arc::clone(&grant), peer);
        return Ok(Response::from_parts(parts, body));
    }
    let guarded = Guarded {
        inner: body,
        over: None,
        grant,
    };
    Ok(Response::from_parts(parts, Body::new(guarded)))
}

/// Ends an upgraded connection when its right ends.
fn watch(app: &App, grant: Arc<Grant>, peer: Peer) {
    app.tasks().spawn("preview_connection", async move {
        tokio::select! {
            () = grant.over.cancelled() => peer.cut.cancel(),
            () = peer.cut.cancelled() => {}
        }
    });
}

/// What a node answers itself.
async fn refusal(response: Response, grant: &Grant) -> Error {
    let status = response.status();
    let body = Limited::new(response.into_body(), REASON_MAX)
        .collect()
        .await;
    let problem = body
        .ok()
        .and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
    match problem {
        Some(problem) => {
            if problem.code == ErrorCode::WorkspaceNotRunning {
                grant.doubt();
            }
            problem.into()
        }
        // A node from before there were previews has no such path.
        None if status == StatusCode::NOT_FOUND => Error::conflict(
            "The server that the workspace is on runs an older version, which shows no applications. Update \
             it first.",
        ),
        None => Error::internal(format!("the node answered {status} without a problem body")),
    }
}

/// Why somebody is not let in, logged where it is our fault.
pub(super) fn failed(error: &Error) -> Page {
    if error.code() == ErrorCode::Internal {
        tracing::error!(error = %Chain(error), "an application could not be shown");
    }
    Page::failed(error)
}

/// A body that breaks off when its reader may no longer see it.
struct Guarded {
    inner: Body,
    /// Waited for only where the body is: most have come with the answer's head.
    over: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    grant: Arc<Grant>,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let gone = || axum::Error::new(std::io::Error::other("the right to see this has ended"));
        if self.grant.over.is_cancelled() {
            return Poll::Ready(Some(Err(gone())));
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        let Self { over, grant, .. } = &mut *self;
        let over = over.get_or_insert_with(|| Box::pin(grant.over.clone().cancelled_owned()));
        over.as_mut().poll(cx).map(|()| Some(Err(gone())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
