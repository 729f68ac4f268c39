//! All SQL on `ports`.

use atelier_api::Timestamp;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::ports::PortVisibility;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number};
use crate::error::Result;

/// What is set for a port.
#[derive(Debug, Clone, Default)]
pub(super) struct PortRow {
    pub(super) port: u16,
    pub(super) name: Option<String>,
    pub(super) visibility: PortVisibility,
}

fn row(row: &atelier_db::Row) -> Result<PortRow> {
    let port: u64 = number(row, "port")?;
    let visibility = match row.try_get("visibility")? {
        "private" => PortVisibility::Private,
        "organization" => PortVisibility::Organization,
        "public" => PortVisibility::Public,
        other => return Err(corrupt("visibility", &other)),
    };
    Ok(PortRow {
        port: u16::try_from(port).map_err(|_| corrupt("port", &port))?,
        name: row.try_get("name")?,
        visibility,
    })
}

/// All of a workspace, by number.
pub(super) async fn list(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<PortRow>> {
    let rows = sqlx::query("SELECT * FROM ports WHERE workspace_id = $1 ORDER BY port")
        .bind(workspace.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

/// One port's; what holds for those that nothing is set for, when there is none.
pub(super) async fn find(conn: &mut Conn, workspace: WorkspaceId, port: u16) -> Result<PortRow> {
    let found = sqlx::query("SELECT * FROM ports WHERE workspace_id = $1 AND port = $2")
        .bind(workspace.to_string())
        .bind(i64::from(port))
        .fetch_optional(conn)
        .await?;
    let none = PortRow {
        port,
        ..PortRow::default()
    };
    found.as_ref().map_or(Ok(none), row)
}

pub(super) async fn put(
    conn: &mut Conn,
    workspace: WorkspaceId,
    port: &PortRow,
    now: Timestamp,
) -> Result<()> {
    let visibility = match port.visibility {
        PortVisibility::Private => "private",
        PortVisibility::Organization => "organization",
        PortVisibility::Public => "public",
    };
    sqlx::query(
        "INSERT INTO ports (workspace_id, port, name, visibility, updated_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, port) DO UPDATE SET \
         name = excluded.name, visibility = excluded.visibility, updated_at = excluded.updated_at",
    )
    .bind(workspace.to_string())
    .bind(i64::from(port.port))
    .bind(port.name.as_deref())
    .bind(visibility)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing is set for it any more.
pub(super) async fn delete(conn: &mut Conn, workspace: WorkspaceId, port: u16) -> Result<()> {
    sqlx::query("DELETE FROM ports WHERE workspace_id = $1 AND port = $2")
        .bind(workspace.to_string())
        .bind(i64::from(port))
        .execute(conn)
        .await?;
    Ok(())
}
