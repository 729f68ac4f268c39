//! Many small files in one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use atelier_api::agent::transfers::EntryOutcomes;
use atelier_api::agent::uploads::{BATCH_BYTES_MAX, BATCH_FILES_MAX, FileBatchQuery};
use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{FromRequest, Request, State};
use futures_util::{StreamExt as _, future};
use http::HeaderMap;
use tokio::task::spawn_blocking;

use super::FilesState;
use crate::AgentError;
use crate::files::batch::{Batch, Named, Small};
use crate::files::conditions::precondition;
use crate::files::path::RelativePath;
use crate::files::write::Precondition;
use crate::files::{FileError, GROUP, parse_path};
use crate::http::{Json, Query};

/// How many groups are written at once: each holds hundreds of descriptors, and they wait for the same disk.
pub(super) const TOGETHER: usize = 2;

pub(super) async fn file_batch(
    State(files): FilesState,
    Query(query): Query<FileBatchQuery>,
    headers: HeaderMap,
    mut parts: Parts,
) -> Result<Json<EntryOutcomes>, AgentError> {
    if !(1..=BATCH_FILES_MAX).contains(&query.files) {
        let detail = format!("A request carries 1 to {BATCH_FILES_MAX} files.");
        return Err(AgentError::invalid("files", detail));
    }
    let batch = Arc::new(Batch {
        root: files.roots.get(query.root)?,
        locks: Arc::clone(&files.locks),
        precondition: demanded(&headers)?,
    });
    let directory = parse_path(&query.path)?;
    let mut items = Vec::new();
    loop {
        let mut group = Vec::new();
        let read = parts.read_group(&directory, &mut group).await;
        let count = items.len() + group.len();
        // The audit log holds what was announced, so it must be what is done.
        group.truncate(query.files as usize - items.len());
        if !group.is_empty() {
            let turn = files.batches.acquire().await;
            let _turn = turn.expect("it is never closed");
            let batch = Arc::clone(&batch);
            // Who goes away meanwhile has it written all the same.
            let written = spawn_blocking(move || batch.write(group)).await;
            items.extend(written.map_err(|error| {
                AgentError::internal("The operation stopped unexpectedly.", error)
            })?);
        }
        let is_last = read?;
        if count > query.files as usize || (is_last && count < query.files as usize) {
            return Err(AgentError::malformed(format!(
                "{} files were announced (files), and {} came. Those that were announced and came are \
                 written.",
                query.files,
                if is_last {
                    count.to_string()
                } else {
                    "more".to_owned()
                },
            )));
        }
        if is_last {
            return Ok(Json(EntryOutcomes { items }));
        }
    }
}

/// What must stand at each path.
fn demanded(headers: &HeaderMap) -> Result<Precondition, AgentError> {
    precondition(headers)
        .filter(|demanded| !matches!(demanded, Precondition::Version(_)))
        .ok_or_else(|| {
            AgentError::precondition_required(
                "Say what the files may replace: If-None-Match: * for nothing, or If-Match: * for whatever \
                 is there.",
            )
        })
}

/// The files of a request.
///
/// What reads them is told that the body ends where it breaks off or becomes too large: of an error it would make an
/// end of its own, and drop the files that had come before.
#[derive(Debug)]
pub(super) struct Parts {
    multipart: Multipart,
    too_large: Arc<AtomicBool>,
}

impl<S: Send + Sync> FromRequest<S> for Parts {
    type Rejection = AgentError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AgentError> {
        let too_large = Arc::new(AtomicBool::new(false));
        let request = request.map(|body| {
            let too_large = Arc::clone(&too_large);
            let mut left = BATCH_BYTES_MAX;
            let pieces = body.into_data_stream().take_while(move |piece| {
                let length = piece.as_ref().map_or(0, bytes::Bytes::len);
                let fits = length <= left;
                left = left.saturating_sub(length);
                too_large.fetch_or(!fits, Ordering::Relaxed);
                future::ready(piece.is_ok() && fits)
            });
            Body::from_stream(pieces)
        });
        let multipart = Multipart::from_request(request, state).await?;
        Ok(Self {
            multipart,
            too_large,
        })
    }
}

impl Parts {
    /// Reads as many files as are written together; tells whether those were the last. When the body breaks off,
    /// those that came whole are in `group`.
    async fn read_group(
        &mut self,
        directory: &RelativePath,
        group: &mut Vec<Named>,
    ) -> Result<bool, AgentError> {
        while group.len() < GROUP {
            match self.next(directory).await {
                Ok(Some(file)) => group.push(file),
                Ok(None) => return Ok(true),
                Err(error) => return Err(self.ended_early(error)),
            }
        }
        Ok(false)
    }

    async fn next(&mut self, directory: &RelativePath) -> Result<Option<Named>, MultipartError> {
        let Some(mut part) = self.multipart.next_field().await? else {
            return Ok(None);
        };
        let name = part.name().unwrap_or_default().to_owned();
        let mut content = Vec::new();
        while let Some(chunk) = part.chunk().await? {
            content.push(chunk);
        }
        let path = RelativePath::parse(&name).map_err(FileError::from);
        let file = path.map(|path| Small {
            path: directory.join_path(&path),
            content,
        });
        Ok(Some(Named { name, file }))
    }

    fn ended_early(&self, error: MultipartError) -> AgentError {
        if self.too_large.load(Ordering::Relaxed) {
            return AgentError::too_large(format!(
                "A request with several files has at most {BATCH_BYTES_MAX} bytes. Those that came whole \
                 are written; send the rest in another one, and large files by themselves.",
            ));
        }
        AgentError::malformed(
            "The files broke off, or are no multipart/form-data. Those that came whole are written.",
        )
        .caused_by(error)
    }
}

impl From<MultipartRejection> for AgentError {
    fn from(rejection: MultipartRejection) -> Self {
        Self::malformed(rejection.body_text())
    }
}
