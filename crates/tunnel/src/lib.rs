//! The link between the control plane and a node: how a request reaches the node's router.
//!
//! Invariant: this crate knows no product type, only HTTP.
//!
//! Today there is one kind of link, to a router in the same process. The tunnel (HTTP/2 spoken over
//! the node's own outbound WebSocket) becomes the second variant of [`Link`]; callers do not change.

use std::fmt;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower::ServiceExt as _;

/// Why a request did not reach the node, or its answer did not come back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The node is not connected.
    #[error("the node is not connected")]
    Offline,
}

/// A way to call one node. Cheap to clone.
#[derive(Clone)]
#[non_exhaustive]
pub enum Link {
    /// The node's router in this process.
    Local(Router),
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(_) => f.write_str("Link::Local"),
        }
    }
}

impl Link {
    /// Passes a request on to the node and gives back its answer.
    ///
    /// A request that came with an upgrade (a browser's WebSocket) is passed on with it: the node
    /// answers 101 and takes over the connection's bytes, which nothing on the way parses.
    ///
    /// # Errors
    /// [`LinkError::Offline`] when the node cannot be reached. An error *of* the node is an answer.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, LinkError> {
        match self {
            Self::Local(router) => {
                let request = with_fresh_extensions(request);
                match router.clone().oneshot(request).await {
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
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

#[cfg(test)]
mod tests {
    use axum::extract::RawPathParams;
    use axum::routing::get;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn outer_path_parameters_do_not_leak_into_the_node() {
        let node = Router::new().route(
            "/inner/{b}",
            get(|params: RawPathParams| async move {
                params
                    .iter()
                    .fold(String::new(), |all, (k, v)| all + k + "=" + v + ";")
            }),
        );
        let link = Link::Local(node);
        let outer = Router::new().route(
            "/outer/{a}",
            get(move |request: Request<Body>| async move {
                let (mut parts, body) = request.into_parts();
                parts.uri = "/inner/2".parse().unwrap();
                link.send(Request::from_parts(parts, body)).await.unwrap()
            }),
        );
        let request = Request::get("/outer/1").body(Body::empty()).unwrap();
        let response = outer.oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&body[..], b"b=2;");
    }
}
