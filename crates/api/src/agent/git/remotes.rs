//! Other repositories: their names, and what goes to and fro.

use serde::{Deserialize, Serialize};

use super::GitCredentials;

/// A repository elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRemote {
    /// What it is called here.
    pub name: String,
    /// Where it is fetched from; without a password.
    pub url: String,
    /// Where it is pushed to; without a password.
    pub push_url: String,
}

/// The remotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRemoteList {
    /// They.
    pub items: Vec<GitRemote>,
}

/// Adds a remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRemoteAdd {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its name.
    pub name: String,
    /// `https://`, `http://`, `ssh://`, `git://` or `user@host:path`, without a password.
    pub url: String,
}

/// Renames a remote, or changes its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRemoteUpdate {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_name: Option<String>,
    /// Its new address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Removes a remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitRemoteRemove {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Its name.
    pub name: String,
}

/// Fetches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitFetch {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// From which remote; from all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Forgets branches that are gone there.
    #[serde(default)]
    pub prune: bool,
    /// Who to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}

/// Fetches from the upstream and joins what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitPull {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// By a rebase (true) or a merge (false); as the repository is set when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebase: Option<bool>,
    /// Changes in the working tree are put aside meanwhile.
    #[serde(default)]
    pub autostash: bool,
    /// Who to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}

/// Pushes a branch, or tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitPush {
    /// A directory in the repository, below the `workspace` root; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// Where to; the upstream's remote, or `origin`, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Which branch; the current one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The branch follows what it is pushed to from now on.
    #[serde(default)]
    pub set_upstream: bool,
    /// Replaces what is there, if it is still what was seen last (`--force-with-lease`).
    #[serde(default)]
    pub force: bool,
    /// All tags, too.
    #[serde(default)]
    pub tags: bool,
    /// Who to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}
