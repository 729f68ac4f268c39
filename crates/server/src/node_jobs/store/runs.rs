//! All SQL on `node_runs` and `node_run_outputs`.

use std::collections::HashMap;

use atelier_api::Timestamp;
use atelier_api::agent::processes::Span;
use atelier_api::agent::terminals::ExitStatus;
use atelier_api::ids::{ExecutionId, NodeId, NodeJobId, NodeRunId, OrganizationId};
use atelier_api::v1::node_jobs::{NodeRunCounts, NodeRunState};
use atelier_db::sqlx::{self, Row as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::{Error, Result};

/// A run as it is stored.
#[derive(Debug, Clone)]
pub(in crate::node_jobs) struct RunRow {
    pub(in crate::node_jobs) id: NodeRunId,
    pub(in crate::node_jobs) job: NodeJobId,
    pub(in crate::node_jobs) node: NodeId,
    pub(in crate::node_jobs) node_name: String,
    pub(in crate::node_jobs) node_local: bool,
    pub(in crate::node_jobs) state: NodeRunState,
    pub(in crate::node_jobs) reason: Option<String>,
    pub(in crate::node_jobs) priority: i64,
    pub(in crate::node_jobs) attempt: u32,
    pub(in crate::node_jobs) execution: ExecutionId,
    pub(in crate::node_jobs) acknowledged: bool,
    pub(in crate::node_jobs) expires_at: Timestamp,
    pub(in crate::node_jobs) started_at: Option<Timestamp>,
    pub(in crate::node_jobs) finished_at: Option<Timestamp>,
    pub(in crate::node_jobs) exit: Option<ExitStatus>,
    pub(in crate::node_jobs) output: Span,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.*, n.name AS node_name, n.local AS node_local FROM node_runs r \
             JOIN nodes n ON n.id = r.node_id ",
            $rest
        )
    };
}

const STATES: [(NodeRunState, &str); 8] = [
    (NodeRunState::Held, "held"),
    (NodeRunState::Queued, "queued"),
    (NodeRunState::Running, "running"),
    (NodeRunState::Succeeded, "succeeded"),
    (NodeRunState::Failed, "failed"),
    (NodeRunState::Interrupted, "interrupted"),
    (NodeRunState::Cancelled, "cancelled"),
    (NodeRunState::Expired, "expired"),
];

fn text(state: NodeRunState) -> &'static str {
    let found = STATES.iter().find(|(known, _)| *known == state);
    found.map_or("", |(_, text)| text)
}

fn state(row: &atelier_db::Row) -> Result<NodeRunState> {
    let text: &str = row.try_get("state")?;
    let found = STATES.iter().find(|(_, known)| *known == text);
    found.map_or_else(|| Err(corrupt("state", &text)), |(state, _)| Ok(*state))
}

fn row(row: &atelier_db::Row) -> Result<RunRow> {
    let exit: Option<&str> = row.try_get("exit_status")?;
    let exit = exit.map(serde_json::from_str).transpose();
    let at = |column| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(Timestamp));
    Ok(RunRow {
        id: parsed(row, "id")?,
        job: parsed(row, "node_job_id")?,
        node: parsed(row, "node_id")?,
        node_name: row.try_get("node_name")?,
        node_local: row.try_get::<i64, _>("node_local")? != 0,
        state: state(row)?,
        reason: row.try_get("reason")?,
        priority: row.try_get("priority")?,
        attempt: number(row, "attempt")?,
        execution: parsed(row, "execution_id")?,
        acknowledged: row.try_get::<i64, _>("acknowledged")? != 0,
        expires_at: Timestamp(row.try_get("expires_at")?),
        started_at: at("started_at")?,
        finished_at: at("finished_at")?,
        exit: exit.map_err(|error| corrupt("exit_status", &error))?,
        output: Span {
            start: number(row, "output_start")?,
            end: number(row, "output_end")?,
        },
    })
}

