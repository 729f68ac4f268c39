//! Nodes: the servers that workspaces run on, and the links to them.
//!
//! Today there is the embedded local node, of the first organization; nodes that join through the
//! tunnel become further links in [`Nodes`].
//!
//! Invariant: a node is called only through [`NodeClient`], never through anything that knows that
//! it is local.

mod client;
mod routes;
mod service;
mod store;

use atelier_api::ids::NodeId;
use atelier_db::ReadCache;
use atelier_tunnel::Link;

pub use client::NodeClient;
pub(crate) use routes::routes;
pub(crate) use service::{choose, client_by_id, client_of, join_local};
pub(crate) use store::{NodeRow, list_all};

/// The links to the nodes.
#[derive(Debug, Default)]
pub struct Nodes {
    local: Option<Link>,
    /// Rows, which every request to a node asks for.
    rows: ReadCache<NodeId, NodeRow>,
}

impl Nodes {
    /// With the embedded local node behind `local`.
    pub fn new(local: Option<Link>) -> Self {
        Self {
            local,
            rows: ReadCache::default(),
        }
    }
}
