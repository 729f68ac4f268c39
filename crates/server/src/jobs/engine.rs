//! The engine: one task that makes passes and holds the attempts that run.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::JobId;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::attempt::{Outcome, attempt, panicked};
use super::pass::{Pass, Report};
use super::registry::Kind;
use super::store::Claimed;
use super::{Rest, Waiting};
use crate::app::App;
use crate::error::Chain;

/// How long after a pass that the database refused the next one is made.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often a last pass is tried at shutdown, before leases are left to expire.
const LAST_PASSES_MAX: usize = 3;

/// An attempt under way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) job: Claimed,
    cancel: CancellationToken,
    abort: AbortHandle,
    /// Another process has taken it over: what comes of it here is void.
    lost: bool,
}

/// The engine.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) app: App,
    /// Names this process in leases.
    pub(super) owner: String,
    pub(super) running: HashMap<Id, Running>,
    /// What has ended and is not yet written down.
    pub(super) ended: Vec<(Claimed, Outcome)>,
    tasks: JoinSet<Outcome>,
    /// Whether someone waits for the engine to come to rest.
    pub(super) watched: bool,
    /// When a pass was last made; none yet.
    pub(super) last_pass: Option<Timestamp>,
    pub(super) last_renewal: Timestamp,
    pub(super) last_prune: Option<Timestamp>,
}

impl Engine {
    pub(super) fn new(app: App) -> Self {
        let owner = app.ids().next(app.clock()).simple().to_string();
        let last_renewal = app.clock().now();
        Self {
            app,
            owner,
            running: HashMap::new(),
            ended: Vec::new(),
            tasks: JoinSet::new(),
            watched: false,
            last_pass: None,
            last_renewal,
            last_prune: None,
        }
    }

    /// Runs until shutdown.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let jobs = self.app.jobs().clone();
        loop {
            let waiting = jobs.0.waiting.lock().replace(Vec::new());
            self.watched = waiting.as_ref().is_some_and(|waiting| !waiting.is_empty());
            let mut rest = None;
            let next = match Pass::make(&mut self).await {
                Ok(report) => {
                    rest = report.rest;
                    self.follow(report)
                }
                Err(error) => {
                    tracing::error!(error = %Chain(&error), "the job engine could not write; it tries again");
                    RETRY_AFTER
                }
            };
            answer(&jobs.0.waiting, waiting.unwrap_or_default(), rest);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.tasks.join_next_with_id() => self.collect(ended),
                () = jobs.0.wake.notified() => {}
                () = sleep(next) => {}
            }
            while let Some(ended) = self.tasks.try_join_next_with_id() {
                self.collect(ended);
            }
        }
        self.shut_down().await;
        jobs.0.waiting.lock().take();
    }

    /// Does what a committed pass has decided; answers how long nothing is due.
    fn follow(&mut self, report: Report) -> Duration {
        for running in self.running.values_mut() {
            if report.lost.contains(&running.job.id) {
                running.lost = true;
                running.abort.abort();
            } else if report.cancelled.contains(&running.job.id) {
                running.cancel.cancel();
            }
        }
        for (job, kind) in report.claimed {
            self.begin(job, kind);
        }
        report.next
    }

    fn begin(&mut self, job: Claimed, kind: Kind) {
        let waited_ms = self.app.clock().now().ms_since(job.due_at).max(0);
        #[expect(clippy::cast_precision_loss, reason = "a wait is far below 2^52 ms")]
        metrics::histogram!("atelier_job_wait_seconds", "kind" => kind.name)
            .record(waited_ms as f64 / 1e3);
        let cancel = CancellationToken::new();
        let task = attempt(self.app.clone(), kind, job.clone(), cancel.clone());
        let abort = self.tasks.spawn(task);
        let running = Running {
            job,
            cancel,
            abort: abort.clone(),
            lost: false,
        };
        self.running.insert(abort.id(), running);
    }

    fn collect(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let running = self
            .running
            .remove(&id)
            .expect("every task of the set has its entry until it is collected");
        let outcome = match ended {
            Ok((_, outcome)) => outcome,
            Err(error) if error.is_panic() => panicked(&running.job, error.into_panic().as_ref()),
            Err(_) => Outcome::Stopped,
        };
        if running.lost {
            tracing::warn!(job.id = %running.job.id, "a job was taken over by another server");
        } else {
            self.ended.push((running.job, outcome));
        }
    }

    /// Drops what runs and puts it back in the queue, as if the attempt had not been.
    async fn shut_down(&mut self) {
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.collect(ended);
        }
        for _ in 0..LAST_PASSES_MAX {
            match Pass::last(self).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "jobs could not be put back at shutdown");
                }
            }
        }
    }

    /// How many attempts of a kind run.
    pub(super) fn running_of(&self, kind: &str) -> usize {
        self.running
            .values()
            .filter(|running| running.job.kind == kind)
            .count()
    }

    /// The jobs that run here.
    pub(super) fn running_ids(&self) -> impl Iterator<Item = JobId> {
        self.running.values().map(|running| running.job.id)
    }

    /// Takes what has ended, to be given back with [`Engine::keep`] when it could not be written.
    pub(super) fn take_ended(&mut self) -> Vec<(Claimed, Outcome)> {
        mem::take(&mut self.ended)
    }

    pub(super) fn keep(&mut self, ended: Vec<(Claimed, Outcome)>) {
        self.ended = ended;
    }
}

/// Answers those for whom the engine is enough at rest; the others go on waiting.
fn answer(waiting: &Waiting, asked: Vec<(Rest, oneshot::Sender<()>)>, found: Option<Rest>) {
    let mut waiting = waiting.lock();
    let waiting = waiting.get_or_insert_default();
    for (rest, answer) in asked {
        if found == Some(Rest::Drained) || found == Some(rest) {
            // Whoever asked may have gone.
            let _ = answer.send(());
        } else {
            waiting.push((rest, answer));
        }
    }
}
