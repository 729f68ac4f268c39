//! Connections to the applications behind an agent, kept for the next request.
//!
//! A connection is driven by the task that waits for its answer. With a task of its own, as hyper's pooled
//! client gives it, a small answer takes seven turns of tasks rather than two, which is much of what a
//! preview costs. So nobody drives a connection that is idle: whether the application has closed it
//! meanwhile is seen when it is taken again.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use atelier_api::node::Application;
use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::connect::{PortConnector, PortStream};
use super::turn::Turn;
use crate::error::NodeError;
use crate::proxy::Pipes;

/// How many idle connections to one port are kept, for seconds. A new one costs the agent a look at the kernel's
/// tables: where more come and go than are kept, every request pays it.
const IDLE_CONNECTIONS: usize = 512;

/// How long they are kept. Shorter than the five seconds after which Node.js closes them, which would
/// meet a request on its way.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// How large the head of an application's answer may be, and how much of a body waits here, in bytes.
pub(super) const BUFFER: usize = 256 * 1024;

/// How many headers an answer may have.
pub(super) const HEADERS_MAX: usize = 256;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// There is no connection.
    Unreached(NodeError),
    /// It broke, or did not speak HTTP.
    Broken(hyper::Error),
}

/// The applications behind an agent.
#[derive(Debug)]
pub(in crate::proxy) struct Applications {
    connector: PortConnector,
    idle: Arc<Idle>,
}

impl Applications {
    pub(in crate::proxy) fn new(connector: PortConnector) -> Self {
        Self {
            connector,
            idle: Arc::default(),
        }
    }

    /// Asks an application. The request is in origin form, and names its host.
    pub(super) async fn ask(
        &self,
        application: Application,
        mut request: Request<Body>,
        pipes: &Pipes,
    ) -> Result<Response<Answer>, Lost> {
        loop {
            let kept = self.idle.take(application);
            let reused = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => Box::pin(self.connect(application)).await?,
            };
            let mut answer = pin!(connection.requests.try_send_request(request));
            let Driver { turn, inner } = &mut connection.driver;
            let answer = std::future::poll_fn(|cx| {
                turn.take(cx, |cx| {
                    if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                        return Poll::Ready(answer);
                    }
                    drive(inner, cx);
                    answer.as_mut().poll(cx)
                })
            });
            match answer.await {
                Ok(response) => {
                    return Ok(self.answered(application, response, connection, pipes));
                }
                Err(mut failure) => match failure.take_message() {
                    // Closed while nobody looked, and nothing of the request was sent.
                    Some(again) if reused => request = again,
                    _ => return Err(Lost::Broken(failure.into_error())),
                },
            }
        }
    }

    fn answered(
        &self,
        application: Application,
        response: Response<Incoming>,
        connection: Connection,
        pipes: &Pipes,
    ) -> Response<Answer> {
        let connection = if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            // What is spoken now is no more HTTP: this ends as soon as the bytes are handed over.
            if let Some(driver) = connection.driver.inner {
                let shutdown = pipes.shutdown.clone();
                pipes.tasks.spawn(async move {
                    let _ = shutdown.run_until_cancelled(driver).await;
                });
            }
            None
        } else {
            Some(connection)
        };
        let idle = Arc::clone(&self.idle);
        let pipes = pipes.clone();
        response.map(|body| Answer {
            body,
            ended: false,
            connection,
            application,
            idle,
            pipes,
        })
    }

    async fn connect(&self, application: Application) -> Result<Connection, Lost> {
        let stream = self.connector.connect(application).await;
        let stream = stream.map_err(Lost::Unreached)?;
        let passable = matches!(stream, PortStream::Copied { passable: true, .. });
        let mut http = Builder::new();
        http.max_buf_size(BUFFER).max_headers(HEADERS_MAX);
        let (requests, driver) = http.handshake(stream).await.map_err(Lost::Broken)?;
        Ok(Connection {
            requests,
            driver: Driver {
                turn: Turn::default(),
                inner: Some(Box::pin(driver.with_upgrades())),
            },
            // The next one the agent may give away, now that it sees what is spoken.
            once: passable,
        })
    }
}

#[derive(Debug)]
struct Connection {
    requests: SendRequest<Body>,
    driver: Driver,
    /// It is not for keeping.
    once: bool,
}

/// What reads and writes.
struct Driver {
    turn: Turn,
    /// Absent when the connection has ended.
    inner: Option<Driving>,
}

type Driving = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

fn drive(driver: &mut Option<Driving>, cx: &mut Context<'_>) {
    if let Some(connection) = driver
        && connection.as_mut().poll(cx).is_ready()
    {
        // How it ended the request or the body has been told.
        *driver = None;
    }
}

impl Connection {
    /// Whether it takes a request.
    fn is_ready(&mut self) -> bool {
        drive(
            &mut self.driver.inner,
            &mut Context::from_waker(Waker::noop()),
        );
        self.driver.inner.is_some() && self.requests.is_ready()
    }
}

#[derive(Debug, Default)]
struct Idle {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By application, the one used last at the end.
    connections: HashMap<Application, Vec<(Connection, Instant)>>,
    swept: bool,
}

impl Idle {
    fn take(&self, application: Application) -> Option<Connection> {
        loop {
            let (mut connection, until) =
                self.kept.lock().connections.get_mut(&application)?.pop()?;
            if until > Instant::now() && connection.is_ready() {
                return Some(connection);
            }
        }
    }

    fn keep(self: &Arc<Self>, application: Application, connection: Connection, pipes: &Pipes) {
        let mut kept = self.kept.lock();
        let connections = kept.connections.entry(application).or_default();
        if connections.len() == IDLE_CONNECTIONS {
            return;
        }
        connections.push((connection, Instant::now() + IDLE_FOR));
        if !std::mem::replace(&mut kept.swept, true) {
            let (idle, shutdown) = (Arc::downgrade(self), pipes.shutdown.clone());
            pipes
                .tasks
                .spawn(async move { shutdown.run_until_cancelled(sweep(idle)).await });
        }
    }
}

/// Closes what has been idle for too long, until nothing is kept.
async fn sweep(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(IDLE_FOR).await;
        let Some(idle) = idle.upgrade() else {
            return;
        };
        let mut kept = idle.kept.lock();
        let now = Instant::now();
        kept.connections.retain(|_, connections| {
            connections.retain(|(_, until)| *until > now);
            !connections.is_empty()
        });
        if kept.connections.is_empty() {
            kept.swept = false;
            return;
        }
    }
}

/// The body of an application's answer, which drives its connection, and gives it back at its end. Dropped
/// before, it closes it.
#[derive(Debug)]
pub(super) struct Answer {
    body: Incoming,
    ended: bool,
    connection: Option<Connection>,
    application: Application,
    idle: Arc<Idle>,
    pipes: Pipes,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self {
            body,
            ended,
            connection,
            ..
        } = &mut *self;
        let mut body = Pin::new(body);
        let frame = match connection {
            Some(connection) => {
                let Driver { turn, inner } = &mut connection.driver;
                turn.take(cx, |cx| {
                    if let Poll::Ready(frame) = body.as_mut().poll_frame(cx) {
                        return Poll::Ready(frame);
                    }
                    drive(inner, cx);
                    body.as_mut().poll_frame(cx)
                })
            }
            None => body.poll_frame(cx),
        };
        *ended |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let read = self.ended || self.body.is_end_stream();
        if read && !connection.once && connection.is_ready() {
            self.idle.keep(self.application, connection, &self.pipes);
        }
    }
}
