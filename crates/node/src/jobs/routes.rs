//! Routes of executions.

use std::sync::Arc;

use atelier_api::ids::{ExecutionId, IdError};
use atelier_api::node::jobs::{
    Execution, ExecutionOutputQuery, ExecutionQuery, ExecutionSpec, OFFSET_HEADER,
};
use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::waiting;
use crate::error::NodeError;
use crate::http::{Json, Query, path_parameter};
use crate::node::Inner;
use crate::policy;

type Node = State<Arc<Inner>>;

/// The routes of executions.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/v1/jobs/{execution}", get(view).put(apply).delete(cancel))
        .route("/v1/jobs/{execution}/output", get(output))
}

async fn apply(
    State(node): Node,
    ExecutionPath(id): ExecutionPath,
    Json(spec): Json<ExecutionSpec>,
) -> Result<Json<Execution>, NodeError> {
    policy::exec(&node.policy.permits)?;
    Ok(Json(node.jobs.apply(id, spec).await?))
}

async fn view(
    State(node): Node,
    ExecutionPath(id): ExecutionPath,
    Query(query): Query<ExecutionQuery>,
) -> Result<Json<Execution>, NodeError> {
    let job = node.jobs.known(id)?;
    job.wait(waiting(query.wait_ms)).await;
    Ok(Json(job.view()))
}

async fn output(
    State(node): Node,
    ExecutionPath(id): ExecutionPath,
    Query(query): Query<ExecutionOutputQuery>,
) -> Result<Response, NodeError> {
    let job = node.jobs.known(id)?;
    job.wait_for_output(query.offset, waiting(query.wait_ms))
        .await;
    let read = tokio::task::spawn_blocking(move || job.read(query.offset)).await;
    let read = read.map_err(|error| NodeError::internal("The output cannot be read.", error))?;
    let (from, bytes) = read.map_err(|error| NodeError::storage("reading the output", error))?;
    let headers = [
        (CONTENT_TYPE.as_str(), "application/octet-stream".to_owned()),
        (OFFSET_HEADER, from.to_string()),
    ];
    Ok((headers, bytes).into_response())
}

/// To end what runs is always permitted.
async fn cancel(
    State(node): Node,
    ExecutionPath(id): ExecutionPath,
) -> Result<Json<Execution>, NodeError> {
    Ok(Json(node.jobs.cancel(id).await?))
}

/// The execution that the path names.
struct ExecutionPath(ExecutionId);

impl<S: Send + Sync> FromRequestParts<S> for ExecutionPath {
    type Rejection = NodeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NodeError> {
        let text = path_parameter(parts, state, "execution").await?;
        text.parse()
            .map(Self)
            .map_err(|error: IdError| NodeError::malformed(error.to_string()))
    }
}
