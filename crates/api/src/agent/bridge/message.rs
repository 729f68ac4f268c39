//! What an agent says over the bridge.

use serde::{Deserialize, Serialize};

use super::Base64;
use crate::Problem;
use crate::agent::files::{FileChange, FileEntry};
use crate::agent::processes::{Process, Stream};
use crate::agent::terminals::{ExitStatus, Terminal};
use crate::ids::{ProcessId, TerminalId};

/// What the agent says. Clients pass over what they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum BridgeMessage {
    /// Answers `hello`: requests may follow.
    Welcome {
        /// The agent knew the session: what was sent before and not answered can be sent again. Else
        /// nothing is known of what became of it.
        resumed: bool,
    },
    /// Answers what has nothing else to say.
    Done {
        /// The request's id.
        id: u64,
    },
    /// A request was not done. Without an id, it was one of which not even that could be understood.
    Error {
        /// The request's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        /// Why, in the form that errors of the API have.
        problem: Problem,
    },
    /// Answers `create_terminal`. Its output follows from offset 0.
    TerminalCreated {
        /// The request's id.
        id: u64,
        /// The terminal.
        terminal: Terminal,
    },
    /// Answers `attach_terminal`. Its output follows, from `offset` on unless `terminal_resync` comes
    /// first.
    TerminalAttached {
        /// The request's id.
        id: u64,
        /// The terminal, as it is now.
        terminal: Terminal,
    },
    /// A terminal's output.
    TerminalOutput {
        /// The terminal.
        terminal: TerminalId,
        /// The offset of the first byte.
        offset: u64,
        /// The bytes.
        data: Base64,
    },
    /// What the client lacks of a terminal is no longer held. Its screen is to be cleared and drawn by
    /// `data`; output goes on at `offset`.
    TerminalResync {
        /// The terminal.
        terminal: TerminalId,
        /// The offset of the next byte of output.
        offset: u64,
        /// Draws the screen; not a part of the output.
        data: Base64,
    },
    /// A terminal's size, when it differs from what was told last.
    TerminalResized {
        /// The terminal.
        terminal: TerminalId,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// A terminal's program has ended, and all its output has been sent.
    TerminalExited {
        /// The terminal.
        terminal: TerminalId,
        /// How.
        status: ExitStatus,
    },
    /// Answers `run_command`. Its output follows, from offset 0 of either stream.
    ProcessStarted {
        /// The request's id.
        id: u64,
        /// The process.
        process: Process,
    },
    /// Answers `attach_process`. Its output follows.
    ProcessAttached {
        /// The request's id.
        id: u64,
        /// The process, as it is now.
        process: Process,
        /// The offset at which stdout goes on; greater than what was asked for when bytes are gone.
        stdout: u64,
        /// The same of stderr.
        stderr: u64,
    },
    /// A process's output.
    ProcessOutput {
        /// The process.
        process: ProcessId,
        /// Of which stream.
        stream: Stream,
        /// The offset of the first byte.
        offset: u64,
        /// The bytes.
        data: Base64,
    },
    /// A process has ended, and all its output has been sent.
    ProcessExited {
        /// The process.
        process: ProcessId,
        /// How.
        status: ExitStatus,
        /// Because its time was over.
        #[serde(default)]
        timed_out: bool,
    },
    /// Answers `list_processes`.
    ProcessList {
        /// The request's id.
        id: u64,
        /// All that are remembered, newest last.
        items: Vec<Process>,
    },
    /// Answers `read_file`.
    FileContent {
        /// The request's id.
        id: u64,
        /// The version that the piece is of.
        etag: String,
        /// How large the file is, in bytes.
        size: u64,
        /// Where the piece begins.
        offset: u64,
        /// The piece; empty at the end.
        data: Base64,
    },
    /// Answers `write_file`.
    FileWritten {
        /// The request's id.
        id: u64,
        /// The file as it now is, with its version.
        entry: FileEntry,
    },
    /// Answers `list_files`.
    FileList {
        /// The request's id.
        id: u64,
        /// The entries.
        items: Vec<FileEntry>,
        /// How many the directory holds in all.
        total: u64,
        /// Where the next page begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    },
    /// Answers `watch_files`: changes from now on are told.
    Watching {
        /// The request's id.
        id: u64,
    },
    /// What changed in a directory that is watched.
    FileChanged {
        /// The id of the request that began the watch.
        watch: u64,
        /// The changes, oldest first.
        changes: Vec<FileChange>,
    },
    /// More changed than could be followed: read again what is shown.
    WatchRescan {
        /// The id of the request that began the watch.
        watch: u64,
        /// Why.
        reason: String,
    },
    /// Not all can be followed, for as long as the watch lasts.
    WatchLimited {
        /// The id of the request that began the watch.
        watch: u64,
        /// Why.
        reason: String,
    },
}
