//! The handshake's messages: JSON in WebSocket text messages of at most 32 KiB, before the first byte of
//! HTTP/2. The order stands in the crate's documentation. The types only grow: unknown fields are passed over.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::line::Line;
use crate::settings::{HANDSHAKE_MESSAGE, HANDSHAKE_TIMEOUT, Heartbeat, Lane};

/// The versions of this protocol that this build speaks.
pub const PROTOCOLS: RangeInclusive<u16> = 1..=1;

/// What the control plane sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerMessage {
    Challenge(Challenge),
    Welcome(Welcome),
    Refused(Refusal),
}

/// What the node sends. No enum with `tag`: that would be read into a tree first, and then again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodeMessage {
    #[serde(rename = "type")]
    kind: NodeMessageKind,
    protocol: u16,
    lane: Lane,
    instance: String,
    /// Absent from older nodes, and from those that go through a proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    identity: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NodeMessageKind {
    Hello,
}

impl From<Hello> for NodeMessage {
    fn from(hello: Hello) -> Self {
        let Hello {
            protocol,
            lane,
            instance,
            port,
            identity,
        } = hello;
        Self {
            kind: NodeMessageKind::Hello,
            protocol,
            lane,
            instance,
            port,
            identity,
        }
    }
}

impl From<NodeMessage> for Hello {
    fn from(message: NodeMessage) -> Self {
        let NodeMessage {
            kind: NodeMessageKind::Hello,
            protocol,
            lane,
            instance,
            port,
            identity,
        } = message;
        Self {
            protocol,
            lane,
            instance,
            port,
            identity,
        }
    }
}

/// The control plane's first word.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Challenge {
    /// The oldest and the newest protocol version that it speaks.
    pub protocols: (u16, u16),
    /// 256 random bits in hexadecimal, new for each connection: what the node signs.
    pub nonce: String,
}

/// The node's answer.
#[derive(Debug, Clone)]
pub struct Hello {
    /// The version that is spoken from here on.
    pub protocol: u16,
    /// Which of its two connections this is.
    pub lane: Lane,
    /// Random for each start of the daemon: two at once are two daemons with one identity.
    pub instance: String,
    /// The port that its TCP connection comes from, where it has dialed without a proxy. Where the control plane sees the
    /// same, nothing in between ends the connection and opens another.
    pub port: Option<u16>,
    /// Who it is and the proof of it, as JSON that is not read yet; only the two ends' owners know the form.
    pub identity: Box<RawValue>,
}

/// What follows `welcome` are binary messages: the bytes of HTTP/2.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Welcome {
    pub(crate) ping_every_ms: u64,
    pub(crate) ping_timeout_ms: u64,
    /// What each stream may have on its way, in bytes, both ways; absent from older control planes.
    #[serde(default)]
    pub(crate) window: Option<u32>,
    /// The line's round trip as it was measured in the handshake; absent from older control planes.
    #[serde(default)]
    pub(crate) round_trip_us: Option<u64>,
    /// When the control plane goes, so do all of its nodes, and each comes back at a moment of its own within this
    /// time; absent from older control planes.
    #[serde(default)]
    pub(crate) redial_within_ms: u64,
    #[serde(default)]
    pub(crate) data: Value,
}

impl Welcome {
    pub(crate) fn new(
        heartbeat: Heartbeat,
        window: u32,
        round_trip: Duration,
        redial_within: Duration,
        data: Value,
    ) -> Self {
        Self {
            ping_every_ms: millis(heartbeat.every),
            ping_timeout_ms: millis(heartbeat.timeout),
            window: Some(window),
            round_trip_us: u64::try_from(round_trip.as_micros()).ok(),
            redial_within_ms: millis(redial_within),
            data,
        }
    }

    /// Within bounds, whatever the other side says.
    pub(crate) fn window(&self, lane: Lane) -> u32 {
        let (least, most) = (lane.window(Duration::ZERO), lane.window(Duration::MAX));
        self.window.unwrap_or(most).clamp(least, most)
    }

    /// Zero where it is not known.
    pub(crate) fn round_trip(&self) -> Duration {
        Duration::from_micros(self.round_trip_us.unwrap_or(0))
    }

