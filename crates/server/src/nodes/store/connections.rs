//! SQL on `node_connections`: when lines went up and down.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{NodeConnectionChange, NodeConnectionReason};
use atelier_db::sqlx::{self, Row as _};

use super::many::{AT_ONCE, filled, placeholders};
use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::Result;
use crate::nodes::presence::Change;

/// How many changes are kept of one node: a line that breaks every hour is seen through three weeks.
const KEPT: i64 = 500;

/// A change, with its place among those of its node.
#[derive(Debug)]
pub(in crate::nodes) struct ConnectionRow {
    pub(in crate::nodes) sequence: i64,
    pub(in crate::nodes) change: NodeConnectionChange,
}

/// What says the same as the newest of its node is left out: after a restart of the control plane every
/// node arrives, though its line was down for nobody. So is what is said of a node that was removed meanwhile.
static ADD: LazyLock<&'static str> = LazyLock::new(|| {
    let changes = placeholders(|sql, place| {
        let last = 6 * place;
        let (id, at, online) = (last - 5, last - 4, last - 3);
        let (kind, silence, detail) = (last - 2, last - 1, last);
        write!(
            sql,
            "(CAST(${id} AS TEXT), CAST(${at} AS BIGINT), CAST(${online} AS BIGINT), \
             CAST(${kind} AS TEXT), CAST(${silence} AS BIGINT), CAST(${detail} AS TEXT))"
        )
    });
    String::leak(format!(
        "INSERT INTO node_connections \
         (node_id, sequence, at, online, reason_kind, silence_ms, reason_detail) \
         SELECT changes.column1, COALESCE(newest.sequence, 0) + 1, changes.column2, \
         changes.column3, changes.column4, changes.column5, changes.column6 \
         FROM (VALUES {changes}) AS changes \
         JOIN nodes ON nodes.id = changes.column1 \
         LEFT JOIN node_connections AS newest ON newest.node_id = changes.column1 \
         AND newest.sequence = (SELECT MAX(one.sequence) FROM node_connections AS one \
         WHERE one.node_id = changes.column1) \
         WHERE COALESCE(newest.online, -1) <> changes.column3 \
         ON CONFLICT (node_id, sequence) DO NOTHING"
    ))
});

/// One is added of a node at a time, so one at most is too old.
static CUT: LazyLock<&'static str> = LazyLock::new(|| {
    let ids = placeholders(|sql, place| write!(sql, "${place}"));
    String::leak(format!(
        "DELETE FROM node_connections WHERE (node_id, sequence) IN \
         (SELECT node_id, MAX(sequence) - {KEPT} FROM node_connections \
         WHERE node_id IN ({ids}) GROUP BY node_id)"
    ))
});

/// Adds changes, oldest first, and forgets what is too old of the same nodes.
pub(in crate::nodes) async fn add_changes(conn: &mut Conn, changes: &[Change]) -> Result<()> {
    let mut rest = changes;
    while !rest.is_empty() {
        let batch;
        (batch, rest) = rest.split_at(once_each(rest));
        add(conn, batch).await?;
    }
    Ok(())
}

/// How many of the first are each of another node, as far as one statement can take them: it does not see
/// what it adds itself.
fn once_each(changes: &[Change]) -> usize {
    let mut seen = HashSet::new();
    let once = changes.iter().take(AT_ONCE);
    once.take_while(|change| seen.insert(change.node)).count()
}

async fn add(conn: &mut Conn, batch: &[Change]) -> Result<()> {
    let mut query = sqlx::query(*ADD);
    for change in filled(batch) {
        let reason = change.reason.as_ref().map(columns).unwrap_or_default();
        query = query
            .bind(change.node.to_string())
            .bind(change.at.0)
            .bind(i64::from(change.online))
            .bind(reason.kind)
            .bind(reason.silence_ms)
            .bind(reason.detail);
    }
    let added = query.execute(&mut *conn).await?.rows_affected();
    if added > 0 {
        let mut query = sqlx::query(*CUT);
        for change in filled(batch) {
            query = query.bind(change.node.to_string());
        }
        query.execute(conn).await?;
    }
    Ok(())
}

