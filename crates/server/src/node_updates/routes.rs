//! Routes of rollouts.

use atelier_api::ids::{NodeRolloutId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::node_rollouts::{NodeRollout, NodeRolloutCreate, NodeUpdateRun};
use atelier_api::{Page, Problem};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

/// The routes, below `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(node_rollout_list, node_rollout_create))
        .routes(routes!(node_rollout_view))
        .routes(routes!(node_rollout_pause))
        .routes(routes!(node_rollout_resume))
        .routes(routes!(node_rollout_abort))
        .routes(routes!(node_rollout_node_list))
}

/// Lists the rollouts of an organization, newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/node-rollouts",
    tag = "node-rollouts",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<NodeRollout>), (status = "default", body = Problem))
)]
async fn node_rollout_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NodeRollout>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Gives servers the program that the control plane offers, in stages: first the canary, then batches. A
/// server tries it out beside the one that it runs, and goes back by itself where it is not healthy; then no
/// further server is touched. Workspaces and terminals go on. One rollout at a time.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/node-rollouts",
    tag = "node-rollouts",
    params(("organization" = OrganizationId, Path)),
    request_body = NodeRolloutCreate,
    responses((status = 201, body = NodeRollout), (status = "default", body = Problem))
)]
async fn node_rollout_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(request): Json<NodeRolloutCreate>,
) -> Result<(StatusCode, Json<NodeRollout>)> {
    let rollout = service::create(&ctx, organization, &request).await?;
    Ok((StatusCode::CREATED, Json(rollout)))
}

/// Shows a rollout, with how many of its servers are in which state.
#[utoipa::path(
    get,
    path = "/node-rollouts/{node_rollout}",
    tag = "node-rollouts",
    params(("node_rollout" = NodeRolloutId, Path)),
    responses((status = 200, body = NodeRollout), (status = "default", body = Problem))
)]
async fn node_rollout_view(
    ctx: Ctx,
    Path(rollout): Path<NodeRolloutId>,
) -> Result<Json<NodeRollout>> {
    service::view(&ctx, rollout).await.map(Json)
}

/// Pauses a rollout: what is under way goes on to its end, no further stage begins.
#[utoipa::path(
    post,
    path = "/node-rollouts/{node_rollout}/pause",
    tag = "node-rollouts",
    params(("node_rollout" = NodeRolloutId, Path)),
    responses((status = 200, body = NodeRollout), (status = "default", body = Problem))
)]
async fn node_rollout_pause(
    ctx: Ctx,
    Path(rollout): Path<NodeRolloutId>,
) -> Result<Json<NodeRollout>> {
    service::pause(&ctx, rollout).await.map(Json)
}

/// Resumes a paused rollout; the next stage begins at once.
#[utoipa::path(
    post,
    path = "/node-rollouts/{node_rollout}/resume",
    tag = "node-rollouts",
    params(("node_rollout" = NodeRolloutId, Path)),
    responses((status = 200, body = NodeRollout), (status = "default", body = Problem))
)]
async fn node_rollout_resume(
    ctx: Ctx,
    Path(rollout): Path<NodeRolloutId>,
) -> Result<Json<NodeRollout>> {
    service::resume(&ctx, rollout).await.map(Json)
}

/// Ends a rollout: what is under way goes on to its end, nothing else is touched.
#[utoipa::path(
    post,
    path = "/node-rollouts/{node_rollout}/abort",
    tag = "node-rollouts",
    params(("node_rollout" = NodeRolloutId, Path)),
    responses((status = 200, body = NodeRollout), (status = "default", body = Problem))
)]
async fn node_rollout_abort(
    ctx: Ctx,
    Path(rollout): Path<NodeRolloutId>,
) -> Result<Json<NodeRollout>> {
    service::abort(&ctx, rollout).await.map(Json)
}

/// Lists the servers of a rollout, in the order in which they come, with how far each is and why.
#[utoipa::path(
    get,
    path = "/node-rollouts/{node_rollout}/nodes",
    tag = "node-rollouts",
    params(("node_rollout" = NodeRolloutId, Path), PageQuery),
    responses((status = 200, body = Page<NodeUpdateRun>), (status = "default", body = Problem))
)]
async fn node_rollout_node_list(
    ctx: Ctx,
    Path(rollout): Path<NodeRolloutId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NodeUpdateRun>>> {
    service::list_nodes(&ctx, rollout, &query).await.map(Json)
}
