//! Coming in: from the platform, which knows who somebody is, to an application, which must not.
//!
//! `AUTHORIZE` on the platform makes an entry token for who is signed in; `ENTER` makes a session of it, on
//! the application's host a cookie, below the platform a part of the path; `ARRIVED` sees whether the
//! browser has kept the cookie, so that one that keeps none does not go round for ever.

use atelier_api::ids::OrganizationId;
use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;

use super::address::{self, Named};
use super::app_routes::{authority, failed, said};
use super::cookies::APP_SESSION;
use super::decide::permits;
use super::grants::Grants;
use super::page::Page;
use super::token::{Claims, Kind, Place};
use super::{headers, host_routes, path_routes, service, store, vscode};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::{Actor, Ctx, Origin};
use crate::error::{Error, Result};
use crate::middleware::client_address;
use crate::{identity, workspaces};

/// What below an application's host is the gateway's own.
pub(super) const BELOW: &str = "/.atelier/";

/// On the platform: lets whoever is signed in go on to an application.
pub(super) const AUTHORIZE: &str = "/.atelier/authorize";

/// On both: makes a session of an entry token.
pub(super) const ENTER: &str = "/.atelier/enter";

/// On an application's host: the cookie should be there.
const ARRIVED: &str = "/.atelier/arrived";

/// How long a browser stays let in, in milliseconds: a long day. The right is looked at every minute.
const SESSION_MS: i64 = 14 * 60 * 60 * 1_000;

/// Answers what is asked of the gateway on an application's host.
pub(super) async fn on_host(
    app: App,
    place: Place,
    organization: OrganizationId,
    request: Parts,
) -> Response {
    let path = parameter(&request, "path").unwrap_or_else(|| "/".to_owned());
    let path = if service::is_path(&path) {
        path
    } else {
        "/".to_owned()
    };
    match (&request.method, request.uri.path()) {
        (&Method::GET, ENTER) => match entered(&app, Kind::EntryHost, &request).await {
            Ok(claims) if claims.place == place => {
                let session = session(&app, Kind::SessionHost, &claims);
                let path = utf8_percent_encode(&path, NON_ALPHANUMERIC);
                let mut response = redirect(&format!("{ARRIVED}?path={path}"));
                if let Ok(cookie) = HeaderValue::from_str(&cookie(&app, &session)) {
                    response.headers_mut().insert(SET_COOKIE, cookie);
                }
                response
            }
            Ok(_) => said(elsewhere(), &request.headers),
            Err(page) => {
                let platform = address::platform(&app, authority(&request.uri, &request.headers));
                let page = match address::origin(&app, &platform, place, organization) {
                    Some(origin) => page.with_link("Open it again", format!("{origin}{path}")),
                    None => page,
                };
                said(page, &request.headers)
            }
        },
        (&Method::GET, ARRIVED) => {
            if host_routes::visitor(&app, place, &request.headers).is_some() {
                return redirect(&path);
            }
            let page = Page::new(
                StatusCode::FORBIDDEN,
                "Your browser kept no cookie",
                "An application that is not public needs one cookie on its own address. Allow cookies for it, \
                 or open the application in a tab of its own.",
            );
            said(page, &request.headers)
        }
        _ => {
            let page = Page::new(
                StatusCode::NOT_FOUND,
                "Not found",
                "What begins with /.atelier/ is not the application's.",
            );
            said(page, &request.headers)
        }
    }
}

/// Comes in by path.
pub(super) async fn enter_by_path(app: App, request: Parts) -> Response {
    let path = parameter(&request, "path").unwrap_or_else(|| "/".to_owned());
    match entered(&app, Kind::EntryPath, &request).await {
        Ok(claims) => {
            let session = session(&app, Kind::SessionPath, &claims);
            let path = if service::is_path(&path) { &path } else { "/" };
            redirect(&format!("{}{session}{path}", path_routes::BELOW))
        }
        Err(page) => {
            let mut response = said(page, &request.headers);
            headers::confine(response.headers_mut());
            response
        }
    }
}

/// Who an entry token lets in now.
async fn entered(app: &App, kind: Kind, request: &Parts) -> Result<Claims, Page> {
    let expired = || {
        Page::new(
            StatusCode::FORBIDDEN,
            "This address is no longer good",
            "An address that opens an application is good for one minute. Open the application again.",
        )
    };
    let token = parameter(request, "token").ok_or_else(expired)?;
    let now = app.clock().now();
    let claims = app.gateway().signer.verify(kind, &token, now);
    let claims = claims.ok_or_else(expired)?;
    Grants::get(app, claims.place, Some(claims.visitor))
        .await
        .map_err(|error| failed(&error))?;
    Ok(claims)
}

fn elsewhere() -> Page {
    Page::new(
        StatusCode::FORBIDDEN,
        "This address opens another application",
        "It was made for another port or workspace. Open this one from its workspace.",
    )
}

