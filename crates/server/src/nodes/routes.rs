//! Routes of nodes.

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::nodes::Node;
use atelier_api::{Page, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(node_list))
        .routes(routes!(node_view))
}

/// Lists the servers of an organization.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/nodes",
    tag = "nodes",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<Node>), (status = "default", body = Problem))
)]
async fn node_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Node>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Shows a server, with what it says of itself.
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
