//! Processes: commands without a PTY, with both output streams captured apart.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/processes` | all, newest last |
//! | `POST /v1/processes` ([`ProcessCreate`]) | start one |
//! | `GET /v1/processes/{process}` | one |
//! | `GET /v1/processes/{process}/output?stream&offset` | the bytes held from `offset` on |
//! | `GET /v1/processes/{process}/attach?stdout&stderr` | WebSocket, below |
//! | `POST /v1/processes/{process}/stdin?close` | body goes to stdin; `close=true` ends it after |
//! | `POST /v1/processes/{process}/signal` ([`super::terminals::SignalSend`]) | to its group |
//! | `DELETE /v1/processes/{process}` | kill it if it runs, and forget it |
//!
//! The attach WebSocket sends binary frames whose first byte is the stream (1 stdout, 2 stderr)
//! and whose rest is output from the given offsets on, and text frames of [`ProcessMessage`]. It
//! accepts binary frames as stdin and the text frame `{"type":"close_stdin"}`. Output that the
//! viewer does not read is not lost as long as the ring (1 MiB a stream) holds it; while a viewer
//! is attached the process waits for it rather than overrun the ring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::terminals::ExitStatus;
use crate::Timestamp;
use crate::ids::ProcessId;

/// How much of each stream is kept, in bytes.
pub const PROCESS_RING_BYTES: usize = 1024 * 1024;

/// How many processes a workspace remembers; the oldest finished one is forgotten beyond it.
pub const PROCESSES_MAX: usize = 256;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Process {
    /// Its id.
    pub id: ProcessId,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The working directory.
    pub cwd: String,
    /// The process id inside the workspace.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// How it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitStatus>,
    /// It was ended because its time was over.
    #[serde(default)]
    pub timed_out: bool,
    /// Offsets of the bytes of stdout that are held: from, to.
    pub stdout: Span,
    /// The same of stderr.
    pub stderr: Span,
}

/// A half-open range of offsets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    /// The first byte's offset.
    pub start: u64,
    /// The offset after the last byte.
    pub end: u64,
}

/// Starts a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProcessCreate {
    /// The program and its arguments; at least one part. No shell is put around it.
    pub command: Vec<String>,
    /// Where it starts: below the `workspace` root, or absolute; the root when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Variables to add to the workspace's environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Give it a stdin that can be written to; else it reads end of file.
    #[serde(default)]
    pub stdin: bool,
    /// End it (SIGTERM, 5 s later SIGKILL) after so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// The list of a workspace's processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProcessList {
    /// All that are remembered.
    pub items: Vec<Process>,
}

/// One of the two output streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stream {
    /// Standard output.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}

/// Query of `process_output`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ProcessOutputQuery {
    /// Which stream; stdout when absent.
    // Inline: no body holds this type, so that nothing else would put it among the schemas.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub stream: Stream,
    /// From which byte; the oldest held when absent. The header `Atelier-Offset` says which the
    /// first byte of the answer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// Query of `process_attach`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ProcessAttachQuery {
    /// The offset of stdout to continue at; 0 when absent.
    #[serde(default)]
    pub stdout: u64,
    /// The offset of stderr to continue at; 0 when absent.
    #[serde(default)]
    pub stderr: u64,
}

/// Query of `process_input`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ProcessInputQuery {
    /// Close stdin after the body.
    #[serde(default)]
    pub close: bool,
}

/// Text frames of the attach WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ProcessMessage {
    /// Agent: output begins at these offsets; more than asked for means that bytes are gone.
    Hello {
        /// Of stdout.
        stdout: u64,
        /// Of stderr.
        stderr: u64,
    },
    /// Agent: the process ended and all its output has been sent.
    Exit {
        /// How.
        status: ExitStatus,
        /// Because its time was over.
        #[serde(default)]
        timed_out: bool,
    },
    /// Viewer: stdin ends here.
    CloseStdin,
}
