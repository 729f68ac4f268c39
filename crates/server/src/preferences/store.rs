//! All SQL on `preferences`.

use atelier_api::Timestamp;
use atelier_api::ids::AccountId;
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::error::Result;

/// A namespace's object as it is stored.
#[derive(Debug)]
pub(super) struct PreferenceRow {
    pub(super) namespace: String,
    /// JSON text, keys sorted.
    pub(super) value: String,
    pub(super) updated_at: Timestamp,
}

fn preference_row(row: &Row) -> Result<PreferenceRow> {
    Ok(PreferenceRow {
        namespace: row.try_get("namespace")?,
        value: row.try_get("value")?,
        updated_at: Timestamp(row.try_get("updated_at")?),
    })
}

/// All of an account, by namespace.
pub(super) async fn preferences(conn: &mut Conn, account: AccountId) -> Result<Vec<PreferenceRow>> {
    let rows = sqlx::query("SELECT * FROM preferences WHERE account_id = $1 ORDER BY namespace")
        .bind(account.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(preference_row).collect()
}

/// One of an account.
pub(super) async fn preference(
    conn: &mut Conn,
    account: AccountId,
    namespace: &str,
) -> Result<Option<PreferenceRow>> {
    let row = sqlx::query("SELECT * FROM preferences WHERE account_id = $1 AND namespace = $2")
        .bind(account.to_string())
        .bind(namespace)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(preference_row).transpose()
}

/// How many an account has.
pub(super) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS count FROM preferences WHERE account_id = $1")
        .bind(account.to_string())
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("count")?)
}

/// Inserts or replaces one.
pub(super) async fn put(conn: &mut Conn, account: AccountId, row: &PreferenceRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO preferences (account_id, namespace, value, updated_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, namespace)
         DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(account.to_string())
    .bind(&row.namespace)
    .bind(&row.value)
    .bind(row.updated_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes one; false when it is not there.
pub(super) async fn delete(conn: &mut Conn, account: AccountId, namespace: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM preferences WHERE account_id = $1 AND namespace = $2")
        .bind(account.to_string())
        .bind(namespace)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}
