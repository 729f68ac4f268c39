//! Nodes: the servers that workspaces run on, and the links to them.
//!
//! One node is embedded in this process and belongs to the first organization; the others dial in
//! through the tunnel. A row says who a node is; [`Nodes`] knows, in memory only, how it is reached
//! and whether it is there. So a list of ten thousand asks no node anything, and a node that comes
//! and goes writes nothing but, lazily, when it was last seen and what became of its line. Thousands
//! that come back at once wait their turn in the tunnel's admission; their proofs are checked, and their
//! rows read, many at once (`together.rs`).
//!
//! * Invariant: a node is called only through [`NodeClient`], never through anything that knows that
//!   it is local.
//! * Invariant: nothing that is stored lets anybody pass for a node (decision 0008).
//! * Invariant: who is revoked or removed is disconnected when the answer to that is given.

mod client;
mod connected;
mod fields;
mod gate;
mod line;
mod local;
mod measurements;
mod placement;
mod presence;
mod programs;
mod routes;
mod rows;
mod select;
mod service;
mod store;
mod together;
mod tokens;
mod wire;

use std::sync::Arc;

use atelier_api::ids::NodeId;
use atelier_api::node::NodeInfo;
use atelier_tunnel::{Admission, Link, Tunnels};
use tokio::sync::{Notify, OnceCell};

use crate::identity::Limits;

pub use client::NodeClient;
pub(crate) use line::{connected, connected_client};
pub(crate) use local::{join_local, start};
pub(crate) use measurements::Measurements;
pub(crate) use placement::choose;
pub(crate) use programs::{Program, program};
pub(crate) use routes::{
    Audited, Passage, TUNNEL_PATH, Viewer, install_routes, pass, routes, take_connection,
    tunnel_routes,
};
pub(crate) use select::{all, is_online, labelled, named};
pub(crate) use service::{authorized, client_by_id};
pub(crate) use store::{NodeRow, exists, find};

/// The links to the nodes, and what is known of them beside their rows.
#[derive(Debug, Default)]
pub struct Nodes {
    local: Option<Link>,
    /// What the embedded node says of itself, once it was asked.
    local_info: OnceCell<NodeInfo>,
    /// Which row is the embedded node's, once there is one.
    local_id: std::sync::OnceLock<NodeId>,
    rows: rows::Rows,
    proofs: gate::Proofs,
    tunnels: Tunnels<NodeId>,
    presences: presence::Presences,
    /// So many may connect a second.
    admission: Arc<Admission>,
    /// So many may be denied from an address.
    limits: Limits,
    /// The programs that nodes are given.
    programs: programs::Programs,
    /// A node has come back: what waits for it can go on.
    returned: Notify,
}

impl Nodes {
    /// With the embedded local node behind `local`.
    pub fn new(local: Option<Link>) -> Self {
        Self {
            local,
            ..Self::default()
        }
    }

    /// Resolves when a node has come back since the last call.
    pub(crate) async fn returned(&self) {
        self.returned.notified().await;
    }
}
