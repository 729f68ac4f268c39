//! SQL on many rows of `nodes` at once, for when thousands of servers come back: the way to the
//! database and back costs more than what is done there.

use std::fmt::Write as _;
use std::sync::LazyLock;

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_db::sqlx;

use super::{NodeRow, row};
use crate::ctx::Conn;
use crate::error::Result;

/// How many rows one statement is about. Fewer fill it up with the last of them, so that each engine
/// prepares one text.
pub(super) const AT_ONCE: usize = 32;

static FIND: LazyLock<&'static str> = LazyLock::new(|| {
    let ids = placeholders(|sql, place| write!(sql, "${place}"));
    String::leak(format!("SELECT * FROM nodes WHERE id IN ({ids})"))
});

/// `VALUES` names its columns alike on both engines, and takes their types from the first row.
static SET_LAST_SEEN: LazyLock<&'static str> = LazyLock::new(|| {
    let seen = placeholders(|sql, place| {
        let (id, at) = (2 * place - 1, 2 * place);
        write!(sql, "(CAST(${id} AS TEXT), CAST(${at} AS BIGINT))")
    });
    String::leak(format!(
        "UPDATE nodes SET last_seen_at = seen.column2 FROM (VALUES {seen}) AS seen \
         WHERE nodes.id = seen.column1"
    ))
});

pub(super) fn placeholders(one: impl Fn(&mut String, usize) -> std::fmt::Result) -> String {
    let mut sql = String::new();
    for place in 1..=AT_ONCE {
        if place > 1 {
            sql.push_str(", ");
        }
        one(&mut sql, place).expect("a string takes all that is written");
    }
    sql
}

/// The batch, filled up with its last.
pub(super) fn filled<T>(batch: &[T]) -> impl Iterator<Item = &T> {
    batch
        .iter()
        .chain(batch.last().into_iter().cycle())
        .take(AT_ONCE)
}

/// Those of the nodes that there are, in any order.
pub(in crate::nodes) async fn find_many(conn: &mut Conn, ids: &[NodeId]) -> Result<Vec<NodeRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for batch in ids.chunks(AT_ONCE) {
        let mut query = sqlx::query(*FIND);
        for id in filled(batch) {
            query = query.bind(id.to_string());
        }
        for found in query.fetch_all(&mut *conn).await? {
            rows.push(row(&found)?);
        }
    }
    Ok(rows)
}

/// Writes down when nodes were last seen.
pub(in crate::nodes) async fn set_last_seen(
    conn: &mut Conn,
    seen: &[(NodeId, Timestamp)],
) -> Result<()> {
    for batch in seen.chunks(AT_ONCE) {
        let mut query = sqlx::query(*SET_LAST_SEEN);
        for (id, at) in filled(batch) {
            query = query.bind(id.to_string()).bind(at.0);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
