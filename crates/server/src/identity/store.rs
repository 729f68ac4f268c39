//! All SQL on `accounts`, `sessions`, `tokens` and `server`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, SessionId, TokenId};
use atelier_api::v1::identity::{Session, Token};
use atelier_db::sqlx::{self, Row as _};
use atelier_db::{DbError, Row};

use super::fields::Email;
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

/// An account.
#[derive(Debug, Clone)]
pub(super) struct AccountRow {
    pub(super) id: AccountId,
    pub(super) email: String,
    pub(super) email_key: String,
    pub(super) name: String,
    pub(super) password_hash: String,
    pub(super) created_at: Timestamp,
}

fn account_row(row: &Row) -> Result<AccountRow> {
    Ok(AccountRow {
        id: id(row, "id")?,
        email: row.try_get("email")?,
        email_key: row.try_get("email_key")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        created_at: time(row, "created_at")?,
    })
}

/// The account with this address.
pub(super) async fn account_by_email(conn: &mut Conn, email: &Email) -> Result<Option<AccountRow>> {
    let row = sqlx::query("SELECT * FROM accounts WHERE email_key = $1")
        .bind(email.key())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account_row).transpose()
}

/// The account with this id.
pub(super) async fn account(conn: &mut Conn, id: AccountId) -> Result<Option<AccountRow>> {
    let row = sqlx::query("SELECT * FROM accounts WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account_row).transpose()
}

/// Inserts an account; the address must be free.
pub(super) async fn insert_account(conn: &mut Conn, account: &AccountRow) -> Result<()> {
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
pub(super) async fn set_name(
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
pub(super) async fn set_password(
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

/// A session to be inserted.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) id: SessionId,
    pub(super) account: AccountId,
    pub(super) secret_hash: SecretHash,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) address: String,
    pub(super) user_agent: String,
}

/// Inserts a session.
pub(super) async fn insert_session(conn: &mut Conn, session: &NewSession) -> Result<()> {
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
pub(super) async fn prune_sessions(
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
pub(super) async fn sessions(
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
            let session: SessionId = id(row, "id")?;
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
pub(super) async fn has_session_from(
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
pub(super) async fn delete_session(
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
pub(super) async fn delete_other_sessions(
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

/// Ends every session and token of an account.
pub(super) async fn delete_credentials(conn: &mut Conn, account: AccountId) -> Result<()> {
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

fn token_row(row: &Row) -> Result<Token> {
    Ok(Token {
        id: id(row, "id")?,
        name: row.try_get("name")?,
        hint: row.try_get("hint")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}

/// The account's tokens, newest first, with those that have expired.
pub(super) async fn tokens(conn: &mut Conn, account: AccountId) -> Result<Vec<Token>> {
    let rows =
        sqlx::query("SELECT * FROM tokens WHERE account_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(account.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(token_row).collect()
}

/// How many tokens the account has.
pub(super) async fn count_tokens(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(
        sqlx::query_scalar("SELECT COUNT(*) FROM tokens WHERE account_id = $1")
            .bind(account.to_string())
            .fetch_one(conn)
            .await?,
    )
}

/// Inserts a token.
pub(super) async fn insert_token(
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
pub(super) async fn delete_token(
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

/// The one row about the server itself.
#[derive(Debug, Default)]
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

/// Marks the set-up as completed; the token is worth nothing from here on.
pub(super) async fn complete_setup(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE server SET setup_completed_at = $1, setup_token_hash = NULL WHERE id = 1")
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
