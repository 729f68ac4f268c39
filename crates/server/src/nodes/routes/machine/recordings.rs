//! Recordings and commands of a server's terminals, passed on to the machine's own agent.

use atelier_api::Problem;
use atelier_api::agent::commands::{
    TerminalCommandList, TerminalCommandListQuery, TerminalCommandSearchQuery,
};
use atelier_api::agent::recordings::{Recording, RecordingCreated, RecordingList};
use atelier_api::ids::{NodeId, RecordingId, TerminalId};
use axum::extract::Request;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Audited, forward};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(machine_terminal_command_list))
        .routes(routes!(machine_terminal_command_search))
        .routes(routes!(machine_recording_create))
        .routes(routes!(machine_recording_list))
        .routes(routes!(machine_recording_view, machine_recording_delete))
        .routes(routes!(machine_recording_stop))
        .routes(routes!(machine_recording_read))
}

/// Lists the commands that a terminal's shell has run, newest first.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/terminals/{terminal}/commands",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path), TerminalCommandListQuery),
    responses((status = 200, body = TerminalCommandList), (status = "default", body = Problem))
)]
async fn machine_terminal_command_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineTerminalCommandList,
        Audited::No,
        request,
    )
    .await
}

/// Searches the commands that the shells of all terminals have run, newest first.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/terminal-commands",
    tag = "machines",
    params(("node" = NodeId, Path), TerminalCommandSearchQuery),
    responses((status = 200, body = TerminalCommandList), (status = "default", body = Problem))
)]
async fn machine_terminal_command_search(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineTerminalCommandSearch,
        Audited::No,
        request,
    )
    .await
}

/// Begins to record what a terminal shows. What is typed is never recorded.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/terminals/{terminal}/recordings",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 201, body = RecordingCreated), (status = "default", body = Problem))
)]
async fn machine_recording_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingCreate, Audited::Query, request).await
}

/// Lists the recordings, newest first.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/recordings",
    tag = "machines",
    params(("node" = NodeId, Path)),
    responses((status = 200, body = RecordingList), (status = "default", body = Problem))
)]
async fn machine_recording_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingList, Audited::No, request).await
}

/// Shows a recording.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/recordings/{recording}",
    tag = "machines",
    params(("node" = NodeId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem))
)]
async fn machine_recording_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingView, Audited::No, request).await
}

/// Ends a recording. May be repeated.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/recordings/{recording}/stop",
    tag = "machines",
    params(("node" = NodeId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem))
)]
async fn machine_recording_stop(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingStop, Audited::Query, request).await
}

/// Reads a recording: asciicast v2.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/recordings/{recording}/content",
    tag = "machines",
    params(("node" = NodeId, Path), ("recording" = RecordingId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/x-asciicast"), (status = "default", body = Problem))
)]
async fn machine_recording_read(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingRead, Audited::Query, request).await
}

/// Deletes a recording that is no longer being made.
#[utoipa::path(
    delete,
    path = "/nodes/{node}/machine/recordings/{recording}",
    tag = "machines",
    params(("node" = NodeId, Path), ("recording" = RecordingId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_recording_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineRecordingDelete, Audited::Query, request).await
}
