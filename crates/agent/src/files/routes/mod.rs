//! The routes below `/v1/files`.

mod archive;
mod batch;
mod content;
mod incoming;
mod transfer;
mod trash;
mod uploads;
mod watch;

use std::sync::Arc;

use atelier_api::agent::files::{
    DirectoryCreate, FileDeleteQuery, FileEntry, FileListQuery, FileModeUpdate, FileQuery,
    FileTransfer, LIST_LIMIT_MAX,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post, put};
use http::{StatusCode, header};
use tokio::sync::Semaphore;

use super::direct::Wanted;
use super::error::FileError;
use super::list::list;
use super::path::RelativePath;
use super::root::RootDir;
use super::temporary::Existing;
use super::uploads::Uploads;
use super::watch::Watchers;
use super::write::WriteLocks;
use super::{Roots, blocking, change, copy, entry, parse_path};
use crate::http::{Json, Query};
use crate::{AgentError, Config};
use archive::file_archive;
use batch::file_batch;
use content::{file_read, file_write};
use transfer::file_transfer;
use trash::{file_trash, trash_delete, trash_empty, trash_list, trash_restore};
use uploads::{
    file_upload_append, file_upload_create, file_upload_delete, file_upload_finish,
    file_upload_view,
};
use watch::file_watch;

/// How long an entry is on the wire, about, in bytes.
const ENTRY_BYTES: usize = 224;

/// What the handlers share.
pub(crate) struct Files {
    pub(super) roots: Roots,
    pub(super) locks: Arc<WriteLocks>,
    uploads: Arc<Uploads>,
    batches: Semaphore,
    pub(super) watchers: Watchers,
}

impl Files {
    pub(crate) fn new(config: &Config, locks: Arc<WriteLocks>) -> Self {
        Self {
            roots: Roots::new(config),
            locks,
            uploads: Arc::new(Uploads::new(config.upload_idle)),
            batches: Semaphore::new(batch::TOGETHER),
            watchers: Watchers::default(),
        }
    }
}

type FilesState = State<Arc<Files>>;

/// The routes below `/v1/files`.
pub(crate) fn routes(files: Arc<Files>) -> Router {
    Router::new()
        .route("/v1/files/list", get(file_list))
        .route("/v1/files/stat", get(file_view))
        .route("/v1/files/content", get(file_read).put(file_write))
        // It has a limit of its own.
        .route(
            "/v1/files/batch",
            post(file_batch).layer(DefaultBodyLimit::disable()),
        )
        .route("/v1/files/uploads", post(file_upload_create))
        .route(
            "/v1/files/uploads/{upload}",
            get(file_upload_view)
                .patch(file_upload_append)
                .delete(file_upload_delete),
        )
        .route(
            "/v1/files/uploads/{upload}/finish",
            post(file_upload_finish),
        )
        .route("/v1/files", delete(file_delete))
        .route("/v1/files/directory", post(directory_create))
        .route("/v1/files/move", post(file_move))
        .route("/v1/files/copy", post(file_copy))
        .route("/v1/files/mode", put(file_mode_update))
        .route("/v1/files/transfer", post(file_transfer))
        .route("/v1/files/archive", get(file_archive))
        .route(
            "/v1/files/trash",
            get(trash_list).post(file_trash).delete(trash_empty),
        )
        .route("/v1/files/trash/restore", post(trash_restore))
        .route("/v1/files/trash/{id}", delete(trash_delete))
        // Any method: an upgrade through HTTP/2 comes as CONNECT (RFC 8441).
        .route("/v1/files/watch", any(file_watch))
        .with_state(files)
}

async fn file_list(
    State(files): FilesState,
    Query(query): Query<FileListQuery>,
) -> Result<Response, AgentError> {
    let Wanted { root, path, after } = files.wanted(&query)?;
    let limit = query
        .limit
        .unwrap_or(LIST_LIMIT_MAX)
        .clamp(1, LIST_LIMIT_MAX) as usize;
    let json = blocking(move || {
        let list = list(&root, &path, after.as_ref(), limit).map_err(about(&path))?;
        // Here, too: a long list takes milliseconds to write down.
        let mut json = Vec::with_capacity(ENTRY_BYTES * (list.items.len() + 1));
        serde_json::to_writer(&mut json, &list).expect("a list is plain data");
        Ok::<_, FileError>(json)
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

async fn file_view(
    State(files): FilesState,
    Query(query): Query<FileQuery>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(query.root)?;
    view(root, parse_path(&query.path)?).await.map(Json)
}

/// The entry at `path`, after what has just been done to it.
async fn view(root: Arc<RootDir>, path: RelativePath) -> Result<FileEntry, AgentError> {
    blocking(move || entry::view(&root, &path).map_err(about(&path))).await
}

async fn file_delete(
    State(files): FilesState,
    Query(query): Query<FileDeleteQuery>,
) -> Result<StatusCode, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    blocking(move || super::delete::delete(&root, &path, query.recursive).map_err(about(&path)))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn directory_create(
    State(files): FilesState,
    Json(request): Json<DirectoryCreate>,
) -> Result<(StatusCode, Json<FileEntry>), AgentError> {
    let root = files.roots.get(request.root)?;
    let path = parse_path(&request.path)?;
    let entry = blocking(move || {
        if request.parents {
            change::create_directories(&root, &path)
        } else {
            change::create_directory(&root, &path)
        }
        .and_then(|()| entry::view(&root, &path))
        .map_err(about(&path))
    })
    .await?;
    Ok((StatusCode::CREATED, Json(entry)))
}

async fn file_move(
    State(files): FilesState,
    Json(request): Json<FileTransfer>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let (from, to) = (parse_path(&request.from)?, parse_path(&request.to)?);
    let existing = existing(&request);
    blocking(move || {
        change::move_entry(&root, &from, &to, existing)
            .and_then(|()| entry::view(&root, &to))
            .map_err(about(&to))
    })
    .await
    .map(Json)
}

async fn file_copy(
    State(files): FilesState,
    Json(request): Json<FileTransfer>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let (from, to) = (parse_path(&request.from)?, parse_path(&request.to)?);
    let existing = existing(&request);
    let progress = copy::Progress::default();
    // When the caller goes away, so does this future, and with it the guard.
    let _guard = progress.cancelled.clone().drop_guard();
    blocking(move || {
        copy::copy(&root, &from, &to, existing, &progress)
            .and_then(|()| entry::view(&root, &to))
            .map_err(about(&to))
    })
    .await
    .map(Json)
}

fn existing(request: &FileTransfer) -> Existing {
    if request.overwrite {
        Existing::Replace
    } else {
        Existing::Keep
    }
}

async fn file_mode_update(
    State(files): FilesState,
    Json(request): Json<FileModeUpdate>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let path = parse_path(&request.path)?;
    if request.mode > 0o777 {
        let detail = "Only the nine permission bits can be set: 0 to 511 (octal 777).";
        return Err(AgentError::invalid("mode", detail));
    }
    blocking(move || {
        change::update_mode(&root, &path, request.mode)
            .and_then(|()| entry::view(&root, &path))
            .map_err(about(&path))
    })
    .await
    .map(Json)
}

/// Says which path an error is about.
pub(super) fn about(path: &RelativePath) -> impl Fn(FileError) -> FileError + Clone + use<> {
    let path = path.clone();
    move |error| error.about(|| path.wire())
}
