//! All SQL on `jobs`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::{JobId, OrganizationId};
use atelier_db::sqlx::{self, Row as _};
use atelier_db::{Engine, Row};

use super::JobOptions;
use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number};
use crate::error::{Error, Result};

/// How a job ends without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Failed,
    Cancelled,
    Expired,
}

impl Ending {
    fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "failed" => Ok(Self::Failed),
            "cancelled" => Ok(Self::Cancelled),
            "expired" => Ok(Self::Expired),
            other => Err(corrupt("ending", &other)),
        }
    }
}

/// A job to be enqueued.
#[derive(Debug)]
pub(super) struct NewJob {
    pub(super) id: JobId,
    pub(super) kind: &'static str,
    pub(super) payload: String,
    pub(super) attempts_max: u32,
    pub(super) timeout: Duration,
    pub(super) now: Timestamp,
    pub(super) options: JobOptions,
}

/// A claimed job.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) id: JobId,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) serial_key: Option<String>,
    /// The how manieth attempt at its work this is, or was the last.
    pub(super) attempts: u32,
    pub(super) attempts_max: u32,
    pub(super) timeout: Duration,
    /// When it became due.
    pub(super) due_at: Timestamp,
    /// Set when it is the hook that must run.
    pub(super) ending: Option<Ending>,
    pub(super) ending_attempts: u32,
    pub(super) reason: Option<String>,
}

/// What claiming has changed.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) attempts: u32,
    pub(super) ending: Option<Ending>,
    pub(super) ending_attempts: u32,
}

/// By whom and until when a job is claimed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lease<'a> {
    pub(super) owner: &'a str,
    pub(super) until: Timestamp,
}

/// What is due next by the clock.
#[derive(Debug)]
pub(super) struct Agenda {
    pub(super) delayed: Option<Timestamp>,
    pub(super) expiring: Option<Timestamp>,
}

/// A job as it is stored, without its payload.
#[derive(Debug)]
pub(super) struct JobRow {
    pub(super) id: JobId,
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) kind: String,
    pub(super) subject: Option<String>,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) priority: i32,
    pub(super) attempts: u32,
    pub(super) attempts_max: u32,
    pub(super) serial_key: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) run_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) cancel_requested: bool,
    pub(super) ending: Option<Ending>,
    pub(super) ending_attempts: u32,
    pub(super) ending_error: Option<String>,
}

pub(super) async fn insert(conn: &mut Conn, new: &NewJob) -> Result<JobId> {
    let options = &new.options;
    let delay_ms = millis(options.delay);
    let state = if delay_ms == 0 { "queued" } else { "delayed" };
    let expires_at = options
        .time_to_live
        .map(|live| new.now.plus_ms(millis(live)).0);
    let inserted = sqlx::query(
        "INSERT INTO jobs (id, organization_id, kind, subject, payload, state, priority, attempts, \
         attempts_max, timeout_ms, idempotency_key, serial_key, created_at, run_at, delay_ms, \
         expires_at, cancel_requested, ending_attempts) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0) \
         ON CONFLICT (kind, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING",
    )
    .bind(new.id.to_string())
    .bind(options.organization.map(|id| id.to_string()))
    .bind(new.kind)
    .bind(options.subject.as_deref())
    .bind(new.payload.as_str())
    .bind(state)
    .bind(i64::from(options.priority))
    .bind(i64::from(new.attempts_max))
    .bind(millis(new.timeout))
    .bind(options.idempotency_key.as_deref())
    .bind(options.serial_key.as_deref())
    .bind(new.now.0)
    .bind(new.now.plus_ms(delay_ms).0)
    .bind(delay_ms)
    .bind(expires_at)
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(new.id);
    }
    let earlier: String =
        sqlx::query_scalar("SELECT id FROM jobs WHERE kind = $1 AND idempotency_key = $2")
            .bind(new.kind)
            .bind(options.idempotency_key.as_deref())
            .fetch_one(conn)
            .await?;
    earlier.parse().map_err(Error::internal)
}

