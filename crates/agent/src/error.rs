//! The agent's one error: a [`Problem`] for the caller, and the cause for the log.

use std::error::Error;

use atelier_api::problem::PROBLEM_MEDIA_TYPE;
use atelier_api::{ErrorCode, Problem};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Why a request failed. What it shows never contains the cause; the cause is logged once, when the
/// answer is made.
#[derive(Debug, thiserror::Error)]
#[error("{}", problem.detail)]
pub struct AgentError {
    // Boxed, so that results stay small.
    problem: Box<Problem>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl AgentError {
    fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, detail)),
            source: None,
        }
    }

    /// 400: the request could not be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, detail)
    }

    /// 422: the field `field` has a value that cannot be accepted.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Invalid, detail);
        error.problem.field = Some(field.into());
        error
    }

    /// 403: the operating system or the root's rules do not allow it.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// 404: what the request names does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, detail)
    }

    /// 405: the path exists, the method does not.
    pub fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::MethodNotAllowed, detail)
    }

    /// 409: the state of the resource does not allow it now.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, detail)
    }

    /// 409: something stands already where the new thing would go.
    pub fn name_taken(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::NameTaken, detail)
    }

    /// 412: the caller has seen an older version; `etag` is the current one, if there is any.
    pub fn stale(etag: Option<String>, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Stale, detail);
        error.problem.etag = etag;
        error
    }

    /// 428: the request must say which version it replaces.
    pub fn precondition_required(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::PreconditionRequired, detail)
    }

    /// 413: the body or value is larger than allowed.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooLarge, detail)
    }

    /// 416: the range lies outside the content.
    pub fn range_not_satisfiable(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::RangeNotSatisfiable, detail)
    }

    /// 423: another program holds it.
    pub fn locked(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Locked, detail)
    }

    /// 429: the workspace holds as many of these as it may.
    pub fn limit_reached(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::LimitReached, detail)
    }

    /// 502: there is nothing that could answer.
    pub fn bad_gateway(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadGateway, detail)
    }

    /// 503: not possible at the moment; trying again after `retry_after_s` makes sense.
    pub fn unavailable(retry_after_s: u64, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Unavailable, detail);
        error.problem.retry_after_s = Some(retry_after_s);
        error
    }

    /// 504: something that the agent waited for did not happen in time.
    pub fn timeout(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Timeout, detail)
    }

    /// 507: the disk or the quota is full.
    pub fn out_of_space(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::OutOfSpace, detail)
    }

    /// 500: what should not happen. The caller learns `detail`, the log the cause.
    pub fn internal(
        detail: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorCode::Internal, detail).caused_by(source)
    }

    /// The same error with its cause, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong, for programs.
    pub fn code(&self) -> ErrorCode {
        self.problem.code
    }

    /// What the caller is told.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl IntoResponse for AgentError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).expect("every code has a status");
        if let Some(source) = &self.source {
            let chain = chain(source.as_ref());
            if status.is_server_error() {
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
        if let Some(etag) = self
            .problem
            .etag
            .as_deref()
            .and_then(|etag| etag.parse().ok())
        {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
