//! How a request reaches a node, whichever way.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower::ServiceExt as _;

use crate::line::End;
use crate::tunnels::Tunnel;

/// How long an answer's head may take if the request says nothing else. Waiting calls answer sooner; a
/// handler that hangs must not hold its stream for ever.
const ANSWER_WITHIN: Duration = Duration::from_secs(600);

/// Why a request did not reach the node, or its answer did not come back.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The node is not connected.
    #[error("the node is not connected")]
    Offline,
    /// So many requests are under way that no further one is sent.
    #[error("{0} requests to the node are under way, which is the most there may be")]
    Busy(u32),
    /// The node did not answer within this time. It may still do what it was asked.
    #[error("the node did not answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// Nobody read the answer for so long that it was given up.
    #[error("the answer was given up because nobody read it")]
    Stalled,
    /// The connection ended under the request. The node may have done what it was asked.
    #[error("the connection to the node ended: {0}")]
    Broken(End),
}

/// A request's extension: how long the answer's head may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerWithin(pub Duration);

/// A node in this process.
pub trait InProcess: Send + Sync {
    /// Answers a request.
    fn answer(&self, request: Request<Body>) -> Answering;
}

/// An answer that is being made.
pub type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

impl InProcess for Router {
    fn answer(&self, request: Request<Body>) -> Answering {
        let answer = self.clone().oneshot(request);
        Box::pin(async move {
            match answer.await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        })
    }
}

/// A way to call one node. Cheap to clone.
#[derive(Clone)]
#[non_exhaustive]
pub enum Link {
    /// The node in this process.
    Local(Arc<dyn InProcess>),
    /// The connections that the node dialed.
    Tunnel(Tunnel),
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(_) => f.write_str("Link::Local"),
            Self::Tunnel(tunnel) => f.debug_tuple("Link::Tunnel").field(tunnel).finish(),
        }
    }
}

impl Link {
    /// Passes a request on to the node and gives back its answer.
    ///
    /// A request that came with an upgrade (a browser's WebSocket) is passed on with it: the node
    /// takes over the connection's bytes, which nothing on the way parses. The extensions
    /// [`Lane`](crate::Lane) and [`AnswerWithin`] say how it is sent.
    ///
    /// # Errors
    /// [`LinkError`] when the node cannot be reached. An error *of* the node is an answer.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, LinkError> {
        let within = request.extensions().get::<AnswerWithin>();
        let limit = within.map_or(ANSWER_WITHIN, |within| within.0);
        match self {
            Self::Local(node) => {
                let answer = node.answer(with_fresh_extensions(request));
                let answer = tokio::time::timeout(limit, answer).await;
                answer.map_err(|_| LinkError::TimedOut(limit))
            }
            Self::Tunnel(tunnel) => tunnel.send(request, limit).await,
        }
    }
}

/// Drops the extensions that the outer router left (its path parameters would be taken for the
/// inner router's) and keeps what an upgrade needs.
fn with_fresh_extensions(request: Request<Body>) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    let mut extensions = http::Extensions::new();
    if let Some(upgrade) = parts.extensions.remove::<hyper::upgrade::OnUpgrade>() {
        extensions.insert(upgrade);
    }
    if let Some(protocol) = parts.extensions.remove::<hyper::ext::Protocol>() {
        extensions.insert(protocol);
    }
    parts.extensions = extensions;
    Request::from_parts(parts, body)
}
