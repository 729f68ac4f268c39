//! `GET /v1/health`: the agent is there, and how much it holds.

use atelier_api::agent::AgentHealth;
use axum::Router;
use axum::routing::get;

use crate::http::Json;

/// The route.
pub(crate) fn routes() -> Router {
    Router::new().route("/v1/health", get(health_view))
}

async fn health_view() -> Json<AgentHealth> {
    Json(AgentHealth {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        terminals: 0,
        processes: 0,
    })
}
