//! One attempt: TCP, perhaps a proxy, TLS, the WebSocket's upgrade, the handshake.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::{DATE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::value::to_raw_value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use url::Url;

use super::config::{DialConfig, InvalidConfig, host_of};
use super::identity::{Asked, Identity};
use super::proxy;
use crate::bytes::ByteStream;
use crate::handshake::{
    HandshakeError, Hello, NodeMessage, PROTOCOLS, Reason, Refusal, ServerMessage, receive, send,
};
use crate::line::{Line, LineState};
use crate::settings::Lane;
use crate::socket::tune;

/// For one address of the host: a blackholed one must not use up the time of those after it.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(4);
/// The control plane may take so many steps' time for its first word: where many come, each waits its turn …
const CHALLENGE_STEPS: u32 = 2;
/// … and so many for the handshake's last: it asks its database.
const VERDICT_STEPS: u32 = 2;
/// When the versions do not fit; one side may be upgraded meanwhile.
const VERSION_RETRY: Duration = Duration::from_secs(60);

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The configuration makes no sense, or is not safe.
    #[error("the configuration cannot be used")]
    Config(#[from] InvalidConfig),
    /// The name is unknown.
    #[error("the name {host} cannot be resolved")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's words.
        source: io::Error,
    },
    /// No TCP connection.
    #[error("no connection to {host}")]
    Connect {
        /// The host and port.
        host: String,
        /// The last address's error.
        source: io::Error,
    },
    /// The proxy broke off.
    #[error("the proxy did not answer as a proxy should")]
    Proxy(#[source] io::Error),
    /// The proxy said no.
    #[error("the proxy refused with status {0}{hint}", hint = if *.0 == 407 { ": it wants a user and a password" } else { "" })]
    ProxyRefused(u16),
    /// The certificate is not believed, or TLS failed otherwise.
    #[error("no trusted TLS connection to {host}")]
    Tls {
        /// The host.
        host: String,
        /// What TLS says.
        source: io::Error,
    },
    /// An HTTP answer that is no upgrade.
    #[error("the address answered with status {0} and no WebSocket")]
    Http(StatusCode, HeaderMap),
    /// A step took too long.
    #[error("{step} took longer than {} s", limit.as_secs_f32())]
    TimedOut {
        /// Which.
        step: &'static str,
        /// How long it may take.
        limit: Duration,
    },
    /// The handshake failed.
    #[error("the handshake failed")]
    Handshake(#[from] HandshakeError),
    /// The control plane said no, and when to ask again.
    #[error("the control plane refused ({reason:?}): {0}", reason = .0.reason)]
    Refused(Refusal),
}

impl DialError {
    /// How long to wait, where the other side has said so. A busy proxy's `Retry-After` counts too.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => Some(refusal.retry_after()),
            Self::Http(_, headers) => {
                let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
                value.parse().ok().map(Duration::from_secs)
            }
            _ => None,
        }
    }
}

/// What a check of the way has found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reached {
    /// How long it took.
    pub took: Duration,
    /// How the control plane dated its answer (RFC 9110 §6.6.1).
    pub date: Option<String>,
}

/// Goes all the way to the control plane's first word and hangs up, as a check: a connection that stands
/// is not touched.
///
/// # Errors
/// What kept it from getting there. A refusal instead of a challenge (busy, starting) is none of it.
pub async fn reach(config: &DialConfig) -> Result<Reached, DialError> {
    config.check(&config.url)?;
    let tls = config.tls()?;
    let begun = Instant::now();
    let way = Way {
        config,
        tls: tls.as_ref(),
        url: &config.url,
        lane: Lane::Interactive,
    };
    let Opened {
        mut socket,
        headers,
        ..
    } = way.open().await?;
    match receive(
        &mut socket,
        CHALLENGE_STEPS * config.step_timeout,
        "challenge",
    )
    .await?
    {
        ServerMessage::Challenge(_) | ServerMessage::Refused(_) => {
            let date = headers.get(DATE).and_then(|date| date.to_str().ok());
            Ok(Reached {
                took: begun.elapsed(),
                date: date.map(str::to_owned),
            })
        }
        ServerMessage::Welcome(_) => Err(HandshakeError::Garbage("challenge").into()),
    }
}

/// Bytes to the control plane, encrypted or not.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

type Socket = WebSocketStream<Line<Box<dyn Io>>>;

/// A WebSocket to the control plane.
struct Opened {
    socket: Socket,
    line: Arc<LineState>,
    /// Of the answer that made it one.
    headers: HeaderMap,
    /// The one that it comes from, if no proxy was asked.
    port: Option<u16>,
}

/// A connection on which HTTP/2 is to be served.
pub(super) struct Dialed {
    pub(super) bytes: ByteStream<Box<dyn Io>>,
    pub(super) line: Arc<LineState>,
    /// Of each stream.
    pub(super) window: u32,
    /// How long all nodes take to come back when the control plane was away.
    pub(super) redial_within: Duration,
}

/// The way to the control plane.
pub(super) struct Way<'a> {
    pub(super) config: &'a DialConfig,
    /// `None` for plaintext.
    pub(super) tls: Option<&'a Arc<ClientConfig>>,
    pub(super) url: &'a Url,
    pub(super) lane: Lane,
}

/// An attempt to be let in.
pub(super) struct Attempt<'a> {
    pub(super) way: Way<'a>,
    pub(super) instance: &'a str,
    pub(super) identity: &'a dyn Identity,
}

