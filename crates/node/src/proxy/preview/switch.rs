//! Passing a change of protocol through: a WebSocket, or whatever an application speaks.

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;

use super::headers;
use crate::proxy::{Pipes, upgrade};

/// The buffer of each direction, in bytes.
const BUFFER: usize = 64 * 1024;

/// A caller who wants to speak something else than HTTP.
pub(super) struct Switch {
    caller: OnUpgrade,
    protocol: HeaderValue,
    /// Came as an extended CONNECT (RFC 8441), which is accepted with 200 and has no key.
    extended_connect: bool,
}

impl Switch {
    /// Takes the upgrade out of the request, if it asks for one. HTTP/2 is not among them: requests in
    /// it would pass by the rules that those here obey.
    pub(super) fn take(request: &mut Request<Body>) -> Option<Self> {
        let extended = request.extensions_mut().remove::<Protocol>();
        let extended = extended.filter(|_| request.method() == Method::CONNECT);
        let headers = request.headers();
        let named = headers.get_all(header::CONNECTION).iter().any(|value| {
            let names = value.to_str().unwrap_or_default().split(',');
            names
                .into_iter()
                .any(|name| name.trim().eq_ignore_ascii_case("upgrade"))
        });
        let protocol = match &extended {
            Some(protocol) => HeaderValue::from_str(protocol.as_str()).ok(),
            None => headers.get(header::UPGRADE).filter(|_| named).cloned(),
        }?;
        if protocol.as_bytes().to_ascii_lowercase().starts_with(b"h2") {
            return None;
        }
        let caller = request.extensions_mut().remove::<OnUpgrade>()?;
        Some(Self {
            caller,
            protocol,
            extended_connect: extended.is_some(),
        })
    }

    /// Makes the headers those of a request that asks for the change; gives its method.
    pub(super) fn complete(&self, headers: &mut HeaderMap, method: &Method) -> Method {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, self.protocol.clone());
        if !self.extended_connect {
            return method.clone();
        }
        if self.protocol.as_bytes().eq_ignore_ascii_case(b"websocket") {
            headers.insert(header::SEC_WEBSOCKET_KEY, upgrade::key());
        }
        Method::GET
    }

    /// Answers the caller, and copies bytes both ways as long as both sides live.
    pub(super) fn accept<B>(self, response: &mut http::Response<B>, pipes: &Pipes) -> Response {
        let protocol = response.headers().get(header::UPGRADE).cloned();
        let mut answer = Response::new(Body::empty());
        *answer.headers_mut() = headers::from_application(response.headers().clone());
        if self.extended_connect {
            answer.headers_mut().remove(header::SEC_WEBSOCKET_ACCEPT);
        } else {
            *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            let headers = answer.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, protocol.unwrap_or(self.protocol));
        }
        let application = hyper::upgrade::on(response);
        let shutdown = pipes.shutdown.clone();
        pipes.tasks.spawn(async move {
            let copied = async {
                let (caller, application) = tokio::try_join!(self.caller, application)?;
                let (mut caller, mut application) =
                    (TokioIo::new(caller), TokioIo::new(application));
                // Ends with an error when either side is cut off, which is how most leave.
                let _ =
                    copy_bidirectional_with_sizes(&mut caller, &mut application, BUFFER, BUFFER)
                        .await;
                Ok::<_, hyper::Error>(())
            };
            tokio::select! {
                result = copied => if let Err(error) = result {
                    tracing::debug!(%error, "a connection was not upgraded");
                },
                () = shutdown.cancelled() => {}
            }
        });
        answer
    }
}
