//! Ports: the sockets that a workspace's processes listen on.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How many listening ports of a workspace are shown; the lowest come first.
pub const PORTS_MAX: usize = 512;

/// What the `Upgrade` header of [`CONNECT`](self) names: raw bytes to and from the port.
pub const CONNECT_PROTOCOL: &str = "atelier-tcp";

/// What is spoken on a port, as far as is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PortProtocol {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    /// It has answered in HTTP.
    Http,
    /// It has answered, and not in HTTP; or it is the well-known port of something else.
    Other,
}

/// The process that listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PortProcess {
    /// Its id, as seen inside the workspace.
    pub pid: u32,
    /// Its name, as in `ps`.
    pub name: String,
}

/// A port on which a process of the workspace listens, on its loopback address or on all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListeningPort {
    /// Its number.
    pub port: u16,
    /// Where it listens: `127.0.0.1`, `0.0.0.0`, `::1`, `::`.
    pub addresses: Vec<String>,
    /// Who listens.
    pub process: PortProcess,
    /// Since when it has been seen.
    pub since: Timestamp,
    /// What is spoken on it.
    pub protocol: PortProtocol,
}

/// What a workspace listens on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListeningPorts {
    /// By number.
    pub items: Vec<ListeningPort>,
}
