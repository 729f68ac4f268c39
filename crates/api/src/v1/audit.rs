//! The audit log: append-only, a hash chain per organization.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AuditEventId, OrganizationId};

/// Who did what to which resource, with the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// Whose chain.
    pub organization_id: OrganizationId,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who: `account:acc_…`, `token:tok_…` or `system`.
    pub actor: String,
    /// The actor's name at that time.
    pub actor_name: String,
    /// The operation: `workspace_create`.
    pub action: String,
    /// To what: an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// What more is worth knowing; never a secret.
    pub details: serde_json::Value,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// SHA-256 over the event before it and this one, in hex.
    pub hash: String,
}

/// How an audited operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AuditOutcome {
    /// It was done.
    Success,
    /// It was refused for want of rights.
    Denied,
    /// It failed.
    Failure,
}

/// Query of `audit_event_list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct AuditEventListQuery {
    /// Where to continue: the `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many rows at most, 1 to 200; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only what was done to this: an id, e.g. of a server. A refused attempt names no resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}