/// The due jobs of these kinds whose serial key is free, in the order of their turns. Several may
/// share a key.
pub(super) async fn due(conn: &mut Conn, kinds: &[&str], limit: usize) -> Result<Vec<Claimed>> {
    // One text for any number of kinds: a list between commas, searched for each row's kind.
    let rows = sqlx::query(
        "SELECT id, kind, payload, serial_key, attempts, attempts_max, timeout_ms, run_at, \
         ending, ending_attempts, reason FROM jobs AS candidate \
         WHERE state = 'queued' AND $1 LIKE '%,' || kind || ',%' \
         AND (serial_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs AS other \
         WHERE other.serial_key = candidate.serial_key AND other.state = 'running')) \
         ORDER BY priority DESC, id LIMIT $2",
    )
    .bind(format!(",{},", kinds.join(",")))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Claimed {
                id: id(row)?,
                kind: row.try_get("kind")?,
                payload: row.try_get("payload")?,
                serial_key: row.try_get("serial_key")?,
                attempts: number(row, "attempts")?,
                attempts_max: number(row, "attempts_max")?,
                timeout: Duration::from_millis(number(row, "timeout_ms")?),
                due_at: Timestamp(row.try_get("run_at")?),
                ending: ending(row)?,
                ending_attempts: number(row, "ending_attempts")?,
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}

/// Claims these jobs, as far as they are still queued.
pub(super) async fn claim(
    conn: &mut Conn,
    engine: Engine,
    ids: &[JobId],
    lease: Lease<'_>,
    now: Timestamp,
) -> Result<HashMap<JobId, Mark>> {
    macro_rules! text {
        ($ids:literal) => {
            concat!(
                "UPDATE jobs SET state = 'running', lease_owner = $2, lease_until = $3, ",
                "expires_at = NULL, ",
                "attempts = CASE WHEN ending IS NULL THEN attempts + 1 ELSE attempts END, ",
                "started_at = CASE WHEN ending IS NULL THEN $4 ELSE started_at END, ",
                "ending_attempts = CASE WHEN ending IS NULL THEN 0 ELSE ending_attempts + 1 END ",
                "WHERE id IN (",
                $ids,
                ") AND state = 'queued' RETURNING id, attempts, ending, ending_attempts"
            )
        };
    }
    let sql = match engine {
        Engine::Sqlite => text!("SELECT value FROM json_each($1)"),
        Engine::Postgres => text!("SELECT json_array_elements_text($1::json)"),
    };
    let rows = sqlx::query(sql)
        .bind(json(ids))
        .bind(lease.owner)
        .bind(lease.until.0)
        .bind(now.0)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let mark = Mark {
                attempts: number(row, "attempts")?,
                ending: ending(row)?,
                ending_attempts: number(row, "ending_attempts")?,
            };
            Ok((id(row)?, mark))
        })
        .collect()
}

/// The work of these jobs is done.
pub(super) async fn succeed(
    conn: &mut Conn,
    engine: Engine,
    ids: &[JobId],
    owner: &str,
    now: Timestamp,
) -> Result<()> {
    macro_rules! text {
        ($ids:literal) => {
            concat!(
                "UPDATE jobs SET state = 'succeeded', reason = NULL, finished_at = $3, ",
                "lease_owner = NULL, lease_until = NULL WHERE id IN (",
                $ids,
                ") AND state = 'running' AND lease_owner = $2"
            )
        };
    }
    let sql = match engine {
        Engine::Sqlite => text!("SELECT value FROM json_each($1)"),
        Engine::Postgres => text!("SELECT json_array_elements_text($1::json)"),
    };
    sqlx::query(sql)
        .bind(json(ids))
        .bind(owner)
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a failed job back, to be tried again after a delay; one that is to be cancelled ends.
pub(super) async fn retry(
    conn: &mut Conn,
    job: JobId,
    owner: &str,
    reason: &str,
    now: Timestamp,
    delay: Duration,
) -> Result<()> {
    let delay_ms = millis(delay);
    sqlx::query(
        "UPDATE jobs SET state = CASE WHEN cancel_requested = 1 THEN 'queued' ELSE 'delayed' END, \
         ending = CASE WHEN cancel_requested = 1 THEN 'cancelled' ELSE NULL END, \
         reason = CASE WHEN cancel_requested = 1 THEN reason ELSE $3 END, \
         run_at = $4, delay_ms = $5, lease_owner = NULL, lease_until = NULL \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2",
    )
    .bind(job.to_string())
    .bind(owner)
    .bind(reason)
    .bind(now.plus_ms(delay_ms).0)
    .bind(delay_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// The same for an attempt that does not count.
pub(super) async fn wait(
    conn: &mut Conn,
    job: JobId,
    owner: &str,
    reason: &str,
    now: Timestamp,
    delay: Duration,
) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET attempts = attempts - 1 \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2 AND attempts > 0",
    )
    .bind(job.to_string())
    .bind(owner)
    .execute(&mut *conn)
    .await?;
    retry(conn, job, owner, reason, now, delay).await
}

/// Decides how a running job ends; its hook is then due. Without a reason the one there stays.
pub(super) async fn begin_ending(
    conn: &mut Conn,
    job: JobId,
    owner: &str,
    ending: Ending,
    reason: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET state = 'queued', ending = $3, reason = COALESCE($4, reason), \
         lease_owner = NULL, lease_until = NULL \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2",
    )
    .bind(job.to_string())
    .bind(owner)
    .bind(ending.as_str())
    .bind(reason)
    .execute(conn)
    .await?;
    Ok(())
}

