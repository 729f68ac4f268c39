//! VS Code, on a host of its own (decision 0022).
//!
//! It is a terminal: it is never shared as ports are, its host takes changes and WebSockets from its own
//! pages only, and none of its pages is shown in another's frame.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::vscode::{VsCode, VsCodeStart, VsCodeState};
use atelier_api::ids::{OrganizationId, WorkspaceId};
use atelier_api::v1::vscode::VsCodeOpened;
use http::header::{CONTENT_SECURITY_POLICY, ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::app_routes::{authority, failed};
use super::decide::permits_vscode;
use super::page::{Page, wants_page};
use super::token::{Kind, Place};
use super::{address, entry_routes, host_routes, service};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::{Actor, Ctx, Origin, Person};
use crate::error::{Error, Result};
use crate::identity;
use crate::workspaces::{self, Reach};

/// For how long somebody sees nothing until it runs; then they are told how it stands, and wait on.
const START_WITHIN: Duration = Duration::from_secs(2);

/// Starts it.
pub(super) async fn start(ctx: &Ctx, workspace: WorkspaceId, platform: &str) -> Result<VsCode> {
    let running = workspaces::running(ctx, Action::VscodeStart, workspace).await?;
    let addresses = addresses(ctx.app(), platform, workspace, running.organization);
    let vscode = running.client.vscode_start(workspace, &addresses).await?;
    let details = json!({ "program": vscode.program, "version": vscode.version });
    ctx.audit(
        running.organization,
        Action::VscodeStart,
        &workspace,
        details,
    )
    .await?;
    Ok(vscode)
}

/// Under which addresses people see it, and what its programs listen on.
fn addresses(
    app: &App,
    platform: &str,
    workspace: WorkspaceId,
    organization: OrganizationId,
) -> VsCodeStart {
    let origin = |place| address::origin(app, platform, place, organization);
    let host = origin(Place::vscode(workspace));
    let host = host.and_then(|url| Some(url.split_once("://")?.1.to_owned()));
    // A port that cannot be in the name twice, to be replaced by the placeholder.
    let port_url = origin(Place::port(workspace, 1))
        .map(|url| url.replacen("://1--", "://{{port}}--", 1) + "/");
    VsCodeStart { host, port_url }
}

/// An address by which whoever asks comes in.
pub(super) async fn open(
    ctx: &Ctx,
    workspace: WorkspaceId,
    platform: &str,
) -> Result<VsCodeOpened> {
    let person = ctx.person()?.clone();
    workspaces::running(ctx, Action::VscodeOpen, workspace).await?;
    let reach = workspaces::reach(ctx, workspace).await;
    let place = Place::vscode(workspace);
    let url = enter(ctx, place, &person, reach, platform).await?;
    Ok(VsCodeOpened {
        url: format!("{url}&path=%2F"),
        expires_at: ctx
            .now()
            .plus_ms(i64::from(atelier_api::v1::ports::ENTRY_SECONDS) * 1_000),
    })
}

/// An address by which a person comes in, without the path; it is written down.
pub(super) async fn enter(
    ctx: &Ctx,
    place: Place,
    person: &Person,
    reach: Result<Reach>,
    platform: &str,
) -> Result<String> {
    let organization = workspaces::organization_of(ctx, place.workspace).await?;
    if person.role_in(organization).is_none() {
        return Err(Error::not_found("application"));
    }
    permits_vscode(person, &reach?)?;
    let origin = address::origin(ctx.app(), platform, place, organization).ok_or_else(|| {
        Error::conflict(
            "VS Code needs a host name of its own, since it keeps things in the browser: host names of \
             applications do not lead to this server. Set previews.apps_domain, or open the platform as \
             http://localhost.",
        )
    })?;
    let (token, _) = service::entry(ctx, Kind::EntryHost, place, person);
    ctx.audit(
        organization,
        Action::VscodeOpen,
        &place.workspace,
        json!({ "addressing": "host" }),
    )
    .await?;
    Ok(format!("{origin}{}?token={token}", entry_routes::ENTER))
}

/// Nothing, or why a request is not one that its own pages make, nor of somebody who opens it. Browsers send
/// the origin with every WebSocket and every request that changes something, and take siblings below the
/// domain for one site; where the address is trustworthy, they tell of all others where they come from.
pub(super) fn own_request(app: &App, place: Place, request: &Parts) -> Result<(), Page> {
    let Some(domain) = &app.gateway().domain else {
        return Ok(());
    };
    let reads = matches!(request.method, Method::GET | Method::HEAD)
        && !request.headers.contains_key(UPGRADE);
    let own = if reads {
        let elsewhere = matches!(
            text(&request.headers, "sec-fetch-site"),
            Some("same-site" | "cross-site")
        );
        !elsewhere || text(&request.headers, "sec-fetch-dest") == Some("document")
    } else {
        request.headers.get_all(ORIGIN).iter().all(|origin| {
            let authority = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.split_once("://"));
            authority.is_some_and(|(_, authority)| {
                matches!(
                    domain.named(address::host_of(authority)),
                    address::Named::Application(from, _) if from == place
                )
            })
        })
    };
    if own {
        return Ok(());
    }
    Err(Page::new(
        StatusCode::FORBIDDEN,
        "Refused as a cross-site request",
        "VS Code takes requests from its own pages only.",
    ))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Only its own pages show what it has, in frames and as parts of them.
pub(super) fn keep_to_itself(headers: &mut HeaderMap) {
    headers.append(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("frame-ancestors 'self'"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
}

/// Whether somebody opens it, by whom it is started when it does not run. What pages that are open ask for
/// starts nothing: then it could not be stopped.
pub(super) fn opens(request: &Parts) -> bool {
    let top = matches!(
        text(&request.headers, "sec-fetch-dest"),
        None | Some("document")
    );
    request.method == Method::GET && top && wants_page(&request.headers)
}

/// Starts it for who has opened it: it runs, or they are told how it stands.
pub(super) async fn starting(
    app: &App,
    place: Place,
    organization: OrganizationId,
    origin: Origin,
    request: &HeaderMap,
) -> Result<(), Page> {
    let platform = address::platform(app, authority(&http::Uri::default(), request));
    let started = async {
        let visitor =
            host_routes::visitor(app, place, request).ok_or_else(Error::unauthenticated)?;
        let person = identity::person(app, visitor.account, visitor.credential).await?;
        let person = Arc::new(person.ok_or_else(Error::unauthenticated)?);
        let ctx = Ctx::new(app.clone(), Actor::Person(person), origin);
        let client = workspaces::reach(&ctx, place.workspace).await?.client;
        let known = client.vscode_view(place.workspace).await?;
        // Once for each start, however often a page that waits asks again.
        if matches!(known.state, VsCodeState::Stopped | VsCodeState::Failed) {
            let details = json!({ "program": known.program, "version": known.version });
            ctx.audit(organization, Action::VscodeStart, &place.workspace, details)
                .await?;
        }
        let addresses = addresses(app, &platform, place.workspace, organization);
        client.vscode_start(place.workspace, &addresses).await
    };
    let workspace = format!("{platform}/workspaces/{}", place.workspace);
    match tokio::time::timeout(START_WITHIN, started).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(&error).with_link("Open the workspace", workspace)),
        Err(_) => {
            let mut page = Page::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "VS Code is starting",
                "This page goes on by itself as soon as it is ready.",
            );
            page.asks_again = true;
            Err(page)
        }
    }
}
