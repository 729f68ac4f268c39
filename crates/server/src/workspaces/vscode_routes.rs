//! VS Code of a workspace, which its agent looks after ([`atelier_api::agent::vscode`]). Starting and opening
//! it is the gateway's, which knows its addresses.

use atelier_api::Problem;
use atelier_api::agent::vscode::{VsCode, VsCodeDelete, VsCodeInstall};
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
    OpenApiRouter::new()
        .routes(routes!(vscode_view, vscode_delete))
        .routes(routes!(vscode_install))
        .routes(routes!(vscode_stop))
}

/// Shows how VS Code of a workspace is: whether there is one, whether it runs, and what it said last.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/vscode",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = VsCode), (status = "default", body = Problem))
)]
async fn vscode_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::VscodeView, Audited::No, request).await
}

/// Installs code-server for a workspace, by default in the version that fits its Node.js. It follows; the state
/// tells how far it is.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/vscode/install",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path), VsCodeInstall),
    responses((status = 202, body = VsCode), (status = "default", body = Problem))
)]
async fn vscode_install(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::VscodeInstall, Audited::Query, request).await
}

/// Stops VS Code of a workspace, or its installation. Settings and extensions stay.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/vscode/stop",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = VsCode), (status = "default", body = Problem))
)]
async fn vscode_stop(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::VscodeStop, Audited::Query, request).await
}

/// Stops VS Code of a workspace and removes what is asked for: the program that was installed, its settings and
/// extensions.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/vscode",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path), VsCodeDelete),
    responses((status = 200, body = VsCode), (status = "default", body = Problem))
)]
async fn vscode_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::VscodeDelete, Audited::Query, request).await
}
