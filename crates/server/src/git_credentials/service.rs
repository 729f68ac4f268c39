//! What is done with Git credentials.

use std::fmt;

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, GitCredentialId};
use atelier_api::v1::git_credentials::{
    GitCredential, GitCredentialCreate, GitCredentialList, GitCredentialUpdate,
};
use serde_json::{Value, json};

use super::place::Place;
use super::store::{self, CredentialRow};
use crate::authz::{Action, Resource};
use crate::ctx::{Ctx, CtxTx, Person};
use crate::error::{Error, Result};
use crate::secrets::SecretText;

/// How many an account can have, so that the list of them is bounded.
const CREDENTIALS_MAX: usize = 100;

/// The longest name, in bytes.
const USERNAME_MAX: usize = 256;

/// The longest secret, in bytes: some hosts' tokens are signed documents.
const SECRET_MAX: usize = 4_096;

/// Whom Git has asked for. The agent says so, which is not trusted: it is compared, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// `https` or `http`.
    pub(crate) protocol: &'a str,
    /// The host, with its port.
    pub(crate) host: &'a str,
    /// The repository's path there, where it is known.
    pub(crate) path: Option<&'a str>,
    /// The name that the address holds.
    pub(crate) username: Option<&'a str>,
}

/// A credential to be handed to Git.
#[derive(Clone)]
pub(crate) struct Stored {
    /// Which.
    pub(crate) id: GitCredentialId,
    /// The address that it is for, for the audit log.
    pub(crate) url: String,
    /// The name.
    pub(crate) username: String,
    /// The password or token.
    pub(crate) secret: SecretText,
    /// Which secret of this row it was.
    updated_at: Timestamp,
}

/// Neither name nor secret: a token can stand in either.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({})", self.id)
    }
}

/// What there is for whom Git has asked for.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// One that can be tried.
    Stored(Stored),
    /// One that has expired.
    Expired,
    /// One that another key has sealed, or that was tampered with.
    Unreadable,
}

/// All of the signed-in person.
pub(super) async fn list(ctx: &Ctx) -> Result<GitCredentialList> {
    ctx.authorize(Action::GitCredentialList, &Resource::Own)?;
    let rows = store::credentials(&mut *ctx.read().await?, ctx.person()?.account).await?;
    let items = rows.into_iter().map(|row| public(ctx, row)).collect();
    Ok(GitCredentialList { items })
}

/// Stores one.
pub(super) async fn create(ctx: &Ctx, input: GitCredentialCreate) -> Result<GitCredential> {
    ctx.authorize(Action::GitCredentialCreate, &Resource::Own)?;
    let person = ctx.person()?;
    let place =
        Place::parse(&input.url).map_err(|error| Error::invalid("url", error.to_string()))?;
    printable("username", &input.username, USERNAME_MAX)?;
    let secret = checked(ctx, input.secret, input.expires_at)?;
    let url = place.url();

    let mut tx = ctx.begin().await?;
    tx.lock(&scope(person)).await?;
    let rows = store::credentials(&mut tx, person.account).await?;
    let held = rows
        .iter()
        .find(|row| row.url == url && row.username == input.username);
    let row = if let Some(held) = held {
        if !input.replace {
            return Err(Error::conflict(
                "There is one for this address and name. Replace its secret, or remove it first.",
            ));
        }
        let mut row = held.clone();
        replace(ctx, &mut tx, &mut row, &secret, input.expires_at).await?;
        row
    } else {
        if rows.len() >= CREDENTIALS_MAX {
            return Err(Error::limit_reached(format!(
                "An account has at most {CREDENTIALS_MAX} Git credentials. Remove one that is not used any more."
            )));
        }
        let id = GitCredentialId::from_uuid(ctx.next_id());
        let row = CredentialRow {
            id,
            url,
            username: input.username,
            sealed: ctx.app().secrets().seal(&about(id), &secret)?,
            created_at: ctx.now(),
            updated_at: ctx.now(),
            expires_at: input.expires_at,
            last_used_at: None,
            refused_at: None,
        };
        store::insert(&mut tx, person.account, &row).await?;
        row
    };
    let details =
        json!({ "url": row.url, "expires_at": row.expires_at, "replaced": held.is_some() });
    record(
        &mut tx,
        person,
        Action::GitCredentialCreate,
        row.id,
        &details,
    );
    tx.commit().await?;
    Ok(public(ctx, row))
}

/// Replaces the secret of one.
pub(super) async fn update(
    ctx: &Ctx,
    id: GitCredentialId,
    input: GitCredentialUpdate,
) -> Result<GitCredential> {
    ctx.authorize(Action::GitCredentialUpdate, &Resource::Own)?;
    let person = ctx.person()?;
    let secret = checked(ctx, input.secret, input.expires_at)?;
    let mut tx = ctx.begin().await?;
    tx.lock(&scope(person)).await?;
    let Some(mut row) = store::credential(&mut tx, person.account, id).await? else {
        return Err(Error::not_found("Git credential"));
    };
    replace(ctx, &mut tx, &mut row, &secret, input.expires_at).await?;
    let details = json!({ "url": row.url, "expires_at": row.expires_at });
    record(&mut tx, person, Action::GitCredentialUpdate, id, &details);
    tx.commit().await?;
    Ok(public(ctx, row))
}

