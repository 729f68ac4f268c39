//! Ports: the sockets that a workspace's processes listen on.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How many listening ports of a workspace are shown; the lowest come first.
pub const PORTS_MAX: usize = 512;

/// What the `Upgrade` header of [`CONNECT`](self) names: raw bytes to and from the port.
pub const CONNECT_PROTOCOL: &str = "atelier-tcp";

/// The header by which a node says that it takes the socket itself, and an agent that it gives it (`1`): once
/// the node has sent [`PASS_READY`], one byte comes with the socket as a descriptor (`SCM_RIGHTS`, unix(7)).
/// With `0` (not yet: nobody knows what is spoken) or without it, the upgraded connection's bytes are the port's.
pub const PASS_HEADER: &str = "atelier-pass-socket";

/// What a node says when it waits for the socket.
pub const PASS_READY: u8 = b'.';

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
