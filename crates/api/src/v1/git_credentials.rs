//! Git credentials: who a person is at Git hosts, kept for them by the control plane.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::GitCredentialId;

/// Who the signed-in person is at a Git host. The secret is never answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCredential {
    /// Its id.
    pub id: GitCredentialId,
    /// For which addresses: `https://host`, with a port if it is not the usual one, and the beginning of the
    /// path if it is not for the whole host.
    pub url: String,
    /// The name there.
    pub username: String,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When the secret was stored.
    pub updated_at: Timestamp,
    /// From when on it is not used any more; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last given to Git; absent when never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// When the host last refused it; absent since it was stored or accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
    /// Whether this server's key has encrypted it. One that is not readable must be stored again.
    pub readable: bool,
}

/// The own Git credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCredentialList {
    /// By address.
    pub items: Vec<GitCredential>,
}

/// Stores who the person is at a Git host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCredentialCreate {
    /// For which addresses: `https://host`, or the beginning of a repository's address. `http://` only for
    /// this machine itself.
    pub url: String,
    /// The name there.
    pub username: String,
    /// The password or token.
    pub secret: String,
    /// From when on it is not to be used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Replaces the one for this address and name, if there is one; else that is a conflict.
    #[serde(default)]
    pub replace: bool,
}

/// Replaces the secret of a Git credential.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GitCredentialUpdate {
    /// The new password or token.
    pub secret: String,
    /// From when on it is not to be used any more; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for GitCredentialCreate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitCredentialCreate")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for GitCredentialUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitCredentialUpdate")
            .finish_non_exhaustive()
    }
}
