//! Signing in with e-mail and password.

use std::sync::Arc;

use atelier_api::ErrorCode;
use atelier_api::ids::{AccountId, OrganizationId, SessionId};
use atelier_api::v1::audit::AuditOutcome;
use atelier_api::v1::identity::SessionCreate;
use atelier_api::v1::organizations::Role;
use serde_json::json;

use super::SESSION_TTL_MS;
use super::fields::Email;
use super::limits::{Key, network};
use super::password::Password;
use super::secret::Secret;
use super::store::{self, AccountRow};
use crate::audit::{self, AuditEntry};
use crate::authz::{Action, Resource};
use crate::ctx::{Actor, Credential, Ctx, CtxTx, Person};
use crate::error::{Chain, Error, Result};
use crate::organizations;

/// How many sessions an account can have; the one used longest ago gives way.
const SESSIONS_MAX: i64 = 100;

/// A session just opened: the person's context, and the secret for the cookie.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub(super) ctx: Ctx,
    pub(super) secret: Secret,
}

/// Checks the password and opens a session.
///
/// Whatever is wrong, the answer, its cost and the limits that it meets are the same.
pub(super) async fn sign_in(ctx: &Ctx, input: &SessionCreate) -> Result<SignedIn> {
    ctx.authorize(Action::SessionCreate, &Resource::Own)?;
    let email = Email::parse(&input.email)?;
    let password = Password::given("password", &input.password)?;
    let account = find_within_limits(ctx, &email).await?;
    let stored = account
        .as_ref()
        .map(|account| account.password_hash.clone());
    let verified = ctx.app().identity().hasher.verify(password, stored).await?;
    match account {
        Some(account) if verified => {
            forget_tries(ctx, &email);
            open(ctx, account).await
        }
        Some(account) => {
            audit_failure(ctx, Action::SessionCreate, account.id);
            Err(wrong())
        }
        None => Err(wrong()),
    }
}

/// The one answer to a wrong address and to a wrong password.
pub(super) fn wrong() -> Error {
    Error::new(
        ErrorCode::InvalidCredentials,
        "The e-mail address or the password is wrong. Check both and try again.",
    )
}

/// Counts a try, and reads the account unless there were too many.
///
/// The limit on an account over all addresses could keep its owner out while somebody guesses at
/// it, so it does not hold for an address from which the owner is signed in.
async fn find_within_limits(ctx: &Ctx, email: &Email) -> Result<Option<AccountRow>> {
    let limits = &ctx.app().identity().limits;
    let now = ctx.now();
    let [everyone, here, anywhere] = keys(ctx, email);
    limits.take(everyone, now)?;
    limits.take(here, now)?;
    let mut conn = ctx.read().await?;
    let account = store::account_by_email(&mut conn, email).await?;
    if let Err(refused) = limits.take(anywhere, now) {
        let address = ctx.origin().address.as_deref().unwrap_or_default();
        let at_home = match &account {
            Some(account) => store::has_session_from(&mut conn, account.id, address, now).await?,
            None => false,
        };
        if !at_home {
            return Err(refused);
        }
    }
    Ok(account)
}

fn keys(ctx: &Ctx, email: &Email) -> [Key; 3] {
    let network = network(ctx.origin().address.as_deref());
    let account = email.key().to_owned();
    [
        Key::Address(network.clone()),
        Key::AccountAddress(account.clone(), network),
        Key::Account(account),
    ]
}

/// Counts a try of somebody who is signed in, at the own password.
pub(super) fn count_try(ctx: &Ctx, email: &Email) -> Result<()> {
    let limits = &ctx.app().identity().limits;
    keys(ctx, email)
        .into_iter()
        .try_for_each(|key| limits.take(key, ctx.now()))
}

/// The right password makes up for wrong ones before it.
pub(super) fn forget_tries(ctx: &Ctx, email: &Email) {
    let [_, here, anywhere] = keys(ctx, email);
    ctx.app().identity().limits.reset(&here);
    ctx.app().identity().limits.reset(&anywhere);
}

