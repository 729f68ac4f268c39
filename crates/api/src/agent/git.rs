//! Git: what the foundation needs, clone with progress and status. Runs the `git` program.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /v1/git/clone` ([`GitClone`]) | newline-delimited JSON of [`CloneEvent`], until done |
//! | `GET /v1/git/status?path` | [`GitStatus`] of the repository that holds `path` |

use serde::{Deserialize, Serialize};

/// Clones a repository into the `workspace` root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitClone {
    /// `https://`, `http://`, `ssh://`, `git://` or `user@host:path`. Nothing else: no `file://`,
    /// no `ext::`, nothing that begins with `-`.
    pub url: String,
    /// The directory below the root; must not exist or be empty.
    pub path: String,
    /// The branch or tag; the remote's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// One line of the clone's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloneEvent {
    /// How far it is.
    Progress {
        /// `counting`, `compressing`, `receiving`, `resolving`, `checking_out`.
        phase: String,
        /// 0 to 100.
        percent: u8,
        /// The line that Git printed.
        detail: String,
    },
    /// It is done.
    Done {
        /// The commit that is checked out; absent for an empty repository.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
    },
    /// It failed; what had been cloned is removed.
    Failed {
        /// Why.
        reason: CloneFailure,
        /// What Git said, with what to do.
        detail: String,
    },
}

/// Why a clone failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum CloneFailure {
    /// The address is not one that may be cloned.
    InvalidUrl,
    /// Nothing is there, or it is hidden from whoever is not signed in.
    NotFound,
    /// Credentials are needed, or were refused.
    Unauthorized,
    /// The host could not be reached, or the connection broke.
    Network,
    /// The directory exists and is not empty.
    TargetExists,
    /// No space left.
    OutOfSpace,
    /// Something else; see the detail.
    Other,
}

/// Query of `git_status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitStatusQuery {
    /// A directory below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
}

/// The state of a working tree (`git status --porcelain=v2 --branch`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitStatus {
    /// The repository's top directory below the `workspace` root.
    pub root: String,
    /// The branch; absent when detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// Commits that the upstream does not have.
    #[serde(default)]
    pub ahead: u32,
    /// Commits that only the upstream has.
    #[serde(default)]
    pub behind: u32,
    /// Changed files, at most 10,000.
    pub files: Vec<GitFile>,
    /// There are more than are listed.
    #[serde(default)]
    pub truncated: bool,
}

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFile {
    /// Its path below the repository's top directory.
    pub path: String,
    /// Where it came from, when renamed or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The letter of the index: `.`, `M`, `T`, `A`, `D`, `R`, `C`, `U` or `?`.
    pub index: String,
    /// The letter of the working tree, likewise.
    pub worktree: String,
}
