//! One pass: everything that the engine writes at once, in one transaction.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::JobId;
use atelier_db::{Engine as DbEngine, Tx};

use super::attempt::Outcome;
use super::backoff;
use super::engine::Engine;
use super::registry::Kind;
use super::store::{self, Claimed, Ending};
use super::{RUNNING_MAX, Rest};
use crate::error::Result;

/// How long a claimed job is ours without a sign of life, in milliseconds.
pub(super) const LEASE_MS: i64 = 60_000;

/// How often leases are renewed, in milliseconds: two renewals may fail.
const RENEW_EVERY_MS: i64 = 20_000;

/// How long nothing happens at most. On PostgreSQL other replicas enqueue and cancel, unseen here.
const IDLE_POSTGRES: Duration = Duration::from_secs(1);
/// On SQLite only a step of the clock can go unseen.
const IDLE_SQLITE: Duration = Duration::from_secs(15);

/// How long an ended job can be looked at, in milliseconds: 7 days.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// How often older ones are looked for, in milliseconds.
const PRUNE_EVERY_MS: i64 = 60 * 60 * 1_000;
/// How many are deleted in one pass, so that it stays short.
const PRUNE_MAX: i64 = 500;

/// A hook that keeps failing is given up after so many attempts (some eight hours).
const ENDING_ATTEMPTS_MAX: u32 = 100;

/// How long a job waits until it looks again for what it needs.
const NOT_YET_DELAY: Duration = Duration::from_secs(5);

/// What the engine has to do after the commit.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) claimed: Vec<(Claimed, Kind)>,
    /// Running here, and to be stopped because a person wants it.
    pub(super) cancelled: HashSet<JobId>,
    /// Running here, and no longer ours.
    pub(super) lost: HashSet<JobId>,
    /// How long until something is due.
    pub(super) next: Duration,
    /// How far the engine is at rest, where someone waits for that.
    pub(super) rest: Option<Rest>,
}

/// A pass under way.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    engine: &'a mut Engine,
    tx: Tx,
    now: Timestamp,
    /// How many rows it has written: a pass without any is not committed, because commits make
    /// caches useless.
    written: u64,
}

impl<'a> Pass<'a> {
    /// Makes one. When it fails, nothing has happened and everything is still to be done.
    pub(super) async fn make(engine: &mut Engine) -> Result<Report> {
        let ended = engine.take_ended();
        let made = async {
            let mut pass = Pass::begin(engine).await?;
            pass.settle(&ended).await?;
            let mut report = pass.look_after().await?;
            let more = pass.claim(&mut report).await?;
            report.next = if more {
                Duration::ZERO
            } else {
                pass.idle().await?
            };
            report.rest = pass.rest().await?;
            pass.commit().await?;
            Ok(report)
        }
        .await;
        if made.is_err() {
            engine.keep(ended);
        }
        made
    }

    /// The last one, at shutdown: writes down what has ended and claims nothing.
    pub(super) async fn last(engine: &mut Engine) -> Result<()> {
        let ended = engine.take_ended();
        let made = async {
            let mut pass = Pass::begin(engine).await?;
            pass.settle(&ended).await?;
            pass.commit().await
        }
        .await;
        if made.is_err() {
            engine.keep(ended);
        }
        made
    }

    async fn begin(engine: &'a mut Engine) -> Result<Self> {
        let mut tx = engine.app.db().begin().await?;
        // Passes of several replicas follow one another, so that no two claim the same serial key.
        tx.lock("jobs").await?;
        let now = engine.app.clock().now();
        Ok(Self {
            engine,
            tx,
            now,
            written: 0,
        })
    }

    async fn commit(self) -> Result<()> {
        if self.written > 0 {
            self.tx.commit().await?;
        }
        self.engine.last_pass = Some(self.now);
        Ok(())
    }

