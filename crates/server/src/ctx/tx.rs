//! A write transaction with what belongs to it: audit events, jobs, and news after the commit.

use std::ops::{Deref, DerefMut};

use atelier_api::ids::{JobId, OrganizationId};
use atelier_api::v1::events::EventBody;
use atelier_db::{Connection, Tx};

use super::Ctx;
use crate::audit::{self, AuditEntry};
use crate::authz::Action;
use crate::error::Result;
use crate::jobs::{self, Job, JobOptions};

/// A write transaction. Dropped without [`CtxTx::commit`], it leaves no trace and no news.
///
/// It dereferences to the connection: pass `&mut tx` to store functions that take `&mut Conn`.
#[derive(Debug)]
pub struct CtxTx {
    ctx: Ctx,
    tx: Tx,
    audit: Vec<AuditEntry>,
    events: Vec<(OrganizationId, EventBody)>,
    /// The engine has something to do.
    enqueued: bool,
}

impl CtxTx {
    pub(super) async fn begin(ctx: Ctx) -> Result<Self> {
        let tx = ctx.app().db().begin().await?;
        Ok(Self {
            ctx,
            tx,
            audit: Vec::new(),
            events: Vec::new(),
            enqueued: false,
        })
    }

    /// Makes transactions that name the same scope run one after the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(&mut self, scope: &str) -> Result<()> {
        Ok(self.tx.lock(scope).await?)
    }

    /// Records who did what, in this transaction. `details` must hold no secret.
    pub fn audit(
        &mut self,
        organization: OrganizationId,
        action: Action,
        resource: &dyn ToString,
        details: serde_json::Value,
    ) {
        let entry = AuditEntry::success(organization, action, resource, details);
        self.audit.push(entry);
    }

    /// Tells the news after the commit.
    pub fn publish(&mut self, organization: OrganizationId, body: EventBody) {
        self.events.push((organization, body));
    }

    /// Enqueues a job in this transaction. With an idempotency key that was used before, the
    /// earlier job's id comes back and nothing is enqueued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue<J: Job>(&mut self, job: &J, options: JobOptions) -> Result<JobId> {
        let id = jobs::enqueue(&self.ctx, &mut self.tx, job, options).await?;
        self.enqueued = true;
        Ok(id)
    }

    /// Cancels the jobs of this kind that wait about a subject, in this transaction. `reason` says to
    /// people what made them superfluous.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn supersede<J: Job>(&mut self, subject: &str, reason: &str) -> Result<()> {
        jobs::supersede::<J>(&mut self.tx, subject, reason).await?;
        self.enqueued = true;
        Ok(())
    }

    /// Makes it durable, then tells the news and wakes the job engine.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn commit(mut self) -> Result<()> {
        audit::append(&self.ctx, &mut self.tx, &self.audit).await?;
        self.tx.commit().await?;
        let app = self.ctx.app();
        if self.enqueued {
            app.jobs().wake();
        }
        for (organization, body) in self.events {
            app.events().publish(self.ctx.now(), organization, body);
        }
        Ok(())
    }
}

impl Deref for CtxTx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.tx
    }
}

impl DerefMut for CtxTx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.tx
    }
}
