//! One connection of a node, seen from the control plane: an HTTP/2 client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use h2::client::SendRequest;
use h2::{Ping, PingPong, RecvStream};
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;

use crate::accept::AcceptOptions;
use crate::answer::{Answer, Answers, Incoming, explain};
use crate::bytes::{Beat, ByteStream, OnBeat};
use crate::line::{End, Line, LineState};
use crate::link::LinkError;
use crate::sending::send_body;
use crate::settings::{HANDSHAKE_TIMEOUT, Lane, Pace};
use crate::stream::Stream;

/// Paths under this one the tunnel answers itself, on the node's side; they never reach its router.
pub(crate) const RESERVED: &str = "/-/tunnel/";
/// Answered 204: the node serves.
pub(crate) const PROBE: &str = "/-/tunnel/probe";
/// Answered 202: the node dials its bulk lane; 404: it has none.
pub(crate) const WANT_BULK: &str = "/-/tunnel/bulk";

/// Heartbeats in a row without a request after which the bulk lane ends: two minutes.
const IDLE_BEATS: u32 = 24;

/// A standing connection of one lane. Cheap to clone.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    sender: SendRequest<Bytes>,
    /// One permit for each request under way.
    streams: Arc<Semaphore>,
    answers: Arc<Answers>,
    line: Arc<LineState>,
    lane: Lane,
}

/// What the node says to an extended CONNECT.
pub(crate) enum Connected {
    /// The bytes from here on are the caller's.
    Taken(Response<Stream>),
    /// It answers as to any request.
    Refused(Response<Answer>),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("lane", &self.0.lane)
            .field("line", &self.0.line)
            .finish()
    }
}

