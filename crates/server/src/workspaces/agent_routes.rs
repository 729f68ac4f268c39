//! Routes that are passed on to the workspace's agent: the same shapes as `atelier_api::agent`.

use atelier_api::Problem;
use atelier_api::agent::files::{
    DirectoryCreate, FileDeleteQuery, FileEntry, FileList, FileListQuery, FileModeUpdate,
    FileQuery, FileReadQuery, FileTransfer, FileWatchQuery, WatchMessage,
};
use atelier_api::agent::processes::{
    Process, ProcessAttachQuery, ProcessCreate, ProcessInputQuery, ProcessList, ProcessMessage,
    ProcessOutputQuery,
};
use atelier_api::agent::terminals::{
    ClientMessage, ServerMessage, SignalSend, Terminal, TerminalAttachQuery, TerminalCreate,
    TerminalList, TerminalUpdate,
};
use atelier_api::ids::{ProcessId, TerminalId, WorkspaceId};
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

/// The messages of the WebSockets, which no operation names as a body.
#[derive(Debug, OpenApi)]
#[openapi(components(schemas(ClientMessage, ServerMessage, WatchMessage, ProcessMessage)))]
struct Messages;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Messages::openapi())
        .routes(routes!(terminal_list, terminal_create))
        .routes(routes!(terminal_view, terminal_update, terminal_delete))
        .routes(routes!(terminal_signal))
        .routes(routes!(terminal_attach))
        .routes(routes!(file_list))
        .routes(routes!(file_view))
        .routes(routes!(file_read, file_write))
        .routes(routes!(file_delete))
        .routes(routes!(directory_create))
        .routes(routes!(file_move))
        .routes(routes!(file_copy))
        .routes(routes!(file_mode_update))
        .routes(routes!(file_watch))
        .routes(routes!(process_list, process_create))
        .routes(routes!(process_view, process_delete))
        .routes(routes!(process_output))
        .routes(routes!(process_input))
        .routes(routes!(process_signal))
        .routes(routes!(process_attach))
}

/// Lists the terminals of a workspace, oldest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/terminals",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = TerminalList), (status = "default", body = Problem))
)]
async fn terminal_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalList, Audited::No, request).await
}

/// Creates a terminal: a persistent PTY session.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/terminals",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path)),
    request_body = TerminalCreate,
    responses((status = 201, body = Terminal), (status = "default", body = Problem))
)]
async fn terminal_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::TerminalCreate,
        Audited::Body(&["name", "command", "cwd"]),
        request,
    )
    .await
}

/// Shows a terminal.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/terminals/{terminal}",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 200, body = Terminal), (status = "default", body = Problem))
)]
async fn terminal_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalView, Audited::No, request).await
}

/// Renames or resizes a terminal.
#[utoipa::path(
    patch,
    path = "/workspaces/{workspace}/terminals/{terminal}",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    request_body = TerminalUpdate,
    responses((status = 200, body = Terminal), (status = "default", body = Problem))
)]
async fn terminal_update(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::TerminalUpdate,
        Audited::Body(&["name"]),
        request,
    )
    .await
}

/// Ends a terminal and all that runs in it.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/terminals/{terminal}",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn terminal_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalDelete, Audited::Query, request).await
}

/// Sends a signal to what runs in the terminal's foreground.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/terminals/{terminal}/signal",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path)),
    request_body = SignalSend,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn terminal_signal(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::TerminalSignal,
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
    path = "/workspaces/{workspace}/terminals/{terminal}/attach",
    tag = "terminals",
    params(("workspace" = WorkspaceId, Path), ("terminal" = TerminalId, Path), TerminalAttachQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn terminal_attach(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::TerminalAttach, Audited::Query, request).await
}

/// Lists a directory: directories first, then by name.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/list",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileListQuery),
    responses((status = 200, body = FileList), (status = "default", body = Problem))
)]
async fn file_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileList, Audited::No, request).await
}

/// Shows a file's or directory's entry.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/stat",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileQuery),
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn file_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileView, Audited::No, request).await
}

/// Reads a file. Answers ETag; takes Range and If-None-Match.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/content",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileReadQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn file_read(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileRead, Audited::No, request).await
}

/// Writes a whole file, atomically. Needs If-Match with the version seen, `If-None-Match: *` to
/// create it, or `If-Match: *` to overwrite whatever is there.
#[utoipa::path(
    put,
    path = "/workspaces/{workspace}/files/content",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn file_write(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileWrite, Audited::Content, request).await
}

/// Deletes a file or directory.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/files",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileDeleteQuery),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn file_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileDelete, Audited::Query, request).await
}

/// Makes a directory.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/directory",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = DirectoryCreate,
    responses((status = 201, body = FileEntry), (status = "default", body = Problem))
)]
async fn directory_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::DirectoryCreate,
        Audited::Body(&["root", "path"]),
        request,
    )
    .await
}

/// Moves or renames a file or directory.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/move",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = FileTransfer,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn file_move(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::FileMove,
        Audited::Body(&["root", "from", "to", "overwrite"]),
        request,
    )
    .await
}

/// Copies a file or directory.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/files/copy",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = FileTransfer,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn file_copy(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::FileCopy,
        Audited::Body(&["root", "from", "to", "overwrite"]),
        request,
    )
    .await
}

/// Sets permission bits.
#[utoipa::path(
    put,
    path = "/workspaces/{workspace}/files/mode",
    tag = "files",
    params(("workspace" = WorkspaceId, Path)),
    request_body = FileModeUpdate,
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn file_mode_update(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::FileModeUpdate,
        Audited::Body(&["root", "path", "mode"]),
        request,
    )
    .await
}

/// Watches a directory: a WebSocket of JSON text frames (`WatchMessage`).
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/files/watch",
    tag = "files",
    params(("workspace" = WorkspaceId, Path), FileWatchQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn file_watch(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::FileWatch, Audited::No, request).await
}

/// Lists the processes of a workspace.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/processes",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = ProcessList), (status = "default", body = Problem))
)]
async fn process_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessList, Audited::No, request).await
}

/// Starts a process without a PTY, its two output streams captured apart.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/processes",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path)),
    request_body = ProcessCreate,
    responses((status = 201, body = Process), (status = "default", body = Problem))
)]
async fn process_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::ProcessCreate,
        Audited::Body(&["command", "cwd", "timeout_ms"]),
        request,
    )
    .await
}

/// Shows a process.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/processes/{process}",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path)),
    responses((status = 200, body = Process), (status = "default", body = Problem))
)]
async fn process_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessView, Audited::No, request).await
}

/// Kills a process if it runs, and forgets it.
#[utoipa::path(
    delete,
    path = "/workspaces/{workspace}/processes/{process}",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn process_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessDelete, Audited::Query, request).await
}

/// Reads what is held of a process's output, from an offset on.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/processes/{process}/output",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path), ProcessOutputQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn process_output(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessOutput, Audited::No, request).await
}

/// Writes to a process's stdin.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/processes/{process}/stdin",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path), ProcessInputQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn process_input(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessInput, Audited::Query, request).await
}

/// Sends a signal to a process and its group.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/processes/{process}/signal",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path)),
    request_body = SignalSend,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn process_signal(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::ProcessSignal,
        Audited::Body(&["signal"]),
        request,
    )
    .await
}

/// Attaches to a process: a WebSocket with both output streams and stdin.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/processes/{process}/attach",
    tag = "processes",
    params(("workspace" = WorkspaceId, Path), ("process" = ProcessId, Path), ProcessAttachQuery),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn process_attach(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::ProcessAttach, Audited::Query, request).await
}
