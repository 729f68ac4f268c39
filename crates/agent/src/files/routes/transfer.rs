//! Many entries at once, moved or copied.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use atelier_api::agent::transfers::{
    ENTRIES_MAX, FileTransferMany, LINES_MEDIA_TYPE, TransferMessage,
};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::Stream;
use http::{HeaderValue, header};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::DropGuard;

use super::FilesState;
use crate::AgentError;
use crate::files::copy::Progress;
use crate::files::transfer::Transfer;
use crate::files::{FileError, parse_path};
use crate::http::Json;

/// How often is told how far a copy is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// How many outcomes wait for a caller who reads slowly; then the transfer waits, too.
const WAITING_MAX: usize = 64;

pub(super) async fn file_transfer(
    State(files): FilesState,
    Json(request): Json<FileTransferMany>,
) -> Result<Response, AgentError> {
    check_count("paths", request.paths.len())?;
    let transfer = Transfer {
        root: files.roots.get(request.root)?,
        kind: request.kind,
        to: parse_path(&request.to)?,
        conflict: request.conflict,
    };
    let progress = Arc::new(Progress::default());
    // Whoever goes away, now or while the answer is read, drops it.
    let guard = progress.cancelled.clone().drop_guard();
    let (messages, told) = mpsc::channel(WAITING_MAX);
    let (begun, has_begun) = oneshot::channel();
    let working = spawn_blocking({
        let progress = Arc::clone(&progress);
        let report = move |outcome| {
            // A caller who has gone cancels; until that is seen there is nobody to tell.
            let _ = messages.blocking_send(TransferMessage::Entry(Box::new(outcome)));
        };
        move || {
            let begun = || {
                // Nobody waits for it who has gone.
                let _ = begun.send(());
            };
            transfer.run(&request.paths, &progress, begun, report)
        }
    });
    // Whether anything can be done at all decides the answer's status.
    let body = if has_begun.await.is_ok() {
        Body::from_stream(tell(told, working, (progress, guard)))
    } else {
        let stopped = |error| AgentError::internal("The transfer stopped unexpectedly.", error);
        working.await.map_err(stopped)??;
        line(&TransferMessage::End).into()
    };
    let kind = HeaderValue::from_static(LINES_MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// The outcomes as they come, and between them how far it is. Dropped, it cancels.
fn tell(
    mut told: mpsc::Receiver<TransferMessage>,
    working: JoinHandle<Result<(), FileError>>,
    (progress, guard): (Arc<Progress>, DropGuard),
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    async_stream::stream! {
        let _guard = guard;
        let mut ticks = interval(TELL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = (0, 0);
        loop {
            tokio::select! {
                message = told.recv() => match message {
                    Some(message) => yield Ok(line(&message)),
                    None => break,
                },
                _ = ticks.tick() => {
                    let now = (
                        progress.entries.load(Ordering::Relaxed),
                        progress.bytes.load(Ordering::Relaxed),
                    );
                    if now != last {
                        last = now;
                        yield Ok(line(&TransferMessage::Progress { entries: now.0, bytes: now.1 }));
                    }
                }
            }
        }
        match working.await {
            Ok(Ok(())) => yield Ok(line(&TransferMessage::End)),
            Ok(Err(error)) => yield Err(io::Error::other(error)),
            Err(error) => yield Err(io::Error::other(error)),
        }
    }
}

fn line(message: &TransferMessage) -> Bytes {
    let mut json = serde_json::to_vec(message).expect("a message is plain data");
    json.push(b'\n');
    json.into()
}

/// Refuses more entries than one request may name.
pub(super) fn check_count(field: &str, count: usize) -> Result<(), AgentError> {
    if count <= ENTRIES_MAX {
        return Ok(());
    }
    Err(AgentError::invalid(
        field,
        format!("At most {ENTRIES_MAX} entries are done at once. Send the rest after them."),
    ))
}
