//! Links by which a terminal is shared with whoever holds them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::agent::terminals::ExitStatus;
use crate::ids::{TerminalId, TerminalShareId, WorkspaceId};

/// What the secret of every link begins with, so that scanners find leaked ones.
pub const SHARE_TOKEN_PREFIX: &str = "ats_";

/// A browser cannot add a header to a WebSocket: there the token is offered as a subprotocol, this
/// before it. It does not travel further than the control plane.
pub const SHARE_SUBPROTOCOL_PREFIX: &str = "atelier.share.";

/// For how long a link is good when its maker does not say, in seconds: a day.
pub const SHARE_SECONDS: u32 = 24 * 60 * 60;

/// For how long a link may be good, in seconds: seven days.
pub const SHARE_SECONDS_MAX: u32 = 7 * 24 * 60 * 60;

/// How many links of a workspace may be good at the same time.
pub const SHARES_MAX: u32 = 100;

/// What a link allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ShareAccess {
    /// To watch.
    Read,
    /// To type, too: whatever the workspace's owner could do in the terminal.
    Write,
}

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ShareState {
    /// It can be used.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A link by which a terminal is shared. Its token is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalShare {
    /// Its id.
    pub id: TerminalShareId,
    /// Where the terminal is.
    pub workspace_id: WorkspaceId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// What it allows.
    pub access: ShareAccess,
    /// How it stands.
    pub state: ShareState,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// When somebody last came by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// How often somebody came by it.
    pub uses: u64,
}

/// Makes a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalShareCreate {
    /// What it allows.
    pub access: ShareAccess,
    /// For how long it is good, in seconds: 60 to 604,800; a day when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalShareCreated {
    /// It.
    pub share: TerminalShare,
    /// The secret of the link; it cannot be shown again.
    pub token: String,
    /// The link's path and fragment: what follows the address of the control plane.
    pub path: String,
}

/// The links of a terminal, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalShareList {
    /// All of them that are good or were within the last thirty days.
    pub items: Vec<TerminalShare>,
}

/// Opens a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareOpen {
    /// Its secret.
    pub token: String,
}

/// What the holder of a link learns: nothing but what the terminal itself shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharedTerminal {
    /// The link's id.
    pub id: TerminalShareId,
    /// How the link stands. What follows is only there while it is `active`.
    pub state: ShareState,
    /// What it allows.
    pub access: ShareAccess,
    /// Who shares it.
    pub shared_by: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// The terminal's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the terminal's program ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitStatus>,
    /// Where its output ends now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_offset: Option<u64>,
}

/// Query of a link's attach request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ShareAttachQuery {
    /// The offset of the first byte that the viewer has not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How the viewer wants to be called by the others, at most 40 characters. Whoever is signed in is
    /// called by their own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
