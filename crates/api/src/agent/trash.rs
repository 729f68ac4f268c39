//! The trash: what was deleted from a root and can be brought back, for a while.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /v1/files/trash` `{root,paths}` | moves entries to the trash |
//! | `GET /v1/files/trash?root` | what is in it, newest first |
//! | `POST /v1/files/trash/restore` `{root,ids,conflict}` | brings entries back to where they were |
//! | `DELETE /v1/files/trash/{entry}?root` | deletes one for good |
//! | `DELETE /v1/files/trash?root` | deletes all for good |
//!
//! It lies in the root itself, in a directory that is never listed, watched or searched: so a rename is all
//! that it takes, whatever the size. It is bounded: what is older than [`TRASH_DAYS`] goes, and the oldest go
//! while there are more than [`TRASH_ITEMS_MAX`], or while all together hold more than [`TRASH_BYTES_MAX`]; but
//! nothing goes so within [`TRASH_KEPT_MINUTES`] of being deleted, so that an undo always finds it.
//! A server's own files have no trash.

use serde::{Deserialize, Serialize};

use super::files::{FileKind, Root};
use super::transfers::NameConflict;
use crate::Timestamp;
use crate::ids::TrashId;

/// The directory in a root that holds its trash. Nobody else gives this name.
pub const TRASH_DIRECTORY: &str = ".atelier-trash";

/// For how long it keeps what is in it, in days.
pub const TRASH_DAYS: u64 = 30;

/// How many entries it keeps.
pub const TRASH_ITEMS_MAX: usize = 1_000;

/// How much it keeps, in bytes: 4 GiB.
pub const TRASH_BYTES_MAX: u64 = 4 << 30;

/// For how long an entry is kept whatever its size, in minutes.
pub const TRASH_KEPT_MINUTES: u64 = 10;

/// Something that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrashEntry {
    /// Its name in the trash.
    pub id: TrashId,
    /// The name that it had, for showing.
    pub name: String,
    /// The path that it had below the root.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// How much it takes on the disk, in bytes; absent while that is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// What is in the trash, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrashList {
    /// The entries.
    pub items: Vec<TrashEntry>,
}

/// Names a root's trash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TrashQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
}

/// Moves entries to the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileTrash {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// The entries, at most 1,000.
    pub paths: Vec<String>,
}

/// Brings entries back to where they were. Directories above them that are gone are made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrashRestore {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// The entries, at most 1,000.
    pub ids: Vec<TrashId>,
    /// What happens where something stands by the old name.
    #[serde(default)]
    pub conflict: NameConflict,
}
