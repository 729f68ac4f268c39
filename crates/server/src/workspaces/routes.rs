//! Routes of workspaces.

use atelier_api::ids::{OrganizationId, WorkspaceId};
use atelier_api::v1::workspaces::{
    Workspace, WorkspaceCreate, WorkspaceListQuery, WorkspaceStatus, WorkspaceUpdate,
};
use atelier_api::{Page, Problem};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(workspace_list, workspace_create))
        .routes(routes!(workspace_view, workspace_update, workspace_delete))
        .routes(routes!(workspace_start))
        .routes(routes!(workspace_stop))
        .routes(routes!(workspace_restart))
        .routes(routes!(workspace_cancel))
        .routes(routes!(workspace_restore))
        .routes(routes!(workspace_status))
}

/// Lists the workspaces of an organization, newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/workspaces",
    tag = "workspaces",
    params(("organization" = OrganizationId, Path), WorkspaceListQuery),
    responses((status = 200, body = Page<Workspace>), (status = "default", body = Problem))
)]
async fn workspace_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<WorkspaceListQuery>,
) -> Result<Response> {
    let page = service::list(&ctx, organization, &query).await?;
    Ok(([(CONTENT_TYPE, "application/json")], page).into_response())
}

/// Creates a workspace and starts it.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/workspaces",
    tag = "workspaces",
    params(("organization" = OrganizationId, Path)),
    request_body = WorkspaceCreate,
    responses((status = 201, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(request): Json<WorkspaceCreate>,
) -> Result<(StatusCode, Json<Workspace>)> {
    let workspace = service::create(&ctx, organization, request).await?;
    Ok((StatusCode::CREATED, Json(workspace)))
}

/// Shows a workspace, with the steps of its last start.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_view(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Json<Workspace>> {
    service::view(&ctx, id).await.map(Json)
}

/// Renames a workspace.
#[utoipa::path(
    patch,
    path = "/workspaces/{workspace}",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    request_body = WorkspaceUpdate,
    responses((status = 200, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_update(
    ctx: Ctx,
    Path(id): Path<WorkspaceId>,
    Json(request): Json<WorkspaceUpdate>,
) -> Result<Json<Workspace>> {
    service::update(&ctx, id, request).await.map(Json)
}

/// Deletes a workspace. It is stopped, and can be restored for 7 days.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_delete(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Json<Workspace>> {
    service::delete(&ctx, id).await.map(Json)
}

/// Starts a workspace that is stopped or has failed. One that runs stays as it is.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/start",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 202, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_start(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Accepted> {
    service::start(&ctx, id).await.map(accepted)
}

/// Stops a workspace: every process in it ends, files stay.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/stop",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 202, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_stop(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Accepted> {
    service::stop(&ctx, id, Action::WorkspaceStop, false)
        .await
        .map(accepted)
}

/// Stops a workspace and starts it again.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/restart",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 202, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_restart(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Accepted> {
    service::stop(&ctx, id, Action::WorkspaceRestart, true)
        .await
        .map(accepted)
}

/// Gives up a start that is under way.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/cancel",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 202, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_cancel(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Accepted> {
    service::cancel(&ctx, id).await.map(accepted)
}

/// Brings a deleted workspace back, stopped.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/restore",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 202, body = Workspace), (status = "default", body = Problem))
)]
async fn workspace_restore(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Accepted> {
    service::restore(&ctx, id).await.map(accepted)
}

/// Shows what a workspace uses, and which protections hold for it.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/status",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = WorkspaceStatus), (status = "default", body = Problem))
)]
async fn workspace_status(ctx: Ctx, Path(id): Path<WorkspaceId>) -> Result<Json<WorkspaceStatus>> {
    service::status(&ctx, id).await.map(Json)
}

type Accepted = (StatusCode, Json<Workspace>);

fn accepted(workspace: Workspace) -> Accepted {
    (StatusCode::ACCEPTED, Json(workspace))
}
