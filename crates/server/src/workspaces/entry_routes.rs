//! Many entries at once, passed on to the workspace's agent: transfers, archives and the trash.

use atelier_api::Problem;
use atelier_api::agent::archives::{ArchiveFormat, FileArchiveQuery};
use atelier_api::agent::transfers::{EntryOutcomes, FileTransferMany, TransferMessage};
use atelier_api::agent::trash::{FileTrash, TrashList, TrashQuery, TrashRestore};
use atelier_api::ids::{TrashId, WorkspaceId};
use axum::extract::Request;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forward::{Audited, forward};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

/// What stands in queries, and so in no body.
#[derive(Debug, OpenApi)]
#[openapi(components(schemas(ArchiveFormat)))]
struct Parameters;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Parameters::openapi())
        .routes(routes!(file_transfer))
        .routes(routes!(file_archive))
        .routes(routes!(trash_list, file_trash, trash_empty))
        .routes(routes!(trash_restore))
        .routes(routes!(trash_delete))
}

/// Moves or copies entries into a directory. Answers line by line, each a message: how far it is, and how it
/// went with each entry. When the connection ends, so does the transfer.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/transfer",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = FileTransferMany,
    responses((status = 200, body = TransferMessage, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn file_transfer(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::FileTransfer,
        Audited::Body(&["root", "kind", "paths", "to", "conflict"]),
        request,
    )
    .await
}

/// Answers entries as one archive, made while it is sent. Links are stored as links; what changes or cannot be
/// read meanwhile is said in a file ATELIER-NOTES.txt at its end.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/archive",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileArchiveQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn file_archive(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileArchive, Audited::No, request).await
}

/// Moves entries to the trash, from which they can be restored.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/trash",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = FileTrash,
    responses((status = 200, body = EntryOutcomes), (status = "default", body = Problem))
)]
async fn file_trash(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::FileTrash,
        Audited::Body(&["root", "paths"]),
        request,
    )
    .await
}

/// Lists what is in the trash, newest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/trash",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), TrashQuery),
    responses((status = 200, body = TrashList), (status = "default", body = Problem))
)]
async fn trash_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TrashList, Audited::No, request).await
}

/// Deletes all that is in the trash for good.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/files/trash",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), TrashQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn trash_empty(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TrashEmpty, Audited::Query, request).await
}

/// Brings entries back from the trash to where they were.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/trash/restore",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = TrashRestore,
    responses((status = 200, body = EntryOutcomes), (status = "default", body = Problem))
)]
async fn trash_restore(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::TrashRestore,
        Audited::Body(&["root", "ids", "conflict"]),
        request,
    )
    .await
}

/// Deletes an entry in the trash for good.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/files/trash/{entry}",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), ("entry" = TrashId, Path), TrashQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn trash_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TrashDelete, Audited::Path, request).await
}
