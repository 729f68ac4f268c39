//! Who the node is, to the control plane.

use serde_json::Value;

use crate::settings::Lane;

/// What the control plane asks of a node that connects.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// New for each connection: to be signed.
    pub nonce: &'a str,
    /// The protocol version that will be spoken.
    pub protocol: u16,
    /// Which connection this is.
    pub lane: Lane,
    /// This start of the daemon.
    pub instance: &'a str,
    /// The host that was dialed. Signed with the nonce, it keeps one control plane from passing this
    /// node's proof on to another.
    pub host: &'a str,
}

/// Answers for the node. The crate does not look into the JSON.
pub trait Identity: Send + Sync {
    /// The proof: opaque here, understood by the control plane's `Authenticator`.
    fn answer(&self, asked: &Asked<'_>) -> Value;

    /// The node was let in; `data` is what the control plane tells it. May write a file.
    fn welcomed(&self, data: &Value) {
        let _ = data;
    }
}
