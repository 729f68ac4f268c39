//! Serving HTTP/2 to the control plane over a dialed connection.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::connect::Dialed;
use super::pieces::Pieces;
use crate::connection::{PROBE, RESERVED, WANT_BULK};
use crate::line::End;
use crate::settings::Lane;

/// Requests under way may take this long to end when the daemon stops.
const DRAIN: Duration = Duration::from_secs(2);

/// Serves until the connection ends, or the daemon stops. `want_bulk` is called when the control plane asks
/// for the bulk lane.
pub(super) async fn serve(
    dialed: Dialed,
    lane: Lane,
    router: Router,
    want_bulk: impl Fn() + Clone + Send + 'static,
    shutdown: &CancellationToken,
) -> End {
    let Dialed {
        bytes,
        line,
        window,
        ..
    } = dialed;
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, want_bulk) = (router.clone(), want_bulk.clone());
        async move {
            if request.uri().path().starts_with(RESERVED) {
                return Ok::<_, Infallible>(reserved(&request, lane, want_bulk));
            }
            let answer = router.oneshot(inbound(request)).await?;
            Ok(match lane {
                Lane::Interactive => answer.map(|body| Body::new(Pieces::new(body))),
                Lane::Bulk => answer,
            })
        }
    });
    let http = lane.server(window);
    let connection = http.serve_connection(TokioIo::new(bytes), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = shutdown.cancelled() => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        let drained = tokio::time::timeout(DRAIN, connection).await;
        drained.unwrap_or(Ok(()))
    };
    line.end(match ended {
        Ok(()) => End::Closed,
        Err(error) => End::Failed(error.to_string()),
    });
    line.wait().await
}

/// What the tunnel answers itself.
fn reserved(request: &Request<Incoming>, lane: Lane, want_bulk: impl Fn()) -> Response<Body> {
    let status = match (request.method(), request.uri().path()) {
        (&Method::GET, PROBE) => StatusCode::NO_CONTENT,
        (&Method::POST, WANT_BULK) if lane == Lane::Interactive => {
            want_bulk();
            StatusCode::ACCEPTED
        }
        _ => StatusCode::NOT_FOUND,
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// As the router would see it in process: the host in its header, the address without it.
fn inbound(request: Request<Incoming>) -> Request<Body> {
    let mut request = request.map(Body::new);
    if !request.headers().contains_key(HOST)
        && let Some(authority) = request.uri().authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::from(path);
    }
    request
}
