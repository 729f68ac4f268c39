//! Executions: commands that the control plane has a node run, each at most once.
//!
//! | request | does |
//! | --- | --- |
//! | `PUT /v1/jobs/{execution}` ([`ExecutionSpec`]) | runs it, unless its id is known; answers how it stands |
//! | `GET /v1/jobs/{execution}?wait_ms` | how it stands, at the latest after so long or at its end |
//! | `GET /v1/jobs/{execution}/output?offset&wait_ms` | bytes from `offset` on; waits for some |
//! | `DELETE /v1/jobs/{execution}` | SIGTERM, then SIGKILL; an unknown one can never be run any more |
//!
//! An id is never run twice, whatever happens to the node in between: it is written down before the
//! command starts. What the node cannot find again is `interrupted`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::agent::processes::Span;
use crate::agent::terminals::ExitStatus;
use crate::ids::ExecutionId;

/// The most output of one execution that a node keeps, in bytes.
pub const OUTPUT_LIMIT_MAX: u64 = 4 << 20;

/// The longest that a request may wait, in milliseconds.
pub const WAIT_MS_MAX: u64 = 20_000;

/// The header with the offset of an answer's first byte.
pub const OFFSET_HEADER: &str = "atelier-offset";

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionSpec {
    /// A line or a script for `/bin/sh`.
    pub command: String,
    /// Where: absolute, or below the machine user's home, which it is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Variables to add.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// It is ended after so many milliseconds.
    pub timeout_ms: u64,
    /// So many bytes of output are kept; older ones are dropped.
    pub output_limit_bytes: u64,
    /// A person has said yes to what the command policy asks about.
    #[serde(default)]
    pub approved: bool,
}

/// How an execution stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Which.
    pub id: ExecutionId,
    /// How it stands.
    pub state: ExecutionState,
    /// Why, where it was not run to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How the command ended; absent before, and where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitStatus>,
    /// It was ended because its time was over.
    #[serde(default)]
    pub timed_out: bool,
    /// When the node took it on.
    pub accepted_at: Timestamp,
    /// The offsets of its output that are held, both streams as one.
    pub output: Span,
}

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExecutionState {
    /// It runs, or is about to.
    Running,
    /// It ended by itself, or its time was over.
    Ended,
    /// It could not be started.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// The machine or its agent ended while it ran; how far it came is not known.
    Interrupted,
}

/// Query of the view.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionQuery {
    /// Wait so long for its end.
    #[serde(default)]
    pub wait_ms: u64,
}

/// Query of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct ExecutionOutputQuery {
    /// From which byte; the oldest held when it is gone. The header `Atelier-Offset` says which the
    /// first byte of the answer is.
    #[serde(default)]
    pub offset: u64,
    /// Wait so many milliseconds for output, 20,000 at most.
    #[serde(default)]
    pub wait_ms: u64,
}
