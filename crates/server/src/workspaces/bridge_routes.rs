//! The bridge's WebSockets: the client's on one side, the agent's on the other, and the gate between.

use std::convert::Infallible;
use std::time::Duration;

use atelier_api::Problem;
use atelier_api::agent::bridge::{MESSAGE_MAX_BYTES, REQUEST_MAX_BYTES, SUBPROTOCOL};
use atelier_api::ids::WorkspaceId;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as AgentMessage, handshake::client::generate_key};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bridge::Gate;
use super::service;
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::{Path, Peer};
use crate::identity;
use crate::nodes::{Audited, Passage, Viewer, pass};

/// How often a client that says nothing is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// A client that neither says nor reads anything for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// A message that is longer than this is not even read; up to it, it is refused. In bytes.
const READ_MAX_BYTES: usize = 2 * REQUEST_MAX_BYTES;

/// How many refusals may wait to be sent before no further request is read.
const REFUSALS_MAX: usize = 16;

/// What may be on its way inside of this process, in bytes each way.
const PIPE_BYTES: usize = 64 * 1024;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(workspace_bridge))
}

/// Opens a bridge: a WebSocket of the subprotocol `atelier.bridge.v1`.
///
/// Text frames are JSON, as `bridge.schema.json` says: terminals, processes and files for programs. Each
/// request needs the right to the operation that does the same, and is recorded as that is.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/bridge",
    tag = "workspaces",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn workspace_bridge(
    ctx: Ctx,
    Path(workspace): Path<WorkspaceId>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response> {
    let placement = service::placed_running(&ctx, Action::WorkspaceBridge, workspace).await?;
    let upgrade = upgrade
        .map_err(|_| Error::malformed("This is a WebSocket: connect with a WebSocket client."))?
        .protocols([SUBPROTOCOL])
        .max_message_size(READ_MAX_BYTES)
        .max_frame_size(READ_MAX_BYTES);
    if upgrade.selected_protocol().is_none() {
        return Err(Error::malformed(format!(
            "Offer the WebSocket subprotocol {SUBPROTOCOL}."
        )));
    }
    let passage = Passage {
        client: service::node_client(&ctx, placement.node).await?,
        organization: placement.organization,
        action: Action::WorkspaceBridge,
        audited: Audited::Query,
        resource: workspace.to_string(),
        target: format!("/v1/workspaces/{workspace}/agent/bridge"),
        bulk: false,
        viewer: Some(Viewer {
            name: ctx.actor().name().to_owned(),
            read_only: false,
        }),
    };
    let agent = match open(&ctx, passage).await? {
        Ok(agent) => agent,
        Err(refused) => return Ok(refused),
    };
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<Peer>>() {
        identity::guard(&ctx, peer.cut.clone());
    }
    let gate = Gate { ctx, workspace };
    Ok(upgrade.on_upgrade(move |client| converse(gate, client, agent)))
}

type Agent = WebSocketStream<TokioIo<Upgraded>>;

/// Opens the agent's end, or gives its refusal.
///
/// The request goes the way of all others, over a connection that does not leave this process: so
/// whatever passes a WebSocket on to a node, near or far, passes this one on.
async fn open(ctx: &Ctx, passage: Passage) -> Result<std::result::Result<Agent, Response>> {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    serve(ctx, passage, far);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near))
        .await
        .map_err(Error::internal)?;
    ctx.app().tasks().spawn("bridge_asks", async move {
        // Its end is the WebSocket's.
        let _ = connection.with_upgrades().await;
    });
    let request = Request::get("/bridge")
        .header(header::HOST, "agent")
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, generate_key())
        .header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)
        .body(Body::empty())
        .map_err(Error::internal)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(Error::internal)?;
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {}
        StatusCode::NOT_FOUND => {
            return Err(Error::conflict(
                "This workspace was started by an older version, which has no bridge. Restart the workspace \
                 first.",
            ));
        }
        _ => return Ok(Err(response.map(Body::new))),
    }
    let upgraded = hyper::upgrade::on(response)
        .await
        .map_err(Error::internal)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX_BYTES))
        .max_frame_size(Some(MESSAGE_MAX_BYTES));
    let io = TokioIo::new(upgraded);
    Ok(Ok(WebSocketStream::from_raw_socket(
        io,
        Role::Client,
        Some(config),
    )
    .await))
}

/// Passes on what comes over the connection inside of this process.
fn serve(ctx: &Ctx, passage: Passage, far: DuplexStream) {
    let tasks = ctx.app().tasks().clone();
    let ctx = ctx.clone();
    let passage = Mutex::new(Some(passage));
    tasks.spawn("bridge_passes", async move {
        let service = service_fn(|request: http::Request<Incoming>| {
            let (ctx, passage) = (ctx.clone(), passage.lock().take());
            async move {
                let passed = match passage {
                    Some(passage) => pass(&ctx, passage, request.map(Body::new)).await,
                    None => Err(Error::internal("a bridge is opened once")),
                };
                Ok::<_, Infallible>(passed.unwrap_or_else(Error::into_response))
            }
        });
        // Its end is the WebSocket's.
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(far), service)
            .with_upgrades()
            .await;
    });
}

