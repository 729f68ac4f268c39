//! Terminals: persistent PTY sessions with scrollback, to which many viewers can attach.
//!
//! # The stream, `atelier.terminal.v1`
//!
//! `GET /v1/terminals/{terminal}/attach?offset=N` upgrades to a WebSocket with the subprotocol
//! [`SUBPROTOCOL`]. Binary frames are raw bytes in both directions: the program's output one way,
//! keystrokes the other. Text frames are JSON: [`ServerMessage`] and [`ClientMessage`].
//!
//! Every output byte of a terminal has an absolute offset, from 0. The agent keeps the last bytes
//! in a ring (4 MiB by default). The first frame is always `hello`; then:
//!
//! * `offset=N` inside the ring: output continues at exactly byte N (`resync: false`).
//! * no `offset`: as much history as the ring still holds; `hello.offset` says where it begins.
//! * N no longer in the ring (or beyond the end): `resync: true`. The next binary frame is not
//!   output but a snapshot (`snapshot_bytes` long) that redraws the screen from a cleared terminal;
//!   output continues at `hello.offset` after it.
//!
//! A viewer sends `ack {offset}` for what it has consumed, at least every [`ACK_EVERY_BYTES`]. The
//! PTY is paced by the fastest attached viewer (at most [`ACK_WINDOW_BYTES`] ahead of it), drains
//! freely with none attached. A viewer that falls a whole ring behind is sent `resync`, never
//! waited for.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{RecordingId, TerminalId};

/// The WebSocket subprotocol of the terminal stream.
pub const SUBPROTOCOL: &str = "atelier.terminal.v1";

/// How far the PTY may run ahead of the fastest attached viewer, in bytes. With it, Ctrl-C stops a
/// flood within a fraction of a second (tunnel study, section 3).
pub const ACK_WINDOW_BYTES: u64 = 256 * 1024;

/// A viewer acknowledges at least this often, in bytes consumed.
pub const ACK_EVERY_BYTES: u64 = 64 * 1024;

/// How much output a terminal keeps by default, in bytes.
pub const RING_BYTES: usize = 4 * 1024 * 1024;

/// The smallest and largest number of columns or rows; a request outside is clamped.
pub const SIZE_MIN: u16 = 1;
/// See [`SIZE_MIN`].
pub const SIZE_MAX: u16 = 1000;

/// How many terminals a workspace may hold, exited ones included.
pub const TERMINALS_MAX: usize = 64;

/// How many viewers may be attached to a terminal at once.
pub const VIEWERS_MAX: usize = 64;

/// The name of a viewer, percent-encoded UTF-8. The control plane says it; what a client sends under
/// this name does not pass.
pub const VIEWER_NAME_HEADER: &str = "atelier-viewer-name";

/// With [`VIEWER_READ_ONLY`], the viewer may watch and not type. An agent that keeps to it says so in
/// its answer by the same header; who gets an answer without it must not let the viewer in.
pub const VIEWER_ACCESS_HEADER: &str = "atelier-viewer-access";

/// See [`VIEWER_ACCESS_HEADER`].
pub const VIEWER_READ_ONLY: &str = "read-only";

