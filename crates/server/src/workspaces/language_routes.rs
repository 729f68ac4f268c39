//! Language servers, passed on to the workspace's agent ([`atelier_api::agent::languages`]).

use atelier_api::Problem;
use atelier_api::agent::languages::{LanguageList, LanguageLog, LanguageQuery, LanguageServer};
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
        .routes(routes!(language_list))
        .routes(routes!(language_view))
        .routes(routes!(language_log))
        .routes(routes!(language_restart))
        .routes(routes!(language_stop))
        .routes(routes!(language_install))
        .routes(routes!(language_attach))
}

/// Lists the languages that servers are known for, and the workspace's servers.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/languages",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = LanguageList), (status = "default", body = Problem))
)]
async fn language_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageList, Audited::No, request).await
}

/// Shows a language's server for a project, or what it would be.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/languages/{language}",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 200, body = LanguageServer), (status = "default", body = Problem))
)]
async fn language_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageView, Audited::No, request).await
}

/// Shows the last lines of a language server's log.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/languages/{language}/log",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 200, body = LanguageLog), (status = "default", body = Problem))
)]
async fn language_log(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageLog, Audited::No, request).await
}

/// Ends a language server and starts it anew, also one that was given up. It follows.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/languages/{language}/restart",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn language_restart(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageRestart, Audited::Query, request).await
}

/// Ends a language server until somebody restarts it. It follows.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/languages/{language}/stop",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn language_stop(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageStop, Audited::Query, request).await
}

/// Installs a known server of a language for this workspace, in a fixed version. It follows; the
/// server's state tells how far it is.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/languages/{language}/install",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 202, body = LanguageServer), (status = "default", body = Problem))
)]
async fn language_install(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageInstall, Audited::Query, request).await
}

/// Attaches to a language server, which starts if it does not run: a WebSocket of the subprotocol
/// `atelier.language.v1`.
///
/// Each text frame is one JSON-RPC message of the Language Server Protocol, both ways.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/languages/{language}/attach",
    tag = "languages",
    params(("workspace" = WorkspaceId, Path), ("language" = String, Path), LanguageQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn language_attach(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::LanguageAttach, Audited::Query, request).await
}
