//! Accounts.

use atelier_api::Timestamp;
use atelier_api::ids::AccountId;
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use super::time;
use crate::ctx::Conn;
use crate::ctx::column::parsed;
use crate::error::Result;
use crate::identity::fields::Email;

/// An account.
#[derive(Debug, Clone)]
pub(in crate::identity) struct AccountRow {
    pub(in crate::identity) id: AccountId,
    pub(in crate::identity) email: String,
    pub(in crate::identity) email_key: String,
    pub(in crate::identity) name: String,
    pub(in crate::identity) password_hash: String,
    pub(in crate::identity) created_at: Timestamp,
}

fn account_row(row: &Row) -> Result<AccountRow> {
    Ok(AccountRow {
        id: parsed(row, "id")?,
        email: row.try_get("email")?,
        email_key: row.try_get("email_key")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        created_at: time(row, "created_at")?,
    })
}

/// The account with this address.
pub(in crate::identity) async fn account_by_email(
    conn: &mut Conn,
    email: &Email,
) -> Result<Option<AccountRow>> {
    let row = sqlx::query("SELECT * FROM accounts WHERE email_key = $1")
        .bind(email.key())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account_row).transpose()
}

/// The account with this id.
pub(in crate::identity) async fn account(
    conn: &mut Conn,
    id: AccountId,
) -> Result<Option<AccountRow>> {
    let row = sqlx::query("SELECT * FROM accounts WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account_row).transpose()
}

/// Inserts an account; the address must be free.
pub(in crate::identity) async fn insert_account(
    conn: &mut Conn,
    account: &AccountRow,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO accounts (id, email, email_key, name, password_hash, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(account.id.to_string())
    .bind(&account.email)
    .bind(&account.email_key)
    .bind(&account.name)
    .bind(&account.password_hash)
    .bind(account.created_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets an account's name.
pub(in crate::identity) async fn set_name(
    conn: &mut Conn,
    id: AccountId,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE accounts SET name = $1, updated_at = $2 WHERE id = $3")
        .bind(name)
        .bind(now.0)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets an account's password hash.
pub(in crate::identity) async fn set_password(
    conn: &mut Conn,
    id: AccountId,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE accounts SET password_hash = $1, updated_at = $2 WHERE id = $3")
        .bind(hash)
        .bind(now.0)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends every session and token of an account.
pub(in crate::identity) async fn delete_credentials(
    conn: &mut Conn,
    account: AccountId,
) -> Result<()> {
    for statement in [
        "DELETE FROM sessions WHERE account_id = $1",
        "DELETE FROM tokens WHERE account_id = $1",
    ] {
        sqlx::query(statement)
            .bind(account.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
