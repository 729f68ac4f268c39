//! Passing requests on to an application that listens in a workspace.
//!
//! The agent gives a connection to the port (the socket itself, where it can); the node speaks HTTP over
//! it, keeps it for the next request, and holds the application to the rules of HTTP. What an application
//! answers passes as it is: it is shown on an origin of its own, never on the platform's.
//!
//! Which headers an application may see the control plane decides (it knows which cookies are its own);
//! here only those go that belong to one connection (RFC 9110 §7.6.1).

mod connect;
mod headers;
mod passed;
mod pool;
mod switch;
mod turn;

#[cfg(test)]
mod tests;

use std::time::Duration;

use atelier_api::node::{Application, PREVIEW_HEADER, PREVIEW_HOST_HEADER};
use axum::body::Body;
use axum::response::Response;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, StatusCode, Version};

pub(super) use self::connect::PortConnector;
pub(super) use self::pool::Applications;
use self::pool::{BUFFER, HEADERS_MAX, Lost};
use self::switch::Switch;
use super::{Agent, Pipes};
use crate::error::NodeError;

/// How long an application may take to begin its answer: a development server may compile first.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);

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
        let host = headers.remove(PREVIEW_HOST_HEADER);
        let own = || match application {
            Application::Port(port) => format!("localhost:{port}"),
            Application::VsCode => "localhost".to_owned(),
        };
        if let Some(host) = host.or_else(|| own().try_into().ok()) {
            headers.insert(HOST, host);
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
        *passed.uri_mut() = target.into();
        *passed.version_mut() = Version::HTTP_11;
        *passed.headers_mut() = headers;
        let answer = self.0.applications.ask(application, passed, pipes);
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

/// Why an application gave no answer.
fn failure(application: Application, lost: Lost) -> NodeError {
    let broken = match lost {
        Lost::Unreached(error) => return error,
        Lost::Broken(broken) => broken,
    };
    let (who, subject) = (who(application), subject(application));
    let detail = if broken.is_parse_too_large() {
        format!(
            "The answer of {who} begins with more headers than may pass: {} KiB, {HEADERS_MAX} in number.",
            BUFFER / 1024
        )
    } else if broken.is_parse() {
        format!("{subject} does not speak HTTP.")
    } else if broken.is_user() || broken.is_body_write_aborted() {
        format!("The request for {who} broke off.")
    } else {
        // It hung up, or spoke before it was asked anything.
        format!("{subject} closed the connection without an answer, or does not speak HTTP.")
    };
    NodeError::bad_gateway(detail).caused_by(broken)
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