/// A colour that tells a terminal from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum TerminalColor {
    /// None in particular.
    #[default]
    Plain,
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
    /// Pink.
    Pink,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// A picture that tells a terminal from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum TerminalIcon {
    /// A terminal.
    #[default]
    Terminal,
    /// A server.
    Server,
    /// A database.
    Database,
    /// A bug: debugging.
    Bug,
    /// A flask: tests.
    Flask,
    /// A hammer: builds.
    Hammer,
    /// A rocket: releases.
    Rocket,
    /// A globe: the network.
    Globe,
    /// A branch: Git.
    Branch,
    /// A scroll: logs.
    Scroll,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// What the shell of a terminal tells of itself: where its prompts and commands begin and end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShellIntegration {
    /// `bash`, `zsh` or `fish`.
    pub shell: String,
    /// What the shell's own marks (OSC 633;E) end with, so that no printed file passes for them.
    pub nonce: String,
}

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terminal {
    /// Its id.
    pub id: TerminalId,
    /// The name that people gave it.
    pub name: String,
    /// The title that the program set last (OSC 0 or 2), without control characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The command, as arguments; the login shell when it was not given.
    pub command: Vec<String>,
    /// The working directory that it started in.
    pub cwd: String,
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
    /// When it was created.
    pub created_at: Timestamp,
    /// The program's process id inside the workspace.
    pub pid: u32,
    /// How it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitStatus>,
    /// The offset of the oldest byte still held.
    pub start_offset: u64,
    /// The offset after the newest byte.
    pub end_offset: u64,
    /// How many viewers are attached.
    pub viewers: u32,
    /// The colour that people gave it.
    #[serde(default)]
    pub color: TerminalColor,
    /// The picture that people gave it.
    #[serde(default)]
    pub icon: TerminalIcon,
    /// Where its shell is now (OSC 7); absent when nothing was said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Absent for a program that is no shell we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<ShellIntegration>,
    /// The recording that is being made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingId>,
}

/// How a program ended: by `code` or by `signal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExitStatus {
    /// The exit code, when it exited by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The signal's number, when one ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// When it ended.
    pub at: Timestamp,
}

/// Creates a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalCreate {
    /// A name, 1 to 100 characters; `Terminal N` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The program and its arguments; the workspace's login shell when absent or empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where it starts: a path below the `workspace` root, or absolute; the root when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Variables to add to the workspace's environment.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub env: std::collections::BTreeMap<String, String>,
    /// Columns; 80 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    /// Rows; 24 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
    /// Its colour; `plain` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<TerminalColor>,
    /// Its picture; `terminal` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<TerminalIcon>,
}

/// Changes a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalUpdate {
    /// A new name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    /// New rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
    /// A new colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<TerminalColor>,
    /// A new picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<TerminalIcon>,
}

/// Sends a signal to the foreground process group of a terminal, or to a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignalSend {
    /// `SIGHUP`, `SIGINT`, `SIGQUIT`, `SIGKILL`, `SIGTERM`, `SIGUSR1`, `SIGUSR2`, `SIGSTOP`,
    /// `SIGCONT` or `SIGWINCH`.
    pub signal: String,
}

/// The list of a workspace's terminals, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalList {
    /// All of them; at most [`TERMINALS_MAX`].
    pub items: Vec<Terminal>,
}

/// Query of the attach request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TerminalAttachQuery {
    /// The offset of the first byte that the viewer has not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// What the agent says in text frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ServerMessage {
    /// Output continues at `offset`. The first frame, and again whenever a viewer is resynced.
    Hello {
        /// The offset of the next output byte.
        offset: u64,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
        /// The viewer must clear its screen; a snapshot comes next when `snapshot_bytes > 0`.
        resync: bool,
        /// The length of the snapshot in the next binary frame; it does not count as output.
        #[serde(default)]
        snapshot_bytes: u64,
    },
    /// The program ended; all its output has been sent.
    Exit {
        /// How.
        status: ExitStatus,
    },
    /// The program set its title.
    Title {
        /// Without control characters, at most 256 characters.
        title: String,
    },
    /// The attached viewers changed.
    Viewers {
        /// How many, this one included.
        count: u32,
        /// Who, in the order in which they came.
        #[serde(default)]
        viewers: Vec<TerminalViewer>,
    },
    /// The size changed.
    Size {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// The viewer sent something that cannot be understood; the connection closes after it.
    Error {
        /// What.
        detail: String,
    },
}

/// Somebody who watches a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalViewer {
    /// The name; absent when the control plane said none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// They watch and cannot type.
    #[serde(default)]
    pub read_only: bool,
    /// It is who is told.
    #[serde(default)]
    pub you: bool,
}

/// What a viewer says in text frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ClientMessage {
    /// The viewer's size; the last one wins.
    Resize {
        /// Columns, clamped to 1..=1000.
        cols: u16,
        /// Rows, clamped to 1..=1000.
        rows: u16,
    },
    /// Everything before `offset` has been consumed.
    Ack {
        /// The offset of the next byte wanted.
        offset: u64,
    },
}
