//! Applications on their own hosts.

use std::sync::Arc;

use atelier_api::ErrorCode;
use atelier_api::ids::OrganizationId;
use atelier_api::node::Application;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::address::{self, Named};
use super::app_routes::{Visit, authority, failed, pass, said};
use super::cookies::app_sessions;
use super::grants::{Grant, Grants};
use super::page::{Page, wants_page};
use super::token::{Kind, Place, Visitor};
use super::{entry_routes, headers, vscode};
use crate::app::App;
use crate::error::{Error, Result};

/// Answers whatever is asked of an application's host. What is rare is boxed, here and below: the rest is made,
/// moved and freed with each request, and small so.
pub(super) async fn serve(
    app: App,
    place: Place,
    organization: OrganizationId,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path().starts_with(entry_routes::BELOW) {
        return Box::pin(entry_routes::on_host(app, place, organization, parts)).await;
    }
    if let Err(page) = same_workspace(&app, place, &parts.headers) {
        return said(page, &parts.headers);
    }
    let is_vscode = place.application == Application::VsCode;
    if is_vscode && let Err(page) = vscode::own_request(&app, place, &parts) {
        return said(page, &parts.headers);
    }
    let grant = match admitted(&app, place, organization, &parts.headers).await {
        Ok(grant) => grant,
        Err(error) if error.code() == ErrorCode::Unauthenticated => {
            return ask_platform(&app, &parts);
        }
        Err(error) => return said(failed(&error), &parts.headers),
    };
    let host = authority(&parts.uri, &parts.headers)
        .unwrap_or_default()
        .to_owned();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str)
        .to_owned();
    let page = wants_page(&parts.headers);
    let opener = (is_vscode && vscode::opens(&parts))
        .then(|| (entry_routes::origin(&app, &parts), parts.headers.clone()));
    let visit = Visit {
        app: &app,
        grant,
        place,
        target: &target,
        public_host: host.clone(),
        host,
        proto: address::scheme(&app),
        prefix: None,
    };
    match pass(visit, Request::from_parts(parts, body)).await {
        Ok(mut response) => {
            headers::from_application(response.headers_mut());
            if is_vscode {
                vscode::keep_to_itself(response.headers_mut());
            }
            response
        }
        Err(error) => match opener {
            Some((origin, request)) if error.code() == ErrorCode::Unavailable => {
                let starting = vscode::starting(&app, place, organization, origin, &request);
                match Box::pin(starting).await {
                    Ok(()) => entry_routes::redirect(&target),
                    Err(told) => told.render(page).map(Body::from),
                }
            }
            _ => failed(&error).render(page).map(Body::from),
        },
    }
}

/// Who comes with a session of this application, or to one that is public.
async fn admitted(
    app: &App,
    place: Place,
    organization: OrganizationId,
    request: &HeaderMap,
) -> Result<Arc<Grant>> {
    let visitor = visitor(app, place, request);
    let grant = Grants::get(app, place, visitor).await?;
    if grant.organization == organization {
        return Ok(grant);
    }
    Err(Error::not_found("application"))
}

pub(super) fn visitor(app: &App, place: Place, request: &HeaderMap) -> Option<Visitor> {
    let now = app.clock().now();
    let claims = app_sessions(request)
        .find_map(|token| app.gateway().signer.verify(Kind::SessionHost, token, now));
    claims
        .filter(|claims| claims.place == place)
        .map(|claims| claims.visitor)
}

/// Applications of other workspaces are strangers, though browsers take them for the same site.
fn same_workspace(app: &App, place: Place, request: &HeaderMap) -> Result<(), Page> {
    let Some(domain) = &app.gateway().domain else {
        return Ok(());
    };
    let foreign = request.get_all(ORIGIN).iter().any(|origin| {
        let authority = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"));
        let named = authority.map(|(_, authority)| domain.named(address::host_of(authority)));
        matches!(named, Some(Named::Application(other, _)) if other.workspace != place.workspace)
    });
    if foreign {
        return Err(Page::new(
            StatusCode::FORBIDDEN,
            "Refused as a cross-site request",
            "The request came from an application of another workspace.",
        ));
    }
    Ok(())
}

/// Somebody whom the platform may know.
fn ask_platform(app: &App, request: &Parts) -> Response {
    let readable = matches!(request.method, Method::GET | Method::HEAD);
    let platform = address::platform(app, authority(&request.uri, &request.headers));
    if !readable || !wants_page(&request.headers) {
        let page = Page::new(
            StatusCode::UNAUTHORIZED,
            "Sign in first",
            "This application is not public, or your visit has ended. Open it from its workspace.",
        );
        return said(page, &request.headers);
    }
    let to = format!(
        "{}://{}{}",
        address::scheme(app),
        authority(&request.uri, &request.headers).unwrap_or_default(),
        request
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str)
    );
    let to = utf8_percent_encode(&to, NON_ALPHANUMERIC);
    entry_routes::redirect(&format!("{platform}{}?to={to}", entry_routes::AUTHORIZE))
}
