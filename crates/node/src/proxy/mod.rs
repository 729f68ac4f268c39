//! Passing requests on to an agent, of a workspace or of the machine itself.
//!
//! Invariant: the agent runs user code and is not trusted. Only what is on a list passes in either
//! direction, and what comes back can neither set a cookie nor run as a page of this origin.

mod headers;
mod preview;
mod socket;
mod upgrade;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::preview::{Applications, PortConnector};
pub(crate) use self::socket::AgentSocket;
use crate::error::NodeError;

/// How many idle connections to an agent are kept.
const IDLE_CONNECTIONS: usize = 4;

/// What of an answer may wait here for its reader, in bytes.
const READ_BUFFER: usize = 128 * 1024;

/// How long an idle connection is kept: not as long as the agent waits for a request's head (hyper's 30 s), or one
/// would be sent while it hangs up.
const IDLE_FOR: Duration = Duration::from_secs(20);

/// How long an agent may be silent: neither taking the request's body nor answering it. Longer than
/// any step of a clone or copy, which report progress.
const SILENT_FOR: Duration = Duration::from_secs(120);

/// How long an agent may take to say that it is there.
const HEALTH_WITHIN: Duration = Duration::from_secs(10);

/// The way to one agent. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Agent(Arc<Ways>);

#[derive(Debug)]
struct Ways {
    client: Client<AgentSocket, Body>,
    /// To the applications that listen in the workspace.
    applications: Applications,
}

/// Where upgraded connections live on after their request.
#[derive(Debug, Clone)]
pub(crate) struct Pipes {
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

impl Agent {
    /// An agent that is reached through the socket.
    pub(crate) fn new(socket: AgentSocket) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_FOR)
            .http1_max_buf_size(READ_BUFFER)
            .build(socket);
        Self(Arc::new(Ways {
            applications: Applications::new(PortConnector::new(client.clone())),
            client,
        }))
    }

    /// Asks whether the agent is there.
    pub(crate) async fn health(&self) -> Result<(), NodeError> {
        let request = Request::get("http://agent/v1/health")
            .body(Body::empty())
            .expect("a constant request is valid");
        let answer = tokio::time::timeout(HEALTH_WITHIN, self.0.client.request(request)).await;
        match answer {
            Ok(Ok(response)) if response.status() == StatusCode::OK => Ok(()),
            Ok(Ok(response)) => Err(NodeError::unavailable(format!(
                "The agent answered {}.",
                response.status()
            ))),
            Ok(Err(error)) => Err(gone(error)),
            Err(_) => Err(NodeError::timeout("The agent does not answer.")),
        }
    }

    /// Opens a WebSocket to `path` of the agent, for the node itself.
    pub(crate) async fn websocket(&self, path: &str) -> Result<TokioIo<Upgraded>, NodeError> {
        let request = upgrade::websocket(&format!("http://agent{path}"));
        let response = self.answer(request, &AtomicU64::new(0)).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(NodeError::unavailable(format!(
                "The agent answered {}.",
                response.status()
            )));
        }
        let upgraded = hyper::upgrade::on(response).await;
        let upgraded = upgraded.map_err(|error| {
            NodeError::unavailable("The agent closed the connection.").caused_by(error)
        })?;
        Ok(TokioIo::new(upgraded))
    }

    /// Passes a request on to `path` (with its query) of the agent, and the answer back. Bodies are
    /// streamed; a caller who goes away is an agent's caller who goes away.
    pub(crate) async fn forward(
        &self,
        path: &str,
        mut request: Request<Body>,
        pipes: &Pipes,
    ) -> Result<Response, NodeError> {
        let uri: Uri = format!("http://agent{path}")
            .parse()
            .map_err(|_| NodeError::malformed("The path cannot be passed on."))?;
        let upgrade = upgrade::Upgrade::take(&mut request);
        let (parts, body) = request.into_parts();
        let mut headers = headers::to_agent(&parts.headers);
        let method = match &upgrade {
            Some(upgrade) => {
                upgrade.complete(&mut headers);
                Method::GET
            }
            None => parts.method,
        };
        let (body, progress) = watched(body);
        let mut passed = Request::new(body);
        *passed.method_mut() = method;
        *passed.uri_mut() = uri;
        *passed.version_mut() = Version::HTTP_11;
        *passed.headers_mut() = headers;

        let mut response = self.answer(passed, &progress).await?;
        match upgrade {
            Some(upgrade) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                Ok(upgrade.accept(&mut response, pipes))
            }
            _ if response.status() == StatusCode::SWITCHING_PROTOCOLS => Err(
                NodeError::unavailable("The agent switched protocols without being asked to."),
            ),
            _ => {
                let (parts, body) = response.into_parts();
                let mut answer = Response::new(Body::new(body));
                *answer.status_mut() = parts.status;
                *answer.headers_mut() = headers::from_agent(&parts.headers);
                Ok(answer)
            }
        }
    }

    /// Waits for the answer as long as something moves.
    async fn answer(
        &self,
        request: Request<Body>,
        progress: &AtomicU64,
    ) -> Result<http::Response<hyper::body::Incoming>, NodeError> {
        let answer = self.0.client.request(request);
        tokio::pin!(answer);
        loop {
            let before = progress.load(Ordering::Relaxed);
            match tokio::time::timeout(SILENT_FOR, &mut answer).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(gone(error)),
                Err(_) if progress.load(Ordering::Relaxed) != before => {}
                Err(_) => {
                    return Err(NodeError::timeout(
                        "The agent did not answer in time. If that stays so, restart the workspace, \
                         or the machine's agent.",
                    ));
                }
            }
        }
    }
}

/// The body, and a number that changes whenever a part of it has been taken.
fn watched(body: Body) -> (Body, Arc<AtomicU64>) {
    let progress = Arc::new(AtomicU64::new(0));
    if http_body::Body::is_end_stream(&body) {
        return (body, progress);
    }
    let counter = Arc::clone(&progress);
    let body = body.map_frame(move |frame| {
        counter.fetch_add(1, Ordering::Relaxed);
        frame
    });
    (Body::new(body), progress)
}

fn gone(error: ClientError) -> NodeError {
    NodeError::unavailable("The agent cannot be reached. It is starting, or has just ended.")
        .caused_by(error)
}
