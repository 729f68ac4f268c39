//! All SQL on `schedules`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, NodeJobId, OrganizationId, ScheduleId};
use atelier_api::v1::node_jobs::NodeJobCreate;
use atelier_api::v1::schedules::{ScheduleMissed, ScheduleOverlap};
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, parsed};
use crate::error::{Error, Result};

/// A schedule as it is stored.
#[derive(Debug, Clone)]
pub(super) struct ScheduleRow {
    pub(super) id: ScheduleId,
    pub(super) organization_id: OrganizationId,
    pub(super) name: String,
    pub(super) cron: String,
    pub(super) time_zone: String,
    pub(super) job: NodeJobCreate,
    pub(super) enabled: bool,
    pub(super) missed: ScheduleMissed,
    pub(super) overlap: ScheduleOverlap,
    pub(super) revision: i64,
    pub(super) next_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    pub(super) last_outcome: Option<String>,
    pub(super) last_job: Option<NodeJobId>,
    pub(super) created_by: AccountId,
    pub(super) created_by_name: String,
    pub(super) created_at: Timestamp,
}

const MISSED: [(ScheduleMissed, &str); 2] = [
    (ScheduleMissed::Skip, "skip"),
    (ScheduleMissed::RunOnce, "run_once"),
];

const OVERLAP: [(ScheduleOverlap, &str); 2] = [
    (ScheduleOverlap::Skip, "skip"),
    (ScheduleOverlap::Allow, "allow"),
];

fn text<T: PartialEq>(of: &[(T, &'static str)], value: &T) -> &'static str {
    let found = of.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, text)| text)
}

fn value<T: Copy>(of: &[(T, &'static str)], row: &Row, column: &'static str) -> Result<T> {
    let stored: &str = row.try_get(column)?;
    let found = of.iter().find(|(_, text)| *text == stored);
    found.map_or_else(|| Err(corrupt(column, &stored)), |(value, _)| Ok(*value))
}

fn row(row: &Row) -> Result<ScheduleRow> {
    let job: &str = row.try_get("job")?;
    let last_job: Option<&str> = row.try_get("last_job_id")?;
    let at = |column| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(Timestamp));
    Ok(ScheduleRow {
        id: parsed(row, "id")?,
        organization_id: parsed(row, "organization_id")?,
        name: row.try_get("name")?,
        cron: row.try_get("cron")?,
        time_zone: row.try_get("time_zone")?,
        job: serde_json::from_str(job).map_err(|error| corrupt("job", &error))?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        missed: value(&MISSED, row, "missed")?,
        overlap: value(&OVERLAP, row, "overlap")?,
        revision: row.try_get("revision")?,
        next_at: at("next_at")?,
        last_at: at("last_at")?,
        last_outcome: row.try_get("last_outcome")?,
        last_job: last_job
            .map(str::parse)
            .transpose()
            .map_err(|error| corrupt("last_job_id", &error))?,
        created_by: parsed(row, "created_by")?,
        created_by_name: row.try_get("created_by_name")?,
        created_at: Timestamp(row.try_get("created_at")?),
    })
}

pub(super) async fn find(conn: &mut Conn, id: ScheduleId) -> Result<Option<ScheduleRow>> {
    let found = sqlx::query("SELECT * FROM schedules WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(super) async fn count(conn: &mut Conn, organization: OrganizationId) -> Result<u64> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM schedules WHERE organization_id = $1")
            .bind(organization.to_string())
            .fetch_one(conn)
            .await?;
    u64::try_from(count).map_err(|error| corrupt("count", &error))
}

/// A page of an organization's schedules, oldest first.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: &str,
    limit: u32,
) -> Result<Vec<ScheduleRow>> {
    let rows = sqlx::query(
        "SELECT * FROM schedules WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Writes a schedule, new or known.
pub(super) async fn save(conn: &mut Conn, row: &ScheduleRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO schedules (id, organization_id, name, cron, time_zone, job, enabled, missed, \
         overlap, revision, next_at, last_at, last_outcome, last_job_id, created_by, \
         created_by_name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, cron = excluded.cron, \
         time_zone = excluded.time_zone, job = excluded.job, enabled = excluded.enabled, \
         missed = excluded.missed, overlap = excluded.overlap, revision = excluded.revision, \
         next_at = excluded.next_at, last_at = excluded.last_at, \
         last_outcome = excluded.last_outcome, last_job_id = excluded.last_job_id, \
         created_by = excluded.created_by, created_by_name = excluded.created_by_name",
    )
    .bind(row.id.to_string())
    .bind(row.organization_id.to_string())
    .bind(row.name.as_str())
    .bind(row.cron.as_str())
    .bind(row.time_zone.as_str())
    .bind(serde_json::to_string(&row.job).map_err(Error::internal)?)
    .bind(i64::from(row.enabled))
    .bind(text(&MISSED, &row.missed))
    .bind(text(&OVERLAP, &row.overlap))
    .bind(row.revision)
    .bind(row.next_at.map(|at| at.0))
    .bind(row.last_at.map(|at| at.0))
    .bind(row.last_outcome.as_deref())
    .bind(row.last_job.map(|id| id.to_string()))
    .bind(row.created_by.to_string())
    .bind(row.created_by_name.as_str())
    .bind(row.created_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn delete(conn: &mut Conn, id: ScheduleId) -> Result<()> {
    sqlx::query("DELETE FROM schedules WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
