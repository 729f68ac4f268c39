//! `Ctx`: who asks, on whose behalf, and the only way to data.
//!
//! Invariant: no handler, service function, job or reconciler reaches the database but through a
//! `Ctx`, and each calls [`Ctx::authorize`] before it acts. Clock and ids come from here too, so
//! that tests can hold them.

mod actor;
mod clock;
pub(crate) mod column;
mod ids;
mod tx;

use std::sync::Arc;

use atelier_api::Timestamp;
use atelier_api::ids::{OrganizationId, RequestId};
use atelier_api::v1::audit::AuditOutcome;
use atelier_db::Connection;
use atelier_db::sqlx::pool::PoolConnection;
use uuid::Uuid;

pub use actor::{Actor, Credential, Person};
pub use clock::Clock;
pub use ids::Ids;
pub use tx::CtxTx;

use crate::app::App;
use crate::audit::{self, AuditEntry};
use crate::authz::{self, Action, Resource};
use crate::error::Result;

/// The context of one request, job or reconciler run. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    app: App,
    actor: Actor,
    origin: Arc<Origin>,
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its id.
    pub request_id: RequestId,
    /// The client's address; absent for the platform's own work.
    pub address: Option<String>,
    /// The client's User-Agent, cut to 300 characters.
    pub user_agent: Option<String>,
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl Ctx {
    /// The context of a request.
    pub fn new(app: App, actor: Actor, origin: Origin) -> Self {
        Self {
            app,
            actor,
            origin: Arc::new(origin),
        }
    }

    /// The context of the platform's own work; `name` says which: a job's kind, a reconciler.
    pub fn system(app: &App, name: &'static str) -> Self {
        let request_id = RequestId::from_uuid(app.ids().next(app.clock()));
        Self::new(
            app.clone(),
            Actor::System(name),
            Origin {
                request_id,
                address: None,
                user_agent: None,
            },
        )
    }

    /// What the process shares.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// `unauthenticated` for anybody else.
    pub fn person(&self) -> Result<&Arc<Person>> {
        match &self.actor {
            Actor::Person(person) => Ok(person),
            Actor::Anonymous | Actor::System(_) => Err(crate::error::Error::unauthenticated()),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    /// A new id's UUID: `WorkspaceId::from_uuid(ctx.next_id())`.
    pub fn next_id(&self) -> Uuid {
        self.app.ids().next(self.app.clock())
    }

    /// Whether the actor may do this to that. Call it before acting.
    ///
    /// # Errors
    /// `unauthenticated` without credentials; `not_found` where the actor may not even know of the
    /// resource; `forbidden` else, which is audited.
    pub fn authorize(&self, action: Action, resource: &Resource) -> Result<()> {
        authz::decide(self, action, resource)
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// When the database does not give one.
    pub async fn read(&self) -> Result<PoolConnection<atelier_db::sqlx::Any>> {
        Ok(self.app.db().read().await?)
    }

    /// Records what was done outside of the database. `details` must hold no secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(
        &self,
        organization: OrganizationId,
        action: Action,
        resource: &(dyn ToString + Sync),
        details: serde_json::Value,
    ) -> Result<()> {
        let entry = AuditEntry::success(organization, action, resource, details);
        audit::write(self, entry).await
    }

    /// Records what was tried outside of the database and failed.
    pub(crate) async fn audit_failure(
        &self,
        organization: OrganizationId,
        action: Action,
        resource: &(dyn ToString + Sync),
        details: serde_json::Value,
    ) -> Result<()> {
        let entry = AuditEntry {
            outcome: AuditOutcome::Failure,
            ..AuditEntry::success(organization, action, resource, details)
        };
        audit::write(self, entry).await
    }

    /// Begins a transaction that writes, with audit, events and jobs.
    ///
    /// # Errors
    /// When the database does not give one.
    pub async fn begin(&self) -> Result<CtxTx> {
        CtxTx::begin(self.clone()).await
    }
}

/// A connection that statements can be executed on, whether it reads or is inside a transaction.
pub type Conn = Connection;
