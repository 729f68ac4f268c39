//! Connections to a port, which the agent opens.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use atelier_api::Problem;
use atelier_api::agent::ports::CONNECT_PROTOCOL;
use axum::body::Body;
use http::header::{CONNECTION, UPGRADE};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};

use crate::error::NodeError;
use crate::proxy::AgentSocket;

/// How long the reason may be why a connection is refused, in bytes.
const REASON_MAX: usize = 64 * 1024;

/// The authority that stands for VS Code.
pub(super) const VSCODE: &str = "vscode";

/// Opens connections to the ports behind an agent.
#[derive(Debug, Clone)]
pub(crate) struct PortConnector {
    agent: Client<AgentSocket, Body>,
}

impl PortConnector {
    pub(in crate::proxy) fn new(agent: Client<AgentSocket, Body>) -> Self {
        Self { agent }
    }

    async fn connect(self, way: String) -> Result<PortStream, NodeError> {
        let request = Request::get(format!("http://agent/v1/{way}/connect"))
            .header(CONNECTION, "upgrade")
            .header(UPGRADE, CONNECT_PROTOCOL)
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
                    "This workspace was started by an older version, which knows no ports or no VS Code. Restart the \
                     workspace first.",
                ),
            });
        }
        let upgraded = hyper::upgrade::on(response).await;
        upgraded.map(PortStream).map_err(|error| {
            NodeError::unavailable("The agent closed the connection.").caused_by(error)
        })
    }
}

impl tower::Service<Uri> for PortConnector {
    type Response = PortStream;
    type Error = NodeError;
    type Future = Pin<Box<dyn Future<Output = Result<PortStream, NodeError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NodeError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let way = match uri.port_u16() {
            None if uri.host() == Some(VSCODE) => VSCODE.to_owned(),
            port => format!("ports/{}", port.unwrap_or_default()),
        };
        Box::pin(self.clone().connect(way))
    }
}

/// A connection to a port.
#[derive(Debug)]
pub(crate) struct PortStream(Upgraded);

impl Connection for PortStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for PortStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for PortStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
