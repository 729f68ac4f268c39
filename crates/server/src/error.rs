//! The one error of the control plane: HTTP-agnostic until the edge, where it becomes
//! problem+json (RFC 9457) in `http/problem.rs`.
//!
//! Each constructor is named for the situation and says when to use it. The public text says what
//! happened, why, and what to do next. The source is for the log only: it never leaves the server.

use std::error::Error as StdError;
use std::fmt;

use atelier_api::{ErrorCode, Problem};
use atelier_db::DbError;
use atelier_tunnel::LinkError;

/// What service functions and handlers answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure with a public side (code, text) and an internal one (source).
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.problem.detail)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl Error {
    /// A failure of the given code; prefer the constructors below where one fits.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            problem: Problem::new(code, detail),
            source: None,
        }))
    }

    /// The request could not be read: syntax, types, framing.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, detail)
    }

    /// No valid credentials came with the request.
    pub fn unauthenticated() -> Self {
        Self::new(
            ErrorCode::Unauthenticated,
            "You are not signed in, or your session has ended. Sign in and try again.",
        )
    }

    /// The actor may see the resource and its role does not allow the action.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// It does not exist, or the actor may not know that it does. `what` is a noun: "workspace".
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no such {what}, or you have no access to it."),
        )
    }

    /// The state of the resource does not allow the action now.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, detail)
    }

    /// A name that must be unique is in use.
    pub fn name_taken(name: &str) -> Self {
        Self::new(
            ErrorCode::NameTaken,
            format!("The name “{name}” is already in use. Choose another one."),
        )
        .with_field("name")
    }

    /// A field's value is wrong; say what would be right.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, detail).with_field(field)
    }

    /// A value or body exceeds its bound.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooLarge, detail)
    }

    /// Too many requests; trying again makes sense after `retry_after_s`.
    pub fn rate_limited(retry_after_s: u64) -> Self {
        Self::new(
            ErrorCode::RateLimited,
            format!("Too many attempts. Wait {retry_after_s} seconds and try again."),
        )
        .with_retry_after(retry_after_s)
    }

    /// A bound on a number of things is reached; say which and what to do.
    pub fn limit_reached(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::LimitReached, detail)
    }

    /// It cannot be done at the moment, and will be possible again by itself.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, detail).with_retry_after(1)
    }

    /// The server that holds the resource is not connected, for so many milliseconds if that is known.
    pub fn node_offline(node: &str, away_ms: Option<i64>) -> Self {
        let away = match away_ms.map(|ms| ms.max(0) / 1_000) {
            None => String::new(),
            Some(seconds @ 0..120) => format!(" for {seconds} seconds"),
            Some(seconds @ 120..7_200) => format!(" for {} minutes", seconds / 60),
            Some(seconds @ 7_200..172_800) => format!(" for {} hours", seconds / 3_600),
            Some(seconds) => format!(" for {} days", seconds / 86_400),
        };
        Self::new(
            ErrorCode::NodeOffline,
            format!(
                "The server “{node}” is not connected{away}. It is called again as it returns."
            ),
        )
        .with_retry_after(5)
    }

    /// The workspace must run for this.
    pub fn workspace_not_running(state: &str) -> Self {
        Self::new(
            ErrorCode::WorkspaceNotRunning,
            format!("The workspace is {state}. Start it and try again."),
        )
        .with_retry_after(2)
    }

    /// Our fault. The cause goes to the log, the client sees the request id.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(
            ErrorCode::Internal,
            "Something went wrong on the server. It has been logged under this request's id.",
        )
        .with_source(source)
    }

    /// The same, naming the wrong field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.problem.field = Some(field.into());
        self
    }

    /// The same, to be tried again after so many seconds.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.problem.retry_after_s = Some(seconds);
        self
    }

    /// The same, with its cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong, for programs.
    pub fn code(&self) -> ErrorCode {
        self.0.problem.code
    }

    /// The public side.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// Takes the public side.
    pub fn into_problem(self) -> Problem {
        self.0.problem
    }
}

impl From<Problem> for Error {
    /// A problem that a node or agent answered with, passed on.
    fn from(problem: Problem) -> Self {
        Self(Box::new(Inner {
            problem,
            source: None,
        }))
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Busy(_) => {
                Self::unavailable("The database is busy. Try again in a moment.").with_source(error)
            }
            DbError::Full(_) => Self::new(
                ErrorCode::OutOfSpace,
                "The server's disk is full; nothing was changed. Free some space and try again.",
            )
            .with_source(error),
            _ => Self::internal(error),
        }
    }
}

impl From<atelier_db::sqlx::Error> for Error {
    fn from(error: atelier_db::sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        match &error {
            LinkError::Busy(_) => Self::unavailable(
                "The server has more requests under way than it can take. Try again in a moment.",
            ),
            LinkError::TimedOut(_) => Self::unavailable(
                "The server did not answer in time. It may still do what it was asked.",
            ),
            LinkError::Broken(_) => Self::new(
                ErrorCode::NodeOffline,
                "The connection to the server broke off. What it was asked may have been done.",
            )
            .with_retry_after(2),
            _ => Self::new(ErrorCode::NodeOffline, "The server is not connected.")
                .with_retry_after(5),
        }
        .with_source(error)
    }
}

/// Prints an error with its chain of sources, once, at the boundary: `what: cause: cause`.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
