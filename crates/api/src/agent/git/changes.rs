//! What has changed in files: differences, staging, discarding, committing, conflicts.

use serde::{Deserialize, Serialize};

use super::{GitDone, GitRun};
use crate::ids::TrashId;

/// Between what a difference is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitDiffScope {
    /// From the index to the working tree; of an untracked file all of it.
    #[default]
    Unstaged,
    /// From the last commit to the index.
    Staged,
    /// From the last commit to the working tree.
    Head,
    /// What the commit has changed, against its first parent or `from`.
    Commit,
}

/// Query of `git_diff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitDiffQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The file, below the repository's top directory.
    pub file: String,
    /// Between what.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub scope: GitDiffScope,
    /// The commit, for the scope `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The commit that it is compared with, for the scope `commit`; its first parent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many unchanged lines stand around a change, at most 100,000; 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u32>,
}

/// What a line of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitLineKind {
    /// On both sides.
    Context,
    /// Only on the new side.
    Added,
    /// Only on the old side.
    Removed,
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitDiffLine {
    /// What it is.
    pub kind: GitLineKind,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// It is the last of its side, and has no line end.
    #[serde(default)]
    pub no_newline: bool,
}

/// Changes that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitHunk {
    /// Its first line on the old side, from 1.
    pub old_start: u32,
    /// How many lines of the old side.
    pub old_lines: u32,
    /// Its first line on the new side, from 1.
    pub new_start: u32,
    /// How many lines of the new side.
    pub new_lines: u32,
    /// What it stands in, as Git guesses.
    pub heading: String,
    /// The number of its first line in the difference: lines are counted through all hunks, from 0.
    pub first: u32,
    /// Its lines.
    pub lines: Vec<GitDiffLine>,
}

/// The difference of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFileDiff {
    /// The file.
    pub file: String,
    /// Names exactly this difference; a selection quotes it.
    pub version: String,
    /// It is no text: there are no hunks.
    pub binary: bool,
    /// It is larger than 4 MiB: there are no hunks.
    pub truncated: bool,
    /// The changes.
    pub hunks: Vec<GitHunk>,
}

/// Where a file's content is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitContentSource {
    /// The last commit.
    Head,
    /// What is staged.
    Index,
    /// In a conflict, what both sides began with.
    Base,
    /// In a conflict, this side.
    Ours,
    /// In a conflict, the other side.
    Theirs,
    /// The commit that is named.
    Commit,
    /// The first parent of the commit that is named.
    Parent,
}

/// Query of `git_content`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitContentQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The file, below the repository's top directory.
    pub file: String,
    /// From where.
    #[cfg_attr(feature = "openapi", param(inline))]
    pub source: GitContentSource,
    /// The commit, for the sources `commit` and `parent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A file's content at another place than the working tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitContent {
    /// It is there.
    pub exists: bool,
    /// It is no UTF-8 text, or larger than 4 MiB: there is no text.
    pub binary: bool,
    /// The text.
    pub text: String,
}

/// Lines of a difference, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitLineRange {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// Some lines of a file's difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSelection {
    /// The `version` of the difference; 412 when it is another one by now.
    pub version: String,
    /// Which lines, at most 10,000 ranges.
    pub lines: Vec<GitLineRange>,
}

/// Which changes are to be staged, unstaged or discarded: `files`, or `all`, or a `selection` in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitChange {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Files or directories, below the repository's top directory, at most 10,000.
    #[serde(default)]
    pub files: Vec<String>,
    /// All of them.
    #[serde(default)]
    pub all: bool,
    /// Only these lines of the one file that `files` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<GitSelection>,
}

/// A file as it was before its changes were discarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitUndoFile {
    /// The file.
    pub file: String,
    /// What it held, as an object of the repository; absent for one that was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// `100644`, `100755` or `120000`.
    pub mode: String,
    /// What it held afterwards; a file that holds something else by now stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What was discarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitUndo {
    /// Changed files. Git keeps such objects for two weeks.
    pub files: Vec<GitUndoFile>,
    /// Untracked ones, which are in the workspace's trash.
    pub trash: Vec<TrashId>,
}

/// The answer to `git_discard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitDiscarded {
    /// What brings it back.
    pub undo: GitUndo,
    /// What was run for it.
    pub runs: Vec<GitRun>,
}

/// Brings back what was discarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitDiscardUndo {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// As it was answered.
    pub undo: GitUndo,
}

/// The answer to `git_discard_undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRestored {
    /// How many files are back.
    pub restored: u32,
    /// Files that have changed since, and stay as they are.
    pub kept: Vec<String>,
}

/// Commits what is staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommitCreate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The message; the last commit's own when empty and `amend`.
    #[serde(default)]
    pub message: String,
    /// In place of the last commit.
    #[serde(default)]
    pub amend: bool,
    /// With a line `Signed-off-by`.
    #[serde(default)]
    pub sign_off: bool,
    /// All changes of tracked files, staged or not.
    #[serde(default)]
    pub all: bool,
    /// Even if nothing has changed.
    #[serde(default)]
    pub allow_empty: bool,
}

/// The answer to `git_commit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommitted {
    /// The new commit.
    pub commit: String,
    /// What was run for it.
    pub done: GitDone,
}

/// How a conflict is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GitResolution {
    /// With this side.
    Ours,
    /// With the other side.
    Theirs,
    /// With the lines of both, this side's first.
    Both,
    /// As the file is now in the working tree.
    Marked,
}

/// Resolves conflicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitResolve {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The files, below the repository's top directory, at most 10,000.
    #[serde(default)]
    pub files: Vec<String>,
    /// How.
    pub with: GitResolution,
}

/// What a commit's message begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommitDraft {
    /// Of the merge, revert or pick under way, or the template of `commit.template`; empty when there is none.
    pub message: String,
    /// The last commit's message, for amending.
    pub last: String,
}