impl Connection {
    /// Starts HTTP/2 over the WebSocket and waits until the node has answered a ping: its settings come before that.
    pub(crate) async fn open<S>(
        socket: WebSocketStream<Line<S>>,
        lane: Lane,
        round_trip: Duration,
        pace: Pace,
        options: &AcceptOptions,
    ) -> Result<Self, LinkError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let line = socket.get_ref().state().clone();
        let streams = Arc::new(Semaphore::new(lane.requests() as usize));
        let answers = Arc::<Answers>::default();
        let beat = on_beat(
            lane,
            streams.clone(),
            answers.clone(),
            options.reset_stalled_after,
        );
        let chase = lane.chase(round_trip);
        let bytes = ByteStream::pinging(socket, lane, pace, beat, chase);
        let (sender, mut driver) = lane
            .client(lane.window(round_trip))
            .handshake(bytes)
            .await
            .map_err(|error| LinkError::Broken(explain(&line, &error)))?;
        let first = driver.ping_pong();
        let ending = line.clone();
        // No block, which would have room for the driver twice.
        tokio::spawn(driver.map(move |ended| {
            ending.end(match ended {
                Ok(()) => End::Closed,
                Err(error) => End::Failed(error.to_string()),
            });
        }));
        let connection = Self(Arc::new(Inner {
            sender,
            streams,
            answers,
            line,
            lane,
        }));
        match connection.greet(first).await {
            Ok(()) => Ok(connection),
            Err(error) => {
                connection.end(End::Failed(error.to_string()));
                Err(error)
            }
        }
    }

    async fn greet(&self, first: Option<PingPong>) -> Result<(), LinkError> {
        if let Some(mut first) = first {
            let begun = Instant::now();
            self.within(HANDSHAKE_TIMEOUT, first.ping(Ping::opaque()))
                .await?;
            self.0.line.set_round_trip(begun.elapsed());
        }
        if !self.0.sender.is_extended_connect_protocol_enabled() {
            let missing = "the node takes no WebSockets over HTTP/2 (RFC 8441)";
            return Err(LinkError::Broken(End::Failed(missing.to_owned())));
        }
        Ok(())
    }

    /// Which of the two it is.
    pub fn lane(&self) -> Lane {
        self.0.lane
    }

    /// Whether requests can be sent.
    pub fn is_open(&self) -> bool {
        self.0.line.ended().is_none()
    }

    /// Waits until it has ended, and says why.
    pub async fn ended(&self) -> End {
        self.0.line.wait().await
    }

    /// Ends it and all of its streams at once.
    pub fn end(&self, why: End) {
        self.0.line.end(why);
    }

    /// When it was opened.
    pub fn opened(&self) -> Instant {
        self.0.line.opened()
    }

    /// The last measured round trip of the line.
    pub fn round_trip(&self) -> Option<Duration> {
        self.0.line.round_trip()
    }

    /// Asks the node for a sign of life, end to end, and measures how long it takes.
    ///
    /// # Errors
    /// When none comes within `limit`, or the connection ends.
    pub async fn probe(&self, limit: Duration) -> Result<Duration, LinkError> {
        let begun = Instant::now();
        match self.call_reserved(Method::GET, PROBE, limit).await? {
            StatusCode::NO_CONTENT => {
                let taken = begun.elapsed();
                self.0.line.set_round_trip(taken);
                Ok(taken)
            }
            status => Err(LinkError::Broken(End::Failed(format!(
                "the node answered a probe with {status}"
            )))),
        }
    }

    pub(crate) async fn call_reserved(
        &self,
        method: Method,
        path: &'static str,
        limit: Duration,
    ) -> Result<StatusCode, LinkError> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = http::Uri::builder()
            .scheme("http")
            .authority("node")
            .path_and_query(path)
            .build()
            .map_err(|error| LinkError::Broken(End::Failed(error.to_string())))?;
        let response = self.call_unlimited(request, limit).await?;
        Ok(response.status())
    }

    /// Sends a request and gives back the answer, whose body counts as under way until it is dropped.
    pub(crate) async fn call(
        &self,
        request: Request<Body>,
        limit: Duration,
    ) -> Result<Response<Answer>, LinkError> {
        let permit = self.permit()?;
        let response = self.call_unlimited(request, limit).await?;
        Ok(self.answer(response, permit))
    }

    /// Sends an extended CONNECT (RFC 8441). Where the node takes it, the bytes both ways are the caller's.
    pub(crate) async fn connect(
        &self,
        request: Request<()>,
        limit: Duration,
    ) -> Result<Connected, LinkError> {
        let permit = self.permit()?;
        let answering = async {
            let mut sender = self.0.sender.clone().ready().await?;
            let (response, toward) = sender.send_request(request, false)?;
            Ok((response.await?, toward))
        };
        let (response, toward) = self.within(limit, answering).await?;
        if response.status() != StatusCode::OK {
            return Ok(Connected::Refused(self.answer(response, permit)));
        }
        let (head, from) = response.into_parts();
        let stream = Stream::new(toward, from, permit);
        Ok(Connected::Taken(Response::from_parts(head, stream)))
    }

    fn answer(
        &self,
        response: Response<RecvStream>,
        permit: OwnedSemaphorePermit,
    ) -> Response<Answer> {
        let line = self.0.line.clone();
        let (head, body) = response.into_parts();
        let body = Incoming::new(&head.headers, body);
        Response::from_parts(head, self.0.answers.wrap(body, line, permit))
    }

    /// Dropping it before the head of the answer has come resets the stream.
    async fn call_unlimited(
        &self,
        request: Request<Body>,
        limit: Duration,
    ) -> Result<Response<RecvStream>, LinkError> {
        let (head, body) = request.into_parts();
        let answering = async {
            let mut sender = self.0.sender.clone().ready().await?;
            let ends = body.is_end_stream();
            let (response, toward) = sender.send_request(Request::from_parts(head, ()), ends)?;
            if ends {
                return response.await;
            }
            match select(response, Box::pin(send_body(body, toward))).await {
                Either::Left((response, sending)) => {
                    // The node has answered before it has seen the whole request, and may want the rest.
                    tokio::spawn(sending);
                    response
                }
                // Where it failed, the answer says so too, or came before.
                Either::Right((_, response)) => response.await,
            }
        };
        self.within(limit, answering).await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        answering: impl Future<Output = Result<T, h2::Error>>,
    ) -> Result<T, LinkError> {
        match tokio::time::timeout(limit, answering).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(LinkError::Broken(explain(&self.0.line, &error))),
            Err(_) => Err(LinkError::TimedOut(limit)),
        }
    }

    /// Excess requests would wait inside HTTP/2 without a word, so they are refused here.
    fn permit(&self) -> Result<OwnedSemaphorePermit, LinkError> {
        use tokio::sync::TryAcquireError::{Closed, NoPermits};
        match self.0.streams.clone().try_acquire_owned() {
            Ok(permit) if self.is_open() => Ok(permit),
            Ok(_) | Err(Closed) => Err(LinkError::Offline),
            Err(NoPermits) => Err(LinkError::Busy(self.0.lane.requests())),
        }
    }
}

/// What is to be done at each heartbeat: unread answers are given up, and a bulk lane without a request
/// for a while ends; from then on none can start.
fn on_beat(
    lane: Lane,
    streams: Arc<Semaphore>,
    answers: Arc<Answers>,
    reset_stalled_after: Duration,
) -> OnBeat {
    let mut idle_beats = 0;
    Box::new(move || {
        answers.reset_stalled(reset_stalled_after);
        let Ok(held) = streams.try_acquire_many(lane.requests()) else {
            idle_beats = 0;
            return Beat::Busy;
        };
        idle_beats += 1;
        if lane == Lane::Interactive || idle_beats < IDLE_BEATS {
            return Beat::Idle;
        }
        streams.close();
        drop(held);
        Beat::Unused
    })
}
