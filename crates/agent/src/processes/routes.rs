//! The routes below `/v1/processes`.

use std::sync::Arc;

use atelier_api::agent::processes::{
    self as wire, ProcessAttachQuery, ProcessCreate, ProcessInputQuery, ProcessList,
    ProcessOutputQuery,
};
use atelier_api::agent::terminals::SignalSend;
use atelier_api::ids::ProcessId;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{Processes, attach};
use crate::http::{Json, Path, Query};
use crate::websocket::Upgrade;
use crate::{AgentError, signals};

/// Which offset the first byte of an answer with output has.
const OFFSET_HEADER: HeaderName = HeaderName::from_static("atelier-offset");

/// The WebSocket subprotocol of a process's streams.
const SUBPROTOCOL: &str = "atelier.process.v1";

type Shared = State<Arc<Processes>>;

/// The routes.
pub(crate) fn routes(processes: Arc<Processes>) -> Router {
    Router::new()
        .route("/v1/processes", get(process_list).post(process_create))
        .route(
            "/v1/processes/{process}",
            get(process_view).delete(process_delete),
        )
        .route("/v1/processes/{process}/output", get(process_output))
        .route("/v1/processes/{process}/stdin", post(process_input))
        .route("/v1/processes/{process}/signal", post(process_signal))
        .route("/v1/processes/{process}/attach", get(process_attach))
        .with_state(processes)
}

async fn process_list(State(processes): Shared) -> Json<ProcessList> {
    Json(ProcessList {
        items: processes.list(),
    })
}

async fn process_create(
    State(processes): Shared,
    Json(create): Json<ProcessCreate>,
) -> Result<(StatusCode, Json<wire::Process>), AgentError> {
    Ok((StatusCode::CREATED, Json(processes.create(create)?)))
}

async fn process_view(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
) -> Result<Json<wire::Process>, AgentError> {
    Ok(Json(processes.get(id)?.view()))
}

async fn process_delete(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
) -> Result<StatusCode, AgentError> {
    processes.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn process_output(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
    Query(query): Query<ProcessOutputQuery>,
) -> Result<Response, AgentError> {
    let process = processes.get(id)?;
    let (offset, bytes) = process.output().from(query.stream, query.offset);
    let headers = [
        (OFFSET_HEADER, HeaderValue::from(offset)),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
    ];
    Ok((headers, bytes).into_response())
}

async fn process_input(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
    Query(query): Query<ProcessInputQuery>,
    body: Body,
) -> Result<StatusCode, AgentError> {
    let process = processes.get(id)?;
    process.input.require()?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            AgentError::malformed("The body broke off; what came of it was written.")
                .caused_by(error)
        })?;
        process.input.write(&piece).await?;
    }
    if query.close {
        process.input.close().await;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn process_signal(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
    Json(send): Json<SignalSend>,
) -> Result<StatusCode, AgentError> {
    let process = processes.get(id)?;
    process.signal(signals::parse(&send.signal)?)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn process_attach(
    State(processes): Shared,
    Path(id): Path<ProcessId>,
    Query(query): Query<ProcessAttachQuery>,
    upgrade: Upgrade,
) -> Result<Response, AgentError> {
    let process = processes.get(id)?;
    Ok(upgrade.accept(SUBPROTOCOL, move |socket| {
        attach::serve(process, query, socket)
    }))
}
