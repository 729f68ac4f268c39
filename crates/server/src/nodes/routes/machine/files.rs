//! Files of the machine itself.

use atelier_api::Problem;
use atelier_api::agent::files::{
    DirectoryCreate, FileDeleteQuery, FileEntry, FileList, FileListQuery, FileModeUpdate,
    FileQuery, FileReadQuery, FileTransfer, FileWatchQuery,
};
use atelier_api::ids::NodeId;
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
        .routes(routes!(machine_file_list))
        .routes(routes!(machine_file_view))
        .routes(routes!(machine_file_read, machine_file_write))
        .routes(routes!(machine_file_delete))
        .routes(routes!(machine_directory_create))
        .routes(routes!(machine_file_move))
        .routes(routes!(machine_file_copy))
        .routes(routes!(machine_file_mode_update))
        .routes(routes!(machine_file_watch))
}

/// Lists a directory: directories first, then by name.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/list",
    tag = "machines",
    params(("node" = NodeId, Path), FileListQuery),
    responses((status = 200, body = FileList), (status = "default", body = Problem))
)]
async fn machine_file_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileList, Audited::No, request).await
}

/// Shows a file's or directory's entry.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/stat",
    tag = "machines",
    params(("node" = NodeId, Path), FileQuery),
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileView, Audited::No, request).await
}

/// Reads a file. Answers ETag; takes Range and If-None-Match.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/content",
    tag = "machines",
    params(("node" = NodeId, Path), FileReadQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn machine_file_read(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileRead, Audited::No, request).await
}

/// Writes a whole file, atomically. Needs If-Match with the version seen, `If-None-Match: *` to
/// create it, or `If-Match: *` to overwrite whatever is there.
#[utoipa::path(
    put,
    path = "/nodes/{node}/machine/files/content",
    tag = "machines",
    params(("node" = NodeId, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_write(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileWrite, Audited::Content, request).await
}

/// Deletes a file or directory.
#[utoipa::path(
    delete,
    path = "/nodes/{node}/machine/files",
    tag = "machines",
    params(("node" = NodeId, Path), FileDeleteQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_file_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileDelete, Audited::Query, request).await
}

/// Makes a directory.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/directory",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = DirectoryCreate,
    responses((status = 201, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_directory_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineDirectoryCreate,
        Audited::Body(&["root", "path"]),
        request,
    )
    .await
}

/// Moves or renames a file or directory.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/move",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = FileTransfer,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_move(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileMove,
        Audited::Body(&["root", "from", "to", "overwrite"]),
        request,
    )
    .await
}

/// Copies a file or directory.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/copy",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = FileTransfer,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_copy(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileCopy,
        Audited::Body(&["root", "from", "to", "overwrite"]),
        request,
    )
    .await
}

/// Sets permission bits.
#[utoipa::path(
    put,
    path = "/nodes/{node}/machine/files/mode",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = FileModeUpdate,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_mode_update(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileModeUpdate,
        Audited::Body(&["root", "path", "mode"]),
        request,
    )
    .await
}

/// Watches a directory: a WebSocket of JSON text frames (`WatchMessage`).
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/watch",
    tag = "machines",
    params(("node" = NodeId, Path), FileWatchQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn machine_file_watch(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileWatch, Audited::No, request).await
}
