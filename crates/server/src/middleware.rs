//! What every request passes through, in order: request id → cross-site guard → authentication →
//! handler → request id into the problem → security headers → metrics → one wide log line.
//!
//! Not what the gateway takes before the routes: requests for applications, and the connections of servers.

use std::net::IpAddr;
use std::time::Instant;

use atelier_api::ErrorCode;
use atelier_api::ids::RequestId;
use atelier_api::v1::CSRF_HEADER;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::App;
use crate::ctx::{Actor, Origin};
use crate::error::{Chain, Error, Result};
use crate::http::problem::{Failure, render};
use crate::http::{Openly, Peer};
use crate::identity;

/// The header that carries the request's id back.
const REQUEST_ID: HeaderName = HeaderName::from_static("atelier-request-id");

/// The longest User-Agent that is kept, in characters.
const USER_AGENT_MAX: usize = 300;

/// Outermost: ids, log line, metrics, headers.
pub(crate) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let origin = origin(&app, &request);
    let request_id = origin.request_id;
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(interface)".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(origin.clone());

    let response = next.run(request).await;

    let actor = response
        .extensions()
        .get::<Actor>()
        .map(ToString::to_string);
    let failure = response.extensions().get::<Failure>().cloned();
    let mut response = match &failure {
        Some(Failure(error)) => render(error, Some(request_id.to_string())),
        None => response,
    };
    let status = response.status().as_u16();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry(header::X_FRAME_OPTIONS)
        .or_insert(HeaderValue::from_static("DENY"));

    let elapsed = began.elapsed();
    let labels = [
        ("route", route.clone()),
        ("method", method.to_string()),
        ("status", status.to_string()),
    ];
    metrics::counter!("atelier_http_requests_total", &labels).increment(1);
    metrics::histogram!("atelier_http_request_duration_seconds", "route" => route.clone())
        .record(elapsed.as_secs_f64());
    log(&Line {
        origin: &origin,
        method: &method,
        route: &route,
        status,
        actor,
        failure,
        elapsed,
    });
    response
}

/// Where a request comes from, with a new id.
pub(crate) fn origin(app: &App, request: &Request) -> Origin {
    let address = client_address(app, request.extensions(), request.headers());
    let user_agent = text(request.headers(), &header::USER_AGENT);
    Origin {
        request_id: RequestId::from_uuid(app.ids().next(app.clock())),
        address: address.map(|address| address.to_string()),
        user_agent: user_agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
    }
}

struct Line<'a> {
    origin: &'a Origin,
    method: &'a Method,
    route: &'a str,
    status: u16,
    actor: Option<String>,
    failure: Option<Failure>,
    elapsed: std::time::Duration,
}

fn log(line: &Line<'_>) {
    let duration_ms = line.elapsed.as_secs_f64() * 1e3;
    let (request_id, actor) = (line.origin.request_id, line.actor.as_deref().unwrap_or("-"));
    let (method, route, status) = (line.method, line.route, line.status);
    let code = line
        .failure
        .as_ref()
        .map(|Failure(error)| error.problem().code);
    match &line.failure {
        Some(Failure(error)) if status >= 500 => tracing::error!(
            request.id = %request_id, http.method = %method, http.route = route,
            http.status = status, actor, duration_ms, error.code = ?code,
            error = %Chain(error.as_ref()), "{method} {route} failed with {status}"
        ),
        _ => tracing::info!(
            request.id = %request_id, http.method = %method, http.route = route,
            http.status = status, actor, duration_ms, error.code = ?code,
            address = line.origin.address.as_deref().unwrap_or("-"),
            "{method} {route} answered {status}"
        ),
    }
}

/// Around the API: the cross-site guard and authentication.
pub(crate) async fn authenticate(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Err(error) = refuse_cross_site(&app, &request) {
        return error.into_response();
    }
    let actor = match identity::authenticate(&app, request.headers()).await {
        Ok(actor) => actor,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(actor.clone());
    let mut response = next.run(request).await;
    // Whoever is not signed in is told so, and not what exists.
    let openly = response.extensions().get::<Openly>().is_some();
    if matches!(actor, Actor::Anonymous) && response.status() == StatusCode::NOT_FOUND && !openly {
        response = Error::unauthenticated().into_response();
    }
    response.extensions_mut().insert(actor);
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Requests that carry a bearer token cannot be forged by a page: only our own code can add the
/// header. All others that change state, and WebSockets, must come from our own origin; changes must
/// also carry a header that a foreign page cannot send without our consent (decision 0006).
fn refuse_cross_site(app: &App, request: &Request) -> Result<()> {
    let headers = request.headers();
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let upgrade = headers.contains_key(header::UPGRADE) || *request.method() == Method::CONNECT;
    if identity::carries_token(headers) || (safe && !upgrade) {
        return Ok(());
    }
    let refused = |detail: &str| Err(Error::new(ErrorCode::CrossSite, detail));
    let origin = text(headers, &header::ORIGIN);
    match origin {
        Some(origin) if !is_own_origin(app, headers, origin) => {
            return refused(
                "The request came from another site. Open Atelier itself and try again.",
            );
        }
        None if upgrade => {
            return refused("A WebSocket without a token must carry the Origin header.");
        }
        _ => {}
    }
    if !upgrade && !headers.contains_key(CSRF_HEADER) {
        return refused(
            "A request that changes something needs the header Atelier-Csrf (any value), or a token.",
        );
    }
    Ok(())
}

fn is_own_origin(app: &App, headers: &HeaderMap, origin: &str) -> bool {
    if let Some(public) = &app.config().listen.public_url
        && origin.eq_ignore_ascii_case(public.trim_end_matches('/'))
    {
        return true;
    }
    let Some(host) = text(headers, &header::HOST) else {
        return false;
    };
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The client's address: the connection's, or what a trusted proxy says of it.
pub(crate) fn client_address(
    app: &App,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<Peer>>()?.0.address.ip();
    if !app.config().listen.trusted_proxies.contains(&peer) {
        return Some(peer);
    }
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok());
    forwarded
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok())
        .or(Some(peer))
}
