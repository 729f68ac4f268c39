//! Routes of telemetry.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::Problem;
use atelier_api::ids::{NodeId, WorkspaceId};
use atelier_api::node::TelemetrySample;
use atelier_api::v1::telemetry::{
    TelemetryHistory, TelemetryHistoryQuery, WorkspaceReading, WorkspaceTelemetry,
};
use axum::Extension;
use axum::extract::ConnectInfo;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use serde::Serialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Following};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::{Json, Path, Peer, Query};
use crate::identity;

/// What a client may say: nothing, beside that it lives or goes.
const MESSAGE_MAX: usize = 1_024;

/// How often the other side must show that it lives.
const PING_EVERY: Duration = Duration::from_secs(20);

/// How long a measurement may wait for a reader that does not read.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(node_telemetry_view))
        .routes(routes!(node_telemetry_follow))
        .routes(routes!(workspace_telemetry_view))
        .routes(routes!(workspace_telemetry_follow))
        // A WebSocket over HTTP/2 is asked for with CONNECT (RFC 8441).
        .route(
            "/nodes/{node}/telemetry/live",
            axum::routing::connect(node_telemetry_follow),
        )
        .route(
            "/workspaces/{workspace}/telemetry/live",
            axum::routing::connect(workspace_telemetry_follow),
        )
}

/// Shows what a server used over a time, as finely as is kept and wanted, and what it uses now.
#[utoipa::path(
    get,
    path = "/nodes/{node}/telemetry",
    tag = "nodes",
    params(("node" = NodeId, Path), TelemetryHistoryQuery),
    responses((status = 200, body = TelemetryHistory), (status = "default", body = Problem))
)]
async fn node_telemetry_view(
    ctx: Ctx,
    Path(node): Path<NodeId>,
    Query(query): Query<TelemetryHistoryQuery>,
) -> Result<Json<TelemetryHistory>> {
    service::of_node(&ctx, node, &query).await.map(Json)
}

/// Streams what a server measures, as it does, over a WebSocket: a text frame with a
/// `TelemetrySample` each, the newest first. While the server is away, nothing comes.
#[utoipa::path(
    get,
    path = "/nodes/{node}/telemetry/live",
    tag = "nodes",
    params(("node" = NodeId, Path)),
    responses(
        (status = 101, description = "The stream begins", body = TelemetrySample),
        (status = "default", body = Problem)
    )
)]
async fn node_telemetry_follow(
    ctx: Ctx,
    Path(node): Path<NodeId>,
    peer: Option<Extension<ConnectInfo<Peer>>>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let following = service::follow_node(&ctx, node).await?;
    stream(&ctx, peer, upgrade, following, |sample| text(&*sample))
}

/// Shows what a workspace used over a time, and what it uses now.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/telemetry",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path), TelemetryHistoryQuery),
    responses((status = 200, body = WorkspaceTelemetry), (status = "default", body = Problem))
)]
async fn workspace_telemetry_view(
    ctx: Ctx,
    Path(workspace): Path<WorkspaceId>,
    Query(query): Query<TelemetryHistoryQuery>,
) -> Result<Json<WorkspaceTelemetry>> {
    service::of_workspace(&ctx, workspace, &query)
        .await
        .map(Json)
}

/// Streams what a workspace uses, as its server measures it, over a WebSocket: a text frame with a
/// `WorkspaceReading` each, the newest first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/telemetry/live",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses(
        (status = 101, description = "The stream begins", body = WorkspaceReading),
        (status = "default", body = Problem)
    )
)]
async fn workspace_telemetry_follow(
    ctx: Ctx,
    Path(workspace): Path<WorkspaceId>,
    peer: Option<Extension<ConnectInfo<Peer>>>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let following = service::follow_workspace(&ctx, workspace).await?;
    stream(&ctx, peer, upgrade, following, move |sample| {
        text(&service::reading(&sample, workspace))
    })
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a measurement is plain data")
}

fn stream(
    ctx: &Ctx,
    peer: Option<Extension<ConnectInfo<Peer>>>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    following: Following,
    text: impl Fn(Arc<TelemetrySample>) -> String + Send + 'static,
) -> Result<Response> {
    let upgrade = upgrade
        .map_err(|_| Error::malformed("This is a WebSocket: connect with a WebSocket client."))?
        .max_message_size(MESSAGE_MAX);
    if let Some(Extension(ConnectInfo(peer))) = peer {
        identity::guard(ctx, peer.cut);
    }
    let stopping = ctx.app().tasks().stopping();
    Ok(upgrade.on_upgrade(move |socket| pump(socket, following, text, stopping)))
}

/// Sends each measurement; of a reader that is slow, only the newest waits.
async fn pump(
    mut socket: WebSocket,
    mut following: Following,
    text: impl Fn(Arc<TelemetrySample>) -> String,
    stopping: CancellationToken,
) {
    let mut pings = tokio::time::interval(PING_EVERY);
    let mut answered = true;
    // The newest is there already, perhaps.
    following.mark_changed();
    loop {
        let message = tokio::select! {
            changed = following.changed() => {
                let newest = following.borrow_and_update().clone();
                match (changed, newest) {
                    (Ok(()), Some(sample)) => Message::Text(text(sample).into()),
                    (Ok(()), None) => continue,
                    (Err(_), _) => return,
                }
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {
                    answered = true;
                    continue;
                }
            },
            _ = pings.tick() => {
                if !std::mem::take(&mut answered) {
                    return;
                }
                Message::Ping(Vec::new().into())
            }
            () = stopping.cancelled() => {
                let close = CloseFrame {
                    code: close_code::AWAY,
                    reason: Utf8Bytes::from_static("the server is shutting down"),
                };
                let _ = timeout(SEND_TIMEOUT, socket.send(Message::Close(Some(close)))).await;
                return;
            }
        };
        if !matches!(
            timeout(SEND_TIMEOUT, socket.send(message)).await,
            Ok(Ok(()))
        ) {
            return;
        }
    }
}