    /// Writes down how attempts have ended.
    async fn settle(&mut self, ended: &[(Claimed, Outcome)]) -> Result<()> {
        let mut done = Vec::new();
        for (job, outcome) in ended {
            let now = self.now;
            let owner = &self.engine.owner;
            let tx = &mut *self.tx;
            let name = match outcome {
                Outcome::Done => {
                    done.push(job.id);
                    "succeeded"
                }
                Outcome::Failed(reason) if job.attempts < job.attempts_max => {
                    let delay = backoff::delay(job.attempts);
                    store::retry(tx, job.id, owner, reason, now, delay).await?;
                    "retried"
                }
                Outcome::NotYet(reason) => {
                    store::wait(tx, job.id, owner, reason, now, NOT_YET_DELAY).await?;
                    "waited"
                }
                Outcome::Failed(reason) | Outcome::GaveUp(reason) => {
                    store::begin_ending(tx, job.id, owner, Ending::Failed, Some(reason)).await?;
                    "given_up"
                }
                Outcome::Cancelled => {
                    store::begin_ending(tx, job.id, owner, Ending::Cancelled, None).await?;
                    "cancelled"
                }
                Outcome::EndedNot(error) if job.ending_attempts < ENDING_ATTEMPTS_MAX => {
                    let delay = backoff::delay(job.ending_attempts);
                    store::retry_ending(tx, job.id, owner, error, now, delay).await?;
                    "ending_retried"
                }
                Outcome::Ended | Outcome::EndedNot(_) => {
                    store::end(tx, job.id, owner, now).await?;
                    "ended"
                }
                Outcome::Stopped => {
                    store::release(tx, job.id, owner).await?;
                    "stopped"
                }
            };
            metrics::counter!("atelier_job_attempts_total", "kind" => job.kind.clone(), "outcome" => name)
                .increment(1);
            self.written += 1;
        }
        if !done.is_empty() {
            let db = self.tx.engine();
            store::succeed(&mut self.tx, db, &done, &self.engine.owner, self.now).await?;
        }
        Ok(())
    }

    /// What time brings: leases, delays, ends of lives, wishes to cancel, old rows.
    async fn look_after(&mut self) -> Result<Report> {
        let now = self.now;
        let owner = self.engine.owner.clone();
        let mut report = Report::default();
        if now.ms_since(self.engine.last_renewal).abs() >= RENEW_EVERY_MS {
            let ours = store::renew(&mut self.tx, &owner, now.plus_ms(LEASE_MS)).await?;
            self.written += ours.len() as u64;
            let here: HashSet<JobId> = self.engine.running_ids().collect();
            // Claimed by a commit whose answer did not reach us: nobody runs them.
            for orphan in ours.difference(&here) {
                store::release(&mut self.tx, *orphan, &owner).await?;
            }
            report.lost = here.difference(&ours).copied().collect();
            self.engine.last_renewal = now;
        }
        let first = self.engine.last_pass.is_none();
        if self.engine.last_pass.is_none_or(|last| now < last) {
            self.written += store::begin_delays_anew(&mut self.tx, now).await?;
        }
        self.written += match self.tx.engine() {
            // One process owns the file: whatever else runs in it belonged to an earlier one.
            DbEngine::Sqlite if first => {
                store::take_back(&mut self.tx, &owner, Timestamp(i64::MAX), now).await?
            }
            DbEngine::Sqlite => 0,
            DbEngine::Postgres => {
                store::take_back(&mut self.tx, &owner, now, now.plus_ms(2 * LEASE_MS)).await?
            }
        };
        let agenda = store::agenda(&mut self.tx).await?;
        if agenda.delayed.is_some_and(|at| at <= now) {
            self.written += store::promote(&mut self.tx, now).await?;
        }
        if agenda.expiring.is_some_and(|at| at <= now) {
            self.written += store::expire(&mut self.tx, now).await?;
        }
        if !self.engine.running.is_empty() {
            report.cancelled = store::cancel_wishes(&mut self.tx, &owner).await?;
        }
        self.prune().await?;
        Ok(report)
    }

