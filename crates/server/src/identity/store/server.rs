//! The server's own row.

use atelier_api::Timestamp;
use atelier_db::sqlx::{self, Row as _};

use super::optional_time;
use crate::ctx::Conn;
use crate::error::Result;
use crate::identity::secret::SecretHash;

/// The one row about the server itself.
#[derive(Debug, Default)]
pub(in crate::identity) struct ServerRow {
    /// The hash of the set-up token; absent before the first start and after the set-up.
    pub(in crate::identity) setup_token_hash: Option<String>,
    /// When the set-up was completed.
    pub(in crate::identity) setup_completed_at: Option<Timestamp>,
}

/// The server's row; absent before the first start.
pub(in crate::identity) async fn server(conn: &mut Conn) -> Result<Option<ServerRow>> {
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
pub(in crate::identity) async fn set_setup_token(
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
pub(in crate::identity) async fn complete_setup(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE server SET setup_completed_at = $1, setup_token_hash = NULL WHERE id = 1")
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
