//! Git, all of it by the `git` program (decision 0020).
//!
//! Every request names by `path` a directory below the `workspace` root; the repository that holds it is
//! meant. Files are named below the repository's top directory. What changes a repository answers
//! [`GitDone`], with the commands that were run and what they printed; what takes long answers lines of
//! [`GitEvent`] until the last one, and is ended by closing the connection.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /v1/git/clone` ([`GitClone`]) | newline-delimited JSON of [`CloneEvent`], until done |
//! | `GET /v1/git/status?path` | [`GitStatus`] of the repository that holds `path` |
//! | `GET /v1/git/{diff,content,references,log,commit,blame,stashes,remotes,…}` | what is there |
//! | `POST /v1/git/{stage,unstage,discard,commit,branches/create,…}` | changes it |
//! | `GET /v1/git/ssh/{keys,hosts}`, `POST …/{create,delete}` | the workspace's `~/.ssh` |
//! | `POST /v1/git/{fetch,pull,push,rebase,proceed,submodules/update}` | lines of [`GitEvent`] |

mod changes;
mod history;
mod operations;
mod references;
mod remotes;
mod scan;
mod ssh;
mod trees;

use serde::{Deserialize, Serialize};

pub use changes::*;
pub use history::*;
pub use operations::*;
pub use references::*;
pub use remotes::*;
pub use scan::*;
pub use ssh::*;
pub use trees::*;

use crate::time::Timestamp;

/// Clones a repository into the `workspace` root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitClone {
    /// `https://`, `http://`, `ssh://`, `git://` or `user@host:path`. Nothing else: no `file://`,
    /// no `ext::`, nothing that begins with `-`.
    pub url: String,
    /// The directory below the root; must not exist or be empty.
    pub path: String,
    /// The branch or tag; the remote's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Who to be there; those in the address, if it has any, come first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}

/// One line of the clone's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        /// The host that was not accepted, for `unknown_host` and `host_key`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_key: Option<GitHostKeyProblem>,
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
    /// The key of an SSH host is not known here: trust it, and begin again.
    UnknownHost,
    /// The key of an SSH host is not the one that is known.
    HostKey,
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

/// What has been begun in a repository, and waits to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum GitOperation {
    /// A merge, of a pull perhaps.
    Merge,
    /// A rebase.
    Rebase,
    /// A cherry-pick.
    CherryPick,
    /// A revert.
    Revert,
    /// A search for a commit. It is gone on with in a terminal.
    Bisect,
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
    /// What has been begun and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<GitOperation>,
    /// How many stashes there are.
    #[serde(default)]
    pub stashes: u32,
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

/// A command that was run, less the settings that every one of them has (decision 0020).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRun {
    /// As one would type it.
    pub command: String,
    /// What it printed, at most 64 KiB.
    pub output: String,
    /// Whether it ended well.
    pub succeeded: bool,
    /// When it had ended.
    pub at: Timestamp,
}

/// The commands that were run last in this workspace, oldest first, at most 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRunList {
    /// The commands.
    pub items: Vec<GitRun>,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum GitOutcome {
    /// It is done.
    Done,
    /// It has stopped at conflicts, which are to be resolved.
    Conflicts,
    /// It has stopped because it was asked to (`edit` in a rebase), or for what the output says.
    Stopped,
}

/// The answer to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitDone {
    /// What came of it.
    pub outcome: GitOutcome,
    /// What was run for it.
    pub runs: Vec<GitRun>,
}

/// Why an operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum GitFailure {
    /// The credentials were refused, or such as cannot be asked for are missing (a key of SSH).
    Unauthorized,
    /// Nothing is there, or it is hidden from whoever is not signed in.
    NotFound,
    /// The host could not be reached, or the connection broke.
    Network,
    /// The key of an SSH host is not known here: trust it, and begin again.
    UnknownHost,
    /// The host is not who it was: its key is not the one that is known.
    HostKey,
    /// The other side has commits that are not here.
    NotFastForward,
    /// A hook, here or at the other side, or the other side's rules have refused it.
    Refused,
    /// Changes in the working tree stand in the way.
    LocalChanges,
    /// Another program holds the repository, or was killed and has left its lock.
    Locked,
    /// Git does not know in whose name to write a commit.
    NoIdentity,
    /// No space left.
    OutOfSpace,
    /// Something else; see the detail.
    Other,
}

/// One line of the answer of what takes long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum GitEvent {
    /// A command was started.
    Started {
        /// As one would type it.
        command: String,
    },
    /// How far it is.
    Progress {
        /// `counting`, `compressing`, `receiving`, `resolving`, `writing`, `checking_out`, `rebasing`.
        phase: String,
        /// 0 to 100.
        percent: u8,
        /// The line that Git printed.
        detail: String,
    },
    /// Something else that it printed; only the first 1,000 lines.
    Output {
        /// One line.
        line: String,
    },
    /// The last line: what came of it.
    Done {
        /// What came of it, and what was run.
        result: GitDone,
    },
    /// The last line: credentials are wanted. Ask the person, and begin again with them.
    CredentialsRequired {
        /// `https` or `http`.
        protocol: String,
        /// The host, with its port if it is not the usual one.
        host: String,
        /// For whom, if the address says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        /// Those that came with the request were refused.
        refused: bool,
        /// The repository's path on the host, where it is clear.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// What became of the one that the person has stored for this host; absent when there is none. The
        /// control plane adds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stored: Option<GitStoredCredential>,
    },
    /// The last line: it has failed.
    Failed {
        /// Why.
        reason: GitFailure,
        /// What Git said, with what to do.
        detail: String,
        /// The host that was not accepted, for `unknown_host` and `host_key`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_key: Option<GitHostKeyProblem>,
        /// What was run for it.
        runs: Vec<GitRun>,
    },
}

/// What became of a stored credential that was not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum GitStoredCredential {
    /// The host has refused it.
    Refused,
    /// It has expired, and was not tried.
    Expired,
    /// It was encrypted with another key, or changed in the database; it was not tried.
    Unreadable,
    /// The workspace is somebody else's, where none of the person's own is used.
    NotOwner,
}

/// Who to be at a remote host. It goes to Git through a socket of the agent, and stands in no file, no
/// environment and no argument.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCredentials {
    /// `https` or `http`, as it was asked for.
    pub protocol: String,
    /// The host, with its port, as it was asked for. Nobody else is told.
    pub host: String,
    /// The name.
    pub username: String,
    /// The password or token.
    pub secret: String,
}

impl std::fmt::Debug for GitCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GitCredentials({}://{})", self.protocol, self.host)
    }
}
