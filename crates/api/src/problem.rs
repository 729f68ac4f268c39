//! The one error body: RFC 9457 problem details, with a machine-readable `code`.

use serde::{Deserialize, Serialize};

/// The media type of [`Problem`] (RFC 9457 §3).
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong, for programs. Codes only grow; clients treat an unknown one by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the request could not be read (syntax, types, framing).
    Malformed,
    /// 401: no valid session or token came with the request.
    Unauthenticated,
    /// 401: e-mail or password are wrong.
    InvalidCredentials,
    /// 403: the role does not allow it, on a resource the actor may see.
    Forbidden,
    /// 403: the command policy wants a person's yes first.
    ApprovalRequired,
    /// 403: the Origin or the CSRF header is missing or foreign.
    CrossSite,
    /// 404: it does not exist, or the actor may not see it.
    NotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 409: the state of the resource does not allow it now.
    Conflict,
    /// 409: the name is taken.
    NameTaken,
    /// 412: the version that the caller has seen is no longer the current one.
    Stale,
    /// 413: the body or value is larger than allowed.
    TooLarge,
    /// 416: the range lies outside the content.
    RangeNotSatisfiable,
    /// 422: a field is wrong; `field` names it.
    Invalid,
    /// 423: locked by someone else.
    Locked,
    /// 428: the request must carry If-Match or If-None-Match.
    PreconditionRequired,
    /// 429: too many requests; see Retry-After.
    RateLimited,
    /// 429: a limit of the workspace or organization is reached.
    LimitReached,
    /// 500: our fault; the request id finds it in the log.
    Internal,
    /// 502: what was asked on the caller's behalf, an application say, gave no answer that could be passed on.
    BadGateway,
    /// 503: temporarily not possible; see Retry-After.
    Unavailable,
    /// 503: the server that holds the resource is not connected.
    NodeOffline,
    /// 503: the workspace is not running.
    WorkspaceNotRunning,
    /// 504: the other side did not answer in time.
    Timeout,
    /// 507: no space or capacity left.
    OutOfSpace,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated | Self::InvalidCredentials => 401,
            Self::Forbidden | Self::ApprovalRequired | Self::CrossSite => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::NameTaken => 409,
            Self::Stale => 412,
            Self::TooLarge => 413,
            Self::RangeNotSatisfiable => 416,
            Self::Invalid => 422,
            Self::Locked => 423,
            Self::PreconditionRequired => 428,
            Self::RateLimited | Self::LimitReached => 429,
            Self::Internal | Self::Unknown => 500,
            Self::BadGateway => 502,
            Self::Unavailable | Self::NodeOffline | Self::WorkspaceNotRunning => 503,
            Self::Timeout => 504,
            Self::OutOfSpace => 507,
        }
    }

    /// A short title, the same for every occurrence of the code (RFC 9457 §3.1.3).
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "Malformed request",
            Self::Unauthenticated => "Sign in first",
            Self::InvalidCredentials => "Wrong e-mail or password",
            Self::Forbidden => "Not allowed",
            Self::ApprovalRequired => "Approval required",
            Self::CrossSite => "Refused as a cross-site request",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::NameTaken => "Name taken",
            Self::Stale => "Changed meanwhile",
            Self::TooLarge => "Too large",
            Self::RangeNotSatisfiable => "Range outside the content",
            Self::Invalid => "Invalid value",
            Self::Locked => "Locked",
            Self::PreconditionRequired => "Version required",
            Self::RateLimited => "Too many requests",
            Self::LimitReached => "Limit reached",
            Self::Internal | Self::Unknown => "Internal error",
            Self::BadGateway => "No usable answer",
            Self::Unavailable => "Temporarily unavailable",
            Self::NodeOffline => "Server offline",
            Self::WorkspaceNotRunning => "Workspace not running",
            Self::Timeout => "No answer in time",
            Self::OutOfSpace => "No space left",
        }
    }
}

/// The body of every answer with a status of 400 or above (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, in a few words, the same for each occurrence of `code`.
    pub title: String,
    /// What happened this time, why, and what to do next, for people.
    pub detail: String,
    /// The field of the request that is wrong, as a dotted path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The id under which the log holds this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// After how many seconds trying again makes sense (also in the Retry-After header).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// The current ETag, where the code is `stale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Problem {
    /// A problem of the given code; `detail` says what happened, why, and what to do next.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            status: code.status(),
            code,
            title: code.title().to_owned(),
            detail: detail.into(),
            field: None,
            request_id: None,
            retry_after_s: None,
            etag: None,
        }
    }

    /// The same problem, naming the wrong field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}
