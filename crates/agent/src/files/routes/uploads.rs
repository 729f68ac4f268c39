//! Uploads that go on where they broke off.

use std::mem;
use std::sync::Arc;

use atelier_api::agent::files::FileQuery;
use atelier_api::agent::uploads::{UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::UploadId;
use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::content;
use super::{FilesState, about};
use crate::AgentError;
use crate::files::conditions::precondition;
use crate::files::uploads::{Resumable, Turn};
use crate::files::{FileError, blocking, parse_path};
use crate::http::{Json, Path, Query};

const OFFSET: HeaderName = HeaderName::from_static(UPLOAD_OFFSET_HEADER);
const LENGTH: HeaderName = HeaderName::from_static(UPLOAD_LENGTH_HEADER);

/// How much of a part may wait in memory while what came before it is written, in bytes.
const PORTION_BYTES: usize = 1024 * 1024;

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
    let mut writing = add(Vec::new(), turn);
    loop {
        incoming.take_while(&mut writing).await?;
        writing = add(incoming.portion(), turn);
        if let Some(end) = incoming.end.take() {
            written(writing.await)?;
            return end;
        }
    }
}

type Written = Result<Result<(), FileError>, JoinError>;

fn written(written: Written) -> Result<(), AgentError> {
    Ok(written.map_err(stopped)??)
}

fn stopped(error: JoinError) -> AgentError {
    AgentError::internal("The upload stopped unexpectedly.", error)
}

/// The body, in portions that follow the disk: as much as comes while the one before is written.
struct Incoming {
    body: BodyDataStream,
    chunks: Vec<Bytes>,
    length: usize,
    /// Set when nothing more comes; an error when that was too early.
    end: Option<Result<(), AgentError>>,
}

impl Incoming {
    fn new(body: Body) -> Self {
        Self {
            body: body.into_data_stream(),
            chunks: Vec::new(),
            length: 0,
            end: None,
        }
    }

    /// Takes what comes until `writing` is done, and at least something.
    async fn take_while(
        &mut self,
        writing: &mut JoinHandle<Result<(), FileError>>,
    ) -> Result<(), AgentError> {
        let done = loop {
            let takes_more = self.takes_more();
            tokio::select! {
                biased;
                () = self.take(), if takes_more => {}
                done = &mut *writing => break done,
            }
        };
        written(done)?;
        if self.chunks.is_empty() && self.end.is_none() {
            self.take().await;
        }
        while self.takes_more() && self.take().now_or_never().is_some() {}
        Ok(())
    }

    fn takes_more(&self) -> bool {
        self.end.is_none() && self.length < PORTION_BYTES
    }

    /// Takes what comes next. Nothing is lost when the future is dropped.
    async fn take(&mut self) {
        match self.body.next().await {
            Some(Ok(chunk)) => {
                self.length += chunk.len();
                self.chunks.push(chunk);
            }
            Some(Err(error)) => {
                let detail = "The upload broke off. What came is kept; go on from there.";
                self.end = Some(Err(AgentError::malformed(detail).caused_by(error)));
            }
            None => self.end = Some(Ok(())),
        }
    }

    /// What was taken since the last portion.
    fn portion(&mut self) -> Vec<Bytes> {
        self.length = 0;
        mem::take(&mut self.chunks)
    }
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
