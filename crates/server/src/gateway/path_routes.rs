//! Applications below `/apps/{capability}/` of the platform, confined to an opaque origin.
//!
//! Such an origin has no cookies, so the right to come in stands in the path.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::stream::{self, StreamExt as _};
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::app_routes::{Visit, authority, failed, pass, said};
use super::grants::Grants;
use super::headers;
use super::page::{Page, wants_page};
use super::rewrite::{self, Rewriter};
use super::token::Kind;
use super::{address, entry_routes};
use crate::app::App;

/// Where they are.
pub(super) const BELOW: &str = "/apps/";

/// Answers whatever is asked below an application's path.
pub(super) async fn serve(app: App, request: Request) -> Response {
    let mut response = answer(app, request).await;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        headers::from_application_by_path(response.headers_mut());
    }
    response
}

async fn answer(app: App, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Err(page) = not_as_the_platforms_own(&parts.headers) {
        return said(page, &parts.headers);
    }
    let whole = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str)
        .to_owned();
    let rest = whole.strip_prefix(BELOW).unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (capability, target) = rest.split_at(end);
    let now = app.clock().now();
    let claims = app
        .gateway()
        .signer
        .verify(Kind::SessionPath, capability, now);
    let Some(claims) = claims else {
        return said(gone(), &parts.headers);
    };
    let prefix = format!("{BELOW}{capability}");
    if !target.starts_with('/') {
        return entry_routes::redirect(&format!("{prefix}/{target}"));
    }
    if is_preflight(&parts) {
        return preflight(&parts.headers);
    }
    let grant = match Grants::get(&app, claims.place, Some(claims.visitor)).await {
        Ok(grant) => grant,
        Err(error) => return said(failed(&error), &parts.headers),
    };
    // VS Code cannot work without an origin: no token for this is signed.
    let Some(port) = claims.place.application.port() else {
        return said(gone(), &parts.headers);
    };
    let own = format!("localhost:{port}");
    let public_host = authority(&parts.uri, &parts.headers)
        .unwrap_or_default()
        .to_owned();
    as_its_own(&mut parts.headers, &own);
    let page = wants_page(&parts.headers);
    let visit = Visit {
        app: &app,
        grant,
        place: claims.place,
        target,
        host: own.clone(),
        public_host,
        proto: address::scheme(&app),
        prefix: Some(&prefix),
    };
    match pass(visit, Request::from_parts(parts, body)).await {
        Ok(mut response) => {
            rewrite::location(response.headers_mut(), &prefix, &own);
            rewritten(response, prefix)
        }
        Err(error) => failed(&error).render(page).map(Body::from),
    }
}

fn gone() -> Page {
    Page::new(
        StatusCode::FORBIDDEN,
        "This address is no longer good",
        "Open the application again from its workspace.",
    )
}

/// What an application answers may be a document of its own; it is never a part of the platform's pages.
fn not_as_the_platforms_own(headers: &HeaderMap) -> Result<(), Page> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let same = text("sec-fetch-site") == Some("same-origin");
    let document = matches!(
        text("sec-fetch-dest"),
        Some("document" | "iframe" | "frame")
    );
    if same && !document {
        return Err(Page::new(
            StatusCode::FORBIDDEN,
            "Refused",
            "What an application answers is no part of the platform's pages.",
        ));
    }
    Ok(())
}

/// The application is told what it would be told by a browser on this machine.
fn as_its_own(headers: &mut HeaderMap, own: &str) {
    for name in [header::COOKIE, header::REFERER] {
        headers.remove(name);
    }
    if headers.contains_key(header::ORIGIN)
        && let Ok(origin) = HeaderValue::from_str(&format!("http://{own}"))
    {
        headers.insert(header::ORIGIN, origin);
    }
    // What is compressed cannot be rewritten.
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
}

fn is_preflight(request: &Parts) -> bool {
    let headers = &request.headers;
    request.method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Its own page asks from an opaque origin, so that browsers ask before. The right stands in the path.
fn preflight(headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let asked: [(HeaderName, HeaderName); 2] = [
        (
            header::ACCESS_CONTROL_REQUEST_METHOD,
            header::ACCESS_CONTROL_ALLOW_METHODS,
        ),
        (
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
        ),
    ];
    for (asked, allowed) in asked {
        if let Some(value) = headers.get(asked) {
            response.headers_mut().insert(allowed, value.clone());
        }
    }
    response
}

/// The answer with its addresses led below the prefix, where it is a text that may hold some.
fn rewritten(response: Response, prefix: String) -> Response {
    let Some(rewriter) = Rewriter::of(response.status(), response.headers(), prefix) else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    for name in [
        header::CONTENT_LENGTH,
        header::ACCEPT_RANGES,
        HeaderName::from_static("content-digest"),
    ] {
        parts.headers.remove(name);
    }
    // The rewriter goes when it has said its last.
    let state = (body.into_data_stream(), Some(rewriter));
    let stream = stream::unfold(state, |(mut body, rewriter)| async move {
        let mut rewriter = rewriter?;
        Some(match body.next().await {
            Some(Ok(chunk)) => (Ok(rewriter.push(&chunk)), (body, Some(rewriter))),
            Some(Err(error)) => (Err(error), (body, None)),
            None => (Ok(rewriter.finish()), (body, None)),
        })
    });
    Response::from_parts(parts, Body::from_stream(stream))
}
