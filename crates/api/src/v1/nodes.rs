//! Servers, and how they join.
//!
//! A person makes a join token; the server's daemon presents it once, together with the public half
//! of an Ed25519 key that it has just made. From then on the daemon proves at every connection that it
//! has the key; nothing that the control plane stores lets anybody else act as that server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{NodeId, NodeTokenId, OrganizationId};
use crate::node::NodeInfo;
use crate::v1::telemetry::NodeUsage;

/// What a server's join token begins with.
pub const JOIN_TOKEN_PREFIX: &str = "atj_";

/// A server joined to the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// It is the one embedded in the control plane.
    pub local: bool,
    /// Whether it can be reached.
    pub state: NodeState,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Timestamp>,
    /// When it joined.
    pub created_at: Timestamp,
    /// When it was last connected; absent for the embedded one, and before the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Where it connected from last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it is told apart by: `region=eu`, `gpu=yes`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// No new workspaces are placed on it.
    #[serde(default)]
    pub draining: bool,
    /// Its key is no longer accepted; it has to join again.
    #[serde(default)]
    pub revoked: bool,
    /// The round trip of the line, in microseconds, measured last; absent while it is offline, and for
    /// the embedded one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_us: Option<u64>,
    /// What is wrong in words, e.g. that a second machine uses the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What it said of itself last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<NodeInfo>,
    /// What it uses, as it measured last; absent before the control plane has heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<NodeUsage>,
}

/// Whether a node can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeState {
    /// It answers.
    Online,
    /// It does not.
    Offline,
}

/// The line to a server went up or down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeConnectionChange {
    /// When.
    pub at: Timestamp,
    /// It went up: from here on the server can be reached.
    pub online: bool,
    /// Why it went down; absent when it went up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NodeConnectionReason>,
}

/// Why the line to a server went down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeConnectionReason {
    /// The server's daemon closed it: it was stopped, restarted or updated, or the machine was.
    Closed,
    /// Nothing was heard from the server any more: its network or its power is gone, or it hangs.
    Silent {
        /// After so long it was given up.
        silence_ms: u64,
    },
    /// Somebody revoked the server.
    Revoked,
    /// The server joined again, which ends the line of before, and did not connect at once.
    Rejoined,
    /// The control plane was restarted, and the server had not come back two minutes later. Its line went
    /// down when it was last seen, as far as that is known.
    StayedAway,
    /// It broke off, or what came made no sense.
    Failed {
        /// What a program said of it, in English: for whoever looks into it.
        detail: String,
    },
}

/// What of a list of servers is wanted, besides the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct NodeListQuery {
    /// Where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// A part of the name, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `key=value`, or `key` for any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Only these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<NodeState>,
}

/// Changes a server. What is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeUpdate {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All labels, in place of those before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Whether new workspaces are kept away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draining: Option<bool>,
}

/// Asks for a join token: one use, one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeTokenCreate {
    /// The name that the server gets; its host name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The labels that it gets.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The server that joins again with a new key, instead of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
}

/// A join token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeToken {
    /// Its id.
    pub id: NodeTokenId,
    /// The name that the server gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The labels that it gets.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The server that joins again with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejoins: Option<NodeId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// The server that joined with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
}

/// A join token as it is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeTokenCreated {
    /// The token.
    pub token: NodeToken,
    /// The secret, `atj_…`; not to be had again.
    pub secret: String,
    /// What to run on the server.
    pub command: String,
}

/// How a daemon says who it is when it connects: the opaque part of the tunnel's handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeIdentity {
    /// Its public key: 32 bytes of Ed25519 (RFC 8032) in base64.
    pub public_key: String,
    /// The signature over [`signed_bytes`], in base64.
    pub signature: String,
    /// Who it was when it joined; absent when it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
    /// The join token, when it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_token: Option<String>,
    /// What it is.
    pub info: NodeInfo,
}

/// What a daemon is told when it is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeWelcome {
    /// Who it is.
    pub node_id: NodeId,
    /// Its name.
    pub name: String,
}

/// What a daemon signs to prove that it has its key: a label, the nonce that the control plane has
/// just chosen, and the daemon's public key.
pub fn signed_bytes(nonce: &[u8], public_key: &[u8]) -> Vec<u8> {
    const LABEL: &[u8] = b"atelier node tunnel v1";
    let mut bytes = Vec::with_capacity(LABEL.len() + 16 + nonce.len() + public_key.len());
    for part in [LABEL, nonce, public_key] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
