//! Who may come in through the tunnel (decision 0008).
//!
//! A daemon proves with each connection that it has its key, by signing a nonce that was chosen for
//! this connection. Who presents a join token beside it joins; who names a node must have that node's
//! key. Whatever is refused is refused with a reason and with when to come again.

mod duplicate;
mod join;
mod known;
mod proof;
mod proofs;

use std::sync::Arc;
use std::time::Duration;

use atelier_api::v1::nodes::{NodeIdentity, NodeWelcome};
use atelier_tunnel::{Admitted, Attempt, Authenticator, Lane, Reason, Refusal};

use super::rows::Read;
use crate::ctx::Ctx;
use crate::error::{Chain, Error};
use crate::identity::{LimitKey, network};

pub(super) use known::lost_right;
pub(super) use proofs::Proofs;

/// When a server that was denied may ask again: something has to be done by a person first.
const DENIED_RETRY: Duration = Duration::from_secs(60);

/// When a server may ask again while the control plane cannot decide.
const UNDECIDED_RETRY: Duration = Duration::from_secs(5);

/// Why a server does not come in.
#[derive(Debug)]
enum Denial {
    /// What it is told.
    Refused(Refusal),
    /// The control plane cannot decide: for the log.
    Failed(Error),
}

impl From<Error> for Denial {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

type Decision<T> = Result<T, Denial>;

fn denied<T>(detail: impl Into<String>) -> Decision<T> {
    refused(Reason::Denied, detail, DENIED_RETRY)
}

fn refused<T>(reason: Reason, detail: impl Into<String>, retry_after: Duration) -> Decision<T> {
    Err(Denial::Refused(Refusal::new(reason, detail, retry_after)))
}

/// Decides about the servers that come from one address.
#[derive(Debug)]
pub(super) struct Gate {
    ctx: Ctx,
}

impl Gate {
    /// `ctx` says where the connection comes from.
    pub(super) fn new(ctx: Ctx) -> Self {
        Self { ctx }
    }

    async fn decide(&self, attempt: &Attempt) -> Decision<Read> {
        let Ok(identity) = serde_json::from_str::<NodeIdentity>(attempt.hello.identity.get())
        else {
            return denied("What the daemon says of itself cannot be read. Update it.");
        };
        let nonce = &attempt.challenge.nonce;
        let public_key = proof::check(self.ctx.app(), &identity, nonce).await?;
        proof::check_version(&identity.info.version)?;
        if let Some(secret) = &identity.join_token {
            let generation = self.ctx.app().db().generation();
            let row = join::join(&self.ctx, secret, &public_key, &identity).await?;
            let row = Arc::new(row);
            return Ok(Read { row, generation });
        }
        let read = known::find(&self.ctx, &identity, &public_key).await?;
        if attempt.hello.lane == Lane::Bulk {
            return Ok(read);
        }
        let instance = &attempt.hello.instance;
        duplicate::check(&self.ctx, &read.row, instance, &identity.info).await?;
        known::refresh(&self.ctx, read, &public_key, &identity.info).await
    }
}

impl Authenticator for Gate {
    type Grant = Read;

    async fn authenticate(&self, attempt: &Attempt) -> Result<Admitted<Read>, Refusal> {
        let limits = &self.ctx.app().nodes().limits;
        let key = LimitKey::Node(network(self.ctx.origin().address.as_deref()));
        if let Err(error) = limits.check(&key, self.ctx.now()) {
            let seconds = error.problem().retry_after_s.unwrap_or(1);
            return Err(Refusal::new(
                Reason::Busy,
                "Too many servers from this address were not let in. Wait and try again.",
                Duration::from_secs(seconds),
            ));
        }
        match self.decide(attempt).await {
            Ok(read) => {
                let welcome = NodeWelcome {
                    node_id: read.row.id,
                    name: read.row.name.clone(),
                };
                let data = serde_json::to_value(welcome).unwrap_or_default();
                Ok(Admitted { grant: read, data })
            }
            Err(Denial::Refused(refusal)) => {
                if refusal.reason == Reason::Denied {
                    // Beyond the limit the next one is told so; this one has its answer.
                    let _ = limits.take(key, self.ctx.now());
                }
                Err(refusal)
            }
            Err(Denial::Failed(error)) => {
                tracing::error!(error = %Chain(&error), "it cannot be decided whether a server may connect");
                Err(Refusal::new(
                    Reason::Starting,
                    "The control plane cannot decide at the moment.",
                    UNDECIDED_RETRY,
                ))
            }
        }
    }
}
