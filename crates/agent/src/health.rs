//! `GET /v1/health`: the agent is there, and how much runs in it.

use std::sync::Arc;

use atelier_api::agent::AgentHealth;
use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::http::Json;
use crate::processes::Processes;
use crate::terminals::Terminals;

/// The route.
pub(crate) fn routes(terminals: Arc<Terminals>, processes: Arc<Processes>) -> Router {
    Router::new()
        .route("/v1/health", get(health_view))
        .with_state((terminals, processes))
}

async fn health_view(
    State((terminals, processes)): State<(Arc<Terminals>, Arc<Processes>)>,
) -> Json<AgentHealth> {
    Json(AgentHealth {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        terminals: count(terminals.running()),
        processes: count(processes.running()),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
