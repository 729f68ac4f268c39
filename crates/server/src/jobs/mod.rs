//! Jobs: durable units of work in the database's own table.
//!
//! * Enqueued in the transaction of the change that wants them ([`crate::ctx::CtxTx::enqueue`]).
//! * Run under a lease, by priority, then age; at most one of a `serial_key` at once.
//! * Retried with exponential backoff and full jitter, until `attempts_max`.
//! * Whatever waits says why in `reason`, and can be cancelled.
//!
//! One task, the engine (`engine.rs`), does all writing: in one transaction, a *pass* (`pass.rs`),
//! it settles what has ended, takes back what has been lost, and claims what is due. A pass follows
//! every commit that enqueued, every end of an attempt and every due time, so the busier it is the
//! more each transaction carries.
//!
//! Invariant: every job may run twice; a job takes nothing from memory but its payload.
//!
//! Invariant: how a job ends without success is written down before its [`Job::ended`] hook runs,
//! and its final state after; a crash between repeats the hook and never loses it.
//!
//! Invariant: nothing waits for a clock to pass the same time again. A delay that began in the
//! future (the clock was set back) begins anew, and a lease that is too long is none.

mod attempt;
mod backoff;
mod engine;
mod pass;
mod registry;
mod routes;
mod service;
mod status;
mod store;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::{JobId, OrganizationId};
use atelier_api::v1;
use atelier_db::Tx;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, oneshot};

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

pub use routes::routes;

/// How many jobs this process runs at once.
pub const RUNNING_MAX: usize = 64;

/// The largest payload, in bytes. A job's payload names what it is about; large things have places
/// of their own.
const PAYLOAD_MAX: usize = 256 * 1024;

/// A kind of job; the value is its payload.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its stem, e.g. `workspace_start`. Stored: never rename one.
    const KIND: &'static str;
    /// After how many attempts it is given up.
    const ATTEMPTS_MAX: u32 = 10;
    /// How long one attempt may take.
    const TIMEOUT: Duration = Duration::from_secs(60);
    /// How many of this kind one server process runs at once.
    const CONCURRENCY_MAX: usize = RUNNING_MAX;

    /// Does the work. It may be dropped at any await (timeout, cancellation, shutdown) and run
    /// again.
    fn run(self, ctx: Ctx, run: JobRun) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Called once when the job has been given up, was cancelled or expired, so that what it was
    /// about does not wait for ever. Tried again until it succeeds, so it may run twice too.
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
    /// Something that it needs is not there, such as a server that is offline. The attempt does not
    /// count, and the job waits for as long as that takes.
    NotYet(Error),
    /// Trying again would not help.
    Fatal(Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error)
    }
}

/// How a job ended without having been done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Its attempts are used up, or it failed for good.
    Failed(String),
    /// A person cancelled it, or it was superseded.
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
    /// A second job of this kind and key is not enqueued, for as long as the first is known: until
    /// 7 days after its end.
    pub idempotency_key: Option<String>,
    /// Jobs of the same key run one after the other.
    pub serial_key: Option<String>,
}

/// The engine's handle. Cheap to clone.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Shared>);

struct Shared {
    kinds: registry::Kinds,
    wake: Notify,
    /// Who waits for the engine to come to rest; absent once it has ended.
    waiting: Waiting,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            kinds: registry::Kinds::default(),
            wake: Notify::new(),
            waiting: Mutex::new(Some(Vec::new())),
        }
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").finish_non_exhaustive()
    }
}

/// How far the engine is to come to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// No job is left.
    Drained,
    /// No job runs or is due.
    Settled,
}

type Waiting = Mutex<Option<Vec<(Rest, oneshot::Sender<()>)>>>;

impl Jobs {
    async fn wait_for(&self, rest: Rest) -> Result<()> {
        let ended = || Error::unavailable("the job engine has ended");
        let (answer, answered) = oneshot::channel();
        self.0
            .waiting
            .lock()
            .as_mut()
            .ok_or_else(ended)?
            .push((rest, answer));
        // The engine looks in the transaction of a pass that begins after this.
        self.wake();
        answered.await.map_err(|_| ended())
    }

    /// Tells the engine that jobs were enqueued or cancelled. Call it after the commit;
    /// [`crate::ctx::CtxTx::commit`] does where it enqueued.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }
}

/// Enqueues in the caller's transaction. With an idempotency key that was used before, the earlier
/// job's id comes back and nothing is enqueued.
pub(crate) async fn enqueue<J: Job>(
    ctx: &Ctx,
    tx: &mut Tx,
    job: &J,
    options: JobOptions,
) -> Result<JobId> {
    let payload = serde_json::to_string(job).map_err(Error::internal)?;
    if payload.len() > PAYLOAD_MAX {
        return Err(Error::internal(format!(
            "the payload of a job of kind {} is larger than {PAYLOAD_MAX} bytes",
            J::KIND
        )));
    }
    let new = store::NewJob {
        id: JobId::from_uuid(ctx.next_id()),
        kind: J::KIND,
        payload,
        attempts_max: J::ATTEMPTS_MAX,
        timeout: J::TIMEOUT,
        now: ctx.now(),
        options,
    };
    store::insert(tx, &new).await
}

/// Cancels the jobs of a kind that wait about a subject, in the caller's transaction: what comes in
/// their place is enqueued there too. One that runs goes on.
pub(crate) async fn supersede<J: Job>(tx: &mut Tx, subject: &str, reason: &str) -> Result<()> {
    store::cancel_waiting(tx, J::KIND, subject, reason).await
}

/// Registers a kind of job. Called in the assembly, before [`start`].
pub fn register<J: Job>(app: &App) {
    app.jobs().0.kinds.insert::<J>();
}

/// Starts the engine. It ends at shutdown: what runs then is dropped and put back in the queue.
pub fn start(app: &App) {
    let engine = engine::Engine::new(app.clone());
    app.tasks().spawn_graceful("jobs", |stop| engine.run(stop));
}

/// Resolves when no job waits or runs any more, delayed ones included. For tests and benchmarks; the
/// engine must have been started.
///
/// # Errors
/// `unavailable` when the engine has ended.
pub async fn drain(app: &App) -> Result<()> {
    app.jobs().wait_for(Rest::Drained).await
}

/// Resolves when no job runs or is due: what is left waits for a time to come. For tests; the engine
/// must have been started.
///
/// # Errors
/// `unavailable` when the engine has ended.
pub async fn settle(app: &App) -> Result<()> {
    app.jobs().wait_for(Rest::Settled).await
}

/// The jobs that have not ended, oldest first, at most 100. For tests that must not leave any.
///
/// # Errors
/// When the database fails.
pub async fn leftovers(app: &App) -> Result<Vec<v1::jobs::Job>> {
    let mut conn = app.db().read().await?;
    let now = app.clock().now();
    let mut jobs = Vec::new();
    for row in store::unfinished(&mut conn, 100).await? {
        jobs.push(status::to_wire(&mut conn, &app.jobs().0.kinds, row, now).await?);
    }
    // Giving it back needs a task of the caller's runtime, which in a test may end right here; a
    // shutdown would then wait for the connection for ever.
    conn.close().await?;
    Ok(jobs)
}