/// The hook failed: it is tried again after a delay.
pub(super) async fn retry_ending(
    conn: &mut Conn,
    job: JobId,
    owner: &str,
    error: &str,
    now: Timestamp,
    delay: Duration,
) -> Result<()> {
    let delay_ms = millis(delay);
    sqlx::query(
        "UPDATE jobs SET state = 'delayed', ending_error = $3, run_at = $4, delay_ms = $5, \
         lease_owner = NULL, lease_until = NULL \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2",
    )
    .bind(job.to_string())
    .bind(owner)
    .bind(error)
    .bind(now.plus_ms(delay_ms).0)
    .bind(delay_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// The hook is done: the job has ended as was decided.
pub(super) async fn end(conn: &mut Conn, job: JobId, owner: &str, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET state = ending, finished_at = $3, lease_owner = NULL, lease_until = NULL \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2 AND ending IS NOT NULL",
    )
    .bind(job.to_string())
    .bind(owner)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a running job back as if its attempt had not been.
pub(super) async fn release(conn: &mut Conn, job: JobId, owner: &str) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET state = 'queued', lease_owner = NULL, lease_until = NULL, \
         attempts = CASE WHEN ending IS NULL THEN attempts - 1 ELSE attempts END, \
         ending_attempts = CASE WHEN ending IS NULL THEN 0 ELSE ending_attempts - 1 END, \
         ending = CASE WHEN ending IS NULL AND cancel_requested = 1 THEN 'cancelled' \
         ELSE ending END \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2",
    )
    .bind(job.to_string())
    .bind(owner)
    .execute(conn)
    .await?;
    Ok(())
}

/// Renews our leases; answers which jobs are still ours.
pub(super) async fn renew(
    conn: &mut Conn,
    owner: &str,
    until: Timestamp,
) -> Result<HashSet<JobId>> {
    let rows = sqlx::query(
        "UPDATE jobs SET lease_until = $2 WHERE state = 'running' AND lease_owner = $1 \
         RETURNING id",
    )
    .bind(owner)
    .bind(until.0)
    .fetch_all(conn)
    .await?;
    rows.iter().map(id).collect()
}

/// Takes back jobs of other processes whose lease ended before `before`, or would end after `after`
/// (their clock was ahead). One whose attempts are used up ends.
pub(super) async fn take_back(
    conn: &mut Conn,
    owner: &str,
    before: Timestamp,
    after: Timestamp,
) -> Result<u64> {
    let taken = sqlx::query(
        "UPDATE jobs SET state = 'queued', lease_owner = NULL, lease_until = NULL, \
         reason = CASE WHEN ending IS NULL AND cancel_requested = 0 THEN $4 ELSE reason END, \
         ending = CASE WHEN ending IS NOT NULL THEN ending \
         WHEN cancel_requested = 1 THEN 'cancelled' \
         WHEN attempts >= attempts_max THEN 'failed' ELSE NULL END \
         WHERE state = 'running' AND lease_owner <> $1 AND (lease_until < $2 OR lease_until > $3)",
    )
    .bind(owner)
    .bind(before.0)
    .bind(after.0)
    .bind("The server that ran it stopped in the middle.")
    .execute(conn)
    .await?;
    Ok(taken.rows_affected())
}

