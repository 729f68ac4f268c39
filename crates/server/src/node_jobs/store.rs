//! All SQL on `node_jobs`; on runs, see `store/runs.rs`.

pub(super) mod runs;

use atelier_api::Timestamp;
use atelier_api::ids::{NodeId, NodeJobId, OrganizationId, ScheduleId};
use atelier_api::v1::node_jobs::{NodeJobFinding, NodeJobGroup};
use atelier_db::sqlx::{self, Row as _};

use super::fields::Spec;
use crate::ctx::Conn;
use crate::ctx::column::{corrupt, parsed};
use crate::error::{Error, Result};

/// A job as it is stored.
#[derive(Debug, Clone)]
pub(super) struct JobRow {
    pub(super) id: NodeJobId,
    pub(super) organization_id: OrganizationId,
    pub(super) idempotency_key: Option<String>,
    pub(super) spec: Spec,
    pub(super) approval: Approval,
    pub(super) reason: Option<String>,
    pub(super) findings: Vec<NodeJobFinding>,
    pub(super) schedule: Option<ScheduleId>,
    pub(super) created_by: atelier_api::ids::AccountId,
    pub(super) created_by_name: String,
    pub(super) decided_by_name: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) cancelled: bool,
}

/// Whether a person has to say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Approval {
    None,
    Awaiting,
    Approved,
    Refused,
}

impl Approval {
    const ALL: [(Self, &'static str); 4] = [
        (Self::None, "none"),
        (Self::Awaiting, "awaiting"),
        (Self::Approved, "approved"),
        (Self::Refused, "refused"),
    ];

    fn text(self) -> &'static str {
        let found = Self::ALL.iter().find(|(approval, _)| *approval == self);
        found.map_or("", |(_, text)| text)
    }
}

fn row(row: &atelier_db::Row) -> Result<JobRow> {
    let spec: &str = row.try_get("spec")?;
    let approval: &str = row.try_get("approval")?;
    let findings: &str = row.try_get("findings")?;
    let schedule: Option<&str> = row.try_get("schedule_id")?;
    let known = Approval::ALL.iter().find(|(_, text)| *text == approval);
    Ok(JobRow {
        id: parsed(row, "id")?,
        organization_id: parsed(row, "organization_id")?,
        idempotency_key: row.try_get("idempotency_key")?,
        spec: serde_json::from_str(spec).map_err(|error| corrupt("spec", &error))?,
        approval: known.map_or_else(|| Err(corrupt("approval", &approval)), |(it, _)| Ok(*it))?,
        reason: row.try_get("reason")?,
        findings: serde_json::from_str(findings).map_err(|error| corrupt("findings", &error))?,
        schedule: schedule
            .map(str::parse)
            .transpose()
            .map_err(|error| corrupt("schedule_id", &error))?,
        created_by: parsed(row, "created_by")?,
        created_by_name: row.try_get("created_by_name")?,
        decided_by_name: row.try_get("decided_by_name")?,
        created_at: Timestamp(row.try_get("created_at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        cancelled: row.try_get::<i64, _>("cancelled")? != 0,
    })
}

pub(super) async fn find(conn: &mut Conn, id: NodeJobId) -> Result<Option<JobRow>> {
    let found = sqlx::query("SELECT * FROM node_jobs WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(super) async fn find_by_key(
    conn: &mut Conn,
    organization: OrganizationId,
    key: &str,
) -> Result<Option<JobRow>> {
    let found =
        sqlx::query("SELECT * FROM node_jobs WHERE organization_id = $1 AND idempotency_key = $2")
            .bind(organization.to_string())
            .bind(key)
            .fetch_optional(conn)
            .await?;
    found.as_ref().map(row).transpose()
}

/// Which jobs a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filter {
    pub(super) node: Option<NodeId>,
    pub(super) schedule: Option<ScheduleId>,
    pub(super) state: Option<NodeJobGroup>,
}

/// A page of an organization's jobs, newest first.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    before: Option<NodeJobId>,
    limit: u32,
) -> Result<Vec<JobRow>> {
    macro_rules! with_run {
        ($states:literal) => {
            concat!(
                "EXISTS (SELECT 1 FROM node_runs r WHERE r.node_job_id = node_jobs.id ",
                "AND r.state IN (",
                $states,
                "))"
            )
        };
    }
    macro_rules! page {
        ($($condition:expr),*) => {
            concat!(
                "SELECT * FROM node_jobs WHERE organization_id = $1 AND id < $2 ",
                "AND ($4 = '' OR schedule_id = $4) AND ($5 = '' OR EXISTS (SELECT 1 FROM node_runs n ",
                "WHERE n.node_job_id = node_jobs.id AND n.node_id = $5)) ",
                $($condition,)*
                " ORDER BY id DESC LIMIT $3"
            )
        };
    }
    let sql = match filter.state {
        None => page!(),
        Some(NodeJobGroup::AwaitingApproval) => {
            page!("AND approval = 'awaiting' AND ", with_run!("'held'"))
        }
        Some(NodeJobGroup::Active) => page!("AND ", with_run!("'queued', 'running'")),
        Some(NodeJobGroup::Failed) => page!(
            "AND ",
            with_run!("'failed', 'interrupted', 'expired'"),
            " AND NOT ",
            with_run!("'held', 'queued', 'running'")
        ),
        Some(NodeJobGroup::Ended) => page!("AND NOT ", with_run!("'held', 'queued', 'running'")),
    };
    // `~` comes after every id.
    let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
    let text = |id: Option<String>| id.unwrap_or_default();
    let rows = sqlx::query(sql)
        .bind(organization.to_string())
        .bind(before)
        .bind(i64::from(limit))
        .bind(text(filter.schedule.map(|id| id.to_string())))
        .bind(text(filter.node.map(|id| id.to_string())))
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

pub(super) async fn insert(conn: &mut Conn, job: &JobRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_jobs (id, organization_id, idempotency_key, spec, approval, reason, \
         created_by, created_by_name, decided_by_name, created_at, expires_at, concurrency, \
         cancelled, findings, schedule_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(job.id.to_string())
    .bind(job.organization_id.to_string())
    .bind(job.idempotency_key.as_deref())
    .bind(serde_json::to_string(&job.spec).map_err(Error::internal)?)
    .bind(job.approval.text())
    .bind(job.reason.as_deref())
    .bind(job.created_by.to_string())
    .bind(&job.created_by_name)
    .bind(job.decided_by_name.as_deref())
    .bind(job.created_at.0)
    .bind(job.expires_at.0)
    .bind(job.spec.concurrency.map_or(0, i64::from))
    .bind(i64::from(job.cancelled))
    .bind(serde_json::to_string(&job.findings).map_err(Error::internal)?)
    .bind(job.schedule.map(|id| id.to_string()))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what can change.
pub(super) async fn update(conn: &mut Conn, job: &JobRow) -> Result<()> {
    sqlx::query(
        "UPDATE node_jobs SET approval = $2, reason = $3, decided_by_name = $4, cancelled = $5, \
         findings = $6 \
         WHERE id = $1",
    )
    .bind(job.id.to_string())
    .bind(job.approval.text())
    .bind(job.reason.as_deref())
    .bind(job.decided_by_name.as_deref())
    .bind(i64::from(job.cancelled))
    .bind(serde_json::to_string(&job.findings).map_err(Error::internal)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes jobs that were made before then and have ended everywhere.
pub(super) async fn prune(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM node_jobs WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM node_runs r \
         WHERE r.node_job_id = node_jobs.id AND r.state IN ('held', 'queued', 'running'))",
    )
    .bind(before.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
