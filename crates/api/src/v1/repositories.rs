//! The registry of repositories: all of them, over all workspaces, as they were last seen.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::agent::git::GitFound;
use crate::ids::{AccountId, WorkspaceId};

/// Query of `repository_list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct RepositoryListQuery {
    /// Only those that hold this text in path, branch, address, or their workspace's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only those of this workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// Where the last page ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many, 1 to 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A repository of a workspace, as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repository {
    /// Where it is.
    pub workspace_id: WorkspaceId,
    /// What the workspace is called.
    pub workspace_name: String,
    /// Whose the workspace is.
    pub owner_id: AccountId,
    /// What they are called.
    pub owner_name: String,
    /// What the server is called.
    pub node_name: String,
    /// Whether the workspace runs, so that something can be done there.
    pub running: bool,
    /// When it was looked at.
    pub looked_at: Timestamp,
    /// How it stood.
    pub found: GitFound,
}

/// What came of looking at workspaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepositoryRefresh {
    /// How many workspaces were looked at.
    pub workspaces: u32,
    /// How many run and could not be asked, because their server is away or their agent did not answer.
    pub failed: u32,
    /// In how many there may be repositories that were not found: too many directories or repositories.
    pub truncated: u32,
    /// There are more workspaces than are looked at in one go.
    pub more: bool,
}
