//! The node's one error: a [`Problem`] for the caller, and the cause for the log.

use std::error::Error;

use atelier_api::problem::PROBLEM_MEDIA_TYPE;
use atelier_api::{ErrorCode, Problem};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Why a request failed. What it shows never contains the cause; the cause is logged once, when the
/// answer is made.
#[derive(Debug, thiserror::Error)]
#[error("{}", problem.detail)]
pub(crate) struct NodeError {
    // Boxed, so that results stay small.
    problem: Box<Problem>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl NodeError {
    fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, detail)),
            source: None,
        }
    }

    /// 400: the request could not be read.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, detail)
    }

    /// 403: the host's owner does not permit it.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// 403: the command policy wants a person's yes first.
    pub(crate) fn approval_required(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::ApprovalRequired, detail)
    }

    /// 404: what the request names does not exist.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, detail)
    }

    /// 405: the path exists, the method does not.
    pub(crate) fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::MethodNotAllowed, detail)
    }

    /// 409: the state of things does not allow it.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, detail)
    }

    /// 412: a newer specification has been applied already.
    pub(crate) fn stale(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Stale, detail)
    }

    /// 413: the body is larger than allowed.
    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooLarge, detail)
    }

    /// 422: the field `field` has a value that cannot be accepted.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Invalid, detail);
        error.problem.field = Some(field.into());
        error
    }

    /// 502: an application gave no answer that could be passed on.
    pub(crate) fn bad_gateway(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadGateway, detail)
    }

    /// 503: the workspace's agent can only be reached while it runs.
    pub(crate) fn workspace_not_running() -> Self {
        Self::new(
            ErrorCode::WorkspaceNotRunning,
            "The workspace is not running. Start it first.",
        )
    }

    /// 503: not possible at the moment; trying again in a second makes sense.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Unavailable, detail);
        error.problem.retry_after_s = Some(1);
        error
    }

    /// 504: the agent did not answer in time.
    pub(crate) fn timeout(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Timeout, detail)
    }

    /// 507: the disk is full.
    pub(crate) fn out_of_space(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::OutOfSpace, detail)
    }

    /// 500: what should not happen. The caller learns `detail`, the log the cause.
    pub(crate) fn internal(
        detail: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorCode::Internal, detail).caused_by(source)
    }

    /// A failed operation on the node's files: a full disk is said as such.
    pub(crate) fn storage(what: &str, error: std::io::Error) -> Self {
        let full = matches!(
            error.kind(),
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
        );
        if full {
            let detail = "The server's disk is full. Free some space there and try again.";
            Self::out_of_space(detail).caused_by(error)
        } else {
            Self::internal(format!("The server failed at {what}."), error)
        }
    }

    /// The field that is wrong.
    #[cfg(test)]
    pub(crate) fn field(&self) -> Option<&str> {
        self.problem.field.as_deref()
    }

    /// The status of the answer.
    #[cfg(test)]
    pub(crate) fn status(&self) -> u16 {
        self.problem.status
    }

    /// The same error with its cause, for the log.
    #[must_use]
    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl From<Problem> for NodeError {
    /// A problem that an agent answered with, passed on.
    fn from(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            source: None,
        }
    }
}

impl IntoResponse for NodeError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).expect("every code has a status");
        if let Some(source) = &self.source {
            let chain = chain(source.as_ref());
            if self.problem.code == ErrorCode::Internal {
                tracing::error!(error = chain, "{}", self.problem.detail);
            } else {
                tracing::debug!(error = chain, "{}", self.problem.detail);
            }
        }
        let body = serde_json::to_vec(&self.problem).expect("a problem is plain data");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(PROBLEM_MEDIA_TYPE),
        );
        if let Some(seconds) = self.problem.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
