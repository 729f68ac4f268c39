//! What a client of the bridge says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Base64;
use crate::agent::files::Root;
use crate::ids::{ProcessId, TerminalId};

/// What of a request can be understood even when the rest cannot: so that a refusal names its `id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct BridgeHead {
    /// The request's id.
    #[serde(default)]
    pub id: Option<u64>,
}

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum BridgeRequest {
    /// The first request of a connection. Answer: `welcome`.
    Hello {
        /// The session: 16 to 64 letters, digits, `-` and `_`, made up at random by the client. Whoever
        /// knows it can take the session over.
        session: String,
    },
    /// Asks whether the agent is there, for clients that cannot send a WebSocket's own pings. Answer:
    /// `done`.
    Ping {
        /// The request's id.
        id: u64,
    },
    /// Creates a terminal and attaches to it. Answer: `terminal_created`.
    CreateTerminal {
        /// The request's id.
        id: u64,
        /// A name, 1 to 100 characters; `Terminal N` when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The program and its arguments; the workspace's login shell when absent or empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        command: Vec<String>,
        /// Where it starts: a path below the `workspace` root, or absolute; the root when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cwd: Option<String>,
        /// Variables to add to the workspace's environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        /// Columns; 80 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cols: Option<u16>,
        /// Rows; 24 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<u16>,
    },
    /// Follows a terminal that is there. Answer: `terminal_attached`.
    AttachTerminal {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: TerminalId,
        /// The offset of the first byte that the client lacks; as much as is held when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<u64>,
    },
    /// Follows a terminal no longer; it goes on. Answer: `done`.
    DetachTerminal {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: TerminalId,
    },
    /// Types. Answer: `done`, when the program's terminal has taken all of it.
    TerminalInput {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: TerminalId,
        /// What is typed.
        data: Base64,
    },
    /// Sets a terminal's size. Answer: `done`.
    TerminalResize {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: TerminalId,
        /// Columns, clamped to 1..=1000.
        cols: u16,
        /// Rows, clamped to 1..=1000.
        rows: u16,
    },
    /// Ends a terminal and all that runs in it. Answer: `done`.
    CloseTerminal {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: TerminalId,
    },
    /// Everything of a terminal before `offset` has been consumed. No answer.
    AckTerminal {
        /// The terminal.
        terminal: TerminalId,
        /// The offset of the next byte wanted.
        offset: u64,
    },
    /// Starts a program without a terminal and follows its output. Answer: `process_started`.
    RunCommand {
        /// The request's id.
        id: u64,
        /// The program and its arguments; at least one part. No shell is put around it.
        command: Vec<String>,
        /// Where it starts: below the `workspace` root, or absolute; the root when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cwd: Option<String>,
        /// Variables to add to the workspace's environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        /// End it (SIGTERM, 5 s later SIGKILL) after so many milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
    },
    /// Follows a process that is there. Answer: `process_attached`.
    AttachProcess {
        /// The request's id.
        id: u64,
        /// The process.
        process: ProcessId,
        /// The offset of the first byte of stdout that the client lacks; 0 when absent.
        #[serde(default)]
        stdout: u64,
        /// The same of stderr.
        #[serde(default)]
        stderr: u64,
    },
    /// Follows a process no longer; it goes on. Answer: `done`.
    DetachProcess {
        /// The request's id.
        id: u64,
        /// The process.
        process: ProcessId,
    },
    /// Sends a signal to a process and its group. Answer: `done`; `process_exited` tells of the end.
    StopProcess {
        /// The request's id.
        id: u64,
        /// The process.
        process: ProcessId,
        /// `SIGTERM` when absent; else one of those that `process_signal` takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<String>,
    },
    /// Everything of a process before these offsets has been consumed. No answer.
    AckProcess {
        /// The process.
        process: ProcessId,
        /// The offset of the next byte of stdout that is wanted.
        stdout: u64,
        /// The same of stderr.
        stderr: u64,
    },
    /// Lists the processes. Answer: `process_list`.
    ListProcesses {
        /// The request's id.
        id: u64,
    },
    /// Reads a piece of a file. Answer: `file_content`.
    ReadFile {
        /// The request's id.
        id: u64,
        /// The tree; `workspace` when absent.
        #[serde(default)]
        root: Root,
        /// The file below it.
        path: String,
        /// Where the piece begins; 0 when absent.
        #[serde(default)]
        offset: u64,
        /// How long it is at most, in bytes; 256 KiB when absent, which is also the most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<u64>,
    },
    /// Writes a whole file of up to 1 MiB, atomically. Answer: `file_written`.
    WriteFile {
        /// The request's id.
        id: u64,
        /// The tree; `workspace` when absent.
        #[serde(default)]
        root: Root,
        /// The file below it.
        path: String,
        /// What it is to hold.
        data: Base64,
        /// The version that is replaced, or `*` for whatever is there, or nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        if_match: Option<String>,
        /// The file must not exist. Either this or `if_match` must be said.
        #[serde(default)]
        if_absent: bool,
    },
    /// Lists a directory: directories first, then by name. Answer: `file_list`.
    ListFiles {
        /// The request's id.
        id: u64,
        /// The tree; `workspace` when absent.
        #[serde(default)]
        root: Root,
        /// The directory below it; the root itself when absent.
        #[serde(default)]
        path: String,
        /// The `next_cursor` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
        /// How many entries at most; 1,000 when absent, which is also the most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// Watches a directory, until `unwatch_files` or the connection's end. Answer: `watching`.
    WatchFiles {
        /// The request's id, by which `file_changed` names the watch.
        id: u64,
        /// The tree; `workspace` when absent.
        #[serde(default)]
        root: Root,
        /// The directory below it; the root itself when absent.
        #[serde(default)]
        path: String,
        /// Watch everything below, too.
        #[serde(default)]
        recursive: bool,
    },
    /// Ends a watch. Answer: `done`.
    UnwatchFiles {
        /// The request's id.
        id: u64,
        /// The id of the request that began the watch.
        watch: u64,
    },
}

impl BridgeRequest {
    /// Its id; nothing for those that are not answered by it.
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Hello { .. } | Self::AckTerminal { .. } | Self::AckProcess { .. } => None,
            Self::Ping { id }
            | Self::CreateTerminal { id, .. }
            | Self::AttachTerminal { id, .. }
            | Self::DetachTerminal { id, .. }
            | Self::TerminalInput { id, .. }
            | Self::TerminalResize { id, .. }
            | Self::CloseTerminal { id, .. }
            | Self::RunCommand { id, .. }
            | Self::AttachProcess { id, .. }
            | Self::DetachProcess { id, .. }
            | Self::StopProcess { id, .. }
            | Self::ListProcesses { id }
            | Self::ReadFile { id, .. }
            | Self::WriteFile { id, .. }
            | Self::ListFiles { id, .. }
            | Self::WatchFiles { id, .. }
            | Self::UnwatchFiles { id, .. } => Some(*id),
        }
    }

    /// Whether it is done at most once for its id.
    pub fn is_done_once(&self) -> bool {
        matches!(
            self,
            Self::CreateTerminal { .. }
                | Self::TerminalInput { .. }
                | Self::CloseTerminal { .. }
                | Self::RunCommand { .. }
                | Self::StopProcess { .. }
                | Self::WriteFile { .. }
        )
    }
}
