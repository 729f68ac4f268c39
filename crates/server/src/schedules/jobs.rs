//! The engine's job that waits for a schedule's next time.

use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::ScheduleId;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::NodeJobCreate;
use atelier_api::v1::organizations::Role;
use atelier_api::v1::schedules::{ScheduleMissed, ScheduleOverlap};
use serde::{Deserialize, Serialize};

use super::cron::Times;
use super::store::{self, ScheduleRow};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::jobs::{self, Job, JobEnd, JobError, JobOptions, JobRun};
use crate::{node_jobs, organizations};

/// The time to live of a job that names none, as node jobs have it, in milliseconds: a day.
const TTL_MS: u64 = 24 * 60 * 60 * 1_000;

/// Makes the job that a schedule is due for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ScheduleFire {
    schedule: ScheduleId,
    revision: i64,
    due_at: Timestamp,
}

/// Registers the job with the engine.
pub(crate) fn register(app: &App) {
    jobs::register::<ScheduleFire>(app);
}

impl Job for ScheduleFire {
    const KIND: &'static str = "schedule_fire";

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        if ctx.now() < self.due_at {
            // The clock was set back.
            return Err(JobError::NotYet(Error::unavailable("It is not due yet.")));
        }
        Ok(fire(&ctx, &self, None).await?)
    }

    async fn ended(self, ctx: Ctx, end: JobEnd) -> Result<()> {
        let why = match end {
            JobEnd::Failed(error) => format!("No job could be made: {error}"),
            JobEnd::Cancelled => "This time was cancelled.".to_owned(),
            JobEnd::Expired => "This time has passed.".to_owned(),
        };
        fire(&ctx, &self, Some(why)).await
    }
}

/// Changes of one schedule run one after the other.
pub(super) fn lock_scope(id: ScheduleId) -> String {
    format!("schedule:{id}")
}

/// Cancels what waits for a time that a schedule no longer has.
pub(super) async fn forget(tx: &mut CtxTx, id: ScheduleId) -> Result<()> {
    let reason = "The schedule was changed or deleted.";
    tx.supersede::<ScheduleFire>(&id.to_string(), reason).await
}

/// Works out when a schedule is due next, and has the engine wait for that.
pub(super) async fn plan(
    tx: &mut CtxTx,
    row: &mut ScheduleRow,
    times: &Times,
    now: Timestamp,
) -> Result<()> {
    row.next_at = times.next_after(now).filter(|_| row.enabled);
    if let Some(due_at) = row.next_at {
        let fire = ScheduleFire {
            schedule: row.id,
            revision: row.revision,
            due_at,
        };
        let wait_ms = u64::try_from(due_at.ms_since(now)).unwrap_or_default();
        let options = JobOptions {
            organization: Some(row.organization_id),
            subject: Some(row.id.to_string()),
            delay: Duration::from_millis(wait_ms),
            idempotency_key: Some(format!("{}:{}:{}", row.id, row.revision, due_at.0)),
            ..JobOptions::default()
        };
        tx.enqueue(&fire, options).await?;
    }
    Ok(())
}

/// Makes the job that is due, unless there is a reason not to, and plans the next time.
async fn fire(ctx: &Ctx, due: &ScheduleFire, given_up: Option<String>) -> Result<()> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(due.schedule)).await?;
    let row = store::find(&mut tx, due.schedule).await?;
    let is_this = |row: &ScheduleRow| {
        row.enabled && row.revision == due.revision && row.next_at == Some(due.due_at)
    };
    let Some(mut row) = row.filter(is_this) else {
        return Ok(());
    };
    let now = ctx.now();
    let Ok(times) = Times::read(&row.cron, &row.time_zone) else {
        // The database of time zones is the system's, and may have lost it.
        row.enabled = false;
        row.next_at = None;
        row.last_outcome = Some("Paused: its time zone is no longer known.".to_owned());
        return save(ctx, tx, &row).await;
    };
    let at = times.last_until(due.due_at, now);
    let outcome = match given_up {
        Some(why) => why,
        None => make(ctx, &mut tx, &mut row, at, now).await?,
    };
    row.last_at = Some(at);
    row.last_outcome = Some(outcome);
    plan(&mut tx, &mut row, &times, now.max(at)).await?;
    save(ctx, tx, &row).await
}

/// Writes down what became of a time, and tells the news.
async fn save(ctx: &Ctx, mut tx: CtxTx, row: &ScheduleRow) -> Result<()> {
    store::save(&mut tx, row).await?;
    let schedule_id = row.id;
    tx.publish(
        row.organization_id,
        EventBody::ScheduleChanged { schedule_id },
    );
    tx.commit().await?;
    ctx.app().node_jobs().wake();
    Ok(())
}

/// Makes the job for a time; answers what became of it, in words.
async fn make(
    ctx: &Ctx,
    tx: &mut CtxTx,
    row: &mut ScheduleRow,
    at: Timestamp,
    now: Timestamp,
) -> Result<String> {
    let ttl_ms = i64::try_from(row.job.ttl_ms.unwrap_or(TTL_MS)).unwrap_or(i64::MAX);
    if row.missed == ScheduleMissed::Skip && now.ms_since(at) >= ttl_ms {
        return Ok("Skipped: the control plane was down, and it is too late now.".to_owned());
    }
    if row.overlap == ScheduleOverlap::Skip
        && let Some(last) = row.last_job
        && !node_jobs::has_ended(tx, last).await?
    {
        return Ok("Skipped: the last job has not ended.".to_owned());
    }
    if !may_run(tx, row).await? {
        row.enabled = false;
        return Ok(format!(
            "Paused: {} may no longer run jobs here. Somebody who may has to save what is run.",
            row.created_by_name
        ));
    }
    let request = NodeJobCreate {
        idempotency_key: Some(format!("{}{}:{}", node_jobs::SCHEDULE_KEY, row.id, at.0)),
        ..row.job.clone()
    };
    let asked = node_jobs::Asked {
        organization: row.organization_id,
        request: &request,
        account: row.created_by,
        name: &row.created_by_name,
        schedule: Some(row.id),
        action: Action::ScheduleRun,
    };
    match node_jobs::create(ctx, tx, &asked).await {
        Ok((job, _)) => {
            row.last_job = Some(job.id);
            Ok(match job.reason {
                Some(_) => "The job waits for a person to approve it.".to_owned(),
                None => "The job was made.".to_owned(),
            })
        }
        Err(error) if error.code().status() < 500 => {
            Ok(format!("No job was made. {}", error.problem().detail))
        }
        Err(error) => Err(error),
    }
}

/// Whether the person in whose name jobs are made could make them by hand.
async fn may_run(conn: &mut Conn, row: &ScheduleRow) -> Result<bool> {
    let roles = organizations::roles_of(conn, row.created_by).await?;
    let is_admin = |(organization, role): &(_, Role)| {
        *organization == row.organization_id && *role >= Role::Admin
    };
    Ok(roles.iter().any(is_admin))
}
