//! All SQL on `nodes`, on many at once in `store/many.rs`; on `node_connections`, see `store/connections.rs`,
//! and on `node_join_tokens`, `store/tokens.rs`.

mod connections;
mod many;
pub(super) mod tokens;

use std::collections::BTreeMap;

use atelier_api::Timestamp;
use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::node::NodeInfo;
use atelier_db::DbError;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::corrupt;
use crate::error::{Error, Result};

pub(super) use connections::{LineUp, add_changes, connections, lines_up};
pub(super) use many::{find_many, set_last_seen};

/// A node as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct NodeRow {
    pub(crate) id: NodeId,
    pub(crate) organization_id: OrganizationId,
    pub(crate) name: String,
    /// Under which the name is unique in the organization.
    pub(super) name_key: String,
    pub(crate) local: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) info: Option<NodeInfo>,
    /// Absent for the embedded one, and for one that was revoked.
    pub(super) public_key: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) draining: bool,
    pub(super) revoked: bool,
    /// As it was last written: behind what the registry knows.
    pub(super) last_seen_at: Option<Timestamp>,
    pub(super) address: Option<String>,
    pub(super) machine: Option<String>,
    pub(super) warning: Option<String>,
}

/// What of a list is wanted; empty texts want everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    /// A part of the name's key.
    pub(super) search: String,
    /// A part of the labels as they are stored.
    pub(super) label: String,
}

/// The rows of one organization's list, from after a node on.
macro_rules! listed {
    ($columns:literal) => {
        // `replace` and not LIKE: it takes no wildcards, and both engines compare exactly.
        concat!(
            "SELECT ",
            $columns,
            " FROM nodes WHERE organization_id = $1 AND id > $2 \
             AND ($3 = '' OR replace(name_key, $3, '') <> name_key) \
             AND ($4 = '' OR replace(labels, $4, '') <> labels) ORDER BY id LIMIT $5"
        )
    };
}

fn row(row: &atelier_db::Row) -> Result<NodeRow> {
    let id: &str = row.try_get("id")?;
    let organization: &str = row.try_get("organization_id")?;
    let info: Option<&str> = row.try_get("info")?;
    let labels: &str = row.try_get("labels")?;
    Ok(NodeRow {
        id: id.parse().map_err(|error| corrupt("id", &error))?,
        organization_id: organization
            .parse()
            .map_err(|error| corrupt("organization_id", &error))?,
        name: row.try_get("name")?,
        name_key: row.try_get("name_key")?,
        local: row.try_get::<i64, _>("local")? != 0,
        created_at: Timestamp(row.try_get("created_at")?),
        // Of another version perhaps: it is told anew at the next connection.
        info: info.and_then(|info| serde_json::from_str(info).ok()),
        public_key: row.try_get("public_key")?,
        labels: serde_json::from_str(labels).map_err(|error| corrupt("labels", &error))?,
        draining: row.try_get::<i64, _>("draining")? != 0,
        revoked: row.try_get::<i64, _>("revoked")? != 0,
        last_seen_at: row
            .try_get::<Option<i64>, _>("last_seen_at")?
            .map(Timestamp),
        address: row.try_get("address")?,
        machine: row.try_get("machine")?,
        warning: row.try_get("warning")?,
    })
}

/// The labels as they are stored, and as a part of them is searched for.
pub(super) fn label_pattern(key: &str, value: Option<&str>) -> String {
    // Quotes inside of a value are stored with a backslash, so this matches a whole key only.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match value {
        Some(value) => format!("{}:{}", quoted(key), quoted(value)),
        None => format!("{}:\"", quoted(key)),
    }
}

fn labels_text(labels: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(labels).map_err(Error::internal)
}

fn info_text(info: Option<&NodeInfo>) -> Result<Option<String>> {
    info.map(serde_json::to_string)
        .transpose()
        .map_err(Error::internal)
}