/// Delays that began in the future begin now: the clock was set back.
pub(super) async fn begin_delays_anew(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let moved = sqlx::query(
        "UPDATE jobs SET run_at = $1 + delay_ms \
         WHERE state = 'delayed' AND run_at - delay_ms > $1",
    )
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected())
}

/// What is due next by the clock.
pub(super) async fn agenda(conn: &mut Conn) -> Result<Agenda> {
    let row = sqlx::query(
        "SELECT (SELECT MIN(run_at) FROM jobs WHERE state = 'delayed') AS delayed, \
         (SELECT MIN(expires_at) FROM jobs WHERE expires_at IS NOT NULL) AS expiring",
    )
    .fetch_one(conn)
    .await?;
    let at = |column| -> Result<_> { Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp)) };
    Ok(Agenda {
        delayed: at("delayed")?,
        expiring: at("expiring")?,
    })
}

/// Queues the delayed jobs whose time has come.
pub(super) async fn promote(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let due =
        sqlx::query("UPDATE jobs SET state = 'queued' WHERE state = 'delayed' AND run_at <= $1")
            .bind(now.0)
            .execute(conn)
            .await?;
    Ok(due.rows_affected())
}

/// Ends the jobs that have not begun within their time to live.
pub(super) async fn expire(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let expired = sqlx::query(
        "UPDATE jobs SET state = 'queued', ending = 'expired', expires_at = NULL, \
         reason = 'It could not begin in time.' WHERE expires_at <= $1",
    )
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(expired.rows_affected())
}

/// Which of our running jobs someone wants cancelled.
pub(super) async fn cancel_wishes(conn: &mut Conn, owner: &str) -> Result<HashSet<JobId>> {
    let rows = sqlx::query(
        "SELECT id FROM jobs WHERE state = 'running' AND lease_owner = $1 \
         AND cancel_requested = 1 AND ending IS NULL",
    )
    .bind(owner)
    .fetch_all(conn)
    .await?;
    rows.iter().map(id).collect()
}

/// Deletes some jobs that ended before a time.
pub(super) async fn prune(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM jobs WHERE id IN \
         (SELECT id FROM jobs WHERE finished_at IS NOT NULL AND finished_at < $1 LIMIT $2)",
    )
    .bind(before.0)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

/// Wants a job cancelled; one that does not run ends. Answers whether it could be.
pub(super) async fn cancel(conn: &mut Conn, job: JobId, reason: &str) -> Result<bool> {
    let cancelled = sqlx::query(
        "UPDATE jobs SET cancel_requested = 1, reason = $2, expires_at = NULL, \
         ending = CASE WHEN state = 'running' THEN ending ELSE 'cancelled' END, \
         state = CASE WHEN state = 'running' THEN state ELSE 'queued' END \
         WHERE id = $1 AND finished_at IS NULL AND ending IS NULL AND cancel_requested = 0",
    )
    .bind(job.to_string())
    .bind(reason)
    .execute(conn)
    .await?;
    Ok(cancelled.rows_affected() > 0)
}

