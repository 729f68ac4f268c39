//! Connections to a port, which the agent opens.

use std::error::Error;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use atelier_api::Problem;
use atelier_api::agent::ports::{CONNECT_PROTOCOL, PASS_HEADER};
use atelier_api::node::Application;
use axum::body::Body;
use http::header::{CONNECTION, UPGRADE};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioIo;

use super::passed::Passed;
use crate::error::NodeError;
use crate::proxy::AgentSocket;

/// How long the reason may be why a connection is refused, in bytes.
const REASON_MAX: usize = 64 * 1024;

/// How long the agent may take to give a socket that it has promised.
const PASSED_WITHIN: Duration = Duration::from_secs(10);

/// Opens connections to the ports behind an agent.
#[derive(Debug, Clone)]
pub(crate) struct PortConnector {
    agent: Client<AgentSocket, Body>,
}

impl PortConnector {
    pub(in crate::proxy) fn new(agent: Client<AgentSocket, Body>) -> Self {
        Self { agent }
    }

    pub(super) async fn connect(&self, application: Application) -> Result<PortStream, NodeError> {
        let way = match application {
            Application::Port(port) => format!("ports/{port}"),
            Application::VsCode => "vscode".to_owned(),
        };
        let request = Request::get(format!("http://agent/v1/{way}/connect"))
            .header(CONNECTION, "upgrade")
            .header(UPGRADE, CONNECT_PROTOCOL)
            .header(PASS_HEADER, "1")
            .body(Body::empty())
            .expect("the parts are valid");
        let response = self
            .agent
            .request(request)
            .await
            .map_err(super::super::gone)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status();
            let body = Limited::new(response.into_body(), REASON_MAX)
                .collect()
                .await;
            let problem = body
                .ok()
                .and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
            return Err(match problem {
                Some(problem) if status != StatusCode::NOT_FOUND => problem.into(),
                _ => NodeError::conflict(
                    "This workspace was started by an older version, which knows no ports or no \
                     VS Code. Restart the workspace first.",
                ),
            });
        }
        let passes = response.headers().get(PASS_HEADER).cloned();
        let gone = |error: Box<dyn Error + Send + Sync>| {
            NodeError::unavailable("The agent closed the connection.").caused_by(error)
        };
        let upgraded = hyper::upgrade::on(response).await;
        let upgraded = upgraded.map_err(|error| gone(error.into()))?;
        Ok(match passes {
            Some(passes) if passes == "1" => {
                let passed = tokio::time::timeout(PASSED_WITHIN, Passed::take(upgraded)).await;
                let passed = passed.map_err(|elapsed| gone(elapsed.into()))?;
                PortStream::Passed(TokioIo::new(passed.map_err(|error| gone(error.into()))?))
            }
            passes => PortStream::Copied {
                upgraded,
                passable: passes.is_some(),
            },
        })
    }
}

/// A connection to a port.
#[derive(Debug)]
pub(crate) enum PortStream {
    /// The application's own socket.
    Passed(TokioIo<Passed>),
    /// The agent copies the bytes.
    Copied {
        upgraded: Upgraded,
        /// The next one may be passed, now that the agent has seen what is spoken.
        passable: bool,
    },
}

impl Read for PortStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Passed(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Copied { upgraded, .. } => Pin::new(upgraded).poll_read(cx, buffer),
        }
    }
}

impl Write for PortStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Passed(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Copied { upgraded, .. } => Pin::new(upgraded).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Passed(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Copied { upgraded, .. } => Pin::new(upgraded).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Passed(socket) => socket.is_write_vectored(),
            Self::Copied { upgraded, .. } => upgraded.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Passed(socket) => Pin::new(socket).poll_flush(cx),
            Self::Copied { upgraded, .. } => Pin::new(upgraded).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Passed(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Copied { upgraded, .. } => Pin::new(upgraded).poll_shutdown(cx),
        }
    }
}