/// Forgets one.
pub(super) async fn delete(ctx: &Ctx, id: GitCredentialId) -> Result<()> {
    ctx.authorize(Action::GitCredentialDelete, &Resource::Own)?;
    let person = ctx.person()?;
    let mut tx = ctx.begin().await?;
    let Some(url) = store::delete(&mut tx, person.account, id).await? else {
        return Err(Error::not_found("Git credential"));
    };
    let details = json!({ "url": url });
    record(&mut tx, person, Action::GitCredentialDelete, id, &details);
    tx.commit().await
}

/// What a person has stored for whom Git asks for: of those that cover it, the one with the longest path.
///
/// # Errors
/// When the database fails.
pub(crate) async fn find(ctx: &Ctx, account: AccountId, wanted: Wanted<'_>) -> Result<Found> {
    let Wanted {
        protocol,
        host,
        path,
        username,
    } = wanted;
    let path = path.unwrap_or_default().trim_start_matches('/');
    let Ok(wanted) = Place::parse(&format!("{protocol}://{host}/{path}")) else {
        return Ok(Found::Nothing);
    };
    let rows = store::credentials(&mut *ctx.read().await?, account).await?;
    let best = rows
        .into_iter()
        .filter(|row| username.is_none_or(|username| username == row.username))
        .filter_map(|row| Some((Place::parse(&row.url).ok()?.covers(&wanted)?, row)))
        // Of equals, one that was not refused; then the one that was stored last.
        .max_by_key(|(covered, row)| (*covered, row.refused_at.is_none(), row.updated_at));
    let Some((_, row)) = best else {
        return Ok(Found::Nothing);
    };
    if row.expires_at.is_some_and(|at| at <= ctx.now()) {
        return Ok(Found::Expired);
    }
    match ctx.app().secrets().unseal(&about(row.id), &row.sealed) {
        Ok(secret) => Ok(Found::Stored(Stored {
            id: row.id,
            url: row.url,
            username: row.username,
            secret,
            updated_at: row.updated_at,
        })),
        Err(error) => {
            tracing::warn!(
                git_credential.id = %row.id,
                error = %error,
                "a stored Git credential cannot be read"
            );
            Ok(Found::Unreadable)
        }
    }
}

/// The same for a repository's whole address.
///
/// # Errors
/// When the database fails.
pub(crate) async fn found_for(ctx: &Ctx, account: AccountId, url: &str) -> Result<Found> {
    let Some((protocol, rest)) = url.split_once("://") else {
        return Ok(Found::Nothing);
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (username, host) = match host.rsplit_once('@') {
        Some((username, host)) => (Some(username), host),
        None => (None, host),
    };
    let wanted = Wanted {
        protocol,
        host,
        path: Some(path),
        username,
    };
    find(ctx, account, wanted).await
}

/// Writes down that one is given to Git. Call it before it is.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mark_used(ctx: &Ctx, stored: &Stored) -> Result<()> {
    let mut tx = ctx.begin().await?;
    store::touch(&mut tx, stored.id, ctx.now()).await?;
    tx.commit().await
}

/// Writes down whether the host has refused it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mark_refused(ctx: &Ctx, stored: &Stored, is_refused: bool) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let refused_at = is_refused.then(|| ctx.now());
    store::judge(&mut tx, stored.id, stored.updated_at, refused_at).await?;
    tx.commit().await
}

async fn replace(
    ctx: &Ctx,
    tx: &mut CtxTx,
    row: &mut CredentialRow,
    secret: &SecretText,
    expires_at: Option<Timestamp>,
) -> Result<()> {
    row.sealed = ctx.app().secrets().seal(&about(row.id), secret)?;
    row.updated_at = ctx.now();
    row.expires_at = expires_at;
    row.refused_at = None;
    store::replace(tx, row).await
}

/// What a sealed secret is bound to.
fn about(id: GitCredentialId) -> String {
    format!("git_credentials/{id}")
}

/// Writers of one account run one after the other, so that the number of credentials holds.
fn scope(person: &Person) -> String {
    format!("git_credentials:{}", person.account)
}

fn record(tx: &mut CtxTx, person: &Person, action: Action, id: GitCredentialId, details: &Value) {
    for (organization, _) in &person.roles {
        tx.audit(*organization, action, &id, details.clone());
    }
}

fn checked(ctx: &Ctx, secret: String, expires_at: Option<Timestamp>) -> Result<SecretText> {
    printable("secret", &secret, SECRET_MAX)?;
    if expires_at.is_some_and(|at| at <= ctx.now()) {
        let detail = "It would have expired already. Choose a time that is to come, or none.";
        return Err(Error::invalid("expires_at", detail));
    }
    Ok(SecretText::new(secret))
}

/// It goes to Git line by line, so it must not hold a line break.
fn printable(field: &str, text: &str, bytes_max: usize) -> Result<()> {
    if !text.is_empty() && text.len() <= bytes_max && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!("Enter 1 to {bytes_max} bytes, without line breaks and other control characters."),
    ))
}

fn public(ctx: &Ctx, row: CredentialRow) -> GitCredential {
    GitCredential {
        readable: ctx.app().secrets().has_sealed(&row.sealed),
        id: row.id,
        url: row.url,
        username: row.username,
        created_at: row.created_at,
        updated_at: row.updated_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        refused_at: row.refused_at,
    }
}