    async fn prune(&mut self) -> Result<()> {
        let due = self
            .engine
            .last_prune
            .is_none_or(|last| self.now.ms_since(last).abs() >= PRUNE_EVERY_MS);
        if due {
            let before = self.now.plus_ms(-KEPT_MS);
            let deleted = store::prune(&mut self.tx, before, PRUNE_MAX).await?;
            self.written += deleted;
            if deleted < PRUNE_MAX.unsigned_abs() {
                self.engine.last_prune = Some(self.now);
            }
        }
        Ok(())
    }

    /// Claims what is due, as far as there is room. Answers whether there may be more to claim
    /// that this pass has not looked at.
    async fn claim(&mut self, report: &mut Report) -> Result<bool> {
        let room = RUNNING_MAX.saturating_sub(self.engine.running.len());
        let mut free: HashMap<&'static str, (Kind, usize)> = self
            .engine
            .app
            .jobs()
            .0
            .kinds
            .all()
            .into_iter()
            .map(|kind| {
                let running = self.engine.running_of(kind.name);
                (
                    kind.name,
                    (kind, kind.concurrency_max.saturating_sub(running)),
                )
            })
            .filter(|(_, (_, free))| *free > 0)
            .collect();
        if room == 0 || free.is_empty() {
            return Ok(false);
        }
        let names: Vec<&str> = free.keys().copied().collect();
        let due = store::due(&mut self.tx, &names, room).await?;
        let full = due.len() == room;
        let mut serial = HashSet::new();
        let mut skipped = false;
        let mut claimed = Vec::new();
        for candidate in due {
            let Some((kind, free)) = free.get_mut(candidate.kind.as_str()) else {
                continue;
            };
            let turn = candidate
                .serial_key
                .as_ref()
                .is_none_or(|key| serial.insert(key.clone()));
            if *free == 0 || !turn {
                skipped = true;
                continue;
            }
            *free -= 1;
            claimed.push((candidate, *kind));
        }
        let ids: Vec<JobId> = claimed.iter().map(|(job, _)| job.id).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let lease = store::Lease {
            owner: &self.engine.owner,
            until: self.now.plus_ms(LEASE_MS),
        };
        let db = self.tx.engine();
        let mut marks = store::claim(&mut self.tx, db, &ids, lease, self.now).await?;
        self.written += marks.len() as u64;
        // Taken over by another server, and given back, while an attempt of ours still runs.
        let again = self
            .engine
            .running_ids()
            .filter(|id| marks.contains_key(id));
        report.lost.extend(again);
        for (mut job, kind) in claimed {
            // A person may have cancelled it between the two statements, on PostgreSQL.
            if let Some(mark) = marks.remove(&job.id) {
                job.attempts = mark.attempts;
                job.ending_attempts = mark.ending_attempts;
                job.ending = mark.ending;
                report.claimed.push((job, kind));
            }
        }
        Ok(full && skipped)
    }

    /// How far the engine is at rest.
    async fn rest(&mut self) -> Result<Option<Rest>> {
        if !self.engine.watched {
            return Ok(None);
        }
        Ok(if !store::any_unfinished(&mut self.tx).await? {
            Some(Rest::Drained)
        } else if !store::any_due(&mut self.tx, self.now).await? {
            Some(Rest::Settled)
        } else {
            None
        })
    }

    /// How long until something is due by the clock.
    async fn idle(&mut self) -> Result<Duration> {
        let agenda = store::agenda(&mut self.tx).await?;
        let longest = match self.tx.engine() {
            DbEngine::Sqlite => IDLE_SQLITE,
            DbEngine::Postgres => IDLE_POSTGRES,
        };
        let next = [agenda.delayed, agenda.expiring]
            .into_iter()
            .flatten()
            .min();
        let wait = next.map_or(longest, |at| {
            let ms = at.ms_since(self.now).max(1);
            Duration::from_millis(ms.unsigned_abs()).min(longest)
        });
        Ok(wait)
    }
}
