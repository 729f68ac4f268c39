//! All SQL on `node_updates`.

use atelier_api::Timestamp;
use atelier_api::ids::{NodeRolloutId, NodeUpdateId};
use atelier_api::v1::node_rollouts::{NodeUpdateCounts, NodeUpdateRun, NodeUpdateState};
use atelier_db::sqlx::{self, Row as _};

use super::{text, time, word};
use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::Result;

/// An update of one server as it is stored.
#[derive(Debug, Clone)]
pub(in crate::node_updates) struct UpdateRow {
    pub(in crate::node_updates) run: NodeUpdateRun,
    /// The server may have been told to go over to the program.
    pub(in crate::node_updates) ordered: bool,
}

const STATES: [(NodeUpdateState, &str); 6] = [
    (NodeUpdateState::Waiting, "waiting"),
    (NodeUpdateState::Running, "running"),
    (NodeUpdateState::Succeeded, "succeeded"),
    (NodeUpdateState::Failed, "failed"),
    (NodeUpdateState::Skipped, "skipped"),
    (NodeUpdateState::Aborted, "aborted"),
];

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT u.*, n.name AS node_name FROM node_updates u JOIN nodes n ON n.id = u.node_id ",
            $rest
        )
    };
}

fn row(row: &atelier_db::Row) -> Result<UpdateRow> {
    Ok(UpdateRow {
        run: NodeUpdateRun {
            id: parsed(row, "id")?,
            node_rollout_id: parsed(row, "node_rollout_id")?,
            node_id: parsed(row, "node_id")?,
            node_name: row.try_get("node_name")?,
            stage: number(row, "stage")?,
            state: word(row, "state", &STATES)?,
            reason: row.try_get("reason")?,
            program: row.try_get("program")?,
            started_at: time(row, "started_at")?,
            finished_at: time(row, "finished_at")?,
        },
        ordered: row.try_get::<i64, _>("ordered")? != 0,
    })
}

pub(in crate::node_updates) async fn find(
    conn: &mut Conn,
    id: NodeUpdateId,
) -> Result<Option<UpdateRow>> {
    let found = sqlx::query(select!("WHERE u.id = $1"))
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// A page of a rollout's, in their order.
pub(in crate::node_updates) async fn list(
    conn: &mut Conn,
    rollout: NodeRolloutId,
    after: &str,
    limit: u32,
) -> Result<Vec<UpdateRow>> {
    let rows = sqlx::query(select!(
        "WHERE u.node_rollout_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3"
    ))
    .bind(rollout.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Those that wait in one stage.
pub(in crate::node_updates) async fn waiting(
    conn: &mut Conn,
    rollout: NodeRolloutId,
    stage: u32,
) -> Result<Vec<UpdateRow>> {
    let rows = sqlx::query(select!(
        "WHERE u.node_rollout_id = $1 AND u.state = 'waiting' AND u.stage = $2 ORDER BY u.id"
    ))
    .bind(rollout.to_string())
    .bind(i64::from(stage))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// The first stage in which any waits.
pub(in crate::node_updates) async fn next_stage(
    conn: &mut Conn,
    rollout: NodeRolloutId,
) -> Result<Option<u32>> {
    let found = sqlx::query(
        "SELECT MIN(stage) AS stage FROM node_updates WHERE node_rollout_id = $1 AND state = 'waiting'",
    )
    .bind(rollout.to_string())
    .fetch_one(conn)
    .await?;
    let stage: Option<i64> = found.try_get("stage")?;
    stage
        .map(|stage| u32::try_from(stage).map_err(|error| corrupt("stage", &error)))
        .transpose()
}

/// The first that failed.
pub(in crate::node_updates) async fn failed(
    conn: &mut Conn,
    rollout: NodeRolloutId,
) -> Result<Option<UpdateRow>> {
    let found = sqlx::query(select!(
        "WHERE u.node_rollout_id = $1 AND u.state = 'failed' ORDER BY u.finished_at, u.id LIMIT 1"
    ))
    .bind(rollout.to_string())
    .fetch_optional(conn)
    .await?;
    found.as_ref().map(row).transpose()
}

pub(in crate::node_updates) async fn counts(
    conn: &mut Conn,
    rollout: NodeRolloutId,
) -> Result<NodeUpdateCounts> {
    let rows = sqlx::query(
        "SELECT state, COUNT(*) AS count FROM node_updates WHERE node_rollout_id = $1 GROUP BY state",
    )
    .bind(rollout.to_string())
    .fetch_all(conn)
    .await?;
    let mut counts = NodeUpdateCounts::default();
    for row in &rows {
        let count: i64 = row.try_get("count")?;
        let count = u64::try_from(count).map_err(|error| corrupt("count", &error))?;
        *match word(row, "state", &STATES)? {
            NodeUpdateState::Waiting => &mut counts.waiting,
            NodeUpdateState::Running => &mut counts.running,
            NodeUpdateState::Succeeded => &mut counts.succeeded,
            NodeUpdateState::Failed => &mut counts.failed,
            NodeUpdateState::Skipped => &mut counts.skipped,
            NodeUpdateState::Aborted => &mut counts.aborted,
        } = count;
    }
    Ok(counts)
}

pub(in crate::node_updates) async fn insert(conn: &mut Conn, run: &NodeUpdateRun) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_updates (id, node_rollout_id, node_id, stage, state, reason, program, \
         ordered, started_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)",
    )
    .bind(run.id.to_string())
    .bind(run.node_rollout_id.to_string())
    .bind(run.node_id.to_string())
    .bind(i64::from(run.stage))
    .bind(text(&run.state, &STATES))
    .bind(run.reason.as_deref())
    .bind(run.program.as_deref())
    .bind(run.started_at.map(|at| at.0))
    .bind(run.finished_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what can change.
pub(in crate::node_updates) async fn update(conn: &mut Conn, row: &UpdateRow) -> Result<()> {
    let run = &row.run;
    sqlx::query(
        "UPDATE node_updates SET state = $2, reason = $3, ordered = $4, started_at = $5, \
         finished_at = $6 WHERE id = $1",
    )
    .bind(run.id.to_string())
    .bind(text(&run.state, &STATES))
    .bind(run.reason.as_deref())
    .bind(i64::from(row.ordered))
    .bind(run.started_at.map(|at| at.0))
    .bind(run.finished_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Those that wait are not touched any more.
pub(in crate::node_updates) async fn abort_waiting(
    conn: &mut Conn,
    rollout: NodeRolloutId,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE node_updates SET state = 'aborted', reason = $2, finished_at = $3 \
         WHERE node_rollout_id = $1 AND state = 'waiting'",
    )
    .bind(rollout.to_string())
    .bind(reason)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
