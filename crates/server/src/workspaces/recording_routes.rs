//! Recordings and commands of a workspace's terminals, passed on to its agent.

use atelier_api::Problem;
use atelier_api::agent::commands::{
    TerminalCommandList, TerminalCommandListQuery, TerminalCommandSearchQuery,
};
use atelier_api::agent::recordings::{Recording, RecordingCreated, RecordingList};
use atelier_api::ids::{RecordingId, TerminalId, WorkspaceId};
use axum::extract::Request;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forward::{Audited, forward};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(terminal_command_list))
        .routes(routes!(terminal_command_search))
        .routes(routes!(recording_create))
        .routes(routes!(recording_list))
        .routes(routes!(recording_view, recording_delete))
        .routes(routes!(recording_stop))
        .routes(routes!(recording_read))
}

/// Lists the commands that a terminal's shell has run, newest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/terminals/{terminal}/commands",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path), TerminalCommandListQuery),
    responses((status = 200, body = TerminalCommandList), (status = "default", body = Problem))
)]
async fn terminal_command_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalCommandList, Audited::No, request).await
}

/// Searches the commands that the shells of all terminals have run, newest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/terminal-commands",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), TerminalCommandSearchQuery),
    responses((status = 200, body = TerminalCommandList), (status = "default", body = Problem))
)]
async fn terminal_command_search(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalCommandSearch, Audited::No, request).await
}

/// Begins to record what a terminal shows. What is typed is never recorded.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/terminals/{terminal}/recordings",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 201, body = RecordingCreated), (status = "default", body = Problem))
)]
async fn recording_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingCreate, Audited::Query, request).await
}

/// Lists the recordings, newest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/recordings",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = RecordingList), (status = "default", body = Problem))
)]
async fn recording_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingList, Audited::No, request).await
}

/// Shows a recording.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/recordings/{recording}",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem))
)]
async fn recording_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingView, Audited::No, request).await
}

/// Ends a recording. May be repeated.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/recordings/{recording}/stop",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem))
)]
async fn recording_stop(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingStop, Audited::Query, request).await
}

/// Reads a recording: asciicast v2.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/recordings/{recording}/content",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/x-asciicast"), (status = "default", body = Problem))
)]
async fn recording_read(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingRead, Audited::Query, request).await
}

/// Deletes a recording that is no longer being made.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/recordings/{recording}",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("recording" = RecordingId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn recording_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::RecordingDelete, Audited::Query, request).await
}
