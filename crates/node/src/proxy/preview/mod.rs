//! Passing requests on to an application that listens in a workspace.
//!
//! The agent gives a connection to the port, whose bytes are the application's; the node speaks HTTP over
//! it, keeps it for the next request, and holds the application to the rules of HTTP. What an application
//! answers passes as it is: it is shown on an origin of its own, never on the platform's.
//!
//! Which headers an application may see the control plane decides (it knows which cookies are its own);
//! here only those go that belong to one connection (RFC 9110 §7.6.1).

mod connect;
mod headers;
mod switch;

#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::time::Duration;

use atelier_api::node::{Application, PREVIEW_HEADER, PREVIEW_HOST_HEADER};
use axum::body::Body;
use axum::response::Response;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Method, Request, StatusCode, Uri, Version};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub(super) use self::connect::PortConnector;
use self::switch::Switch;
use super::{Agent, Pipes};
use crate::error::NodeError;

/// How many idle connections to one port are kept. A new one costs the agent a look at the kernel's tables:
/// where more come and go than are kept, every request pays it.
const IDLE_CONNECTIONS: usize = 128;

/// How long they are kept. Shorter than the five seconds after which Node.js closes them, which would
/// meet a request on its way.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// How large the head of an application's answer may be, and how much of a body waits here, in bytes.
const BUFFER: usize = 256 * 1024;

/// How many headers an answer may have.
const HEADERS_MAX: usize = 256;

/// How long an application may take to begin its answer: a development server may compile first.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// A client of the applications behind an agent.
pub(super) fn client(connector: PortConnector) -> Client<PortConnector, Body> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_FOR)
        .http1_max_buf_size(BUFFER)
        .http1_max_headers(HEADERS_MAX)
        .build(connector)
}

impl Agent {
    /// Passes a request on to what listens on a port, and the answer back. Bodies are streamed; the
    /// answer of an application carries [`PREVIEW_HEADER`], which tells it from ours.
    pub(crate) async fn preview(
        &self,
        application: Application,
        target: PathAndQuery,
        mut request: Request<Body>,
        pipes: &Pipes,
    ) -> Result<Response, NodeError> {
        let subject = subject(application);
        let switch = Switch::take(&mut request);
        let (parts, body) = request.into_parts();
        let mut headers = headers::to_application(parts.headers);
        if let Some(host) = headers.remove(PREVIEW_HOST_HEADER) {
            headers.insert(http::header::HOST, host);
        }
        let mut passed = Request::new(body);
        *passed.method_mut() = match &switch {
            Some(switch) => switch.complete(&mut headers, &parts.method),
            None if parts.method == Method::CONNECT => {
                return Err(NodeError::method_not_allowed(
                    "An application is no proxy: it cannot be asked to CONNECT.",
                ));
            }
            None => parts.method,
        };
        *passed.uri_mut() = uri(application, target)?;
        *passed.version_mut() = Version::HTTP_11;
        *passed.headers_mut() = headers;
        let answer = self.applications.request(passed);
        let mut response = match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failure(application, error)),
            Err(_) => {
                return Err(NodeError::timeout(format!(
                    "{subject} has not begun to answer within {} minutes.",
                    ANSWER_WITHIN.as_secs() / 60
                )));
            }
        };
        let mut answer = match switch {
            Some(switch) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                switch.accept(&mut response, pipes)
            }
            _ if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                return Err(NodeError::bad_gateway(format!(
                    "{subject} switched protocols without being asked to."
                )));
            }
            _ => {
                let (parts, body) = response.into_parts();
                let mut answer = Response::new(Body::new(body));
                *answer.status_mut() = parts.status;
                *answer.headers_mut() = headers::from_application(parts.headers);
                answer
            }
        };
        answer
            .headers_mut()
            .insert(PREVIEW_HEADER, HeaderValue::from_static("application"));
        Ok(answer)
    }
}

/// The authority names the application for the connector, and keeps the connections of applications apart.
fn uri(application: Application, target: PathAndQuery) -> Result<Uri, NodeError> {
    let authority = Authority::try_from(match application {
        Application::Port(port) => format!("localhost:{port}"),
        Application::VsCode => connect::VSCODE.to_owned(),
    });
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority.expect("a name and a number make an authority"));
    uri.path_and_query = Some(target);
    Uri::from_parts(uri).map_err(|_| NodeError::malformed("The path cannot be passed on."))
}

/// Why an application gave no answer.
fn failure(application: Application, error: ClientError) -> NodeError {
    let (who, subject) = (who(application), subject(application));
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<NodeError>() {
            return refused.again();
        }
        if let Some(broken) = cause.downcast_ref::<hyper::Error>() {
            let detail = if broken.is_parse_too_large() {
                format!(
                    "The answer of {who} begins with more headers than may pass: \
                     {} KiB, {HEADERS_MAX} in number.",
                    BUFFER / 1024
                )
            } else if broken.is_parse() {
                format!("{subject} does not speak HTTP.")
            } else if broken.is_user() || broken.is_body_write_aborted() {
                format!("The request for {who} broke off.")
            } else {
                // It hung up, or spoke before it was asked anything.
                format!(
                    "{subject} closed the connection without an answer, or does not \
                     speak HTTP."
                )
            };
            return NodeError::bad_gateway(detail).caused_by(error);
        }
        source = cause.source();
    }
    NodeError::bad_gateway(format!("{subject} gave no answer that can be passed on."))
        .caused_by(error)
}

/// What an application is called at the beginning of a sentence.
fn subject(application: Application) -> String {
    who(application).replacen("what", "What", 1)
}

/// What an application is called within a sentence.
fn who(application: Application) -> String {
    match application {
        Application::Port(port) => format!("what listens on port {port}"),
        Application::VsCode => "VS Code of this workspace".to_owned(),
    }
}
