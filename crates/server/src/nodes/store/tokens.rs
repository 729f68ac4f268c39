//! All SQL on `node_join_tokens`.

use std::collections::BTreeMap;

use atelier_api::Timestamp;
use atelier_api::ids::{NodeId, NodeTokenId, OrganizationId};
use atelier_db::sqlx::{self, Row as _};

use super::corrupt;
use crate::ctx::Conn;
use crate::error::{Error, Result};

/// A join token as it is stored: without its secret.
#[derive(Debug, Clone)]
pub(in crate::nodes) struct TokenRow {
    pub(in crate::nodes) id: NodeTokenId,
    pub(in crate::nodes) organization_id: OrganizationId,
    pub(in crate::nodes) name: Option<String>,
    pub(in crate::nodes) labels: BTreeMap<String, String>,
    pub(in crate::nodes) rejoins: Option<NodeId>,
    /// In the form of the audit log.
    pub(in crate::nodes) created_by: String,
    pub(in crate::nodes) created_at: Timestamp,
    pub(in crate::nodes) expires_at: Timestamp,
    pub(in crate::nodes) used_by: Option<NodeId>,
}

fn parsed<T: std::str::FromStr>(column: &'static str, text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| corrupt(column, &error))
}

fn row(row: &atelier_db::Row) -> Result<TokenRow> {
    let labels: &str = row.try_get("labels")?;
    let node = |column: &'static str| -> Result<Option<NodeId>> {
        let text: Option<&str> = row.try_get(column)?;
        text.map(|text| parsed(column, text)).transpose()
    };
    Ok(TokenRow {
        id: parsed("id", row.try_get("id")?)?,
        organization_id: parsed("organization_id", row.try_get("organization_id")?)?,
        name: row.try_get("name")?,
        labels: serde_json::from_str(labels).map_err(|error| corrupt("labels", &error))?,
        rejoins: node("rejoins")?,
        created_by: row.try_get("created_by")?,
        created_at: Timestamp(row.try_get("created_at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        used_by: node("used_by")?,
    })
}

pub(in crate::nodes) async fn find(conn: &mut Conn, id: NodeTokenId) -> Result<Option<TokenRow>> {
    let found = sqlx::query("SELECT * FROM node_join_tokens WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(in crate::nodes) async fn find_by_hash(
    conn: &mut Conn,
    secret_hash: &str,
) -> Result<Option<TokenRow>> {
    let found = sqlx::query("SELECT * FROM node_join_tokens WHERE secret_hash = $1")
        .bind(secret_hash)
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

/// A page of an organization's tokens, newest first.
pub(in crate::nodes) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    before: &str,
    limit: u32,
) -> Result<Vec<TokenRow>> {
    let rows = sqlx::query(
        "SELECT * FROM node_join_tokens WHERE organization_id = $1 AND id < $2 \
         ORDER BY id DESC LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(row).collect()
}

/// Those that could still be used.
pub(in crate::nodes) async fn count_open(
    conn: &mut Conn,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM node_join_tokens WHERE organization_id = $1 AND used_by IS NULL \
         AND expires_at > $2",
    )
    .bind(organization.to_string())
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(in crate::nodes) async fn insert(
    conn: &mut Conn,
    token: &TokenRow,
    secret_hash: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_join_tokens (id, organization_id, secret_hash, name, labels, rejoins, \
         created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(token.id.to_string())
    .bind(token.organization_id.to_string())
    .bind(secret_hash)
    .bind(token.name.as_deref())
    .bind(serde_json::to_string(&token.labels).map_err(Error::internal)?)
    .bind(token.rejoins.map(|id| id.to_string()))
    .bind(&token.created_by)
    .bind(token.created_at.0)
    .bind(token.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::nodes) async fn set_used(
    conn: &mut Conn,
    id: NodeTokenId,
    by: NodeId,
    at: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE node_join_tokens SET used_by = $2, used_at = $3 WHERE id = $1")
        .bind(id.to_string())
        .bind(by.to_string())
        .bind(at.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::nodes) async fn delete(conn: &mut Conn, id: NodeTokenId) -> Result<()> {
    sqlx::query("DELETE FROM node_join_tokens WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// What expired before this, in one organization: nobody asks for it any more.
pub(in crate::nodes) async fn prune(
    conn: &mut Conn,
    organization: OrganizationId,
    before: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM node_join_tokens WHERE organization_id = $1 AND expires_at < $2")
        .bind(organization.to_string())
        .bind(before.0)
        .execute(conn)
        .await?;
    Ok(())
}
