//! Routes of jobs.

use atelier_api::ids::{JobId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::jobs::Job;
use atelier_api::{Page, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

/// The routes, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(job_list))
        .routes(routes!(job_view))
        .routes(routes!(job_cancel))
}

/// Lists the jobs of an organization, newest first. Ended ones are kept for 7 days.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/jobs",
    tag = "jobs",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<Job>), (status = "default", body = Problem))
)]
async fn job_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Job>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Shows a job, with the reason for whatever it waits for.
#[utoipa::path(
    get,
    path = "/jobs/{job}",
    tag = "jobs",
    params(("job" = JobId, Path)),
    responses((status = 200, body = Job), (status = "default", body = Problem))
)]
async fn job_view(ctx: Ctx, Path(job): Path<JobId>) -> Result<Json<Job>> {
    service::view(&ctx, job).await.map(Json)
}

/// Cancels a job. One that waits does not begin; one that runs is stopped. It is `cancelled` as
/// soon as what it was about has been cleaned up.
#[utoipa::path(
    post,
    path = "/jobs/{job}/cancel",
    tag = "jobs",
    params(("job" = JobId, Path)),
    responses((status = 200, body = Job), (status = "default", body = Problem))
)]
async fn job_cancel(ctx: Ctx, Path(job): Path<JobId>) -> Result<Json<Job>> {
    service::cancel(&ctx, job).await.map(Json)
}
