//! The stream of a workspace's ports, which its agent tells.

use atelier_api::Problem;
use atelier_api::ids::WorkspaceId;
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
    OpenApiRouter::new().routes(routes!(port_watch))
}

/// Watches what a workspace listens on: a WebSocket of JSON text frames (`ListeningPorts`), the whole list
/// at first and whenever it has changed.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/ports/watch",
    tag = "ports",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn port_watch(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::PortWatch, Audited::No, request).await
}
