//! The repositories of a workspace, found by looking for them.

use serde::{Deserialize, Serialize};

use super::GitOperation;
use crate::Timestamp;

/// A repository, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFound {
    /// Its top directory below the `workspace` root; empty for the root itself.
    pub path: String,
    /// The branch; absent when detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The branch that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// Commits that the upstream does not have.
    #[serde(default)]
    pub ahead: u32,
    /// Commits that only the upstream had, when it was last fetched.
    #[serde(default)]
    pub behind: u32,
    /// How many files are changed, at most 10,000.
    #[serde(default)]
    pub changed: u32,
    /// How many of them are in conflict.
    #[serde(default)]
    pub conflicts: u32,
    /// What has been begun and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<GitOperation>,
    /// The last commit; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_commit: Option<GitFoundCommit>,
    /// Where it was cloned from: the address of `origin`, or of the only remote, without a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// How much Git keeps of it, in bytes; without the files themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Why Git cannot tell how it stands; the rest says nothing then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The last commit of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFoundCommit {
    /// Its hash.
    pub id: String,
    /// The first line of its message, at most 200 characters.
    pub subject: String,
    /// Who wrote it.
    pub author: String,
    /// When it was committed.
    pub at: Timestamp,
}

/// The repositories of a workspace, by their paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFoundList {
    /// At most 100.
    pub items: Vec<GitFound>,
    /// There may be more: there were too many directories, too many repositories, or too little time.
    #[serde(default)]
    pub truncated: bool,
}
