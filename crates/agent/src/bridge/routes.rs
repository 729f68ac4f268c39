//! The route `/v1/bridge`.

use std::sync::Arc;

use atelier_api::agent::bridge::SUBPROTOCOL;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;

use super::{Bridge, serve};
use crate::terminals::viewer;
use crate::websocket::Upgrade;

/// The routes.
pub(crate) fn routes(bridge: Arc<Bridge>) -> Router {
    Router::new()
        .route("/v1/bridge", get(workspace_bridge))
        .with_state(bridge)
}

async fn workspace_bridge(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let who = viewer(&headers);
    upgrade.accept(SUBPROTOCOL, move |socket| serve::serve(bridge, who, socket))
}
