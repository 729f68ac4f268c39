//! The commits: log, one of them, who wrote a line.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Who, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitPerson {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// When.
    pub at: Timestamp,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommit {
    /// Its hash.
    pub id: String,
    /// The hashes of its parents.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: GitPerson,
    /// Who committed it.
    pub committer: GitPerson,
    /// The first line of its message.
    pub subject: String,
    /// What points at it: `HEAD`, `refs/heads/main`, `refs/remotes/origin/main`, `refs/tags/v1`.
    pub references: Vec<String>,
}

/// Query of `git_log`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitLogQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where the page begins; as the one before has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many, at most 1,000; 200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only commits with this text in their messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Only commits of this author, a part of name or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Only commits that have changed this file or directory; renames of a file are followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From this branch, tag or commit on; from `HEAD` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Only what is not in this branch, tag or commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// From all branches and tags on.
    #[serde(default)]
    pub all: bool,
}

/// A page of the log: newest first, and no commit before those that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitLog {
    /// The commits.
    pub items: Vec<GitCommit>,
    /// Where the next page begins; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Query of `git_commit_view`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitCommitQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The commit.
    pub commit: String,
}

/// A file that a commit has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommitFile {
    /// The file.
    pub file: String,
    /// Where it came from, when renamed or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `A`, `M`, `D`, `R`, `C` or `T`.
    pub status: String,
    /// Lines that came; absent for what is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<u32>,
    /// Lines that went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<u32>,
}

/// A commit with all of its message and what it has changed against its first parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCommitDetail {
    /// The commit.
    pub commit: GitCommit,
    /// The whole message.
    pub message: String,
    /// The files, at most 5,000.
    pub files: Vec<GitCommitFile>,
    /// There are more files.
    pub truncated: bool,
}

/// Query of `git_blame`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitBlameQuery {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The file.
    pub file: String,
    /// As it was then; as it is in the working tree when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A commit that lines come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBlameCommit {
    /// Its hash; zeros for what is not committed yet.
    pub id: String,
    /// Who wrote it.
    pub author: GitPerson,
    /// The first line of its message.
    pub subject: String,
}

/// Lines of one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBlameRange {
    /// The first, from 1.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// Which of the commits.
    pub commit: u32,
}

/// Where each line of a file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitBlame {
    /// The commits.
    pub commits: Vec<GitBlameCommit>,
    /// The lines, in order.
    pub ranges: Vec<GitBlameRange>,
}
