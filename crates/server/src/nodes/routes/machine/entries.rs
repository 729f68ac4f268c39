//! Many of the machine's files at once: transfers and archives.

use atelier_api::Problem;
use atelier_api::agent::archives::FileArchiveQuery;
use atelier_api::agent::transfers::{FileTransferMany, TransferMessage};
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
        .routes(routes!(machine_file_transfer))
        .routes(routes!(machine_file_archive))
}

/// Moves or copies entries into a directory. Answers line by line, each a message: how far it is, and how it
/// went with each entry. When the connection ends, so does the transfer.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/transfer",
    tag = "machines",
    params(("node" = NodeId, Path)),
    request_body = FileTransferMany,
    responses((status = 200, body = TransferMessage, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn machine_file_transfer(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileTransfer,
        Audited::Body(&["root", "kind", "paths", "to", "conflict"]),
        request,
    )
    .await
}

/// Answers entries as one archive, made while it is sent. Links are stored as links; what changes or cannot be
/// read meanwhile is said in a file ATELIER-NOTES.txt at its end.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/archive",
    tag = "machines",
    params(("node" = NodeId, Path), FileArchiveQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem))
)]
async fn machine_file_archive(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileArchive, Audited::No, request).await
}
