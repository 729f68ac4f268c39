//! Jobs: durable units of work in the database's own table.
//!
//! * Enqueued in the transaction of the change that wants them ([`crate::ctx::CtxTx::enqueue`]).
//! * Run under a lease by [`Jobs`], by priority, then age; at most one of a `serial_key` at once.
//! * Retried with exponential backoff and full jitter, until `attempts_max`.
//! * Invariant: every job may run twice; a job takes nothing from memory but its payload.
//! * Whatever waits says why in `reason`, and can be cancelled.

use std::future::Future;
use std::time::Duration;

use atelier_api::ids::{JobId, OrganizationId};
use atelier_db::Tx;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// A kind of job; the value is its payload.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its stem, e.g. `workspace_start`. Stored: never rename one.
    const KIND: &'static str;
    /// After how many attempts it is given up.
    const ATTEMPTS_MAX: u32 = 10;
    /// How long one attempt may take.
    const TIMEOUT: Duration = Duration::from_secs(60);

    /// Does the work. It may be dropped at any await (timeout, cancellation, shutdown) and run
    /// again.
    fn run(self, ctx: Ctx, run: JobRun) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Called once when the job has been given up, was cancelled or expired, so that what it was
    /// about does not wait for ever.
    fn ended(self, _ctx: Ctx, _end: JobEnd) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct JobRun {
    /// Which job.
    pub id: JobId,
    /// The how manieth attempt, from 1.
    pub attempt: u32,
}

/// Why an attempt failed.
#[derive(Debug)]
pub enum JobError {
    /// Worth trying again.
    Retry(Error),
    /// Trying again would not help.
    Fatal(Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error)
    }
}

/// How a job ended without having been done.
#[derive(Debug)]
pub enum JobEnd {
    /// Its attempts are used up, or it failed for good.
    Failed(String),
    /// A person cancelled it.
    Cancelled,
    /// Its time to live passed.
    Expired,
}

/// How to enqueue a job.
#[derive(Debug, Clone, Default)]
pub struct JobOptions {
    /// Whose it is.
    pub organization: Option<OrganizationId>,
    /// What it is about: an id.
    pub subject: Option<String>,
    /// Higher runs first; 0 is ordinary.
    pub priority: i32,
    /// Not before so long from now; at once when zero.
    pub delay: Duration,
    /// Given up when it has not begun by then.
    pub time_to_live: Option<Duration>,
    /// A second job of this kind and key is not enqueued.
    pub idempotency_key: Option<String>,
    /// Jobs of the same key run one after the other.
    pub serial_key: Option<String>,
}

/// The engine. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Jobs {}

impl Jobs {
    /// Tells the engine that jobs were committed.
    pub fn wake(&self) {}
}

pub(crate) async fn enqueue<J: Job>(
    _ctx: &Ctx,
    _tx: &mut Tx,
    _job: &J,
    _options: JobOptions,
) -> Result<JobId> {
    Err(Error::unavailable("jobs are not built yet"))
}

/// Registers a kind of job. Called in the assembly, before [`start`].
pub fn register<J: Job>(_app: &App) {}

/// Starts the engine's workers.
pub fn start(_app: &App) {}
