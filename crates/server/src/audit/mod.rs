//! The audit log: a hash chain per organization, written in the transaction of the change.
//!
//! Event `n` of a chain carries SHA-256 over the hash of event `n - 1` and its own fields
//! (`chain.rs` has the exact bytes), and `audit_heads` holds where each chain ends. Whoever changes,
//! removes, inserts or reorders rows breaks a link, and [`verify()`] names the first broken one.
//! Somebody who can write to the database can of course compute a whole new chain: keep a copy of
//! the head's hash elsewhere to notice that too.
//!
//! Invariant: what is audited is committed together with what was done, or neither is. What was done
//! outside of the database (on a node) is recorded before it is answered.

mod chain;
mod routes;
mod service;
mod store;
mod verify;

use atelier_api::ids::{AuditEventId, OrganizationId};
use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_db::Tx;
use tokio::sync::Semaphore;

use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Chain, Result};

pub use routes::routes;
pub use verify::{BrokenLink, VerifyReport, verify, verify_all};

/// How many refusals may wait to be recorded; beyond, one goes to the log only. Someone who is
/// refused that often at once is a flood.
const DENIALS_WAITING_MAX: usize = 256;

static DENIALS_WAITING: Semaphore = Semaphore::const_new(DENIALS_WAITING_MAX);

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

impl AuditEntry {
    /// Something that was done.
    pub(crate) fn success(
        organization: OrganizationId,
        action: Action,
        resource: &dyn ToString,
        details: serde_json::Value,
    ) -> Self {
        Self {
            organization,
            action: action.stem(),
            resource: Some(resource.to_string()),
            outcome: AuditOutcome::Success,
            details,
        }
    }
}

/// Appends to the chains, in the caller's transaction.
pub(crate) async fn append(ctx: &Ctx, tx: &mut Tx, entries: &[AuditEntry]) -> Result<()> {
    for entry in entries {
        let organization = entry.organization;
        tx.lock(&format!("audit:{organization}")).await?;
        let head = store::head(tx, organization).await?;
        let origin = ctx.origin();
        let mut event = AuditEvent {
            id: AuditEventId::from_uuid(ctx.next_id()),
            organization_id: organization,
            sequence: head.sequence + 1,
            at: ctx.now(),
            actor: ctx.actor().to_string(),
            actor_name: ctx.actor().name().to_owned(),
            action: entry.action.to_owned(),
            resource: entry.resource.clone(),
            outcome: entry.outcome,
            details: entry.details.clone(),
            address: origin.address.clone(),
            request_id: Some(origin.request_id.to_string()),
            hash: String::new(),
        };
        let details = chain::canonical(&event.details);
        event.hash = chain::hash(&head.hash, &chain::Link::of(&event, &details));
        store::insert(tx, &event, &details).await?;
        store::set_head(tx, organization, event.sequence, &event.hash).await?;
    }
    Ok(())
}

/// Records that an action was refused, in a transaction of its own, in the background.
pub(crate) fn record_denial(ctx: &Ctx, organization: OrganizationId, action: Action) {
    let Ok(waiting) = DENIALS_WAITING.try_acquire() else {
        tracing::warn!(
            actor = %ctx.actor(), action = action.stem(), organization.id = %organization,
            "a refusal is not in the audit log: too many at once"
        );
        return;
    };
    let ctx = ctx.clone();
    // Not dropped at shutdown: it is short, and must not be lost.
    ctx.app()
        .clone()
        .tasks()
        .spawn_graceful("audit", move |_stop| async move {
            let entry = AuditEntry {
                organization,
                action: action.stem(),
                resource: None,
                outcome: AuditOutcome::Denied,
                details: serde_json::Value::Object(serde_json::Map::new()),
            };
            if let Err(error) = write(&ctx, entry).await {
                tracing::error!(
                    actor = %ctx.actor(), action = action.stem(), organization.id = %organization,
                    error = %Chain(&error), "a refusal could not be recorded in the audit log"
                );
            }
            drop(waiting);
        });
}

/// Records something by itself.
pub(crate) async fn write(ctx: &Ctx, entry: AuditEntry) -> Result<()> {
    let mut tx = ctx.app().db().begin().await?;
    append(ctx, &mut tx, &[entry]).await?;
    Ok(tx.commit_log().await?)
}
