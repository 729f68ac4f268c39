//! The opening handshake (RFC 6455 §4.2).

use std::future::Future;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Reader, Socket, Writer};
use crate::AgentError;

/// A request that asks to become a WebSocket.
pub(crate) struct Upgrade {
    accept: HeaderValue,
    protocols: Vec<String>,
    connection: OnUpgrade,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = AgentError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AgentError> {
        let headers = &parts.headers;
        if !has_token(headers, header::CONNECTION, "upgrade")
            || !has_token(headers, header::UPGRADE, "websocket")
        {
            return Err(AgentError::malformed(
                "This path is a WebSocket; ask for an upgrade.",
            ));
        }
        if headers
            .get(header::SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != "13")
        {
            return Err(AgentError::malformed(
                "Only version 13 of the WebSocket protocol is spoken.",
            ));
        }
        let key = headers
            .get(header::SEC_WEBSOCKET_KEY)
            .ok_or_else(|| AgentError::malformed("The header Sec-WebSocket-Key is missing."))?;
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()))
            .expect("base64 is a valid header value");
        let protocols = tokens(headers, header::SEC_WEBSOCKET_PROTOCOL)
            .map(str::to_owned)
            .collect();
        let connection = parts
            .extensions
            .remove::<OnUpgrade>()
            .ok_or_else(|| AgentError::malformed("This connection cannot become a WebSocket."))?;
        Ok(Self {
            accept,
            protocols,
            connection,
        })
    }
}

impl Upgrade {
    /// Accepts, choosing `protocol` if the peer offered it, and runs `serve` on the open socket.
    pub(crate) fn accept<F>(
        self,
        protocol: &'static str,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        tokio::spawn(async move {
            match self.connection.await {
                Ok(upgraded) => {
                    let (read, write) = tokio::io::split(TokioIo::new(upgraded));
                    serve(Socket {
                        reader: Reader::new(read),
                        writer: Writer::new(write),
                    })
                    .await;
                }
                Err(error) => tracing::debug!(%error, "a WebSocket was given up while it opened"),
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if self.protocols.iter().any(|offered| offered == protocol) {
            headers.insert(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(protocol),
            );
        }
        response
    }
}

fn tokens(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|each| each.eq_ignore_ascii_case(token))
}
