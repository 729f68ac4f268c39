//! Recordings of terminals, as asciicast v2 (<https://docs.asciinema.org/manual/asciicast/v2/>): what
//! the program printed and how large the screen was, and never what was typed.
//!
//! They lie in the workspace, below the user's home, as plain files.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{RecordingId, TerminalId};

/// The media type of a recording.
pub const RECORDING_MEDIA_TYPE: &str = "application/x-asciicast";

/// How large one recording may become, in bytes. It ends there.
pub const RECORDING_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How long one recording may take, in milliseconds: four hours. It ends there.
pub const RECORDING_DURATION_MAX_MS: u64 = 4 * 60 * 60 * 1000;

/// How large all recordings of a workspace may become, in bytes. The oldest go when a new one is begun.
pub const RECORDINGS_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How many recordings a workspace keeps. The oldest go when a new one is begun.
pub const RECORDINGS_MAX: usize = 100;

/// How many recordings may be made at the same time.
pub const RECORDINGS_RUNNING_MAX: usize = 4;

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recording {
    /// Its id.
    pub id: RecordingId,
    /// Of which terminal, which may be gone.
    pub terminal: TerminalId,
    /// The terminal's name when it began.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it is, in milliseconds.
    pub duration_ms: u64,
    /// How large it is, in bytes.
    pub size_bytes: u64,
    /// Columns at its beginning.
    pub cols: u16,
    /// Rows at its beginning.
    pub rows: u16,
    /// Why it ended; absent while it is being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<RecordingEnd>,
}

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum RecordingEnd {
    /// A person ended it.
    Stopped,
    /// The terminal's program ended.
    Exited,
    /// It had become as large as it may.
    Size,
    /// It had taken as long as it may.
    Duration,
    /// It could not be written any more: the disk may be full.
    Write,
    /// The workspace stopped while it was made.
    Interrupted,
    /// A reason that this version does not know.
    #[serde(other)]
    Other,
}

/// A recording that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordingCreated {
    /// It.
    pub recording: Recording,
    /// The oldest ones, which had to go to make room for it.
    #[serde(default)]
    pub dropped: Vec<Recording>,
}

/// All recordings of a workspace, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordingList {
    /// At most [`RECORDINGS_MAX`].
    pub items: Vec<Recording>,
    /// How large they are together, in bytes.
    pub size_bytes: u64,
    /// How large they may be together, in bytes.
    pub size_bytes_max: u64,
}
