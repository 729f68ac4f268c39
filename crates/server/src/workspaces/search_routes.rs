//! Search, passed on to the workspace's agent ([`atelier_api::agent::search`]).

use atelier_api::Problem;
use atelier_api::agent::search::{
    NameList, NameSearch, Replacement, ReplacementUndo, ReplacementUndone, SearchEvent,
    TextReplace, TextSearch,
};
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
        .routes(routes!(search_text))
        .routes(routes!(search_replace))
        .routes(routes!(search_undo))
        .routes(routes!(search_names))
}

/// Searches texts in files. Answers lines of JSON as they are found, until a line `done`; a search whose
/// connection is closed ends.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/search/text",
    tag = "search",
    params(("workspace" = WorkspaceId, Path)),
    request_body = TextSearch,
    responses((status = 200, body = SearchEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn search_text(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::SearchText, Audited::No, request).await
}

/// Replaces matches of a search in files that have not changed since. Each file is changed whole or not at
/// all; those that are left as they are come with a reason.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/search/replace",
    tag = "search",
    params(("workspace" = WorkspaceId, Path)),
    request_body = TextReplace,
    responses((status = 200, body = Replacement), (status = "default", body = Problem))
)]
async fn search_replace(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::SearchReplace, Audited::Files, request).await
}

/// Takes a replacement back, in those of its files that have not changed since.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/search/undo",
    tag = "search",
    params(("workspace" = WorkspaceId, Path)),
    request_body = ReplacementUndo,
    responses((status = 200, body = ReplacementUndone), (status = "default", body = Problem))
)]
async fn search_undo(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::SearchUndo,
        Audited::Body(&["replacement"]),
        request,
    )
    .await
}

/// Finds files by parts of their paths, best first.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/search/names",
    tag = "search",
    params(("workspace" = WorkspaceId, Path)),
    request_body = NameSearch,
    responses((status = 200, body = NameList), (status = "default", body = Problem))
)]
async fn search_names(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::SearchNames, Audited::No, request).await
}