pub(crate) async fn find(conn: &mut Conn, id: NodeId) -> Result<Option<NodeRow>> {
    let found = sqlx::query("SELECT * FROM nodes WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// Whether there is such a node.
pub(crate) async fn exists(conn: &mut Conn, id: NodeId) -> Result<bool> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM nodes WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(conn)
        .await?;
    Ok(count > 0)
}

/// The node that a key belongs to, in whatever organization.
pub(super) async fn find_by_key(conn: &mut Conn, public_key: &str) -> Result<Option<NodeRow>> {
    let found = sqlx::query("SELECT * FROM nodes WHERE public_key = $1")
        .bind(public_key)
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// A page of an organization's nodes, oldest first.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    after: &str,
    limit: u32,
) -> Result<Vec<NodeRow>> {
    let rows = sqlx::query(listed!("*"))
        .bind(organization.to_string())
        .bind(after)
        .bind(&filter.search)
        .bind(&filter.label)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

/// The same, of which only the ids are read.
pub(super) async fn list_ids(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    after: &str,
    limit: u32,
) -> Result<Vec<NodeId>> {
    let rows: Vec<String> = sqlx::query_scalar(listed!("id"))
        .bind(organization.to_string())
        .bind(after)
        .bind(&filter.search)
        .bind(&filter.label)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|id| id.parse().map_err(|error| corrupt("id", &error)))
        .collect()
}

/// Nodes that new workspaces may be placed on, as far as is stored.
pub(super) async fn placeable(
    conn: &mut Conn,
    organization: OrganizationId,
    after: &str,
    limit: u32,
) -> Result<Vec<NodeRow>> {
    let rows = sqlx::query(
        "SELECT * FROM nodes WHERE organization_id = $1 AND id > $2 AND draining = 0 \
         AND revoked = 0 ORDER BY id LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// The embedded node; there is at most one.
pub(super) async fn find_local(conn: &mut Conn) -> Result<Option<NodeRow>> {
    let found = sqlx::query("SELECT * FROM nodes WHERE local = 1 ORDER BY id LIMIT 1")
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// Whether a server of the organization has this name.
pub(super) async fn name_taken(
    conn: &mut Conn,
    organization: OrganizationId,
    name_key: &str,
) -> Result<bool> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nodes WHERE organization_id = $1 AND name_key = $2",
    )
    .bind(organization.to_string())
    .bind(name_key)
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}

pub(super) async fn insert(conn: &mut Conn, node: &NodeRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO nodes (id, organization_id, name, name_key, local, created_at, info, \
         public_key, labels, draining, revoked, last_seen_at, address, machine, warning) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(node.id.to_string())
    .bind(node.organization_id.to_string())
    .bind(&node.name)
    .bind(&node.name_key)
    .bind(i64::from(node.local))
    .bind(node.created_at.0)
    .bind(info_text(node.info.as_ref())?)
    .bind(node.public_key.as_deref())
    .bind(labels_text(&node.labels)?)
    .bind(i64::from(node.draining))
    .bind(i64::from(node.revoked))
    .bind(node.last_seen_at.map(|at| at.0))
    .bind(node.address.as_deref())
    .bind(node.machine.as_deref())
    .bind(node.warning.as_deref())
    .execute(conn)
    .await
    .map_err(taken(&node.name))?;
    Ok(())
}

/// Writes all that can change, save when it was last seen.
pub(super) async fn update(conn: &mut Conn, node: &NodeRow) -> Result<()> {
    sqlx::query(
        "UPDATE nodes SET name = $2, name_key = $3, info = $4, public_key = $5, labels = $6, \
         draining = $7, revoked = $8, address = $9, machine = $10, warning = $11 WHERE id = $1",
    )
    .bind(node.id.to_string())
    .bind(&node.name)
    .bind(&node.name_key)
    .bind(info_text(node.info.as_ref())?)
    .bind(node.public_key.as_deref())
    .bind(labels_text(&node.labels)?)
    .bind(i64::from(node.draining))
    .bind(i64::from(node.revoked))
    .bind(node.address.as_deref())
    .bind(node.machine.as_deref())
    .bind(node.warning.as_deref())
    .execute(conn)
    .await
    .map_err(taken(&node.name))?;
    Ok(())
}

pub(super) async fn delete(conn: &mut Conn, id: NodeId) -> Result<()> {
    sqlx::query("DELETE FROM nodes WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// The unique index on names answers as `name_taken`.
fn taken(name: &str) -> impl Fn(sqlx::Error) -> Error {
    move |error| match DbError::from(error) {
        DbError::Unique(detail) if !detail.contains("public_key") => Error::name_taken(name),
        DbError::Unique(_) => Error::conflict("Another server joined with this key just now."),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_its_label_and_nothing_that_looks_like_it() {
        let labels = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into()));
            labels_text(&pairs.collect()).unwrap()
        };
        let stored = labels(&[("gpu", "yes"), ("note", "say \"gpu\":\"no\""), ("z", "")]);
        let found = |key, value| stored.contains(&label_pattern(key, value));
        assert!(found("gpu", None) && found("gpu", Some("yes")));
        assert!(found("z", None) && found("z", Some("")));
        assert!(found("note", Some("say \"gpu\":\"no\"")));
        for (key, value) in [
            ("gpu", Some("no")),
            ("gpu", Some("ye")),
            ("gp", None),
            ("pu", None),
            ("yes", None),
            ("no", None),
        ] {
            assert!(!found(key, value), "{key}={value:?}");
        }
    }
}
