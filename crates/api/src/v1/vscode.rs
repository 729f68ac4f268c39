//! VS Code of a workspace; its state is the agent's ([`crate::agent::vscode`]).

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The way to it for who has asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VsCodeOpened {
    /// The address; whoever has it comes in as whoever has asked, so it is not to be passed on.
    pub url: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}
