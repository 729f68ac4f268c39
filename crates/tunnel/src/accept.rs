//! The control plane's end: from an upgraded connection to one that takes requests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::Rng as _;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::admission::Admission;
use crate::connection::Connection;
use crate::handshake::{
    Challenge, HandshakeError, Hello, NodeMessage, PROTOCOLS, Reason, Refusal, ServerMessage,
    Welcome, put, receive, send,
};
use crate::line::{Line, LineState};
use crate::link::LinkError;
use crate::settings::{HANDSHAKE_TIMEOUT, Heartbeat, Lane, Pace, redial_within};

/// After a refusal for its version a node asks again this often: one side may be upgraded meanwhile.
const VERSION_RETRY: Duration = Duration::from_secs(60);
/// When the authenticator (its database) does not answer.
const UNDECIDED_RETRY: Duration = Duration::from_secs(5);
/// How long a refused node may take to close.
const FAREWELL: Duration = Duration::from_secs(2);

/// Decides who may come in.
pub trait Authenticator: Sync {
    /// What is known of a node that was let in; handed to whoever accepted it.
    type Grant: Send;

    /// Checks the proof in `attempt.hello.identity`, which must cover the challenge's nonce.
    fn authenticate(
        &self,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<Admitted<Self::Grant>, Refusal>> + Send;
}

/// One node that wants to come in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What it was asked.
    pub challenge: Challenge,
    /// What it answered.
    pub hello: Hello,
    /// Where it comes from, if known.
    pub peer: Option<SocketAddr>,
}

/// The answer to a node that may come in.
#[derive(Debug, Clone)]
pub struct Admitted<G> {
    /// For the control plane.
    pub grant: G,
    /// For the node.
    pub data: Value,
}

/// How connections are accepted.
#[derive(Debug, Clone)]
pub struct AcceptOptions {
    /// How a dead line is noticed; told to the node.
    pub heartbeat: Heartbeat,
    /// The same of an interactive line that comes straight from the node, as its kernel watches it too.
    pub watched: Heartbeat,
    /// The rate at which nodes may join; without it all may.
    pub admission: Option<Arc<Admission>>,
    /// Where this connection's socket says that it comes from.
    pub peer: Option<SocketAddr>,
    /// How long a node may take for its hello.
    pub hello_within: Duration,
    /// An answer that nobody has read for so long is given up. Looked at with each heartbeat.
    pub reset_stalled_after: Duration,
    /// How many nodes there are: they do not all come in the same moment when the control plane returns.
    pub nodes: usize,
}

impl AcceptOptions {
    /// How often a line is pinged.
    fn pace(&self, hello: &Hello) -> Pace {
        let seen = self.peer.map(|peer| peer.port());
        let is_watched = hello.lane == Lane::Interactive && seen.is_some() && seen == hello.port;
        Pace {
            busy: self.heartbeat.every,
            idle: if is_watched {
                self.watched
            } else {
                self.heartbeat
            },
        }
    }
}

impl Default for AcceptOptions {
    fn default() -> Self {
        Self {
            heartbeat: Heartbeat::default(),
            watched: Heartbeat::WATCHED,
            admission: None,
            peer: None,
            hello_within: HANDSHAKE_TIMEOUT,
            reset_stalled_after: Duration::from_secs(300),
            nodes: 0,
        }
    }
}

/// A connection that stands and takes requests.
#[derive(Debug)]
pub struct Accepted<G> {
    /// What the authenticator said.
    pub grant: G,
    /// What the node said.
    pub hello: Hello,
    /// To be attached to [`crate::Tunnels`].
    pub connection: Connection,
}

