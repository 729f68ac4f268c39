//! Routes of nodes.

mod forward;
mod install;
mod machine;
mod record;
mod tokens;
mod tunnel;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::nodes::{Node, NodeConnectionChange, NodeListQuery, NodeUpdate};
use atelier_api::{Page, Problem};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

pub(crate) use forward::{Audited, Passage, Viewer, pass};
pub(crate) use install::routes as install_routes;
pub(crate) use tunnel::{TUNNEL_PATH, routes as tunnel_routes, take_connection};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(node_list))
        .routes(routes!(node_view, node_update, node_delete))
        .routes(routes!(node_connection_list))
        .routes(routes!(node_revoke))
        .merge(tokens::routes())
        .merge(machine::routes())
}

/// Lists the servers of an organization, oldest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/nodes",
    tag = "nodes",
    params(("organization" = OrganizationId, Path), NodeListQuery),
    responses((status = 200, body = Page<Node>), (status = "default", body = Problem))
)]
async fn node_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<NodeListQuery>,
) -> Result<Json<Page<Node>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Shows a server, with what it said of itself last.
#[utoipa::path(
    get,
    path = "/nodes/{node}",
    tag = "nodes",
    params(("node" = NodeId, Path)),
    responses((status = 200, body = Node), (status = "default", body = Problem))
)]
async fn node_view(ctx: Ctx, Path(node): Path<NodeId>) -> Result<Json<Node>> {
    service::view(&ctx, node).await.map(Json)
}

/// Lists when the line to a server went up and down, and why, newest first.
///
/// What has changed is here at most ten seconds later. A line that is back within two seconds was never down,
/// and neither was one that breaks because the control plane is started again, unless the server has not come
/// back two minutes later. The newest 500 changes are kept; the embedded server has no line.
#[utoipa::path(
    get,
    path = "/nodes/{node}/connections",
    tag = "nodes",
    params(("node" = NodeId, Path), PageQuery),
    responses(
        (status = 200, body = Page<NodeConnectionChange>),
        (status = "default", body = Problem)
    )
)]
async fn node_connection_list(
    ctx: Ctx,
    Path(node): Path<NodeId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NodeConnectionChange>>> {
    service::connections(&ctx, node, &query).await.map(Json)
}

/// Renames a server, sets its labels, or keeps new workspaces away from it.
#[utoipa::path(
    patch,
    path = "/nodes/{node}",
    tag = "nodes",
    params(("node" = NodeId, Path)),
    request_body = NodeUpdate,
    responses((status = 200, body = Node), (status = "default", body = Problem))
)]
async fn node_update(
    ctx: Ctx,
    Path(node): Path<NodeId>,
    Json(request): Json<NodeUpdate>,
) -> Result<Json<Node>> {
    service::update(&ctx, node, request).await.map(Json)
}

/// Removes a server that no workspaces are left on.
///
/// Of one that is offline, the deleted workspaces that could still be restored go with it.
#[utoipa::path(
    delete,
    path = "/nodes/{node}",
    tag = "nodes",
    params(("node" = NodeId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn node_delete(ctx: Ctx, Path(node): Path<NodeId>) -> Result<StatusCode> {
    service::delete(&ctx, node).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a server's key and ends its connections at once. It can join again with a new token.
#[utoipa::path(
    post,
    path = "/nodes/{node}/revoke",
    tag = "nodes",
    params(("node" = NodeId, Path)),
    responses((status = 200, body = Node), (status = "default", body = Problem))
)]
async fn node_revoke(ctx: Ctx, Path(node): Path<NodeId>) -> Result<Json<Node>> {
    service::revoke(&ctx, node).await.map(Json)
}
