//! Sessions.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, SessionId};
use atelier_api::v1::identity::Session;
use atelier_db::sqlx::{self, Row as _};

use super::{CredentialRow, credential_row, time};
use crate::ctx::column::parsed;
use crate::ctx::{Conn, Credential};
use crate::error::Result;
use crate::identity::secret::SecretHash;

/// The session with this secret, expired or not.
pub(in crate::identity) async fn session_by_hash(
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
        let session: SessionId = parsed(&row, "id")?;
        credential_row(&row, Credential::Session(session))
    })
    .transpose()
}

/// Whether the session is there and has not expired.
pub(in crate::identity) async fn session_alive(
    conn: &mut Conn,
    id: SessionId,
    now: Timestamp,
) -> Result<bool> {
    let row = sqlx::query("SELECT id FROM sessions WHERE id = $1 AND expires_at > $2")
        .bind(id.to_string())
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Writes the use of a session down, and moves its end. Never back: several requests race here.
pub(in crate::identity) async fn touch_session(
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

/// A session to be inserted.
#[derive(Debug)]
pub(in crate::identity) struct NewSession {
    pub(in crate::identity) id: SessionId,
    pub(in crate::identity) account: AccountId,
    pub(in crate::identity) secret_hash: SecretHash,
    pub(in crate::identity) created_at: Timestamp,
    pub(in crate::identity) expires_at: Timestamp,
    pub(in crate::identity) address: String,
    pub(in crate::identity) user_agent: String,
}

/// Inserts a session.
pub(in crate::identity) async fn insert_session(
    conn: &mut Conn,
    session: &NewSession,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (id, account_id, secret_hash, created_at, last_used_at, expires_at,
                               address, user_agent)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7)",
    )
    .bind(session.id.to_string())
    .bind(session.account.to_string())
    .bind(session.secret_hash.to_hex())
    .bind(session.created_at.0)
    .bind(session.expires_at.0)
    .bind(&session.address)
    .bind(&session.user_agent)
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the sessions that have ended, of everybody, and of this account those used longest ago
/// beyond `keep`.
pub(in crate::identity) async fn prune_sessions(
    conn: &mut Conn,
    account: AccountId,
    keep: i64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND id NOT IN (
             SELECT id FROM sessions WHERE account_id = $1
             ORDER BY last_used_at DESC, id DESC LIMIT $2)",
    )
    .bind(account.to_string())
    .bind(keep)
    .execute(conn)
    .await?;
    Ok(())
}

/// The account's sessions that have not ended, newest first.
pub(in crate::identity) async fn sessions(
    conn: &mut Conn,
    account: AccountId,
    current: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let rows = sqlx::query(
        "SELECT * FROM sessions WHERE account_id = $1 AND expires_at > $2
         ORDER BY created_at DESC, id DESC",
    )
    .bind(account.to_string())
    .bind(now.0)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let session: SessionId = parsed(row, "id")?;
            Ok(Session {
                id: session,
                created_at: time(row, "created_at")?,
                last_used_at: time(row, "last_used_at")?,
                expires_at: time(row, "expires_at")?,
                address: row.try_get("address")?,
                user_agent: row.try_get("user_agent")?,
                current: current == Some(session),
            })
        })
        .collect()
}

/// Whether somebody is signed in to this account from this address.
pub(in crate::identity) async fn has_session_from(
    conn: &mut Conn,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<bool> {
    let row = sqlx::query(
        "SELECT id FROM sessions WHERE account_id = $1 AND address = $2 AND expires_at > $3 LIMIT 1",
    )
    .bind(account.to_string())
    .bind(address)
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Ends a session of this account; whether there was one.
pub(in crate::identity) async fn delete_session(
    conn: &mut Conn,
    account: AccountId,
    id: SessionId,
) -> Result<bool> {
    let done = sqlx::query("DELETE FROM sessions WHERE id = $1 AND account_id = $2")
        .bind(id.to_string())
        .bind(account.to_string())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of an account but one; how many there were.
pub(in crate::identity) async fn delete_other_sessions(
    conn: &mut Conn,
    account: AccountId,
    keep: SessionId,
) -> Result<u64> {
    let done = sqlx::query("DELETE FROM sessions WHERE account_id = $1 AND id <> $2")
        .bind(account.to_string())
        .bind(keep.to_string())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
