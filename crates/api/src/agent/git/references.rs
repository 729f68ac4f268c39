//! Branches, tags and stashes.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Query of `git_reference_list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitReferenceQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Only those with this text in their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What points at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitReferenceKind {
    /// A branch.
    Branch,
    /// What a branch of a remote was when it was last seen.
    RemoteBranch,
    /// A tag.
    Tag,
}

/// A branch or tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitReference {
    /// What it is.
    pub kind: GitReferenceKind,
    /// Its name: `main`, `origin/main`, `v1`.
    pub name: String,
    /// The commit that it points at.
    pub commit: String,
    /// When that was committed.
    pub at: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// It is checked out.
    pub current: bool,
    /// The branch that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// The branch that it follows is not there any more.
    pub gone: bool,
    /// The directory of the other working tree that it is checked out in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
}

/// Branches and tags, those last committed to first, at most 2,000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitReferenceList {
    /// They.
    pub items: Vec<GitReference>,
    /// There are more: ask for a part of the name.
    pub truncated: bool,
}

/// Makes a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBranchCreate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its name.
    pub name: String,
    /// Where it begins; `HEAD` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// And switches to it.
    #[serde(default)]
    pub switch: bool,
}

/// Switches to a branch, or to a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBranchSwitch {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The branch; one of a remote (`origin/topic`) is made a local one that follows it.
    pub name: String,
    /// To the commit itself, on no branch.
    #[serde(default)]
    pub detach: bool,
}

/// Renames a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBranchRename {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The branch.
    pub name: String,
    /// Its new name.
    pub new_name: String,
}

/// Deletes a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBranchDelete {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The branch.
    pub name: String,
    /// Even if its commits are in no other branch.
    #[serde(default)]
    pub force: bool,
}

/// Makes a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitTagCreate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its name.
    pub name: String,
    /// What it points at; `HEAD` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Makes it an annotated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Deletes a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitTagDelete {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The tag.
    pub name: String,
}

/// Query of what only needs to know the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
}

/// Changes that were put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitStash {
    /// Its place, from 0, the newest.
    pub index: u32,
    /// Its hash.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What it was called.
    pub message: String,
}

/// The stashes, newest first, at most 500.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitStashList {
    /// They.
    pub items: Vec<GitStash>,
}

/// Puts changes aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitStashPush {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// What they are called.
    #[serde(default)]
    pub message: String,
    /// Untracked files, too.
    #[serde(default)]
    pub untracked: bool,
    /// Only these; all when empty.
    #[serde(default)]
    pub files: Vec<String>,
}

/// Takes one of the stashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitStashChange {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its place.
    pub index: u32,
    /// Its hash; 412 when another one stands there by now.
    pub id: String,
}
