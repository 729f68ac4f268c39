//! What joins and moves commits.

use serde::{Deserialize, Serialize};

/// Merges into the current branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitMerge {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The branch, tag or commit.
    pub reference: String,
    /// With a commit of its own in any case.
    #[serde(default)]
    pub no_fast_forward: bool,
    /// Only stages what it changes.
    #[serde(default)]
    pub squash: bool,
}

/// What happens to a commit in a rebase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitTodoAction {
    /// It stays.
    Pick,
    /// It stays with another message.
    Reword,
    /// The rebase stops after it.
    Edit,
    /// It becomes a part of the one before; both messages stay.
    Squash,
    /// It becomes a part of the one before, whose message stays.
    Fixup,
    /// It goes.
    Drop,
}

/// One commit in a rebase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitTodo {
    /// What happens to it.
    pub action: GitTodoAction,
    /// Its hash.
    pub commit: String,
    /// The new message, for `reword` and `squash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Rebases the current branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRebase {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The branch, tag or commit that it is put on.
    pub onto: String,
    /// The commits, oldest first, and what happens to each; all are picked when absent. At most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub todo: Option<Vec<GitTodo>>,
    /// Changes in the working tree are put aside meanwhile.
    #[serde(default)]
    pub autostash: bool,
}

/// How to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitStep {
    /// The conflicts are resolved: go on.
    Continue,
    /// Leave this commit out.
    Skip,
    /// Back to how it was before.
    Abort,
}

/// Goes on with what has stopped: a merge, rebase, cherry-pick or revert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitProceed {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// How.
    pub step: GitStep,
}

/// Commits to be picked or reverted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitPick {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Their hashes, in the order in which they are applied, at most 100.
    pub commits: Vec<String>,
}

/// What a reset takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitResetMode {
    /// Only the branch moves.
    Soft,
    /// The index, too: nothing is staged.
    Mixed,
    /// The working tree, too: changes are lost.
    Hard,
    /// The working tree, too, but for changed files; refuses where they stand in the way.
    Keep,
}

/// Moves the current branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitReset {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where to.
    pub commit: String,
    /// What goes with it.
    pub mode: GitResetMode,
}
