//! Our extractors: axum's own, with rejections in the one error body.
#![expect(clippy::disallowed_types, reason = "this module is what replaces them")]

use axum::extract::rejection::{
    BytesRejection, FailedToBufferBody, JsonRejection, PathRejection, QueryRejection,
};
use axum::extract::{FromRequest, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::{Method, Uri};
use serde::Serialize;

use crate::AgentError;

/// A JSON body, of a request or an answer.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(AgentError))]
pub(crate) struct Json<T>(pub(crate) T);

/// The parameters in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(AgentError))]
pub(crate) struct Path<T>(pub(crate) T);

/// The query string.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(AgentError))]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for AgentError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(
                FailedToBufferBody::LengthLimitError(_),
            )) => Self::too_large("The body is larger than this request allows."),
            rejection => Self::malformed(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for AgentError {
    fn from(rejection: QueryRejection) -> Self {
        Self::malformed(rejection.body_text())
    }
}

impl From<PathRejection> for AgentError {
    fn from(rejection: PathRejection) -> Self {
        // A path in which an id cannot be read names nothing that exists.
        Self::not_found(rejection.body_text())
    }
}

/// Answers what no route matches.
pub(crate) async fn not_found(uri: Uri) -> AgentError {
    AgentError::not_found(format!("The agent has nothing at {}.", uri.path()))
}

/// Answers a method that the path does not have.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> AgentError {
    AgentError::method_not_allowed(format!("{} cannot be asked to {method}.", uri.path()))
}
