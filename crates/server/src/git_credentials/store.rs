//! All SQL on `git_credentials`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, GitCredentialId};
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::parsed;
use crate::error::Result;

/// A credential as it is stored.
#[derive(Debug, Clone)]
pub(super) struct CredentialRow {
    pub(super) id: GitCredentialId,
    pub(super) url: String,
    pub(super) username: String,
    /// Sealed for this row.
    pub(super) sealed: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) refused_at: Option<Timestamp>,
}

fn credential_row(row: &Row) -> Result<CredentialRow> {
    let time = |column| -> Result<Option<Timestamp>> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
    };
    Ok(CredentialRow {
        id: parsed(row, "id")?,
        url: row.try_get("url")?,
        username: row.try_get("username")?,
        sealed: row.try_get("sealed")?,
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        expires_at: time("expires_at")?,
        last_used_at: time("last_used_at")?,
        refused_at: time("refused_at")?,
    })
}

/// All of an account, by address.
pub(super) async fn credentials(conn: &mut Conn, account: AccountId) -> Result<Vec<CredentialRow>> {
    let rows =
        sqlx::query("SELECT * FROM git_credentials WHERE account_id = $1 ORDER BY url, username")
            .bind(account.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(credential_row).collect()
}

/// One of an account.
pub(super) async fn credential(
    conn: &mut Conn,
    account: AccountId,
    id: GitCredentialId,
) -> Result<Option<CredentialRow>> {
    let row = sqlx::query("SELECT * FROM git_credentials WHERE account_id = $1 AND id = $2")
        .bind(account.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(credential_row).transpose()
}

/// Inserts one.
pub(super) async fn insert(conn: &mut Conn, account: AccountId, row: &CredentialRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO git_credentials (id, account_id, url, username, sealed, created_at, updated_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(row.id.to_string())
    .bind(account.to_string())
    .bind(&row.url)
    .bind(&row.username)
    .bind(&row.sealed)
    .bind(row.created_at.0)
    .bind(row.updated_at.0)
    .bind(row.expires_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes another secret, of which nothing is known yet.
pub(super) async fn replace(conn: &mut Conn, row: &CredentialRow) -> Result<()> {
    sqlx::query(
        "UPDATE git_credentials SET sealed = $2, updated_at = $3, expires_at = $4, refused_at = NULL \
         WHERE id = $1",
    )
    .bind(row.id.to_string())
    .bind(&row.sealed)
    .bind(row.updated_at.0)
    .bind(row.expires_at.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down that it was given to Git.
pub(super) async fn touch(conn: &mut Conn, id: GitCredentialId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE git_credentials SET last_used_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes down whether the host has refused it, unless it was replaced since.
pub(super) async fn judge(
    conn: &mut Conn,
    id: GitCredentialId,
    updated_at: Timestamp,
    refused_at: Option<Timestamp>,
) -> Result<()> {
    sqlx::query("UPDATE git_credentials SET refused_at = $3 WHERE id = $1 AND updated_at = $2")
        .bind(id.to_string())
        .bind(updated_at.0)
        .bind(refused_at.map(|at| at.0))
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes one of an account; its address, when there was one.
pub(super) async fn delete(
    conn: &mut Conn,
    account: AccountId,
    id: GitCredentialId,
) -> Result<Option<String>> {
    let row =
        sqlx::query("DELETE FROM git_credentials WHERE id = $1 AND account_id = $2 RETURNING url")
            .bind(id.to_string())
            .bind(account.to_string())
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|row| row.try_get("url")).transpose()?)
}
