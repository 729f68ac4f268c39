//! Routes of ports.

use std::path::PathBuf;
use std::sync::Arc;

use atelier_api::agent::ports::{CONNECT_PROTOCOL, ListeningPorts, PASS_HEADER};
use axum::Router;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use tokio::sync::watch::Receiver;

use super::{Ports, pass};
use crate::AgentError;
use crate::http::{Json, Path};

/// How much a viewer of changes may say, in bytes: it has nothing to say but farewell.
const VIEWER_BUFFER_BYTES: usize = 4 * 1024;

type PortsState = State<Arc<Ports>>;

/// The routes.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/v1/ports", get(port_list))
        .route("/v1/ports/watch", any(port_watch))
        .route("/v1/ports/{port}/connect", get(port_connect))
        .with_state(Arc::new(Ports::new(PathBuf::from("/proc"))))
}

async fn port_list(State(ports): PortsState) -> Result<Json<ListeningPorts>, AgentError> {
    let list = ports.list().await?;
    Ok(Json(ListeningPorts::clone(&list)))
}

async fn port_watch(
    State(ports): PortsState,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, AgentError> {
    let upgrade = upgrade.map_err(|rejection| AgentError::malformed(rejection.body_text()))?;
    let changes = ports.watch().await?;
    let upgrade = upgrade
        .read_buffer_size(VIEWER_BUFFER_BYTES)
        .max_message_size(VIEWER_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| report(socket, changes)))
}

/// Sends the whole list whenever it has changed, until the viewer leaves. Who is slow gets the newest.
async fn report(mut socket: WebSocket, mut changes: Receiver<Arc<ListeningPorts>>) {
    loop {
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    break;
                }
                let list = Arc::clone(&changes.borrow_and_update());
                let json = serde_json::to_string(&*list).expect("a list is plain data");
                if socket.send(Message::text(json)).await.is_err() {
                    break;
                }
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}

/// Becomes a connection to the port. The caller is the node, which speaks HTTP over it.
async fn port_connect(
    State(ports): PortsState,
    Path(port): Path<u16>,
    mut request: Request,
) -> Result<Response, AgentError> {
    let Some(caller) = asks_to_connect(&mut request) else {
        return Err(AgentError::malformed(format!(
            "Connecting to a port needs `Upgrade: {CONNECT_PROTOCOL}`."
        )));
    };
    let way = ports.connect(port).await?;
    // What it speaks its first words tell, which are seen only here.
    let asked_to_pass = request.headers().contains_key(PASS_HEADER);
    let pass = asked_to_pass && ports.speaks_http(&way);
    if pass {
        tokio::spawn(pass::socket(caller, way.into_stream()));
    } else {
        tokio::spawn(ports.pipe(caller, way));
    }
    let mut response = connected();
    if asked_to_pass {
        let said = if pass { "1" } else { "0" };
        let headers = response.headers_mut();
        headers.insert(PASS_HEADER, HeaderValue::from_static(said));
    }
    Ok(response)
}

/// The connection of a caller who wants it to become one to an application.
pub(crate) fn asks_to_connect(request: &mut Request) -> Option<OnUpgrade> {
    let asked = request.headers().get(UPGRADE);
    let asked = asked.is_some_and(|name| name == CONNECT_PROTOCOL);
    let caller = request.extensions_mut().remove::<OnUpgrade>();
    caller.filter(|_| asked)
}

/// Tells them that it is one now.
pub(crate) fn connected() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(CONNECT_PROTOCOL));
    response
}
