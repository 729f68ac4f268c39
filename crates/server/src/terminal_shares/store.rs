//! All SQL on `terminal_shares`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, OrganizationId, TerminalId, TerminalShareId, WorkspaceId};
use atelier_api::v1::terminal_shares::ShareAccess;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::Result;

/// A link as it is stored: without its secret.
#[derive(Debug, Clone)]
pub(super) struct ShareRow {
    pub(super) id: TerminalShareId,
    pub(super) organization: OrganizationId,
    pub(super) workspace: WorkspaceId,
    pub(super) terminal: TerminalId,
    pub(super) access: ShareAccess,
    pub(super) created_by: AccountId,
    pub(super) created_by_name: String,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) uses: u64,
}

fn row(row: &atelier_db::Row) -> Result<ShareRow> {
    let access = match row.try_get("access")? {
        "read" => ShareAccess::Read,
        "write" => ShareAccess::Write,
        other => return Err(corrupt("access", &other)),
    };
    let time = |column| -> Result<Option<Timestamp>> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
    };
    Ok(ShareRow {
        id: parsed(row, "id")?,
        organization: parsed(row, "organization_id")?,
        workspace: parsed(row, "workspace_id")?,
        terminal: parsed(row, "terminal_id")?,
        access,
        created_by: parsed(row, "created_by")?,
        created_by_name: row.try_get("created_by_name")?,
        created_at: Timestamp(row.try_get("created_at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        revoked_at: time("revoked_at")?,
        last_used_at: time("last_used_at")?,
        uses: number(row, "uses")?,
    })
}

pub(super) async fn insert(conn: &mut Conn, share: &ShareRow, token_hash: &str) -> Result<()> {
    let access = match share.access {
        ShareAccess::Read => "read",
        ShareAccess::Write => "write",
    };
    sqlx::query(
        "INSERT INTO terminal_shares (id, organization_id, workspace_id, terminal_id, token_hash, \
         access, created_by, created_by_name, created_at, expires_at, uses) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
    )
    .bind(share.id.to_string())
    .bind(share.organization.to_string())
    .bind(share.workspace.to_string())
    .bind(share.terminal.to_string())
    .bind(token_hash)
    .bind(access)
    .bind(share.created_by.to_string())
    .bind(&share.created_by_name)
    .bind(share.created_at.0)
    .bind(share.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn find(conn: &mut Conn, id: TerminalShareId) -> Result<Option<ShareRow>> {
    let found = sqlx::query("SELECT * FROM terminal_shares WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(super) async fn find_by_hash(conn: &mut Conn, token_hash: &str) -> Result<Option<ShareRow>> {
    let found = sqlx::query("SELECT * FROM terminal_shares WHERE token_hash = $1")
        .bind(token_hash)
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// The links of a terminal, newest first.
pub(super) async fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    terminal: TerminalId,
    limit: u32,
) -> Result<Vec<ShareRow>> {
    let rows = sqlx::query(
        "SELECT * FROM terminal_shares WHERE workspace_id = $1 AND terminal_id = $2 \
         ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(terminal.to_string())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Those of a workspace that could still be used.
pub(super) async fn count_good(
    conn: &mut Conn,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM terminal_shares WHERE workspace_id = $1 AND revoked_at IS NULL \
         AND expires_at > $2",
    )
    .bind(workspace.to_string())
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) async fn set_revoked(conn: &mut Conn, id: TerminalShareId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE terminal_shares SET revoked_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Somebody came by it.
pub(super) async fn set_used(conn: &mut Conn, id: TerminalShareId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE terminal_shares SET last_used_at = $2, uses = uses + 1 WHERE id = $1")
        .bind(id.to_string())
        .bind(at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// What expired before this, in one workspace: nobody asks for it any more.
pub(super) async fn prune(
    conn: &mut Conn,
    workspace: WorkspaceId,
    before: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM terminal_shares WHERE workspace_id = $1 AND expires_at < $2")
        .bind(workspace.to_string())
        .bind(before.0)
        .execute(conn)
        .await?;
    Ok(())
}
