//! Processes of the machine itself.

use atelier_api::Problem;
use atelier_api::agent::processes::{
    Process, ProcessAttachQuery, ProcessCreate, ProcessInputQuery, ProcessList, ProcessOutputQuery,
};
use atelier_api::agent::terminals::SignalSend;
use atelier_api::ids::{NodeId, ProcessId};
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
        .routes(routes!(machine_process_list, machine_process_create))
        .routes(routes!(machine_process_view, machine_process_delete))
        .routes(routes!(machine_process_output))
        .routes(routes!(machine_process_input))
        .routes(routes!(machine_process_signal))
        .routes(routes!(machine_process_attach))
}

/// Lists the processes of a server.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/processes",
    tag = "machines",
    params(("node" = NodeId, Path)),
    responses((status = 200, body = ProcessList), (status = "default", body = Problem))
)]
async fn machine_process_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessList, Audited::No, request).await
}

/// Starts a process without a PTY, its two output streams captured apart.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/processes",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = ProcessCreate,
    responses((status = 201, body = Process), (status = "default", body = Problem))
)]
async fn machine_process_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineProcessCreate,
        Audited::Body(&["command", "cwd", "timeout_ms"]),
        request,
    )
    .await
}

/// Shows a process.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/processes/{process}",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path)),
    responses((status = 200, body = Process), (status = "default", body = Problem))
)]
async fn machine_process_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessView, Audited::No, request).await
}

/// Kills a process if it runs, and forgets it.
#[utoipa::path(
    delete,
    path = "/nodes/{node}/machine/processes/{process}",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_process_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessDelete, Audited::Query, request).await
}

/// Reads what is held of a process's output, from an offset on.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/processes/{process}/output",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path), ProcessOutputQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn machine_process_output(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessOutput, Audited::No, request).await
}

/// Writes to a process's stdin.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/processes/{process}/stdin",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path), ProcessInputQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_process_input(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessInput, Audited::Query, request).await
}

/// Sends a signal to a process and its group.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/processes/{process}/signal",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path)),
    request_body = SignalSend,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_process_signal(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineProcessSignal,
        Audited::Body(&["signal"]),
        request,
    )
    .await
}

/// Attaches to a process: a WebSocket with both output streams and stdin.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/processes/{process}/attach",
    tag = "machines",
    params(("node" = NodeId, Path), ("process" = ProcessId, Path), ProcessAttachQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn machine_process_attach(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineProcessAttach, Audited::Query, request).await
}
