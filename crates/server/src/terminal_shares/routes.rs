//! Routes of links to terminals.

use atelier_api::Problem;
use atelier_api::agent::terminals::SUBPROTOCOL;
use atelier_api::ids::{TerminalId, TerminalShareId, WorkspaceId};
use atelier_api::v1::terminal_shares::{
    SHARE_SUBPROTOCOL_PREFIX, ShareAttachQuery, ShareOpen, SharedTerminal, TerminalShare,
    TerminalShareCreate, TerminalShareCreated, TerminalShareList,
};
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{live, service};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::{Json, Openly, Path, Peer, Query};
use crate::nodes::{Audited, Passage, Viewer, pass};
use crate::workspaces;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(terminal_share_list, terminal_share_create))
        .routes(routes!(terminal_share_revoke))
        .routes(routes!(share_open))
        .routes(routes!(share_attach))
}

/// Lists the links to a terminal, newest first, those of the last thirty days that are no longer good too.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/terminals/{terminal}/shares",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 200, body = TerminalShareList), (status = "default", body = Problem))
)]
async fn terminal_share_list(
    ctx: Ctx,
    Path((workspace, terminal)): Path<(WorkspaceId, TerminalId)>,
) -> Result<Json<TerminalShareList>> {
    service::list(&ctx, workspace, terminal).await.map(Json)
}

/// Makes a link to a terminal, to watch or to type as well. Its token is answered here and never again.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/terminals/{terminal}/shares",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    request_body = TerminalShareCreate,
    responses((status = 201, body = TerminalShareCreated), (status = "default", body = Problem))
)]
async fn terminal_share_create(
    ctx: Ctx,
    Path((workspace, terminal)): Path<(WorkspaceId, TerminalId)>,
    Json(request): Json<TerminalShareCreate>,
) -> Result<(StatusCode, Json<TerminalShareCreated>)> {
    let created = service::create(&ctx, workspace, terminal, request).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revokes a link: nobody comes in by it any more, and whoever is there is cut off. May be repeated.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/terminal-shares/{share}/revoke",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("share" = TerminalShareId, Path)),
    responses((status = 200, body = TerminalShare), (status = "default", body = Problem))
)]
async fn terminal_share_revoke(
    ctx: Ctx,
    Path((workspace, share)): Path<(WorkspaceId, TerminalShareId)>,
) -> Result<Json<TerminalShare>> {
    service::revoke(&ctx, workspace, share).await.map(Json)
}

/// Opens a link: what it leads to, and whether it is still good. Needs no account.
#[utoipa::path(
    post,
    path = "/shares/open",
    tag = "terminals",
    security(()),
    request_body = ShareOpen,
    responses((status = 200, body = SharedTerminal), (status = "default", body = Problem))
)]
async fn share_open(ctx: Ctx, Json(request): Json<ShareOpen>) -> Response {
    let opened = service::open(&ctx, &request.token).await;
    openly(opened.map(|shared| Json(shared).into_response()))
}

/// Attaches to a shared terminal: a WebSocket of the subprotocol `atelier.terminal.v1`. The link's token is
/// offered as a second subprotocol, `atelier.share.` and the token. Needs no account.
#[utoipa::path(
    get,
    path = "/shares/attach",
    tag = "terminals",
    security(()),
    params(ShareAttachQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn share_attach(
    ctx: Ctx,
    Query(query): Query<ShareAttachQuery>,
    request: Request,
) -> Response {
    openly(attach(&ctx, &query, request).await)
}

async fn attach(ctx: &Ctx, query: &ShareAttachQuery, mut request: Request) -> Result<Response> {
    let token = token(request.headers()).ok_or_else(|| {
        Error::malformed("Offer the link's token as a subprotocol: `atelier.share.` and the token.")
    })?;
    let share = service::admit(ctx, token).await?;
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let cut = peer.map_or_else(CancellationToken::new, |peer| peer.0.cut.clone());
    let place = ctx.app().live_shares().enter(share.id, cut)?;

    // The token goes no further than this.
    request.headers_mut().insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    *request.uri_mut() = match query.offset {
        Some(offset) => format!("/?offset={offset}")
            .parse()
            .map_err(Error::internal)?,
        None => Uri::from_static("/"),
    };
    let running = workspaces::running(ctx, Action::ShareAttach, share.workspace).await?;
    let name = service::viewer_name(ctx, query.name.as_deref());
    let passage = Passage {
        client: running.client,
        organization: share.organization,
        action: Action::ShareAttach,
        audited: Audited::No,
        resource: share.workspace.to_string(),
        target: format!(
            "/v1/workspaces/{}/agent/terminals/{}/attach",
            share.workspace, share.terminal
        ),
        bulk: false,
        viewer: Some(Viewer {
            name: name.clone(),
            read_only: service::is_read_only(&share),
        }),
    };
    let response = pass(ctx, passage, request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        service::used(ctx, &share, &name).await?;
        live::guard(ctx, place);
    }
    Ok(response)
}

/// The token among the subprotocols that a client offers.
fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|offered| offered.trim().strip_prefix(SHARE_SUBPROTOCOL_PREFIX))
}

/// An answer that is the same for everybody, signed in or not.
fn openly(answer: Result<Response>) -> Response {
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(Openly);
    response
}
