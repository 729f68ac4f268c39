//! SQL on `node_connections`: when lines went up and down.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::NodeConnectionChange;
use atelier_db::sqlx::{self, Row as _};

use super::many::{AT_ONCE, filled, placeholders};
use crate::ctx::Conn;
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
        let last = 4 * place;
        let (id, at, online, reason) = (last - 3, last - 2, last - 1, last);
        write!(
            sql,
            "(CAST(${id} AS TEXT), CAST(${at} AS BIGINT), CAST(${online} AS BIGINT), \
             CAST(${reason} AS TEXT))"
        )
    });
    String::leak(format!(
        "INSERT INTO node_connections (node_id, sequence, at, online, reason) \
         SELECT changes.column1, COALESCE(newest.sequence, 0) + 1, changes.column2, \
         changes.column3, changes.column4 FROM (VALUES {changes}) AS changes \
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
        query = query
            .bind(change.node.to_string())
            .bind(change.at.0)
            .bind(i64::from(change.online))
            .bind(change.reason.as_deref());
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
        "SELECT sequence, at, online, reason FROM node_connections \
         WHERE node_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
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
            reason: row.try_get("reason")?,
        },
    })
}
