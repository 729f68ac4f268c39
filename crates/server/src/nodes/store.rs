//! All SQL on `nodes`.

use atelier_api::Timestamp;
use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::node::NodeInfo;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::error::{Error, Result};

/// A node as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct NodeRow {
    pub(crate) id: NodeId,
    pub(crate) organization_id: OrganizationId,
    pub(crate) name: String,
    pub(crate) local: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) info: Option<NodeInfo>,
}

fn row(row: &atelier_db::Row) -> Result<NodeRow> {
    let id: &str = row.try_get("id")?;
    let organization: &str = row.try_get("organization_id")?;
    let info: Option<&str> = row.try_get("info")?;
    Ok(NodeRow {
        id: id.parse().map_err(Error::internal)?,
        organization_id: organization.parse().map_err(Error::internal)?,
        name: row.try_get("name")?,
        local: row.try_get::<i64, _>("local")? != 0,
        created_at: Timestamp(row.try_get("created_at")?),
        info: info.and_then(|info| serde_json::from_str(info).ok()),
    })
}

pub(crate) async fn find(conn: &mut Conn, id: NodeId) -> Result<Option<NodeRow>> {
    let found = sqlx::query("SELECT * FROM nodes WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(crate) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: &str,
    limit: u32,
) -> Result<Vec<NodeRow>> {
    let rows = sqlx::query(
        "SELECT * FROM nodes WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Every node of every organization, for the reconciler.
pub(crate) async fn list_all(conn: &mut Conn) -> Result<Vec<NodeRow>> {
    let rows = sqlx::query("SELECT * FROM nodes ORDER BY id")
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

pub(crate) async fn insert(conn: &mut Conn, node: &NodeRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO nodes (id, organization_id, name, local, created_at, info) \
         VALUES ($1, $2, $3, $4, $5, NULL)",
    )
    .bind(node.id.to_string())
    .bind(node.organization_id.to_string())
    .bind(&node.name)
    .bind(i64::from(node.local))
    .bind(node.created_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_info(conn: &mut Conn, id: NodeId, info: &NodeInfo) -> Result<()> {
    sqlx::query("UPDATE nodes SET info = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(serde_json::to_string(info).map_err(Error::internal)?)
        .execute(conn)
        .await?;
    Ok(())
}