/// A page of one node's changes, newest first: those before a place.
pub(in crate::nodes) async fn connections(
    conn: &mut Conn,
    node: NodeId,
    before: i64,
    limit: u32,
) -> Result<Vec<ConnectionRow>> {
    let rows = sqlx::query(
        "SELECT sequence, at, online, reason_kind, silence_ms, reason_detail \
         FROM node_connections WHERE node_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
    )
    .bind(node.to_string())
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

fn row(row: &atelier_db::Row) -> Result<ConnectionRow> {
    Ok(ConnectionRow {
        sequence: row.try_get("sequence")?,
        change: NodeConnectionChange {
            at: Timestamp(row.try_get("at")?),
            online: row.try_get::<i64, _>("online")? != 0,
            reason: reason(row)?,
        },
    })
}

/// A reason as it is stored; that of a line that went up is nothing.
#[derive(Debug, Default)]
struct Columns<'a> {
    kind: Option<&'static str>,
    silence_ms: Option<i64>,
    detail: Option<&'a str>,
}

fn columns(reason: &NodeConnectionReason) -> Columns<'_> {
    let (mut silent, mut said) = (None, None);
    let kind = match reason {
        NodeConnectionReason::Closed => "closed",
        NodeConnectionReason::Silent { silence_ms } => {
            silent = Some(i64::try_from(*silence_ms).unwrap_or(i64::MAX));
            "silent"
        }
        NodeConnectionReason::Revoked => "revoked",
        NodeConnectionReason::Rejoined => "rejoined",
        NodeConnectionReason::StayedAway => "stayed_away",
        NodeConnectionReason::Failed { detail } => {
            said = Some(detail.as_str());
            "failed"
        }
    };
    Columns {
        kind: Some(kind),
        silence_ms: silent,
        detail: said,
    }
}

fn reason(row: &atelier_db::Row) -> Result<Option<NodeConnectionReason>> {
    let kind: Option<&str> = row.try_get("reason_kind")?;
    Ok(Some(match kind {
        None => return Ok(None),
        Some("closed") => NodeConnectionReason::Closed,
        Some("silent") => NodeConnectionReason::Silent {
            silence_ms: number(row, "silence_ms")?,
        },
        Some("revoked") => NodeConnectionReason::Revoked,
        Some("rejoined") => NodeConnectionReason::Rejoined,
        Some("stayed_away") => NodeConnectionReason::StayedAway,
        Some("failed") => NodeConnectionReason::Failed {
            detail: row.try_get("reason_detail")?,
        },
        Some(other) => return Err(corrupt("reason_kind", &other)),
    }))
}

/// A line that was up when the last was written of it.
#[derive(Debug)]
pub(in crate::nodes) struct LineUp {
    pub(in crate::nodes) node: NodeId,
    /// It went up then.
    pub(in crate::nodes) since: Timestamp,
    /// When the node was seen last, as far as that is written.
    pub(in crate::nodes) last_seen_at: Option<Timestamp>,
}

/// A page of them, by the nodes' ids: those behind one. The newest of each node is asked for by itself: so both engines
/// find it by the key, however many there are.
pub(in crate::nodes) async fn lines_up(
    conn: &mut Conn,
    after: &str,
    limit: u32,
) -> Result<Vec<LineUp>> {
    let rows = sqlx::query(
        "SELECT id, last_seen_at, (SELECT at FROM node_connections WHERE node_id = nodes.id \
         ORDER BY sequence DESC LIMIT 1) AS since FROM nodes \
         WHERE id > $1 AND (SELECT online FROM node_connections WHERE node_id = nodes.id \
         ORDER BY sequence DESC LIMIT 1) = 1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let lines = rows.iter().map(|row| {
        Ok(LineUp {
            node: parsed(row, "id")?,
            since: Timestamp(row.try_get("since")?),
            last_seen_at: row
                .try_get::<Option<i64>, _>("last_seen_at")?
                .map(Timestamp),
        })
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same are read in `tests/it/nodes/reasons.rs`.
    #[test]
    fn every_kind_is_stored_under_its_name() {
        let detail = "reset".to_owned();
        let silence_ms = 9_000;
        for (reason, expected) in [
            (NodeConnectionReason::Closed, ("closed", None, None)),
            (
                NodeConnectionReason::Silent { silence_ms },
                ("silent", Some(9_000), None),
            ),
            (NodeConnectionReason::Revoked, ("revoked", None, None)),
            (NodeConnectionReason::Rejoined, ("rejoined", None, None)),
            (
                NodeConnectionReason::StayedAway,
                ("stayed_away", None, None),
            ),
            (
                NodeConnectionReason::Failed { detail },
                ("failed", None, Some("reset")),
            ),
        ] {
            let stored = columns(&reason);
            let stored = (stored.kind.unwrap(), stored.silence_ms, stored.detail);
            assert_eq!(stored, expected);
        }
    }
}
