//! Terminals of the machine itself.

use atelier_api::Problem;
use atelier_api::agent::terminals::{
    SignalSend, Terminal, TerminalAttachQuery, TerminalCreate, TerminalList, TerminalUpdate,
};
use atelier_api::ids::{NodeId, TerminalId};
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
        .routes(routes!(machine_terminal_list, machine_terminal_create))
        .routes(routes!(
            machine_terminal_view,
            machine_terminal_update,
            machine_terminal_delete
        ))
        .routes(routes!(machine_terminal_signal))
        .routes(routes!(machine_terminal_attach))
}

/// Lists the terminals of a server, oldest first.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/terminals",
    tag = "machines",
    params(("node" = NodeId, Path)),
    responses((status = 200, body = TerminalList), (status = "default", body = Problem))
)]
async fn machine_terminal_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineTerminalList, Audited::No, request).await
}

/// Creates a terminal: a persistent PTY session.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/terminals",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = TerminalCreate,
    responses((status = 201, body = Terminal), (status = "default", body = Problem))
)]
async fn machine_terminal_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineTerminalCreate,
        Audited::Body(&["name", "command", "cwd"]),
        request,
    )
    .await
}

/// Shows a terminal.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/terminals/{terminal}",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 200, body = Terminal), (status = "default", body = Problem))
)]
async fn machine_terminal_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineTerminalView, Audited::No, request).await
}

/// Renames or resizes a terminal.
#[utoipa::path(
    patch,
    path = "/nodes/{node}/machine/terminals/{terminal}",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path)),
    request_body = TerminalUpdate,
    responses((status = 200, body = Terminal), (status = "default", body = Problem))
)]
async fn machine_terminal_update(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineTerminalUpdate,
        Audited::Body(&["name"]),
        request,
    )
    .await
}

/// Ends a terminal and all that runs in it.
#[utoipa::path(
    delete,
    path = "/nodes/{node}/machine/terminals/{terminal}",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_terminal_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineTerminalDelete, Audited::Query, request).await
}

/// Sends a signal to what runs in the terminal's foreground.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/terminals/{terminal}/signal",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path)),
    request_body = SignalSend,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_terminal_signal(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineTerminalSignal,
        Audited::Body(&["signal"]),
        request,
    )
    .await
}

/// Attaches to a terminal: a WebSocket of the subprotocol `atelier.terminal.v1`.
///
/// Binary frames are raw bytes both ways; text frames are JSON.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/terminals/{terminal}/attach",
    tag = "machines",
    params(("node" = NodeId, Path), ("terminal" = TerminalId, Path), TerminalAttachQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn machine_terminal_attach(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineTerminalAttach, Audited::Query, request).await
}
