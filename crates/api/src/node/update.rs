//! Replacing the node's program while workspaces and terminals go on (docs/decisions/0012).
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/update` | [`UpdateStatus`] |
//! | `PUT /v1/update/programs/{sha256}` (the program) | keeps it, if it is what the name says and is for this machine; idempotent |
//! | `PUT /v1/update/order` ([`UpdateOrder`]) | tries it out, then hands over to it; idempotent by the order's id |
//!
//! The connection ends while an order is carried out: whoever gave it asks again, in the same words, until
//! the [`UpdateReport`] says how it ended. What the host does not permit (`update`) answers 403.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::NodeUpdateId;

/// The largest program that is taken, in bytes.
pub const PROGRAM_BYTES_MAX: u64 = 1 << 30;

/// The longest that a new program may be given to become healthy, in seconds.
pub const HEALTHY_WITHIN_S_MAX: u32 = 600;

/// What the node runs and how its last order stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateStatus {
    /// The version that the daemon calls itself.
    pub version: String,
    /// The SHA-256 of the running program; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The programs that are kept here, by their SHA-256.
    pub kept: Vec<String>,
    /// The last order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<UpdateReport>,
}

/// Orders the node to go over to a program that is kept there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateOrder {
    /// Which order; the same one is not carried out twice.
    pub id: NodeUpdateId,
    /// The program's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The program is given up when it is not healthy after so many seconds.
    pub healthy_within_s: u32,
}

/// How an order stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateReport {
    /// Which.
    pub id: NodeUpdateId,
    /// The program that is to run, or was to.
    pub sha256: String,
    /// How it stands.
    pub state: UpdateState,
    /// Why it failed, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when it stands so.
    pub at: Timestamp,
}

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UpdateState {
    /// The new program is being tried out, or is on probation.
    Running,
    /// The new program runs, is connected, and has found everything again.
    Succeeded,
    /// The program of before runs.
    Failed,
}
