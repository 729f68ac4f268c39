//! Submodules, working trees, and in whose name commits are written.

use serde::{Deserialize, Serialize};

use super::GitCredentials;

/// How a submodule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitSubmoduleState {
    /// It is not there yet.
    Missing,
    /// The commit that is wanted is checked out.
    Current,
    /// Another commit is checked out.
    Moved,
    /// It is in conflict.
    Conflicted,
}

/// A repository in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSubmodule {
    /// Where, below the repository's top directory.
    pub directory: String,
    /// The commit that is checked out, or wanted.
    pub commit: String,
    /// How it stands.
    pub state: GitSubmoduleState,
}

/// The submodules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSubmoduleList {
    /// They.
    pub items: Vec<GitSubmodule>,
}

/// Gets submodules, and checks out the commits that are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSubmoduleUpdate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Which; all when empty.
    #[serde(default)]
    pub directories: Vec<String>,
    /// Who to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}

/// A working tree of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitWorktree {
    /// Where: below the `workspace` root, or absolute outside of it.
    pub directory: String,
    /// What is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch; absent when detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// It is this one.
    pub current: bool,
    /// It may not be removed.
    pub locked: bool,
    /// Its directory is gone.
    pub missing: bool,
}

/// The working trees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitWorktreeList {
    /// They.
    pub items: Vec<GitWorktree>,
}

/// Adds a working tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitWorktreeAdd {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where, below the `workspace` root; nothing may stand there.
    pub directory: String,
    /// The branch.
    pub branch: String,
    /// The branch is new, and begins at `HEAD`.
    #[serde(default)]
    pub create: bool,
}

/// Removes a working tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitWorktreeRemove {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where, as it is listed.
    pub directory: String,
    /// Even with changes in it.
    #[serde(default)]
    pub force: bool,
}

/// Where a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitIdentityScope {
    /// In this repository.
    Local,
    /// In all of the workspace.
    Global,
}

/// Who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitIdentityValue {
    /// `user.name`; empty when it is not set.
    pub name: String,
    /// `user.email`; empty when it is not set.
    pub email: String,
}

/// In whose name commits are written: what is set for the repository goes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitIdentity {
    /// As set for this repository.
    pub local: GitIdentityValue,
    /// As set for all of the workspace.
    pub global: GitIdentityValue,
}

/// Says in whose name commits are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitIdentityUpdate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where it is to hold.
    pub scope: GitIdentityScope,
    /// The name; empty takes the setting away.
    pub name: String,
    /// The e-mail address; empty takes the setting away.
    pub email: String,
}