/// Cancels those of a kind that wait about a subject.
pub(super) async fn cancel_waiting(
    conn: &mut Conn,
    kind: &str,
    subject: &str,
    reason: &str,
) -> Result<()> {
    // One for each state, since each has an index of its own.
    for cancel in [
        "UPDATE jobs SET cancel_requested = 1, reason = $3, expires_at = NULL, \
         ending = 'cancelled', state = 'queued' \
         WHERE state = 'delayed' AND kind = $1 AND subject = $2 AND ending IS NULL",
        "UPDATE jobs SET cancel_requested = 1, reason = $3, expires_at = NULL, \
         ending = 'cancelled' \
         WHERE state = 'queued' AND kind = $1 AND subject = $2 AND ending IS NULL",
    ] {
        sqlx::query(cancel)
            .bind(kind)
            .bind(subject)
            .bind(reason)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub(super) async fn find(conn: &mut Conn, job: JobId) -> Result<Option<JobRow>> {
    let found = sqlx::query("SELECT * FROM jobs WHERE id = $1")
        .bind(job.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(read).transpose()
}

/// The jobs of an organization, newest first, that are older than `before`.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    before: Option<JobId>,
    limit: u32,
) -> Result<Vec<JobRow>> {
    // `z` is the last character of ids in every collation.
    let before = before.map_or_else(|| format!("job_{}", "z".repeat(26)), |id| id.to_string());
    let rows = sqlx::query(
        "SELECT * FROM jobs WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// The jobs that have not ended, oldest first.
pub(super) async fn unfinished(conn: &mut Conn, limit: i64) -> Result<Vec<JobRow>> {
    let rows = sqlx::query(
        "SELECT * FROM jobs WHERE state IN ('delayed', 'queued', 'running') ORDER BY id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Whether any job has not ended.
pub(super) async fn any_unfinished(conn: &mut Conn) -> Result<bool> {
    let any: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE state = 'queued') \
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running') \
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'delayed') THEN 1 ELSE 0 END",
    )
    .fetch_one(conn)
    .await?;
    Ok(any != 0)
}

/// Whether any job runs or is due.
pub(super) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    let any: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE state = 'queued') \
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running') \
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'delayed' AND run_at <= $1) \
         OR EXISTS (SELECT 1 FROM jobs WHERE expires_at <= $1) THEN 1 ELSE 0 END",
    )
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(any != 0)
}

/// How many due jobs come before this one; counts no further than `limit`.
pub(super) async fn ahead(conn: &mut Conn, job: &JobRow, limit: i64) -> Result<i64> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE state = 'queued' \
         AND (priority > $1 OR (priority = $1 AND id < $2)) LIMIT $3) AS before",
    )
    .bind(i64::from(job.priority))
    .bind(job.id.to_string())
    .bind(limit)
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// The kind of the running job that holds a serial key.
pub(super) async fn holder_of(conn: &mut Conn, serial_key: &str) -> Result<Option<String>> {
    let kind = sqlx::query_scalar(
        "SELECT kind FROM jobs WHERE serial_key = $1 AND state = 'running' LIMIT 1",
    )
    .bind(serial_key)
    .fetch_optional(conn)
    .await?;
    Ok(kind)
}

fn read(row: &Row) -> Result<JobRow> {
    let organization: Option<String> = row.try_get("organization_id")?;
    let priority: i64 = row.try_get("priority")?;
    let at = |column| -> Result<_> { Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp)) };
    Ok(JobRow {
        id: id(row)?,
        organization_id: organization
            .map(|id| id.parse().map_err(Error::internal))
            .transpose()?,
        kind: row.try_get("kind")?,
        subject: row.try_get("subject")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
        priority: i32::try_from(priority).map_err(Error::internal)?,
        attempts: number(row, "attempts")?,
        attempts_max: number(row, "attempts_max")?,
        serial_key: row.try_get("serial_key")?,
        created_at: Timestamp(row.try_get("created_at")?),
        run_at: Timestamp(row.try_get("run_at")?),
        started_at: at("started_at")?,
        finished_at: at("finished_at")?,
        cancel_requested: row.try_get::<i64, _>("cancel_requested")? != 0,
        ending: ending(row)?,
        ending_attempts: number(row, "ending_attempts")?,
        ending_error: row.try_get("ending_error")?,
    })
}

fn id(row: &Row) -> Result<JobId> {
    let id: &str = row.try_get("id")?;
    id.parse().map_err(Error::internal)
}

fn ending(row: &Row) -> Result<Option<Ending>> {
    let text: Option<String> = row.try_get("ending")?;
    text.as_deref().map(Ending::parse).transpose()
}

fn json(ids: &[JobId]) -> String {
    serde_json::to_string(ids).expect("ids are text")
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
