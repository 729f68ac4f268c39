//! Ports of workspaces: what listens, what it is called, who may see it, and how it is opened.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::agent::ports::{PortProcess, PortProtocol};
use crate::ids::WorkspaceId;

/// The longest name of a port, in characters.
pub const PORT_NAME_MAX: usize = 60;

/// How many ports of a workspace may have a name or be shared.
pub const PORT_SETTINGS_MAX: u32 = 200;

/// For how long the token of an address that opens a port is good, in seconds.
pub const ENTRY_SECONDS: u32 = 60;

/// Who may see what listens on a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PortVisibility {
    /// Whoever may work in the workspace: its owner, and the organization's admins and owners.
    #[default]
    Private,
    /// Every member of the organization.
    Organization,
    /// Everybody who has the address.
    Public,
}

/// A port that something listens on, or that somebody has set something for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Port {
    /// Its number.
    pub port: u16,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may see what listens on it.
    pub visibility: PortVisibility,
    /// Whether something listens on it.
    pub listening: bool,
    /// Where: `127.0.0.1`, `0.0.0.0`, `::1`, `::`.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Who listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<PortProcess>,
    /// Since when that has been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What is spoken on it, as far as is known.
    pub protocol: PortProtocol,
    /// Its address by host name, for those who may see it; absent where host names do not lead here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The ports of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortList {
    /// By number.
    pub items: Vec<Port>,
}

/// Sets what a port is called and who may see it. What is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortUpdate {
    /// Its name, at most 60 characters; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<PortVisibility>,
}

/// What is set for a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortSettings {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub port: u16,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may see it.
    pub visibility: PortVisibility,
}

/// By what kind of address a port is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PortAddressing {
    /// On a host name, and so on an origin, of its own.
    Host,
    /// Below a path of the platform, confined to an opaque origin: no cookies, no storage.
    Path,
}

/// Opens a port for whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortOpen {
    /// By what kind of address; by host name where that works, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressing: Option<PortAddressing>,
    /// Which page of the application, from `/` on; `/` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// An address that opens a port, for a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortOpened {
    /// The address, with a token that is good for a minute.
    pub url: String,
    /// Of which kind it is.
    pub addressing: PortAddressing,
    /// Until when it is good. Who has come in stays as long as they are signed in and may see it.
    pub expires_at: Timestamp,
}
