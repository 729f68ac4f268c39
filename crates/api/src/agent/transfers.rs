//! Many entries at once: moved or copied into a directory, with a choice where a name is taken.
//!
//! `POST /v1/files/transfer` with a [`FileTransferMany`] answers, as they come, lines of JSON
//! (`application/x-ndjson`), each a [`TransferMessage`]. When the caller goes away it stops: what is done stays
//! done, and what was being copied leaves nothing behind.

use serde::{Deserialize, Serialize};

use super::files::{FileEntry, Root};
use crate::Problem;
use crate::ids::TrashId;

/// How many entries one request names at most.
pub const ENTRIES_MAX: usize = 1_000;

/// The media type of what is answered line by line.
pub const LINES_MEDIA_TYPE: &str = "application/x-ndjson";

/// What is done with the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransferKind {
    /// They lie in the directory afterwards, and no longer where they were.
    Move,
    /// They lie in both places.
    Copy,
}

/// What happens where the name is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NameConflict {
    /// The entry fails with `name_taken`, so that a person can be asked.
    #[default]
    Fail,
    /// What stands there goes.
    Replace,
    /// The new one gets a number: `report (2).txt`.
    KeepBoth,
    /// The entry stays where it is.
    Skip,
}

/// Moves or copies entries into a directory of the same root. Copied into their own directory with
/// `keep_both`, they are duplicated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileTransferMany {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// What is done.
    pub kind: TransferKind,
    /// The entries, at most 1,000.
    pub paths: Vec<String>,
    /// The directory that they come to lie in; the root itself when empty.
    #[serde(default)]
    pub to: String,
    /// What happens where a name is taken.
    #[serde(default)]
    pub conflict: NameConflict,
}

/// How it went with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// It is done.
    Done,
    /// Nothing had to be done, or its name is taken and it was to be skipped.
    Skipped,
    /// It failed; `problem` says why.
    Failed,
}

/// How it went with one entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryOutcome {
    /// The path that was named; of what is restored, the one that it had.
    pub path: String,
    /// How it went.
    pub outcome: Outcome,
    /// The entry as it is now, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<FileEntry>,
    /// Its name in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trash_id: Option<TrashId>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// How it went with each of several entries, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryOutcomes {
    /// One for each that was named.
    pub items: Vec<EntryOutcome>,
}

/// A line of a transfer's answer. Unknown types are to be ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum TransferMessage {
    /// How much has been copied so far, of all entries together; told while it goes on.
    Progress {
        /// Files, directories and links.
        entries: u64,
        /// Bytes of content.
        bytes: u64,
    },
    /// One of the entries is through.
    Entry(Box<EntryOutcome>),
    /// All are through. An answer without this line broke off.
    End,
}
