//! All SQL on `node_rollouts`; on `node_updates`, see `store/updates.rs`.

pub(super) mod updates;

use atelier_api::Timestamp;
use atelier_api::ids::{NodeRolloutId, OrganizationId};
use atelier_api::v1::node_rollouts::{NodeRollout, NodeRolloutState, NodeUpdateCounts};
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::Result;

const STATES: [(NodeRolloutState, &str); 5] = [
    (NodeRolloutState::Running, "running"),
    (NodeRolloutState::Paused, "paused"),
    (NodeRolloutState::Succeeded, "succeeded"),
    (NodeRolloutState::Failed, "failed"),
    (NodeRolloutState::Aborted, "aborted"),
];

/// A word of a column, and what it stands for.
fn word<T: Copy>(row: &atelier_db::Row, column: &'static str, words: &[(T, &str)]) -> Result<T> {
    let text: &str = row.try_get(column)?;
    let found = words.iter().find(|(_, known)| *known == text);
    found.map_or_else(|| Err(corrupt(column, &text)), |(value, _)| Ok(*value))
}

fn text<T: PartialEq>(value: &T, words: &[(T, &'static str)]) -> &'static str {
    let found = words.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, text)| text)
}

fn time(row: &atelier_db::Row, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

/// Without its counts.
fn row(row: &atelier_db::Row) -> Result<NodeRollout> {
    Ok(NodeRollout {
        id: parsed(row, "id")?,
        organization_id: parsed(row, "organization_id")?,
        state: word(row, "state", &STATES)?,
        reason: row.try_get("reason")?,
        canary: number(row, "canary")?,
        batch: number(row, "batch")?,
        pause_s: number(row, "pause_s")?,
        wait_for_offline: row.try_get::<i64, _>("wait_for_offline")? != 0,
        healthy_within_s: number(row, "healthy_within_s")?,
        next_stage_at: time(row, "next_stage_at")?,
        created_by: parsed(row, "created_by")?,
        created_by_name: row.try_get("created_by_name")?,
        created_at: Timestamp(row.try_get("created_at")?),
        finished_at: time(row, "finished_at")?,
        counts: NodeUpdateCounts::default(),
    })
}

/// One, with its counts.
pub(super) async fn find(conn: &mut Conn, id: NodeRolloutId) -> Result<Option<NodeRollout>> {
    let found = sqlx::query("SELECT * FROM node_rollouts WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(mut rollout) = found.as_ref().map(row).transpose()? else {
        return Ok(None);
    };
    rollout.counts = updates::counts(conn, id).await?;
    Ok(Some(rollout))
}

/// The one of an organization that has not ended, if there is one.
pub(super) async fn under_way(
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<Option<NodeRolloutId>> {
    let found = sqlx::query(
        "SELECT id FROM node_rollouts WHERE organization_id = $1 \
         AND state IN ('running', 'paused') LIMIT 1",
    )
    .bind(organization.to_string())
    .fetch_optional(conn)
    .await?;
    found.as_ref().map(|row| parsed(row, "id")).transpose()
}

/// A page of an organization's, newest first.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    before: Option<NodeRolloutId>,
    limit: u32,
) -> Result<Vec<NodeRollout>> {
    // `~` comes after every id.
    let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
    let rows = sqlx::query(
        "SELECT * FROM node_rollouts WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(&mut *conn)
    .await?;
    let mut rollouts = Vec::with_capacity(rows.len());
    for found in &rows {
        let mut rollout = row(found)?;
        rollout.counts = updates::counts(conn, rollout.id).await?;
        rollouts.push(rollout);
    }
    Ok(rollouts)
}

pub(super) async fn insert(conn: &mut Conn, rollout: &NodeRollout) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_rollouts (id, organization_id, state, reason, canary, batch, pause_s, \
         wait_for_offline, healthy_within_s, next_stage_at, created_by, created_by_name, created_at, \
         finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(rollout.id.to_string())
    .bind(rollout.organization_id.to_string())
    .bind(text(&rollout.state, &STATES))
    .bind(rollout.reason.as_deref())
    .bind(i64::from(rollout.canary))
    .bind(i64::from(rollout.batch))
    .bind(i64::from(rollout.pause_s))
    .bind(i64::from(rollout.wait_for_offline))
    .bind(i64::from(rollout.healthy_within_s))
    .bind(rollout.next_stage_at.map(|at| at.0))
    .bind(rollout.created_by.to_string())
    .bind(&rollout.created_by_name)
    .bind(rollout.created_at.0)
    .bind(rollout.finished_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what can change.
pub(super) async fn update(conn: &mut Conn, rollout: &NodeRollout) -> Result<()> {
    sqlx::query(
        "UPDATE node_rollouts SET state = $2, reason = $3, next_stage_at = $4, finished_at = $5 \
         WHERE id = $1",
    )
    .bind(rollout.id.to_string())
    .bind(text(&rollout.state, &STATES))
    .bind(rollout.reason.as_deref())
    .bind(rollout.next_stage_at.map(|at| at.0))
    .bind(rollout.finished_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}
