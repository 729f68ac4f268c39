//! Routes of ports.

use atelier_api::Problem;
use atelier_api::agent::vscode::VsCode;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::ports::{PortList, PortOpen, PortOpened, PortSettings, PortUpdate};
use atelier_api::v1::vscode::VsCodeOpened;
use http::HeaderMap;
use http::header::HOST;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{address, service, vscode};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(port_list))
        .routes(routes!(port_update))
        .routes(routes!(port_open))
        .routes(routes!(vscode_start))
        .routes(routes!(vscode_open))
}

fn platform(ctx: &Ctx, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    address::platform(ctx.app(), host)
}

/// Lists the ports that a workspace's processes listen on, and those that something is set for.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/ports",
    tag = "ports",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = PortList), (status = "default", body = Problem))
)]
async fn port_list(
    ctx: Ctx,
    headers: HeaderMap,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<PortList>> {
    let platform = platform(&ctx, &headers);
    service::list(&ctx, workspace, &platform).await.map(Json)
}

/// Sets what a port is called and who may see what listens on it. Holds for the number, whatever listens.
#[utoipa::path(
    patch,
    path = "/workspaces/{workspace}/ports/{port}",
    tag = "ports",
    params(("workspace" = WorkspaceId, Path), ("port" = u16, Path)),
    request_body = PortUpdate,
    responses((status = 200, body = PortSettings), (status = "default", body = Problem))
)]
async fn port_update(
    ctx: Ctx,
    Path((workspace, port)): Path<(WorkspaceId, u16)>,
    Json(request): Json<PortUpdate>,
) -> Result<Json<PortSettings>> {
    service::update(&ctx, workspace, port, request)
        .await
        .map(Json)
}

/// Opens a port for whoever asks: answers an address whose token is good for a minute. Who comes by it stays
/// let in as long as they are signed in and may see the port.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/ports/{port}/open",
    tag = "ports",
    params(("workspace" = WorkspaceId, Path), ("port" = u16, Path)),
    request_body = PortOpen,
    responses((status = 200, body = PortOpened), (status = "default", body = Problem))
)]
async fn port_open(
    ctx: Ctx,
    headers: HeaderMap,
    Path((workspace, port)): Path<(WorkspaceId, u16)>,
    Json(request): Json<PortOpen>,
) -> Result<Json<PortOpened>> {
    let platform = platform(&ctx, &headers);
    service::open(&ctx, workspace, port, request, &platform)
        .await
        .map(Json)
}

/// Starts VS Code in a workspace, if it does not run, and answers when it is ready.
///
/// Refused with 409 where the workspace has none (install it first), with 502 and its last words where it does
/// not start.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/vscode/start",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = VsCode), (status = "default", body = Problem))
)]
async fn vscode_start(
    ctx: Ctx,
    headers: HeaderMap,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<VsCode>> {
    let platform = platform(&ctx, &headers);
    vscode::start(&ctx, workspace, &platform).await.map(Json)
}

/// Opens VS Code for whoever asks: answers an address whose token is good for a minute. Where VS Code does not
/// run, it starts when the address is opened.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/vscode/open",
    tag = "vscode",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = VsCodeOpened), (status = "default", body = Problem))
)]
async fn vscode_open(
    ctx: Ctx,
    headers: HeaderMap,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<VsCodeOpened>> {
    let platform = platform(&ctx, &headers);
    vscode::open(&ctx, workspace, &platform).await.map(Json)
}
