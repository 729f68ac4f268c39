//! The watch, as a WebSocket.

use atelier_api::agent::files::FileWatchQuery;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;

use super::FilesState;
use crate::AgentError;
use crate::files::watch::Subscription;
use crate::http::Query;

/// How much a viewer of changes may say, in bytes: it has nothing to say but farewell.
const VIEWER_BUFFER_BYTES: usize = 4 * 1024;

pub(super) async fn file_watch(
    State(files): FilesState,
    Query(query): Query<FileWatchQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, AgentError> {
    let upgrade = upgrade.map_err(|rejection| AgentError::malformed(rejection.body_text()))?;
    let subscription = files.watch(&query).await?;
    let upgrade = upgrade
        .read_buffer_size(VIEWER_BUFFER_BYTES)
        .max_message_size(VIEWER_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| report(socket, subscription)))
}

/// Sends what the watch says until the viewer leaves.
async fn report(mut socket: WebSocket, mut subscription: Subscription) {
    loop {
        tokio::select! {
            message = subscription.next() => {
                let Some(message) = message else { break };
                let json = serde_json::to_string(&message).expect("a message is plain data");
                if socket.send(Message::text(json)).await.is_err() {
                    break;
                }
            }
            // Viewers have nothing to say; this sees them close, and answers pings.
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}
