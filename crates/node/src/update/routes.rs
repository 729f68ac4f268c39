//! Routes of updates.

use std::sync::Arc;

use atelier_api::node::update::{HEALTHY_WITHIN_S_MAX, UpdateOrder, UpdateReport, UpdateStatus};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, put};
use http::header::CONTENT_LENGTH;
use http::{Request, StatusCode};

use super::{Updates, receive};
use crate::error::NodeError;
use crate::http::{Json, path_parameter};
use crate::node::Inner;
use crate::policy;

type Node = State<Arc<Inner>>;

/// The routes of updates.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/v1/update", get(status))
        .route(
            "/v1/update/programs/{sha256}",
            // Counted as it comes, against a bound of its own.
            put(program).layer(DefaultBodyLimit::disable()),
        )
        .route("/v1/update/order", put(order))
}

async fn status(State(node): Node) -> Result<Json<UpdateStatus>, NodeError> {
    Ok(Json(updates(&node)?.status()))
}

async fn program(State(node): Node, request: Request<Body>) -> Result<StatusCode, NodeError> {
    policy::update(&node.policy.permits)?;
    let updates = updates(&node)?;
    let (mut parts, body) = request.into_parts();
    let sha256 = path_parameter(&mut parts, &node, "sha256").await?;
    let announced = parts.headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|it| it.to_str().ok()?.parse().ok());
    let _taking = updates.0.taking.try_lock().map_err(|_| {
        NodeError::unavailable("The server receives another program at this moment.")
    })?;
    receive::receive(&updates.0.programs, &sha256, announced, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn order(
    State(node): Node,
    Json(order): Json<UpdateOrder>,
) -> Result<Json<UpdateReport>, NodeError> {
    policy::update(&node.policy.permits)?;
    if order.healthy_within_s == 0 || order.healthy_within_s > HEALTHY_WITHIN_S_MAX {
        return Err(NodeError::invalid(
            "healthy_within_s",
            format!("Give the new program 1 to {HEALTHY_WITHIN_S_MAX} seconds."),
        ));
    }
    Ok(Json(updates(&node)?.order(order).await?))
}

fn updates(node: &Inner) -> Result<&Updates, NodeError> {
    node.updates.as_ref().ok_or_else(|| {
        NodeError::conflict(
            "This node is part of the control plane and is updated together with it.",
        )
    })
}