    /// For the backoff, which has bounds of its own.
    pub(crate) fn redial_within(&self) -> Duration {
        Duration::from_millis(self.redial_within_ms)
    }

    /// Within bounds, likewise.
    pub(crate) fn heartbeat(&self) -> Heartbeat {
        Heartbeat {
            every: Duration::from_millis(self.ping_every_ms.clamp(10, 60_000)),
            timeout: Duration::from_millis(self.ping_timeout_ms.clamp(10, 60_000)),
        }
    }
}

/// Why a node may not come in now, and when it should ask again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub reason: Reason,
    /// For people: what happened and what to do.
    pub detail: String,
    /// Milliseconds after which the node may try again.
    pub retry_after_ms: u64,
    /// With [`Reason::Moved`]: where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The control plane has just started and does not take nodes yet.
    Starting,
    /// Too many join at once; the delay says when it is this one's turn.
    Busy,
    /// Another address serves this node.
    Moved,
    /// The node's right to connect was taken back.
    Revoked,
    /// No protocol version in common.
    Version,
    /// Another daemon is connected with the same identity.
    Duplicate,
    /// The identity was not accepted.
    Denied,
    /// A reason that this build does not know.
    #[serde(other)]
    Other,
}

impl Refusal {
    /// With a delay before the next attempt.
    pub fn new(reason: Reason, detail: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            reason,
            detail: detail.into(),
            retry_after_ms: millis(retry_after),
            url: None,
        }
    }

    /// The node should dial this address instead.
    pub fn moved(url: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            ..Self::new(
                Reason::Moved,
                "This node is served elsewhere.",
                Duration::ZERO,
            )
        }
    }

    /// The same with another delay.
    pub(crate) fn after(self, delay: Duration) -> Self {
        Self {
            retry_after_ms: millis(delay),
            ..self
        }
    }

    /// The delay.
    pub fn retry_after(&self) -> Duration {
        Duration::from_millis(self.retry_after_ms)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// What can go wrong before a connection stands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The other side did not speak in time.
    #[error("the other side said nothing for {} s during the handshake", .0.as_secs_f32())]
    Stalled(Duration),
    /// The other side closed the connection.
    #[error("the other side closed the connection during the handshake")]
    Closed,
    /// A message that is not one of the handshake's; says which was expected.
    #[error("the other side sent something else than the handshake's {0}")]
    Garbage(&'static str),
    /// The WebSocket failed.
    #[error("the WebSocket failed during the handshake")]
    WebSocket(#[source] Box<WsError>),
}

impl From<WsError> for HandshakeError {
    fn from(error: WsError) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// Sends one message, within the handshake's time.
pub(crate) async fn send<S, T>(
    socket: &mut WebSocketStream<Line<S>>,
    message: &T,
) -> Result<(), HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Serialize,
{
    let sent = async {
        put(socket, message).await?;
        Ok(socket.flush().await?)
    };
    tokio::time::timeout(HANDSHAKE_TIMEOUT, sent)
        .await
        .map_err(|_| HandshakeError::Stalled(HANDSHAKE_TIMEOUT))?
}

/// Puts one message before what is sent next: both leave in one packet.
pub(crate) async fn put<S, T>(
    socket: &mut WebSocketStream<Line<S>>,
    message: &T,
) -> Result<(), HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Serialize,
{
    let text = serde_json::to_string(message).map_err(|_| HandshakeError::Garbage("message"))?;
    Ok(socket.feed(Message::text(text)).await?)
}

/// Receives one message within `limit`; `expected` names it in errors.
pub(crate) async fn receive<S, T>(
    socket: &mut WebSocketStream<Line<S>>,
    limit: Duration,
    expected: &'static str,
) -> Result<T, HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: DeserializeOwned,
{
    let message = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(text))) if text.len() <= HANDSHAKE_MESSAGE => {
                    return serde_json::from_str(&text)
                        .map_err(|_| HandshakeError::Garbage(expected));
                }
                Some(Ok(Message::Close(_))) | None => return Err(HandshakeError::Closed),
                Some(Ok(_)) => return Err(HandshakeError::Garbage(expected)),
                Some(Err(error)) => return Err(error.into()),
            }
        }
    };
    tokio::time::timeout(limit, message)
        .await
        .map_err(|_| HandshakeError::Stalled(limit))?
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
