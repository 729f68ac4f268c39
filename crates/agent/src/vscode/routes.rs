//! The routes below `/v1/vscode`.

use std::sync::Arc;

use atelier_api::agent::ports::CONNECT_PROTOCOL;
use atelier_api::agent::vscode::{VsCode as View, VsCodeDelete, VsCodeInstall, VsCodeStart};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;

use super::{VsCode, connect};
use crate::AgentError;
use crate::http::{Json, Query};
use crate::ports::{asks_to_connect, connected};

type Shared = State<Arc<VsCode>>;

/// The routes.
pub(crate) fn routes(vscode: Arc<VsCode>) -> Router {
    Router::new()
        .route("/v1/vscode", get(vscode_view).delete(vscode_delete))
        .route("/v1/vscode/install", post(vscode_install))
        .route("/v1/vscode/start", post(vscode_start))
        .route("/v1/vscode/stop", post(vscode_stop))
        .route("/v1/vscode/connect", get(vscode_connect))
        .with_state(vscode)
}

async fn vscode_view(State(vscode): Shared) -> Json<View> {
    Json(vscode.view().await)
}

async fn vscode_install(
    State(vscode): Shared,
    Query(query): Query<VsCodeInstall>,
) -> Result<(StatusCode, Json<View>), AgentError> {
    vscode.install(query).await?;
    Ok((StatusCode::ACCEPTED, Json(vscode.view().await)))
}

async fn vscode_start(
    State(vscode): Shared,
    Json(start): Json<VsCodeStart>,
) -> Result<Json<View>, AgentError> {
    vscode.start(start).await?;
    Ok(Json(vscode.view().await))
}

async fn vscode_stop(State(vscode): Shared) -> Result<Json<View>, AgentError> {
    vscode.stop().await?;
    Ok(Json(vscode.view().await))
}

async fn vscode_delete(
    State(vscode): Shared,
    Query(query): Query<VsCodeDelete>,
) -> Result<Json<View>, AgentError> {
    vscode.delete(query).await?;
    Ok(Json(vscode.view().await))
}

/// Becomes a connection to it. The caller is the node, which speaks HTTP over it.
async fn vscode_connect(
    State(vscode): Shared,
    mut request: Request,
) -> Result<Response, AgentError> {
    let Some(caller) = asks_to_connect(&mut request) else {
        return Err(AgentError::malformed(format!(
            "Connecting to VS Code needs `Upgrade: {CONNECT_PROTOCOL}`."
        )));
    };
    let way = vscode.connect().await?;
    tokio::spawn(connect::pipe(caller, way));
    Ok(connected())
}