pub(in crate::node_jobs) async fn insert(conn: &mut Conn, run: &RunRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_runs (id, node_job_id, node_id, state, priority, attempt, execution_id, \
         acknowledged, expires_at, output_start, output_end) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, 0)",
    )
    .bind(run.id.to_string())
    .bind(run.job.to_string())
    .bind(run.node.to_string())
    .bind(text(run.state))
    .bind(run.priority)
    .bind(i64::from(run.attempt))
    .bind(run.execution.to_string())
    .bind(run.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::node_jobs) async fn find(conn: &mut Conn, id: NodeRunId) -> Result<Option<RunRow>> {
    let found = sqlx::query(select!("WHERE r.id = $1"))
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// A page of a job's runs.
pub(in crate::node_jobs) async fn list(
    conn: &mut Conn,
    job: NodeJobId,
    after: &str,
    limit: u32,
) -> Result<Vec<RunRow>> {
    let rows = sqlx::query(select!(
        "WHERE r.node_job_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
    ))
    .bind(job.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// How many runs of a job are in which state.
pub(in crate::node_jobs) async fn counts(conn: &mut Conn, job: NodeJobId) -> Result<NodeRunCounts> {
    let rows = sqlx::query(
        "SELECT state, COUNT(*) AS count FROM node_runs WHERE node_job_id = $1 GROUP BY state",
    )
    .bind(job.to_string())
    .fetch_all(conn)
    .await?;
    let mut counts = NodeRunCounts::default();
    for row in &rows {
        *match state(row)? {
            NodeRunState::Held | NodeRunState::Queued => &mut counts.queued,
            NodeRunState::Running => &mut counts.running,
            NodeRunState::Succeeded => &mut counts.succeeded,
            NodeRunState::Failed => &mut counts.failed,
            NodeRunState::Interrupted => &mut counts.interrupted,
            NodeRunState::Cancelled => &mut counts.cancelled,
            NodeRunState::Expired => &mut counts.expired,
        } += number::<u64>(row, "count")?;
    }
    Ok(counts)
}

/// The servers where a job has ended otherwise than well.
pub(in crate::node_jobs) async fn unsuccessful(
    conn: &mut Conn,
    job: NodeJobId,
) -> Result<Vec<NodeId>> {
    let rows = sqlx::query(
        "SELECT node_id FROM node_runs WHERE node_job_id = $1 \
         AND state IN ('failed', 'interrupted', 'cancelled', 'expired')",
    )
    .bind(job.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| parsed(row, "node_id")).collect()
}

/// How many runs are under way on a server, and on all of its organization.
pub(in crate::node_jobs) async fn running_beside(
    conn: &mut Conn,
    node: NodeId,
) -> Result<(u64, u64)> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS everywhere, \
         CAST(COALESCE(SUM(CASE WHEN r.node_id = $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS here \
         FROM node_runs r JOIN nodes n ON n.id = r.node_id WHERE r.state = 'running' \
         AND n.organization_id = (SELECT o.organization_id FROM nodes o WHERE o.id = $1)",
    )
    .bind(node.to_string())
    .fetch_one(conn)
    .await?;
    Ok((number(&row, "here")?, number(&row, "everywhere")?))
}

/// How many runs are under way on each server of an organization that has any.
pub(in crate::node_jobs) async fn running_by_node(
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<HashMap<NodeId, u64>> {
    let rows = sqlx::query(
        "SELECT r.node_id AS node_id, COUNT(*) AS count FROM node_runs r \
         JOIN nodes n ON n.id = r.node_id WHERE r.state = 'running' AND n.organization_id = $1 \
         GROUP BY r.node_id",
    )
    .bind(organization.to_string())
    .fetch_all(conn)
    .await?;
    let count = |row| Ok((parsed(row, "node_id")?, number(row, "count")?));
    rows.iter().map(count).collect()
}

/// The servers that have runs which are to go on.
pub(in crate::node_jobs) async fn busy_nodes(conn: &mut Conn) -> Result<Vec<NodeId>> {
    // Each half by its own index.
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT node_id FROM node_runs WHERE state = 'queued' \
         UNION SELECT DISTINCT node_id FROM node_runs WHERE state = 'running'",
    )
    .fetch_all(conn)
    .await?;
    let ids = ids.iter().map(|id| id.parse());
    ids.map(|id| id.map_err(|error| corrupt("node_id", &error)))
        .collect()
}

/// The runs under way on a server, and whether each is to end.
pub(in crate::node_jobs) async fn running_on(
    conn: &mut Conn,
    node: NodeId,
) -> Result<Vec<(RunRow, bool)>> {
    let rows = sqlx::query(
        "SELECT r.*, n.name AS node_name, n.local AS node_local, j.cancelled AS cancelled \
         FROM node_runs r JOIN nodes n ON n.id = r.node_id JOIN node_jobs j ON j.id = r.node_job_id \
         WHERE r.node_id = $1 AND r.state = 'running' ORDER BY r.id",
    )
    .bind(node.to_string())
    .fetch_all(conn)
    .await?;
    let both = |it| Ok((row(it)?, it.try_get::<i64, _>("cancelled")? != 0));
    rows.iter().map(both).collect()
}

/// What is next on a server: by priority, then age, as far as the jobs' concurrency has room.
pub(in crate::node_jobs) async fn next_on(
    conn: &mut Conn,
    node: NodeId,
    limit: usize,
) -> Result<Vec<RunRow>> {
    let rows = sqlx::query(select!(
        "JOIN node_jobs j ON j.id = r.node_job_id WHERE r.node_id = $1 AND r.state = 'queued' \
         AND (j.concurrency = 0 OR j.concurrency > (SELECT COUNT(*) FROM node_runs o \
         WHERE o.node_job_id = r.node_job_id AND o.state = 'running')) \
         ORDER BY r.priority DESC, r.id LIMIT $2"
    ))
    .bind(node.to_string())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Those that have not begun by now, at most so many.
pub(in crate::node_jobs) async fn overdue(
    conn: &mut Conn,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<RunRow>> {
    let rows = sqlx::query(select!(
        "WHERE r.state IN ('queued', 'held') AND r.expires_at <= $1 ORDER BY r.expires_at LIMIT $2"
    ))
    .bind(now.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Writes what can change; answers whether the run was still of the same state and attempt.
pub(in crate::node_jobs) async fn update(
    conn: &mut Conn,
    was: (NodeRunState, ExecutionId),
    run: &RunRow,
) -> Result<bool> {
    let exit = run.exit.as_ref().map(serde_json::to_string).transpose();
    let offset = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let done = sqlx::query(
        "UPDATE node_runs SET state = $4, reason = $5, attempt = $6, execution_id = $7, \
         acknowledged = $8, started_at = $9, finished_at = $10, exit_status = $11, \
         output_start = $12, output_end = $13 WHERE id = $1 AND state = $2 AND execution_id = $3",
    )
    .bind(run.id.to_string())
    .bind(text(was.0))
    .bind(was.1.to_string())
    .bind(text(run.state))
    .bind(run.reason.as_deref())
    .bind(i64::from(run.attempt))
    .bind(run.execution.to_string())
    .bind(i64::from(run.acknowledged))
    .bind(run.started_at.map(|at| at.0))
    .bind(run.finished_at.map(|at| at.0))
    .bind(exit.map_err(Error::internal)?)
    .bind(offset(run.output.start))
    .bind(offset(run.output.end))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What waits for an approval waits for its server from now on.
pub(in crate::node_jobs) async fn release(conn: &mut Conn, job: NodeJobId) -> Result<()> {
    sqlx::query("UPDATE node_runs SET state = 'queued' WHERE node_job_id = $1 AND state = 'held'")
        .bind(job.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// What has not begun never will.
pub(in crate::node_jobs) async fn cancel_waiting(
    conn: &mut Conn,
    job: NodeJobId,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE node_runs SET state = 'cancelled', reason = $2, finished_at = $3 \
         WHERE node_job_id = $1 AND state IN ('held', 'queued')",
    )
    .bind(job.to_string())
    .bind(reason)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what a run has printed, in place of what an earlier attempt has.
pub(in crate::node_jobs) async fn save_output(
    conn: &mut Conn,
    run: NodeRunId,
    content: &[u8],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_run_outputs (node_run_id, content) VALUES ($1, $2) \
         ON CONFLICT (node_run_id) DO UPDATE SET content = excluded.content",
    )
    .bind(run.to_string())
    .bind(STANDARD.encode(content))
    .execute(conn)
    .await?;
    Ok(())
}

/// What was kept.
pub(in crate::node_jobs) async fn output(conn: &mut Conn, run: NodeRunId) -> Result<Vec<u8>> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT content FROM node_run_outputs WHERE node_run_id = $1")
            .bind(run.to_string())
            .fetch_optional(conn)
            .await?;
    let bytes = STANDARD.decode(text.unwrap_or_default());
    bytes.map_err(|error| corrupt("content", &error))
}
