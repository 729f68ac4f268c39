//! What the server is, and its first set-up.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/info`: what anybody may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The server's version.
    pub version: String,
    /// No account exists yet: the first one is created with the set-up token.
    pub setup_required: bool,
}

/// Creates the first account, owner of the default organization.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupComplete {
    /// The one-time token that the server printed at its start.
    pub token: String,
    /// E-mail address, to sign in with.
    pub email: String,
    /// The person's name, 1 to 100 characters.
    pub name: String,
    /// 10 to 1,000 characters, and not a common one.
    pub password: String,
    /// The organization's name; `Workshop` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl std::fmt::Debug for SetupComplete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupComplete")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}
