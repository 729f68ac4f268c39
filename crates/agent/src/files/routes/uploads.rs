//! Uploads that go on where they broke off.

use std::sync::Arc;

use atelier_api::agent::files::FileQuery;
use atelier_api::agent::uploads::{UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::UploadId;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::task::{JoinError, spawn_blocking};

use super::content;
use super::incoming::Incoming;
use super::{FilesState, about};
use crate::AgentError;
use crate::files::conditions::precondition;
use crate::files::uploads::{Resumable, Turn};
use crate::files::{FileError, blocking, parse_path};
use crate::http::{Json, Path, Query};

const OFFSET: HeaderName = HeaderName::from_static(UPLOAD_OFFSET_HEADER);
const LENGTH: HeaderName = HeaderName::from_static(UPLOAD_LENGTH_HEADER);

pub(super) async fn file_upload_create(
    State(files): FilesState,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    let precondition = precondition(&headers).ok_or_else(|| {
        AgentError::precondition_required(
            "Say which version the upload replaces: If-Match with the file's ETag, \
             If-None-Match: * for a new file, or If-Match: * for whatever is there.",
        )
    })?;
    let length = number(&headers, &LENGTH)?;
    let about = about(&path);
    let upload = blocking(move || {
        Resumable::begin(query.root, root, path, precondition, length).map_err(about)
    });
    let id = files.uploads.add(upload.await?)?;
    let upload = files.uploads.get(id)?;
    let view = blocking(move || Ok::<_, FileError>(upload.view(id))).await?;
    Ok((StatusCode::CREATED, offset(0), Json(view)).into_response())
}

pub(super) async fn file_upload_view(
    State(files): FilesState,
    Path(id): Path<UploadId>,
) -> Result<Response, AgentError> {
    let upload = files.uploads.get(id)?;
    let view = blocking(move || Ok::<_, FileError>(upload.view(id))).await?;
    Ok((offset(view.offset), Json(view)).into_response())
}

pub(super) async fn file_upload_append(
    State(files): FilesState,
    Path(id): Path<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, AgentError> {
    let upload = files.uploads.get(id)?;
    let from = number(&headers, &OFFSET)?.ok_or_else(|| {
        AgentError::malformed("Say where the part begins: Upload-Offset, in bytes.")
    })?;
    // When the connection dies, this future is dropped; the task stays to write what has come.
    let receiving = tokio::spawn(receive(upload.clone(), from, body));
    let received = receiving.await.map_err(stopped)?;
    // Also beside an error: so much is kept.
    let kept = offset(upload.received());
    Ok(match received {
        Ok(()) => (StatusCode::NO_CONTENT, kept).into_response(),
        Err(error) => (kept, error).into_response(),
    })
}

pub(super) async fn file_upload_finish(
    State(files): FilesState,
    Path(id): Path<UploadId>,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, AgentError> {
    let upload = files.uploads.get(id)?;
    let path = parse_path(&query.path)?;
    // The audit log holds what was asked for, so it must be what is done.
    if upload.target() != (query.root, &path) {
        let detail = "The upload was begun for another path. Name that one.";
        return Err(AgentError::invalid("path", detail));
    }
    let kept = offset(upload.received());
    let precondition = precondition(&headers);
    let about = about(&path);
    let finished = blocking(move || upload.finish(&files.locks, precondition).map_err(about));
    Ok(match finished.await {
        Ok(entry) => content::written(entry),
        Err(error) => (kept, error).into_response(),
    })
}

pub(super) async fn file_upload_delete(
    State(files): FilesState,
    Path(id): Path<UploadId>,
) -> Result<StatusCode, AgentError> {
    let upload = files.uploads.remove(id)?;
    blocking(move || {
        upload.give_up();
        Ok::<_, FileError>(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes what comes, each portion while the next one comes in. What came before the body broke off is
/// kept.
async fn receive(upload: Arc<Resumable>, from: u64, body: Body) -> Result<(), AgentError> {
    let about = about(upload.target().1);
    let turn = {
        let (upload, about) = (upload.clone(), about.clone());
        blocking(move || upload.take_turn(from).map_err(about)).await?
    };
    let add = |chunks: Vec<Bytes>, turn: Turn| {
        let (upload, about) = (upload.clone(), about.clone());
        spawn_blocking(move || upload.add(turn, &chunks).map_err(about))
    };
    let mut incoming = Incoming::new(body);
    incoming.begin().await;
    loop {
        let writing = add(incoming.portion(), turn);
        if let Some(end) = incoming.end() {
            written(writing.await)?;
            return end.map_err(broke_off);
        }
        written(incoming.take_while(writing).await)?;
        incoming.gather().await;
    }
}

type Written = Result<Result<(), FileError>, JoinError>;

fn written(written: Written) -> Result<(), AgentError> {
    Ok(written.map_err(stopped)??)
}

fn stopped(error: JoinError) -> AgentError {
    AgentError::internal("The upload stopped unexpectedly.", error)
}

fn broke_off(error: axum::Error) -> AgentError {
    AgentError::malformed("The upload broke off. What came is kept; go on from there.")
        .caused_by(error)
}

fn offset(bytes: u64) -> [(HeaderName, HeaderValue); 1] {
    [(OFFSET, bytes.into())]
}

/// A header that holds a number: digits only (RFC 9651 §3.3.1, never negative here).
fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, AgentError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let digits = value.to_str().unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number);
    number
        .map(Some)
        .ok_or_else(|| AgentError::malformed(format!("{name} must be a number of bytes.")))
}