impl Attempt<'_> {
    /// Makes the attempt.
    pub(super) async fn dial(&self) -> Result<Dialed, DialError> {
        let Way {
            config, url, lane, ..
        } = self.way;
        let Opened {
            mut socket,
            line,
            port,
            ..
        } = self.way.open().await?;
        let challenge = match receive(
            &mut socket,
            CHALLENGE_STEPS * config.step_timeout,
            "challenge",
        )
        .await?
        {
            ServerMessage::Challenge(challenge) => challenge,
            ServerMessage::Refused(refusal) => return Err(DialError::Refused(refusal)),
            ServerMessage::Welcome(_) => return Err(HandshakeError::Garbage("challenge").into()),
        };
        let (oldest, newest) = challenge.protocols;
        let protocol = newest.min(*PROTOCOLS.end());
        if protocol < oldest || !PROTOCOLS.contains(&protocol) {
            let detail = format!(
                "The control plane speaks versions {oldest} to {newest} of the protocol, this node {} to {}. Update the older of the two.",
                PROTOCOLS.start(),
                PROTOCOLS.end(),
            );
            let refusal = Refusal::new(Reason::Version, detail, VERSION_RETRY);
            return Err(DialError::Refused(refusal));
        }
        let identity = self.identity.answer(&Asked {
            nonce: &challenge.nonce,
            protocol,
            lane,
            instance: self.instance,
            host: &host_of(url),
        });
        let identity = to_raw_value(&identity).expect("a value is JSON");
        let hello = NodeMessage::from(Hello {
            protocol,
            lane,
            instance: self.instance.to_owned(),
            port,
            identity,
        });
        send(&mut socket, &hello).await?;
        match receive(&mut socket, VERDICT_STEPS * config.step_timeout, "verdict").await? {
            ServerMessage::Welcome(welcome) => {
                self.identity.welcomed(&welcome.data);
                let bytes = ByteStream::listening(
                    socket,
                    lane,
                    welcome.heartbeat(),
                    lane.chase(welcome.round_trip()),
                );
                Ok(Dialed {
                    bytes,
                    line,
                    window: welcome.window(lane),
                    redial_within: welcome.redial_within(),
                })
            }
            ServerMessage::Refused(refusal) => Err(DialError::Refused(refusal)),
            ServerMessage::Challenge(_) => Err(HandshakeError::Garbage("verdict").into()),
        }
    }
}

impl Way<'_> {
    /// A WebSocket to the control plane, before the handshake.
    async fn open(&self) -> Result<Opened, DialError> {
        let (io, port) = self.connect().await?;
        let line = LineState::new();
        let (socket, headers) = self.upgrade(Line::new(io, line.clone())).await?;
        Ok(Opened {
            socket,
            line,
            headers,
            port,
        })
    }

    /// Gives back also the port that it comes from, if no proxy is asked.
    async fn connect(&self) -> Result<(Box<dyn Io>, Option<u16>), DialError> {
        let tcp = async {
            if let Some(proxy) = self.config.proxy.for_target(self.url) {
                return Ok((proxy::connect(proxy, self.url, self.lane).await?, None));
            }
            let tcp = connect_tcp(self.url, self.lane).await?;
            let port = tcp.local_addr().ok().map(|address| address.port());
            Ok((tcp, port))
        };
        let (tcp, port) = self.within("the connection", tcp).await?;
        let Some(tls) = self.tls else {
            return Ok((Box::new(tcp), port));
        };
        let host = host_of(self.url);
        let failed = |source| DialError::Tls {
            host: host.clone(),
            source,
        };
        let name = ServerName::try_from(host.clone())
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let tls = TlsConnector::from(tls.clone()).connect(name, tcp);
        let tls = self
            .within("TLS", async { tls.await.map_err(failed) })
            .await?;
        Ok((Box::new(tls), port))
    }

    async fn upgrade(&self, line: Line<Box<dyn Io>>) -> Result<(Socket, HeaderMap), DialError> {
        let websocket = |error| HandshakeError::WebSocket(Box::new(error));
        let mut request = self.url.as_str().into_client_request().map_err(websocket)?;
        if let Ok(agent) = HeaderValue::from_str(&self.config.user_agent) {
            request.headers_mut().insert(USER_AGENT, agent);
        }
        let config = Some(self.lane.websocket());
        let upgraded = tokio_tungstenite::client_async_with_config(request, line, config);
        self.within("the upgrade to a WebSocket", async {
            match upgraded.await {
                Ok((socket, response)) => Ok((socket, response.into_parts().0.headers)),
                Err(WsError::Http(response)) => {
                    let (parts, _) = response.into_parts();
                    Err(DialError::Http(parts.status, parts.headers))
                }
                Err(error) => Err(websocket(error).into()),
            }
        })
        .await
    }

    async fn within<T>(
        &self,
        step: &'static str,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let limit = self.config.step_timeout;
        tokio::time::timeout(limit, work)
            .await
            .map_err(|_| DialError::TimedOut { step, limit })?
    }
}

/// Tries the host's addresses one after the other.
pub(super) async fn connect_tcp(url: &Url, lane: Lane) -> Result<TcpStream, DialError> {
    let host = host_of(url);
    let default = if matches!(url.scheme(), "wss" | "https") {
        443
    } else {
        80
    };
    let port = url.port().unwrap_or(default);
    let addresses = tokio::net::lookup_host((host.as_str(), port))
        .await
        .map_err(|source| DialError::Resolve {
            host: host.clone(),
            source,
        })?;
    let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "the name has no address");
    for address in addresses {
        match tokio::time::timeout(ADDRESS_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => match tune(&stream, lane) {
                Ok(()) => return Ok(stream),
                Err(error) => last = error,
            },
            Ok(Err(error)) => last = error,
            Err(_) => last = io::Error::new(io::ErrorKind::TimedOut, "no answer"),
        }
    }
    Err(DialError::Connect {
        host: format!("{host}:{port}"),
        source: last,
    })
}
