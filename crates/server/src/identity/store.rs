//! All SQL on `accounts`, `sessions`, `tokens` and `server`.

mod accounts;
mod server;
mod sessions;
mod tokens;

use atelier_api::Timestamp;
use atelier_api::ids::AccountId;
use atelier_db::Row;
use atelier_db::sqlx::Row as _;

use crate::ctx::Credential;
use crate::ctx::column::parsed;
use crate::error::Result;

pub(super) use accounts::*;
pub(super) use server::*;
pub(super) use sessions::*;
pub(super) use tokens::*;

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

fn credential_row(row: &Row, credential: Credential) -> Result<CredentialRow> {
    Ok(CredentialRow {
        account: parsed(row, "account_id")?,
        name: row.try_get("name")?,
        credential,
        expires_at: time(row, "expires_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}

fn time(row: &Row, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp(row.try_get(column)?))
}

fn optional_time(row: &Row, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}