async fn open(ctx: &Ctx, account: AccountRow) -> Result<SignedIn> {
    let roles = organizations::roles_of(&mut *ctx.read().await?, account.id).await?;
    let session = Opening::new(ctx, account.id, account.name, roles)?;
    let mut tx = session.ctx.begin().await?;
    tx.lock(&account_scope(account.id)).await?;
    // The password that was verified must still be the account's: a change of it in between ends
    // all sessions, and must not miss this one.
    let now_stored = store::account(&mut tx, account.id).await?;
    if now_stored.is_none_or(|now| now.password_hash != account.password_hash) {
        return Err(wrong());
    }
    // The browser's cookie is about to be replaced: end what it stood for.
    if let Actor::Person(before) = ctx.actor()
        && let Credential::Session(id) = before.credential
    {
        store::delete_session(&mut tx, before.account, id).await?;
    }
    session.insert(&mut tx).await?;
    audit_everywhere(&mut tx, &session.person, Action::SessionCreate, &session.id);
    tx.commit().await?;
    Ok(session.into_signed_in())
}

/// Transactions on an account's credentials run one after the other.
pub(super) fn account_scope(account: AccountId) -> String {
    format!("account:{account}")
}

/// A session about to be stored.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) ctx: Ctx,
    pub(super) person: Arc<Person>,
    pub(super) id: SessionId,
    secret: Secret,
}

impl Opening {
    /// A session of this person, with a context in which they, not the anonymous visitor, act.
    pub(super) fn new(
        ctx: &Ctx,
        account: AccountId,
        name: String,
        roles: Vec<(OrganizationId, Role)>,
    ) -> Result<Self> {
        let id = SessionId::from_uuid(ctx.next_id());
        let person = Arc::new(Person {
            account,
            name,
            credential: Credential::Session(id),
            roles,
        });
        let actor = Actor::Person(Arc::clone(&person));
        Ok(Self {
            ctx: Ctx::new(ctx.app().clone(), actor, ctx.origin().clone()),
            person,
            id,
            secret: Secret::generate("")?,
        })
    }

    /// Stores it, and removes those that it replaces.
    pub(super) async fn insert(&self, tx: &mut CtxTx) -> Result<()> {
        let (account, now) = (self.person.account, self.ctx.now());
        let origin = self.ctx.origin();
        store::prune_sessions(tx, account, SESSIONS_MAX - 1, now).await?;
        let session = store::NewSession {
            id: self.id,
            account,
            secret_hash: self.secret.hash(),
            created_at: now,
            expires_at: now.plus_ms(SESSION_TTL_MS),
            address: origin.address.clone().unwrap_or_default(),
            user_agent: origin.user_agent.clone().unwrap_or_default(),
        };
        store::insert_session(tx, &session).await
    }

    /// What the client gets.
    pub(super) fn into_signed_in(self) -> SignedIn {
        SignedIn {
            ctx: self.ctx,
            secret: self.secret,
        }
    }
}

/// Records what a person did to the own account, in each of their organizations.
pub(super) fn audit_everywhere(
    tx: &mut CtxTx,
    person: &Person,
    action: Action,
    resource: &dyn ToString,
) {
    for (organization, _) in &person.roles {
        tx.audit(*organization, action, resource, json!({}));
    }
}

/// Records a wrong password in the background: the answer must not take longer for an account that
/// exists.
pub(super) fn audit_failure(ctx: &Ctx, action: Action, account: AccountId) {
    let ctx = ctx.clone();
    let tasks = ctx.app().tasks().clone();
    // Not dropped at shutdown: it is short, and must not be lost.
    tasks.spawn_graceful("sign_in", move |_stop| async move {
        if let Err(error) = write_failure(&ctx, action, account).await {
            tracing::error!(error = %Chain(&error), "a wrong password could not be audited");
        }
    });
}

async fn write_failure(ctx: &Ctx, action: Action, account: AccountId) -> Result<()> {
    let mut tx = ctx.app().db().begin().await?;
    let roles = organizations::roles_of(&mut tx, account).await?;
    let entries: Vec<AuditEntry> = roles
        .into_iter()
        .map(|(organization, _)| AuditEntry {
            organization,
            action: action.stem(),
            resource: Some(account.to_string()),
            outcome: AuditOutcome::Failure,
            details: json!({}),
        })
        .collect();
    audit::append(ctx, &mut tx, &entries).await?;
    Ok(tx.commit().await?)
}
