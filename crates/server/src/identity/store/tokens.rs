//! Tokens.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, TokenId};
use atelier_api::v1::identity::Token;
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use super::{CredentialRow, credential_row, optional_time, time};
use crate::ctx::column::parsed;
use crate::ctx::{Conn, Credential};
use crate::error::Result;
use crate::identity::secret::SecretHash;

/// The token with this secret, expired or not.
pub(in crate::identity) async fn token_by_hash(
    conn: &mut Conn,
    hash: SecretHash,
) -> Result<Option<CredentialRow>> {
    let row = sqlx::query(
        "SELECT t.id, t.account_id, a.name, t.expires_at, t.last_used_at
         FROM tokens t JOIN accounts a ON a.id = t.account_id
         WHERE t.secret_hash = $1",
    )
    .bind(hash.to_hex())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let token: TokenId = parsed(&row, "id")?;
        credential_row(&row, Credential::Token(token))
    })
    .transpose()
}

/// Whether the token is there and has not expired.
pub(in crate::identity) async fn token_alive(
    conn: &mut Conn,
    id: TokenId,
    now: Timestamp,
) -> Result<bool> {
    let row = sqlx::query("SELECT id FROM tokens WHERE id = $1 AND expires_at > $2")
        .bind(id.to_string())
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Writes the use of a token down.
pub(in crate::identity) async fn touch_token(
    conn: &mut Conn,
    id: TokenId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE tokens SET last_used_at = $1
         WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)",
    )
    .bind(now.0)
    .bind(id.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

fn token_row(row: &Row) -> Result<Token> {
    Ok(Token {
        id: parsed(row, "id")?,
        name: row.try_get("name")?,
        hint: row.try_get("hint")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}

/// The account's tokens, newest first, with those that have expired.
pub(in crate::identity) async fn tokens(conn: &mut Conn, account: AccountId) -> Result<Vec<Token>> {
    let rows =
        sqlx::query("SELECT * FROM tokens WHERE account_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(account.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(token_row).collect()
}

/// How many tokens the account has.
pub(in crate::identity) async fn count_tokens(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(
        sqlx::query_scalar("SELECT COUNT(*) FROM tokens WHERE account_id = $1")
            .bind(account.to_string())
            .fetch_one(conn)
            .await?,
    )
}

/// Inserts a token.
pub(in crate::identity) async fn insert_token(
    conn: &mut Conn,
    account: AccountId,
    token: &Token,
    hash: SecretHash,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO tokens (id, account_id, name, hint, secret_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(token.id.to_string())
    .bind(account.to_string())
    .bind(&token.name)
    .bind(&token.hint)
    .bind(hash.to_hex())
    .bind(token.created_at.0)
    .bind(token.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a token of this account; its name, when there was one.
pub(in crate::identity) async fn delete_token(
    conn: &mut Conn,
    account: AccountId,
    id: TokenId,
) -> Result<Option<String>> {
    let row = sqlx::query("DELETE FROM tokens WHERE id = $1 AND account_id = $2 RETURNING name")
        .bind(id.to_string())
        .bind(account.to_string())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("name")).transpose()?)
}
