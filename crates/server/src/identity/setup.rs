//! The first set-up: a one-time token, printed at the server's start, makes the first account.

use super::secret::Secret;
use super::store;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;

/// Transactions on the set-up run one after the other.
const SETUP_SCOPE: &str = "setup";

/// Called at server start. While the set-up is not completed, makes a new one-time set-up token in
/// place of any before it, and gives it back for printing; only its hash is stored.
///
/// # Errors
/// When the database fails.
pub async fn ensure_setup(app: &App) -> Result<Option<String>> {
    let ctx = Ctx::system(app, "setup");
    let mut tx = ctx.begin().await?;
    tx.lock(SETUP_SCOPE).await?;
    let server = store::server(&mut tx).await?;
    if server.is_some_and(|server| server.setup_completed_at.is_some()) {
        return Ok(None);
    }
    let token = Secret::generate("")?;
    store::set_setup_token(&mut tx, token.hash(), ctx.now()).await?;
    tx.commit().await?;
    Ok(Some(token.expose().to_owned()))
}
