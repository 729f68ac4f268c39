//! Routes of schedules.

use atelier_api::ids::{OrganizationId, ScheduleId};
use atelier_api::page::PageQuery;
use atelier_api::v1::node_jobs::NodeJob;
use atelier_api::v1::schedules::{
    Schedule, ScheduleCreate, SchedulePreview, SchedulePreviewQuery, ScheduleUpdate,
};
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
        .routes(routes!(schedule_list, schedule_create))
        .routes(routes!(schedule_view, schedule_update, schedule_delete))
        .routes(routes!(schedule_run))
        .routes(routes!(schedule_preview))
}

/// Lists the schedules of an organization, oldest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/schedules",
    tag = "schedules",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<Schedule>), (status = "default", body = Problem))
)]
async fn schedule_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Schedule>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Makes a schedule: a node job is made at each time that the cron expression names.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/schedules",
    tag = "schedules",
    params(("organization" = OrganizationId, Path)),
    request_body = ScheduleCreate,
    responses((status = 201, body = Schedule), (status = "default", body = Problem))
)]
async fn schedule_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(request): Json<ScheduleCreate>,
) -> Result<(StatusCode, Json<Schedule>)> {
    let made = service::create(&ctx, organization, request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Shows a schedule, with its next five times.
#[utoipa::path(
    get,
    path = "/schedules/{schedule}",
    tag = "schedules",
    params(("schedule" = ScheduleId, Path)),
    responses((status = 200, body = Schedule), (status = "default", body = Problem))
)]
async fn schedule_view(ctx: Ctx, Path(schedule): Path<ScheduleId>) -> Result<Json<Schedule>> {
    service::view(&ctx, schedule).await.map(Json)
}

/// Changes a schedule, pauses it, or lets it go on. What was missed while it was paused stays undone.
#[utoipa::path(
    patch,
    path = "/schedules/{schedule}",
    tag = "schedules",
    params(("schedule" = ScheduleId, Path)),
    request_body = ScheduleUpdate,
    responses((status = 200, body = Schedule), (status = "default", body = Problem))
)]
async fn schedule_update(
    ctx: Ctx,
    Path(schedule): Path<ScheduleId>,
    Json(request): Json<ScheduleUpdate>,
) -> Result<Json<Schedule>> {
    service::update(&ctx, schedule, request).await.map(Json)
}

/// Deletes a schedule. The jobs that it has made stay.
#[utoipa::path(
    delete,
    path = "/schedules/{schedule}",
    tag = "schedules",
    params(("schedule" = ScheduleId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn schedule_delete(ctx: Ctx, Path(schedule): Path<ScheduleId>) -> Result<StatusCode> {
    service::delete(&ctx, schedule).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a schedule's job now, whether or not it is due, paused, or its last job has ended.
#[utoipa::path(
    post,
    path = "/schedules/{schedule}/run",
    tag = "schedules",
    params(("schedule" = ScheduleId, Path)),
    responses((status = 201, body = NodeJob), (status = "default", body = Problem))
)]
async fn schedule_run(
    ctx: Ctx,
    Path(schedule): Path<ScheduleId>,
) -> Result<(StatusCode, Json<NodeJob>)> {
    let made = service::run_now(&ctx, schedule).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Says when a cron expression would be due next.
#[utoipa::path(
    get,
    path = "/schedule-preview",
    tag = "schedules",
    params(SchedulePreviewQuery),
    responses((status = 200, body = SchedulePreview), (status = "default", body = Problem))
)]
async fn schedule_preview(
    ctx: Ctx,
    Query(query): Query<SchedulePreviewQuery>,
) -> Result<Json<SchedulePreview>> {
    service::preview(&ctx, &query).map(Json)
}
