//! Who the daemon says that it is, at every connection.

use atelier_api::ids::NodeId;
use atelier_api::node::NodeInfo;
use atelier_api::v1::nodes::{NodeIdentity, NodeWelcome};
use atelier_tunnel::{Asked, Identity};
use parking_lot::Mutex;
use serde_json::Value;

use super::key::NodeKey;

/// The daemon towards the control plane.
#[derive(Debug)]
pub(super) struct DaemonIdentity {
    pub(super) key: NodeKey,
    pub(super) info: NodeInfo,
    pub(super) node_id: Option<NodeId>,
    pub(super) join_token: Option<String>,
    /// What the control plane said when it let the daemon in last.
    pub(super) welcome: Mutex<Option<NodeWelcome>>,
}

impl Identity for DaemonIdentity {
    fn answer(&self, asked: &Asked<'_>) -> Value {
        let identity = NodeIdentity {
            public_key: self.key.public(),
            signature: self.key.prove(asked.nonce),
            node_id: self.node_id,
            join_token: self.join_token.clone(),
            info: self.info.clone(),
        };
        serde_json::to_value(identity).expect("an identity is plain data")
    }

    fn welcomed(&self, data: &Value) {
        match serde_json::from_value(data.clone()) {
            Ok(welcome) => *self.welcome.lock() = Some(welcome),
            Err(error) => tracing::warn!(%error, "the control plane's welcome has no known form"),
        }
    }
}
