//! Keys of SSH, and the hosts whose keys are known: what stands in the workspace's own `~/.ssh`.

use serde::{Deserialize, Serialize};

/// How many keys are listed.
pub const GIT_SSH_KEYS_MAX: usize = 100;

/// How many entries of known hosts are listed.
pub const GIT_KNOWN_HOSTS_MAX: usize = 2_000;

/// A key of the workspace's user. The private half never leaves the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSshKey {
    /// The file's name in `~/.ssh`.
    pub name: String,
    /// `ssh-ed25519`, `ssh-rsa`, …; absent where only a private key in an old format is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_type: Option<String>,
    /// `SHA256:` and the hash of the public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The line to give to a Git host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// What its maker wrote behind it.
    pub comment: String,
    /// The private key is there, too.
    pub has_private: bool,
    /// It takes a passphrase, for which nobody can be asked: only Git in a terminal can use it.
    pub encrypted: bool,
    /// The Git view offers it to hosts.
    pub offered: bool,
}

/// The keys, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSshKeyList {
    /// They.
    pub items: Vec<GitSshKey>,
    /// There are more than are listed.
    pub truncated: bool,
    /// `~/.ssh/config` says itself which keys are offered to which host.
    pub configured: bool,
}

/// Makes a key (Ed25519, without a passphrase).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSshKeyCreate {
    /// The file's name in `~/.ssh`; `id_ed25519` when absent. What is there is never overwritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What stands behind the public key; the workspace's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Deletes a key: both of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitSshKeyDelete {
    /// Its name.
    pub name: String,
}

/// A key that a host has presented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitHostKey {
    /// The host as `known_hosts` names it: `example.com`, or `[example.com]:2222`.
    pub host: String,
    /// `ssh-ed25519`, …
    pub key_type: String,
    /// The public key, in base64.
    pub key: String,
    /// `SHA256:` and the hash of the key.
    pub fingerprint: String,
}

/// A host whose key was not accepted, before anything was sent to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitHostKeyProblem {
    /// What it has presented.
    pub presented: GitHostKey,
    /// What is known of it; empty where it is not known at all.
    pub known: Vec<GitKnownHost>,
}

/// An entry of `known_hosts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitKnownHost {
    /// The hash of its line, by which it is deleted.
    pub id: String,
    /// For which hosts; absent where the file holds only a hash of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<String>,
    /// `cert-authority` or `revoked`, where the line says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// `ssh-ed25519`, …
    pub key_type: String,
    /// `SHA256:` and the hash of the key.
    pub fingerprint: String,
    /// It stands in `/etc/ssh`, and cannot be deleted from here.
    pub system: bool,
}

/// Query of `git_known_host_list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct GitKnownHostQuery {
    /// Only what is known of this host, hashed entries and those of `/etc/ssh` included.
    #[serde(default)]
    pub host: Option<String>,
}

/// What is known of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitKnownHostList {
    /// Entries, in the file's order.
    pub items: Vec<GitKnownHost>,
    /// There are more than are listed.
    pub truncated: bool,
}

/// Trusts the key that a host has presented. A host that is known with another one is refused: delete that first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitKnownHostCreate {
    /// The host: `example.com`, or `[example.com]:2222`.
    pub host: String,
    /// `ssh-ed25519`, …
    pub key_type: String,
    /// The public key, in base64: what was shown to whoever trusts it.
    pub key: String,
}

/// Deletes an entry of `known_hosts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitKnownHostDelete {
    /// Which.
    pub id: String,
}
