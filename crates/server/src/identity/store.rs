//! All SQL on `accounts`, `sessions`, `tokens` and `server`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, SessionId, TokenId};
use atelier_db::sqlx::{self, Row as _};
use atelier_db::{DbError, Row};

use super::secret::SecretHash;
use crate::ctx::{Conn, Credential};
use crate::error::Result;

/// Whose a credential is.
#[derive(Debug)]
pub(super) struct CredentialRow {
    /// The account.
    pub(super) account: AccountId,
    /// Its name.
    pub(super) name: String,
    /// Which credential.
    pub(super) credential: Credential,
    /// Until when it works.
    pub(super) expires_at: Timestamp,
    /// When its use was last written down.
    pub(super) last_used_at: Option<Timestamp>,
}

fn corrupt(column: &'static str, error: &dyn ToString) -> DbError {
    DbError::Corrupt {
        column,
        detail: error.to_string(),
    }
}

fn id<T: std::str::FromStr<Err: ToString>>(row: &Row, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    Ok(text.parse().map_err(|error| corrupt(column, &error))?)
}

fn time(row: &Row, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp(row.try_get(column)?))
}

fn optional_time(row: &Row, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

/// The session with this secret, expired or not.
pub(super) async fn session_by_hash(
    conn: &mut Conn,
    hash: SecretHash,
) -> Result<Option<CredentialRow>> {
    let row = sqlx::query(
        "SELECT s.id, s.account_id, a.name, s.expires_at, s.last_used_at
         FROM sessions s JOIN accounts a ON a.id = s.account_id
         WHERE s.secret_hash = $1",
    )
    .bind(hash.to_hex())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let session: SessionId = id(&row, "id")?;
        credential_row(&row, Credential::Session(session))
    })
    .transpose()
}

/// The token with this secret, expired or not.
pub(super) async fn token_by_hash(
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
        let token: TokenId = id(&row, "id")?;
        credential_row(&row, Credential::Token(token))
    })
    .transpose()
}

fn credential_row(row: &Row, credential: Credential) -> Result<CredentialRow> {
    Ok(CredentialRow {
        account: id(row, "account_id")?,
        name: row.try_get("name")?,
        credential,
        expires_at: time(row, "expires_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}

/// Whether the session is there and has not expired.
pub(super) async fn session_alive(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<bool> {
    let row = sqlx::query("SELECT id FROM sessions WHERE id = $1 AND expires_at > $2")
        .bind(id.to_string())
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Whether the token is there and has not expired.
pub(super) async fn token_alive(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<bool> {
    let row = sqlx::query("SELECT id FROM tokens WHERE id = $1 AND expires_at > $2")
        .bind(id.to_string())
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Writes the use of a session down, and moves its end. Never back: several requests race here.
pub(super) async fn touch_session(
    conn: &mut Conn,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE sessions SET last_used_at = $1, expires_at = $2
         WHERE id = $3 AND last_used_at < $1",
    )
    .bind(now.0)
    .bind(expires_at.0)
    .bind(id.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the use of a token down.
pub(super) async fn touch_token(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<()> {
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

/// The one row about the server itself.
#[derive(Debug)]
pub(super) struct ServerRow {
    /// The hash of the set-up token; absent before the first start and after the set-up.
    pub(super) setup_token_hash: Option<String>,
    /// When the set-up was completed.
    pub(super) setup_completed_at: Option<Timestamp>,
}

/// The server's row; absent before the first start.
pub(super) async fn server(conn: &mut Conn) -> Result<Option<ServerRow>> {
    let row = sqlx::query("SELECT setup_token_hash, setup_completed_at FROM server WHERE id = 1")
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(ServerRow {
            setup_token_hash: row.try_get("setup_token_hash")?,
            setup_completed_at: optional_time(&row, "setup_completed_at")?,
        })
    })
    .transpose()
}

/// Sets the set-up token, in place of any before it.
pub(super) async fn set_setup_token(
    conn: &mut Conn,
    hash: SecretHash,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO server (id, created_at, setup_token_hash) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET setup_token_hash = excluded.setup_token_hash",
    )
    .bind(now.0)
    .bind(hash.to_hex())
    .execute(conn)
    .await?;
    Ok(())
}
