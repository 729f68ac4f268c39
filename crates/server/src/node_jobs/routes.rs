//! Routes of node jobs.

use atelier_api::ids::{NodeJobId, NodeRunId, OrganizationId};
use atelier_api::node::jobs::{ExecutionOutputQuery, OFFSET_HEADER};
use atelier_api::page::PageQuery;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeJobListQuery, NodeRun};
use atelier_api::{Page, Problem};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
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
        .routes(routes!(node_job_list, node_job_create))
        .routes(routes!(node_job_view))
        .routes(routes!(node_job_cancel))
        .routes(routes!(node_job_approve))
        .routes(routes!(node_job_refuse))
        .routes(routes!(node_job_retry))
        .routes(routes!(node_run_list))
        .routes(routes!(node_run_output))
}

/// Lists the node jobs of an organization, newest first. Ended ones are kept for 30 days.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/node-jobs",
    tag = "node-jobs",
    params(("organization" = OrganizationId, Path), NodeJobListQuery),
    responses((status = 200, body = Page<NodeJob>), (status = "default", body = Problem))
)]
async fn node_job_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<NodeJobListQuery>,
) -> Result<Json<Page<NodeJob>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Has a command run on servers, once on each. 200 with the earlier job where the idempotency key was
/// used before. A server that is offline gets it as it returns, unless its time to live has passed.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/node-jobs",
    tag = "node-jobs",
    params(("organization" = OrganizationId, Path)),
    request_body = NodeJobCreate,
    responses(
        (status = 201, body = NodeJob),
        (status = 200, body = NodeJob),
        (status = "default", body = Problem),
    )
)]
async fn node_job_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(request): Json<NodeJobCreate>,
) -> Result<(StatusCode, Json<NodeJob>)> {
    let (job, is_new) = service::create(&ctx, organization, &request).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(job)))
}

/// Shows a node job, with how many of its runs are in which state.
#[utoipa::path(
    get,
    path = "/node-jobs/{node_job}",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path)),
    responses((status = 200, body = NodeJob), (status = "default", body = Problem))
)]
async fn node_job_view(ctx: Ctx, Path(job): Path<NodeJobId>) -> Result<Json<NodeJob>> {
    service::view(&ctx, job).await.map(Json)
}

/// Cancels a node job. What waits does not begin; what runs is ended, as soon as its server is there.
#[utoipa::path(
    post,
    path = "/node-jobs/{node_job}/cancel",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path)),
    responses((status = 200, body = NodeJob), (status = "default", body = Problem))
)]
async fn node_job_cancel(ctx: Ctx, Path(job): Path<NodeJobId>) -> Result<Json<NodeJob>> {
    service::cancel(&ctx, job).await.map(Json)
}

/// Approves a command that the policy asks about. Who asked for it cannot, unless they are an owner.
#[utoipa::path(
    post,
    path = "/node-jobs/{node_job}/approve",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path)),
    responses((status = 200, body = NodeJob), (status = "default", body = Problem))
)]
async fn node_job_approve(ctx: Ctx, Path(job): Path<NodeJobId>) -> Result<Json<NodeJob>> {
    service::decide(&ctx, job, true).await.map(Json)
}

/// Refuses a command that the policy asks about: it is not run.
#[utoipa::path(
    post,
    path = "/node-jobs/{node_job}/refuse",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path)),
    responses((status = 200, body = NodeJob), (status = "default", body = Problem))
)]
async fn node_job_refuse(ctx: Ctx, Path(job): Path<NodeJobId>) -> Result<Json<NodeJob>> {
    service::decide(&ctx, job, false).await.map(Json)
}

/// Makes a new job of what an ended one has not done: the same command on the servers where it did not
/// succeed.
#[utoipa::path(
    post,
    path = "/node-jobs/{node_job}/retry",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path)),
    responses((status = 201, body = NodeJob), (status = "default", body = Problem))
)]
async fn node_job_retry(
    ctx: Ctx,
    Path(job): Path<NodeJobId>,
) -> Result<(StatusCode, Json<NodeJob>)> {
    let made = service::retry(&ctx, job).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Lists the runs of a node job, one for each server.
#[utoipa::path(
    get,
    path = "/node-jobs/{node_job}/runs",
    tag = "node-jobs",
    params(("node_job" = NodeJobId, Path), PageQuery),
    responses((status = 200, body = Page<NodeRun>), (status = "default", body = Problem))
)]
async fn node_run_list(
    ctx: Ctx,
    Path(job): Path<NodeJobId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NodeRun>>> {
    service::list_runs(&ctx, job, &query).await.map(Json)
}

/// Reads a run's output, both streams as one, from an offset on: from the server while it runs, and
/// what was kept when it has ended.
#[utoipa::path(
    get,
    path = "/node-runs/{node_run}/output",
    tag = "node-jobs",
    params(("node_run" = NodeRunId, Path), ExecutionOutputQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn node_run_output(
    ctx: Ctx,
    Path(run): Path<NodeRunId>,
    Query(query): Query<ExecutionOutputQuery>,
) -> Result<Response> {
    let (from, bytes) = service::output(&ctx, run, &query).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(OFFSET_HEADER, from.into());
    Ok(response)
}