fn session(app: &App, kind: Kind, claims: &Claims) -> String {
    let expires_at = app.clock().now().plus_ms(SESSION_MS);
    app.gateway().signer.sign(kind, claims, expires_at)
}

/// In a frame of the platform the application is another site: its cookie must say that it may be there,
/// and belongs to that frame alone (CHIPS).
fn cookie(app: &App, session: &str) -> String {
    let frames = if address::is_trustworthy(app) {
        "SameSite=None; Secure; Partitioned"
    } else {
        "SameSite=Lax"
    };
    let max_age = SESSION_MS / 1_000;
    format!("{APP_SESSION}={session}; Path=/; HttpOnly; Max-Age={max_age}; {frames}")
}

/// On the platform: who is signed in goes on to the application that they came from.
pub(super) async fn authorize(app: App, request: Parts) -> Response {
    match authorized(&app, &request).await {
        Ok(to) => redirect(&to),
        Err(error) => {
            let page = failed(&error).with_link("To Atelier", "/".to_owned());
            let mut response = said(page, &request.headers);
            response.headers_mut().insert(
                http::header::X_FRAME_OPTIONS,
                HeaderValue::from_static("DENY"),
            );
            response
        }
    }
}

/// Where a request that the gateway answers itself comes from.
pub(super) fn origin(app: &App, request: &Parts) -> Origin {
    Origin {
        request_id: atelier_api::ids::RequestId::from_uuid(app.ids().next(app.clock())),
        address: client_address(app, &request.extensions, &request.headers)
            .map(|address| address.to_string()),
        user_agent: None,
    }
}

async fn authorized(app: &App, request: &Parts) -> Result<String> {
    let unreadable = || {
        Error::malformed(
            "This leads to no application of this server. Open the port from its workspace.",
        )
    };
    let to = parameter(request, "to").ok_or_else(unreadable)?;
    let platform = address::platform(app, authority(&request.uri, &request.headers));
    let (place, organization, path) = destination(app, &platform, &to).ok_or_else(unreadable)?;
    let actor = identity::authenticate(app, &request.headers).await?;
    let person = match &actor {
        Actor::Person(person) => person.clone(),
        Actor::Anonymous | Actor::System(_) => {
            let to = utf8_percent_encode(&to, NON_ALPHANUMERIC);
            let next = format!("{AUTHORIZE}?to={to}");
            let next = utf8_percent_encode(&next, NON_ALPHANUMERIC);
            return Ok(format!("/sign-in?next={next}"));
        }
    };
    let ctx = Ctx::new(app.clone(), actor, origin(app, request));
    let reach = workspaces::reach(&ctx, place.workspace).await;
    let theirs = workspaces::organization_of(&ctx, place.workspace).await;
    if !theirs.is_ok_and(|theirs| theirs == organization) {
        return Err(Error::not_found("application"));
    }
    let Some(port) = place.application.port() else {
        let application = vscode::enter(&ctx, place, &person, reach, &platform).await?;
        let path = utf8_percent_encode(&path, NON_ALPHANUMERIC);
        return Ok(format!("{application}&path={path}"));
    };
    let set = store::find(&mut *ctx.read().await?, place.workspace, port).await?;
    if set.visibility != atelier_api::v1::ports::PortVisibility::Public
        && person.role_in(organization).is_none()
    {
        return Err(Error::not_found("application"));
    }
    permits(&person, set.visibility, &reach?)?;
    let (token, _) = service::entry(&ctx, Kind::EntryHost, place, &person);
    let details = json!({ "port": port, "addressing": "host", "visibility": set.visibility });
    ctx.audit(organization, Action::PortOpen, &place.workspace, details)
        .await?;
    let application =
        address::origin(app, &platform, place, organization).ok_or_else(unreadable)?;
    let path = utf8_percent_encode(&path, NON_ALPHANUMERIC);
    Ok(format!("{application}{ENTER}?token={token}&path={path}"))
}

/// The application and the path that an address leads to, if it is one that this server gives.
fn destination(app: &App, platform: &str, to: &str) -> Option<(Place, OrganizationId, String)> {
    let (scheme, rest) = to.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let name: http::uri::Authority = host.parse().ok()?;
    let domain = app.gateway().domain.as_ref()?;
    let Named::Application(place, organization) = domain.named(name.host()) else {
        return None;
    };
    // Scheme and port, too: what is listened on there by others is none of ours.
    let origin = address::origin(app, platform, place, organization)?;
    if format!("{scheme}://{host}") != origin {
        return None;
    }
    let path = if path.is_empty() { "/" } else { path };
    service::is_path(path).then(|| (place, organization, path.to_owned()))
}

/// A parameter of the query.
fn parameter(request: &Parts, name: &str) -> Option<String> {
    let query = request.uri.query()?;
    let value = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(found, _)| *found == name)?
        .1;
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// Goes on elsewhere, and tells nobody from where.
pub(super) fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(LOCATION, to);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