/// When the client was heard last; nothing while it is not listened to.
struct Heard(Mutex<Option<Instant>>);

impl Heard {
    fn now(&self) {
        *self.0.lock() = Some(Instant::now());
    }

    fn deaf(&self) {
        *self.0.lock() = None;
    }

    fn is_gone(&self) -> bool {
        self.0
            .lock()
            .is_some_and(|heard| heard.elapsed() > SILENCE_MAX)
    }
}

/// Why a bridge ends.
enum End {
    /// The client has gone.
    Gone,
    /// It is told so.
    Close(u16, String),
}

/// Passes messages both ways until either side ends.
async fn converse(gate: Gate, client: WebSocket, agent: Agent) {
    let stop = gate.ctx.app().tasks().stopping();
    let (mut to_client, from_client) = client.split();
    let (to_agent, from_agent) = agent.split();
    let (refuse, refused) = mpsc::channel(REFUSALS_MAX);
    let heard = Heard(Mutex::new(Some(Instant::now())));
    let end = tokio::select! {
        () = stop.cancelled() => End::Close(close_code::AWAY, "the server is shutting down".to_owned()),
        end = requests(&gate, &heard, from_client, to_agent, refuse) => end,
        end = messages(&heard, from_agent, refused, &mut to_client) => end,
    };
    if let End::Close(code, reason) = end {
        let reason = reason.into();
        let close = Message::Close(Some(CloseFrame { code, reason }));
        // Whoever does not read any more does not read this either.
        let _ = timeout(PING_EVERY, to_client.send(close)).await;
    }
}

/// Passes on what the client may ask.
async fn requests(
    gate: &Gate,
    heard: &Heard,
    mut client: SplitStream<WebSocket>,
    mut agent: SplitSink<Agent, AgentMessage>,
    refuse: mpsc::Sender<String>,
) -> End {
    loop {
        heard.now();
        let text = match client.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Binary(_))) => {
                let reason = "binary frames mean nothing here: messages are JSON text";
                return End::Close(close_code::UNSUPPORTED, reason.to_owned());
            }
            Some(Ok(Message::Close(_))) | None => return End::Gone,
            Some(Err(error)) => return broken(error),
        };
        heard.deaf();
        let passed = match gate.judge(text.as_str()).await {
            Ok(()) => agent.send(AgentMessage::text(text.as_str())).await.is_ok(),
            Err(refusal) => refuse.send(refusal).await.is_ok(),
        };
        if !passed {
            return lost();
        }
    }
}

/// Passes on what the agent says, and what the gate refuses.
async fn messages(
    heard: &Heard,
    mut agent: SplitStream<Agent>,
    mut refused: mpsc::Receiver<String>,
    client: &mut SplitSink<WebSocket, Message>,
) -> End {
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.reset();
    loop {
        let message = tokio::select! {
            message = agent.next() => match message {
                Some(Ok(AgentMessage::Text(text))) => Message::Text(text.as_str().into()),
                Some(Ok(AgentMessage::Close(Some(frame)))) => {
                    return End::Close(frame.code.into(), frame.reason.as_str().to_owned());
                }
                Some(Ok(AgentMessage::Close(None)) | Err(_)) | None => return lost(),
                // Pings are answered where they come.
                Some(Ok(_)) => continue,
            },
            Some(refusal) = refused.recv() => Message::Text(refusal.into()),
            _ = pings.tick() => {
                if heard.is_gone() {
                    return End::Gone;
                }
                Message::Ping(Bytes::new())
            }
        };
        match timeout(SILENCE_MAX, client.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return End::Gone,
        }
    }
}

fn lost() -> End {
    let reason = "the workspace's agent cannot be reached any more";
    End::Close(close_code::RESTART, reason.to_owned())
}

/// A message that is too long is the client's mistake, which it should hear of.
fn broken(error: axum::Error) -> End {
    use tokio_tungstenite::tungstenite::Error as WsError;
    match error.into_inner().downcast::<WsError>() {
        Ok(error) if matches!(*error, WsError::Capacity(_)) => {
            let reason = format!("a message is longer than {READ_MAX_BYTES} bytes");
            End::Close(close_code::SIZE, reason)
        }
        Ok(error) if matches!(*error, WsError::Utf8(_)) => {
            let reason = "a text message is not valid UTF-8";
            End::Close(close_code::INVALID, reason.to_owned())
        }
        _ => End::Gone,
    }
}
