//! Our extractors: axum's own, with rejections in the one error body.
#![expect(clippy::disallowed_types, reason = "this module is what replaces them")]

use atelier_api::ids::WorkspaceId;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, Uri};
use serde::Serialize;

use crate::error::NodeError;

/// A JSON body, of a request or an answer.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(NodeError))]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for NodeError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(
                FailedToBufferBody::LengthLimitError(_),
            )) => Self::too_large("The body is larger than this request allows."),
            rejection => Self::malformed(rejection.body_text()),
        }
    }
}

/// The query of a request.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(NodeError))]
pub(crate) struct Query<T>(pub(crate) T);

impl From<QueryRejection> for NodeError {
    fn from(rejection: QueryRejection) -> Self {
        Self::malformed(rejection.body_text())
    }
}

/// The workspace that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkspacePath(pub(crate) WorkspaceId);

impl<S: Send + Sync> FromRequestParts<S> for WorkspacePath {
    type Rejection = NodeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NodeError> {
        let text = path_parameter(parts, state, "workspace").await?;
        // A text that is no id names nothing that exists.
        text.parse()
            .map(Self)
            .map_err(|error: atelier_api::ids::IdError| NodeError::not_found(error.to_string()))
    }
}

/// What stands in the path for a parameter of its route.
pub(crate) async fn path_parameter<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String, NodeError> {
    let parameters = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|error| NodeError::malformed(error.body_text()))?;
    let (_, text) = parameters
        .iter()
        .find(|(found, _)| *found == name)
        .expect("every route with this extractor has the parameter");
    Ok(text.to_owned())
}

/// Answers what no route matches.
pub(crate) async fn not_found(uri: Uri) -> NodeError {
    NodeError::not_found(format!("The node has nothing at {}.", uri.path()))
}

/// Answers a method that the path does not have.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> NodeError {
    NodeError::method_not_allowed(format!("{} cannot be asked to {method}.", uri.path()))
}
