//! The dispatcher: looks again and again which runs can go on. Takes no input; what it knows beside
//! the database is only which runs this process carries already.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::{NodeId, NodeJobId, NodeRunId};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::NodeRunState;
use parking_lot::Mutex;
use tokio_util::task::TaskTracker;

use super::store::runs::{self, RunRow};
use super::{carry, limits, outcome, store};
use crate::app::App;
use crate::ctx::{Ctx, CtxTx};
use crate::error::{Chain, Error, Result};
use crate::nodes;

/// How often it looks when nobody wakes it: servers return, and time passes.
const EVERY: Duration = Duration::from_secs(1);

/// How many runs this process carries at once.
const CARRIED_MAX: usize = 2_000;

/// How many overdue runs are ended in one transaction.
const OVERDUE_MAX: u32 = 500;

/// How long jobs that have ended are kept, in milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How often older ones are looked for, in milliseconds.
const PRUNE_EVERY_MS: i64 = 60 * 60 * 1_000;

/// The runs that this process carries.
type Carried = Arc<Mutex<HashSet<NodeRunId>>>;

/// Tells the news of jobs.
async fn tell(tx: &mut CtxTx, jobs: HashSet<NodeJobId>) -> Result<()> {
    for node_job_id in jobs {
        if let Some(job) = store::find(tx, node_job_id).await? {
            tx.publish(
                job.organization_id,
                EventBody::NodeJobChanged { node_job_id },
            );
        }
    }
    Ok(())
}

struct Dispatcher {
    ctx: Ctx,
    carried: Carried,
    tasks: TaskTracker,
    pruned_at: Option<atelier_api::Timestamp>,
}

pub(crate) fn start(app: &App) {
    let mut dispatcher = Dispatcher {
        ctx: Ctx::system(app, "node_job_dispatch"),
        carried: Carried::default(),
        tasks: TaskTracker::new(),
        pruned_at: None,
    };
    app.tasks().spawn("node_job_dispatch", async move {
        loop {
            if let Err(error) = dispatcher.round().await {
                tracing::warn!(error = %Chain(&error), "node jobs could not be dispatched");
            }
            tokio::select! {
                () = dispatcher.ctx.app().node_jobs().wake.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

impl Dispatcher {
    async fn round(&mut self) -> Result<()> {
        self.expire().await?;
        self.prune().await?;
        let nodes = runs::busy_nodes(&mut *self.ctx.read().await?).await?;
        for node in nodes {
            // One that is away is looked at again at the next round.
            if nodes::client_by_id(&self.ctx, node).await.is_ok() {
                self.take_up(node).await?;
                self.claim(node).await?;
            }
        }
        Ok(())
    }

    /// Ends what has not begun in time.
    async fn expire(&self) -> Result<()> {
        let now = self.ctx.now();
        let overdue = runs::overdue(&mut *self.ctx.read().await?, now, OVERDUE_MAX).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        let mut tx = self.ctx.begin().await?;
        let mut jobs = HashSet::new();
        for mut run in overdue {
            let was = (run.state, run.execution);
            let reason = match run.state {
                NodeRunState::Held => "Nobody approved it in time.".to_owned(),
                _ => format!("It could not begin in time on “{}”.", run.node_name),
            };
            outcome::end(&self.ctx, &mut run, NodeRunState::Expired, Some(reason));
            if runs::update(&mut tx, was, &run).await? {
                jobs.insert(run.job);
            }
        }
        tell(&mut tx, jobs).await?;
        tx.commit().await?;
        self.ctx.app().node_jobs().wake();
        Ok(())
    }

    /// Goes on with what is under way on a server, and ends what is to end.
    async fn take_up(&self, node: NodeId) -> Result<()> {
        let running = runs::running_on(&mut *self.ctx.read().await?, node).await?;
        for (run, cancelled) in running {
            if cancelled {
                let (ctx, execution) = (self.ctx.clone(), run.execution);
                self.spawn(async move {
                    let client = nodes::client_by_id(&ctx, node).await?;
                    client.cancel_execution(execution).await.map(drop)
                });
            }
            self.carry(run, false);
        }
        Ok(())
    }

    /// Begins what is next on a server.
    async fn claim(&self, node: NodeId) -> Result<()> {
        let free = CARRIED_MAX.saturating_sub(self.carried.lock().len());
        let mut conn = self.ctx.read().await?;
        let room = limits::room(self.ctx.app(), &mut conn, node).await?;
        if room.min(free) == 0 || runs::next_on(&mut conn, node, 1).await?.is_empty() {
            return Ok(());
        }
        drop(conn);
        let mut tx = self.ctx.begin().await?;
        // Replicas count runs one after the other.
        tx.lock("node_runs").await?;
        let room = limits::room(self.ctx.app(), &mut tx, node).await?;
        let next = runs::next_on(&mut tx, node, room.min(free)).await?;
        let mut claimed = Vec::new();
        for mut run in next {
            let was = (NodeRunState::Queued, run.execution);
            run.state = NodeRunState::Running;
            run.reason = None;
            run.started_at = Some(self.ctx.now());
            // Expired in this very moment, that is done at the next round.
            if run.expires_at > self.ctx.now() && runs::update(&mut tx, was, &run).await? {
                claimed.push(run);
            }
        }
        tell(&mut tx, claimed.iter().map(|run| run.job).collect()).await?;
        tx.commit().await?;
        for run in claimed {
            self.carry(run, true);
        }
        Ok(())
    }

    /// Carries a run in a task of its own, unless that is done already.
    fn carry(&self, run: RunRow, fresh: bool) {
        let id = run.id;
        if !self.carried.lock().insert(id) {
            return;
        }
        let (ctx, carried) = (self.ctx.clone(), Arc::clone(&self.carried));
        self.spawn(async move {
            let done = carry::carry(&ctx, run, fresh).await;
            carried.lock().remove(&id);
            if done.is_ok() {
                ctx.app().node_jobs().wake();
            }
            done
        });
    }

    /// Runs a task that ends with the process; what it leaves is taken up at a later round.
    fn spawn(&self, task: impl Future<Output = Result<(), Error>> + Send + 'static) {
        let stop = self.ctx.app().tasks().stopping();
        self.tasks.spawn(async move {
            tokio::select! {
                done = task => if let Err(error) = done {
                    tracing::debug!(error = %Chain(&error), "a node run is taken up again later");
                },
                () = stop.cancelled() => {}
            }
        });
    }

    async fn prune(&mut self) -> Result<()> {
        let now = self.ctx.now();
        let due = |at| now.ms_since(at) >= PRUNE_EVERY_MS;
        if self.pruned_at.is_none_or(due) {
            let mut tx = self.ctx.begin().await?;
            store::prune(&mut tx, now.plus_ms(-KEPT_MS)).await?;
            tx.commit().await?;
            self.pruned_at = Some(now);
        }
        Ok(())
    }
}
