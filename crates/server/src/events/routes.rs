//! The event stream's WebSocket: a thin shell around `session.rs`.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::Problem;
use atelier_api::v1::events::{EventServerMessage, SUBPROTOCOL};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::SinkExt as _;
use tokio::time::{MissedTickBehavior, interval, timeout};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bus::Admission;
use super::session::{Outgoing, Refused, Session, render};
use crate::app::App;
use crate::authz::{Action, Resource};
use crate::ctx::{Ctx, Person};
use crate::error::{Error, Result};
use crate::identity;

/// The largest message of a client: 100 topics take 4 KiB.
const MESSAGE_MAX: usize = 16 * 1024;

/// How often the other side must show that it lives.
const PING_EVERY: Duration = Duration::from_secs(20);

/// How often the credential is checked again, beside when members change.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// How long a frame may wait for a reader that does not read.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How many events are written before they are flushed together.
const BATCH_MAX: usize = 64;

/// The routes, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(event_stream))
        // A WebSocket over HTTP/2 is asked for with CONNECT (RFC 8441).
        .route("/events", axum::routing::connect(event_stream))
}

/// Streams events over a WebSocket with the subprotocol `atelier.events.v1`: JSON text frames,
/// `EventClientMessage` from the client and `EventServerMessage` from the server.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    responses(
        (status = 101, description = "The stream begins", body = EventServerMessage),
        (status = "default", body = Problem)
    )
)]
async fn event_stream(
    ctx: Ctx,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    ctx.authorize(Action::EventStream, &Resource::Own)?;
    let person = Arc::clone(ctx.person()?);
    let upgrade = upgrade
        .map_err(|_| Error::malformed("This is a WebSocket: connect with a WebSocket client."))?
        .protocols([SUBPROTOCOL])
        .max_message_size(MESSAGE_MAX);
    if upgrade.selected_protocol().is_none() {
        return Err(Error::malformed(format!(
            "Offer the WebSocket subprotocol {SUBPROTOCOL}."
        )));
    }
    let admission = ctx.app().events().admit(person.account).ok_or_else(|| {
        Error::limit_reached("Too many event streams of this account are open. Close some.")
    })?;
    let app = ctx.app().clone();
    Ok(upgrade.on_upgrade(move |socket| stream(app, person, admission, socket)))
}

/// Why a stream ends.
enum End {
    /// The other side has gone, does not read, or does not answer.
    Gone,
    /// The other side has broken the protocol.
    Refused(String),
    /// The credential or its rights have changed: whoever comes again is asked again.
    Changed,
    /// The server shuts down.
    Stopping,
}

async fn stream(app: App, person: Arc<Person>, _admission: Admission, mut socket: WebSocket) {
    let end = pump(&app, &person, &mut socket).await;
    let (last, code, reason) = match end {
        End::Gone => return,
        End::Refused(detail) => {
            let error = EventServerMessage::Error { detail };
            (Some(render(&error)), close_code::POLICY, "refused")
        }
        End::Changed => (
            None,
            close_code::POLICY,
            "the sign-in or its rights changed",
        ),
        End::Stopping => (None, close_code::AWAY, "the server is shutting down"),
    };
    let close = Message::Close(Some(CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    }));
    // Whoever does not read any more does not read this either.
    let _ = timeout(SEND_TIMEOUT, async {
        if let Some(last) = last {
            socket.send(Message::Text(last.into())).await?;
        }
        socket.send(close).await
    })
    .await;
}

async fn pump(app: &App, person: &Arc<Person>, socket: &mut WebSocket) -> End {
    let stop = app.tasks().stopping();
    let mut session = Session::new(app.events().clone(), Arc::clone(person));
    let mut pings = every(PING_EVERY);
    let mut checks = every(CHECK_EVERY);
    loop {
        let sent = tokio::select! {
            () = stop.cancelled() => Err(End::Stopping),
            message = socket.recv() => match message {
                Some(Ok(message)) => receive(&mut session, socket, message).await,
                Some(Err(_)) | None => Err(End::Gone),
            },
            _ = pings.tick() => {
                if session.ping() {
                    send(socket, Message::Ping(bytes::Bytes::new())).await
                } else {
                    Err(End::Gone)
                }
            }
            _ = checks.tick() => check(app, person).await,
            () = session.ready() => tell(app, person, &mut session, socket).await,
        };
        if let Err(end) = sent {
            return end;
        }
    }
}

/// Ticks first after one period.
fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    ticks
}

async fn receive(
    session: &mut Session,
    socket: &mut WebSocket,
    message: Message,
) -> std::result::Result<(), End> {
    session.alive();
    match message {
        Message::Text(text) => {
            let answers = session
                .text(&text)
                .map_err(|Refused(detail)| End::Refused(detail))?;
            for answer in answers {
                send(socket, Message::Text(answer.into())).await?;
            }
            Ok(())
        }
        Message::Binary(_) => Err(End::Refused("Binary frames mean nothing here.".to_owned())),
        Message::Ping(_) | Message::Pong(_) => Ok(()),
        Message::Close(_) => Err(End::Gone),
    }
}

/// Sends what there is to tell, some at a time.
async fn tell(
    app: &App,
    person: &Arc<Person>,
    session: &mut Session,
    socket: &mut WebSocket,
) -> std::result::Result<(), End> {
    for _ in 0..BATCH_MAX {
        let text = match session.next() {
            None => break,
            Some(Outgoing::Text(text)) => Some(text),
            Some(Outgoing::Checked(text)) => {
                check(app, person).await?;
                text
            }
        };
        if let Some(text) = text {
            in_time(socket.feed(Message::Text(text.into()))).await?;
        }
    }
    in_time(socket.flush()).await
}

async fn check(app: &App, person: &Arc<Person>) -> std::result::Result<(), End> {
    if identity::still_valid(app, person).await {
        Ok(())
    } else {
        Err(End::Changed)
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> std::result::Result<(), End> {
    in_time(socket.send(message)).await
}

async fn in_time(
    sending: impl Future<Output = std::result::Result<(), axum::Error>>,
) -> std::result::Result<(), End> {
    match timeout(SEND_TIMEOUT, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}
