//! Uploads, in parts and of many files at once, to the machine itself ([`atelier_api::agent::uploads`]).

use atelier_api::Problem;
use atelier_api::agent::files::{FileEntry, FileQuery};
use atelier_api::agent::transfers::EntryOutcomes;
use atelier_api::agent::uploads::{FileBatchQuery, FileUpload};
use atelier_api::ids::{NodeId, UploadId};
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
        .routes(routes!(machine_file_batch))
        .routes(routes!(machine_file_upload_create))
        .routes(routes!(
            machine_file_upload_view,
            machine_file_upload_append,
            machine_file_upload_delete
        ))
        .routes(routes!(machine_file_upload_finish))
}

/// Writes many small files, each the part of that name, below the directory `path`; directories that are wanting
/// are made. Needs If-None-Match: * or If-Match: *, which holds for each; with the former, a file that stands there
/// with the same content is as good as written. At most 8 MiB in all.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/batch",
    tag = "machines",
    params(("node" = NodeId, Path), FileBatchQuery),
    request_body(content = HashMap<String, String>, content_type = "multipart/form-data"),
    responses((status = 200, body = EntryOutcomes), (status = "default", body = Problem))
)]
async fn machine_file_batch(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileBatch, Audited::Content, request).await
}

/// Begins an upload in parts, which goes on where it broke off. Needs If-Match or If-None-Match, like
/// writing a whole file.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/uploads",
    tag = "machines",
    params(("node" = NodeId, Path), FileQuery, ("Upload-Length" = Option<u64>, Header, description = "The whole length, in bytes, if known.")),
    responses((status = 201, body = FileUpload), (status = "default", body = Problem))
)]
async fn machine_file_upload_create(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileUploadCreate,
        Audited::Query,
        request,
    )
    .await
}

/// Shows how far an upload is. A part that another connection still sends is ended.
#[utoipa::path(
    get,
    path = "/nodes/{node}/machine/files/uploads/{upload}",
    tag = "machines",
    params(("node" = NodeId, Path), ("upload" = UploadId, Path)),
    responses((status = 200, body = FileUpload), (status = "default", body = Problem))
)]
async fn machine_file_upload_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileUploadView, Audited::No, request).await
}

/// Adds a part to an upload. What has come is kept when the connection drops; 409 when it does not begin
/// where the upload is. The header Upload-Offset of any answer says where that is.
#[utoipa::path(
    patch,
    path = "/nodes/{node}/machine/files/uploads/{upload}",
    tag = "machines",
    params(("node" = NodeId, Path), ("upload" = UploadId, Path), ("Upload-Offset" = u64, Header, description = "Where the part begins, in bytes.")),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_file_upload_append(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::MachineFileUploadAppend, Audited::No, request).await
}

/// Finishes an upload: the file gets its name, if the precondition still holds; another one can be given.
/// When it does not, the upload stays. May be repeated.
#[utoipa::path(
    post,
    path = "/nodes/{node}/machine/files/uploads/{upload}/finish",
    tag = "machines",
    params(("node" = NodeId, Path), ("upload" = UploadId, Path), FileQuery),
    responses((status = 200, body = FileEntry), (status = "default", body = Problem))
)]
async fn machine_file_upload_finish(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileUploadFinish,
        Audited::Query,
        request,
    )
    .await
}

/// Gives an upload up.
#[utoipa::path(
    delete,
    path = "/nodes/{node}/machine/files/uploads/{upload}",
    tag = "machines",
    params(("node" = NodeId, Path), ("upload" = UploadId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn machine_file_upload_delete(ctx: Ctx, request: Request) -> Result<Response> {
    forward(
        ctx,
        Action::MachineFileUploadDelete,
        Audited::Query,
        request,
    )
    .await
}