/// Why a connection was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// It was refused, and told so.
    #[error("the node was refused ({reason:?}): {0}", reason = .0.reason)]
    Refused(Refusal),
    /// The handshake did not come to its end.
    #[error("the handshake failed")]
    Handshake(#[from] HandshakeError),
    /// The node does not serve HTTP/2 after the handshake.
    #[error("the node does not serve requests after the handshake")]
    NotServing(#[source] LinkError),
}

/// Runs the handshake over a connection that was upgraded to a WebSocket, then starts HTTP/2 over it.
///
/// # Errors
/// [`AcceptError`]; the connection is closed.
pub async fn accept<I, A>(
    io: I,
    options: &AcceptOptions,
    authenticator: &A,
) -> Result<Accepted<A::Grant>, AcceptError>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Authenticator,
{
    // Before it has buffers: thousands may wait here.
    let turn = match &options.admission {
        Some(admission) => admission.admit().await,
        None => Ok(()),
    };
    let line = Line::new(io, LineState::new());
    let config = Lane::Interactive.websocket();
    let mut socket = WebSocketStream::from_raw_socket(line, Role::Server, Some(config)).await;
    let greeted = match turn {
        Ok(()) => greet(&mut socket, options, authenticator).await,
        Err(refusal) => Err(AcceptError::Refused(refusal)),
    };
    match greeted {
        Ok((hello, round_trip, admitted)) => {
            if hello.lane != Lane::Interactive {
                // The node says nothing before `welcome`, so no byte is lost with the old buffer.
                let line = socket.into_inner();
                let config = Some(hello.lane.websocket());
                socket = WebSocketStream::from_raw_socket(line, Role::Server, config).await;
            }
            let window = hello.lane.window(round_trip);
            let pace = options.pace(&hello);
            let redial = redial_within(options.nodes);
            let welcome = Welcome::new(pace.idle, window, round_trip, redial, admitted.data);
            put(&mut socket, &ServerMessage::Welcome(welcome)).await?;
            let connection = Connection::open(socket, hello.lane, round_trip, pace, options)
                .await
                .map_err(AcceptError::NotServing)?;
            Ok(Accepted {
                grant: admitted.grant,
                hello,
                connection,
            })
        }
        Err(error) => {
            if let AcceptError::Refused(refusal) = &error {
                send(&mut socket, &ServerMessage::Refused(refusal.clone())).await?;
                // A failed farewell changes nothing: the connection is dropped next.
                let _ = tokio::time::timeout(FAREWELL, socket.close(None)).await;
            }
            Err(error)
        }
    }
}

/// Asks who the node is, and how long the line takes there and back.
async fn greet<I, A>(
    socket: &mut WebSocketStream<Line<I>>,
    options: &AcceptOptions,
    authenticator: &A,
) -> Result<(Hello, Duration, Admitted<A::Grant>), AcceptError>
where
    I: AsyncRead + AsyncWrite + Unpin,
    A: Authenticator,
{
    let mut nonce = [0; 32];
    rand::rng().fill_bytes(&mut nonce);
    let challenge = Challenge {
        protocols: (*PROTOCOLS.start(), *PROTOCOLS.end()),
        nonce: hex::encode(nonce),
    };
    let asked = Instant::now();
    send(socket, &ServerMessage::Challenge(challenge.clone())).await?;
    let hello: NodeMessage = receive(socket, options.hello_within, "hello").await?;
    let hello = Hello::from(hello);
    let round_trip = asked.elapsed();
    if !PROTOCOLS.contains(&hello.protocol) {
        let detail = format!(
            "This node speaks version {} of the protocol, the control plane {} to {}. Update the older of the two.",
            hello.protocol,
            PROTOCOLS.start(),
            PROTOCOLS.end(),
        );
        return Err(AcceptError::Refused(Refusal::new(
            Reason::Version,
            detail,
            VERSION_RETRY,
        )));
    }
    let attempt = Attempt {
        challenge,
        hello,
        peer: options.peer,
    };
    let decision = authenticator.authenticate(&attempt);
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, decision).await {
        Ok(Ok(admitted)) => Ok((attempt.hello, round_trip, admitted)),
        Ok(Err(refusal)) => Err(AcceptError::Refused(refusal)),
        Err(_) => Err(AcceptError::Refused(Refusal::new(
            Reason::Starting,
            "The control plane could not decide in time.",
            UNDECIDED_RETRY,
        ))),
    }
}
