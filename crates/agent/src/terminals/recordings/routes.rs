//! The routes of recordings.

use std::sync::Arc;

use atelier_api::agent::recordings::{
    RECORDING_MEDIA_TYPE, Recording, RecordingCreated, RecordingList,
};
use atelier_api::ids::{RecordingId, TerminalId};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::Recordings;
use crate::AgentError;
use crate::http::{Json, Path};
use crate::terminals::Terminals;

/// How much of a file is read at a time, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// What the handlers share.
type Shared = State<(Arc<Terminals>, Arc<Recordings>)>;

/// The routes.
pub(in crate::terminals) fn routes(
    terminals: Arc<Terminals>,
    recordings: Arc<Recordings>,
) -> Router {
    Router::new()
        .route(
            "/v1/terminals/{terminal}/recordings",
            post(recording_create),
        )
        .route("/v1/recordings", get(recording_list))
        .route(
            "/v1/recordings/{recording}",
            get(recording_view).delete(recording_delete),
        )
        .route("/v1/recordings/{recording}/stop", post(recording_stop))
        .route("/v1/recordings/{recording}/content", get(recording_read))
        .with_state((terminals, recordings))
}

async fn recording_create(
    State((terminals, recordings)): Shared,
    Path(id): Path<TerminalId>,
) -> Result<(StatusCode, Json<RecordingCreated>), AgentError> {
    let created = recordings.begin(terminals.get(id)?).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn recording_list(State((_, recordings)): Shared) -> Result<Json<RecordingList>, AgentError> {
    Ok(Json(recordings.list().await?))
}

async fn recording_view(
    State((_, recordings)): Shared,
    Path(id): Path<RecordingId>,
) -> Result<Json<Recording>, AgentError> {
    Ok(Json(recordings.view(id).await?))
}

async fn recording_stop(
    State((_, recordings)): Shared,
    Path(id): Path<RecordingId>,
) -> Result<Json<Recording>, AgentError> {
    Ok(Json(recordings.stop(id).await?))
}

async fn recording_read(
    State((_, recordings)): Shared,
    Path(id): Path<RecordingId>,
) -> Result<Response, AgentError> {
    let file = tokio::fs::File::from_std(recordings.open(id).await?);
    let length = file.metadata().await;
    let length = length.map_err(|error| AgentError::internal("It cannot be read.", error))?;
    // It may still grow: what is there now is answered.
    let length = length.len();
    let body = ReaderStream::with_capacity(file.take(length), READ_BYTES);
    let disposition = format!("attachment; filename=\"{id}.cast\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(RECORDING_MEDIA_TYPE),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).expect("an id is plain text"),
        ),
        (header::CONTENT_LENGTH, length.into()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

async fn recording_delete(
    State((_, recordings)): Shared,
    Path(id): Path<RecordingId>,
) -> Result<StatusCode, AgentError> {
    recordings.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
