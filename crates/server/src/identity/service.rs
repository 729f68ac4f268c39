//! What people do with their own account: view, change, sessions, tokens.

use std::sync::Arc;

use atelier_api::ids::{SessionId, TokenId};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::identity::{
    Account, AccountUpdate, PasswordUpdate, SessionList, Token, TokenCreate, TokenCreated,
    TokenList,
};
use serde_json::json;

use super::fields::{self, Email};
use super::password::Password;
use super::secret::{Secret, TOKEN_PREFIX};
use super::sign_in::{account_scope, audit_everywhere, audit_failure, count_try, forget_tries};
use super::store::{self, AccountRow};
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Credential, Ctx, Person};
use crate::error::{Error, Result};
use crate::organizations;

/// How many tokens an account can have, so that the list of them is bounded.
const TOKENS_MAX: i64 = 100;

/// The longest life of a token, in days.
const TOKEN_DAYS_MAX: u32 = 365;

/// How many characters of a token are shown to recognize it: the prefix and four more.
const HINT_CHARS: usize = 8;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The signed-in person's account.
pub(super) async fn view(ctx: &Ctx) -> Result<Account> {
    ctx.authorize(Action::AccountView, &Resource::Own)?;
    describe(ctx, ctx.person()?).await
}

/// The account of a person, as the API shows it.
pub(super) async fn describe(ctx: &Ctx, person: &Person) -> Result<Account> {
    let mut conn = ctx.read().await?;
    let account = own_account(&mut conn, person).await?;
    Ok(Account {
        id: account.id,
        email: account.email,
        name: account.name,
        created_at: account.created_at,
        memberships: organizations::memberships_of(&mut conn, account.id).await?,
        session_id: session_of(person),
    })
}

async fn own_account(conn: &mut Conn, person: &Person) -> Result<AccountRow> {
    store::account(conn, person.account)
        .await?
        .ok_or_else(Error::unauthenticated)
}

fn session_of(person: &Person) -> Option<SessionId> {
    match person.credential {
        Credential::Session(id) => Some(id),
        Credential::Token(_) => None,
    }
}

/// A leaked token must not become lasting access: some things take a session.
fn require_session(person: &Person) -> Result<SessionId> {
    session_of(person).ok_or_else(|| {
        Error::forbidden(
            "This cannot be done with a token. Sign in with your password and try again.",
        )
    })
}

/// Changes the name.
pub(super) async fn update(ctx: &Ctx, input: AccountUpdate) -> Result<Account> {
    ctx.authorize(Action::AccountUpdate, &Resource::Own)?;
    let person = ctx.person()?;
    if let Some(name) = input.name {
        let name = fields::name("name", &name)?;
        let mut tx = ctx.begin().await?;
        store::set_name(&mut tx, person.account, &name, ctx.now()).await?;
        for (organization, _) in &person.roles {
            let details = json!({ "name": name });
            tx.audit(
                *organization,
                Action::AccountUpdate,
                &person.account,
                details,
            );
            tx.publish(*organization, EventBody::OrganizationChanged);
        }
        tx.commit().await?;
    }
    describe(ctx, person).await
}

/// Changes the password, and ends all other sessions. Tokens stay: they are listed and removed
/// apart, and programs depend on them.
pub(super) async fn update_password(ctx: &Ctx, input: PasswordUpdate) -> Result<()> {
    ctx.authorize(Action::PasswordUpdate, &Resource::Own)?;
    let person = Arc::clone(ctx.person()?);
    let session = require_session(&person)?;
    let account = own_account(&mut *ctx.read().await?, &person).await?;
    let email = Email::parse(&account.email)?;
    let current = Password::given("current", &input.current)?;
    let new = Password::chosen("new", &input.new, &email, &account.name)?;

    count_try(ctx, &email)?;
    let hasher = &ctx.app().identity().hasher;
    if !hasher
        .verify(current, Some(account.password_hash.clone()))
        .await?
    {
        audit_failure(ctx, Action::PasswordUpdate, account.id);
        return Err(Error::invalid(
            "current",
            "This is not your password until now.",
        ));
    }
    forget_tries(ctx, &email);
    let hash = hasher.hash(new).await?;

    let mut tx = ctx.begin().await?;
    tx.lock(&account_scope(account.id)).await?;
    // Somebody else may have changed it meanwhile, with sessions ended that must stay so.
    let stored = own_account(&mut tx, &person).await?;
    if stored.password_hash != account.password_hash {
        return Err(Error::conflict(
            "The password was changed meanwhile. Sign in with the new one.",
        ));
    }
    store::set_password(&mut tx, account.id, &hash, ctx.now()).await?;
    store::delete_other_sessions(&mut tx, account.id, session).await?;
    audit_everywhere(&mut tx, &person, Action::PasswordUpdate, &account.id);
    tx.commit().await
}

/// Signs out: ends the session of this request.
pub(super) async fn sign_out(ctx: &Ctx) -> Result<()> {
    ctx.authorize(Action::SessionDelete, &Resource::Own)?;
    let session = require_session(ctx.person()?)?;
    end_session(ctx, Action::SessionDelete, session).await
}

/// Ends a session of the own account.
pub(super) async fn revoke_session(ctx: &Ctx, id: SessionId) -> Result<()> {
    ctx.authorize(Action::SessionRevoke, &Resource::Own)?;
    end_session(ctx, Action::SessionRevoke, id).await
}

async fn end_session(ctx: &Ctx, action: Action, id: SessionId) -> Result<()> {
    let person = ctx.person()?;
    let mut tx = ctx.begin().await?;
    if !store::delete_session(&mut tx, person.account, id).await? {
        return Err(Error::not_found("session"));
    }
    audit_everywhere(&mut tx, person, action, &id);
    tx.commit().await
}

/// The own sessions.
pub(super) async fn sessions(ctx: &Ctx) -> Result<SessionList> {
    ctx.authorize(Action::SessionList, &Resource::Own)?;
    let person = ctx.person()?;
    let mut conn = ctx.read().await?;
    let current = session_of(person);
    let items = store::sessions(&mut conn, person.account, current, ctx.now()).await?;
    Ok(SessionList { items })
}

/// The own tokens.
pub(super) async fn tokens(ctx: &Ctx) -> Result<TokenList> {
    ctx.authorize(Action::TokenList, &Resource::Own)?;
    let person = ctx.person()?;
    let items = store::tokens(&mut *ctx.read().await?, person.account).await?;
    Ok(TokenList { items })
}

/// Makes a token; the secret is shown this once.
pub(super) async fn create_token(ctx: &Ctx, input: TokenCreate) -> Result<TokenCreated> {
    ctx.authorize(Action::TokenCreate, &Resource::Own)?;
    let person = ctx.person()?;
    require_session(person)?;
    let name = fields::name("name", &input.name)?;
    if !(1..=TOKEN_DAYS_MAX).contains(&input.expires_in_days) {
        return Err(Error::invalid(
            "expires_in_days",
            format!("A token works for 1 to {TOKEN_DAYS_MAX} days."),
        ));
    }
    let secret = Secret::generate(TOKEN_PREFIX)?;
    let token = Token {
        id: TokenId::from_uuid(ctx.next_id()),
        name,
        hint: secret.expose().chars().take(HINT_CHARS).collect(),
        created_at: ctx.now(),
        expires_at: ctx.now().plus_ms(i64::from(input.expires_in_days) * DAY_MS),
        last_used_at: None,
    };
    let mut tx = ctx.begin().await?;
    tx.lock(&account_scope(person.account)).await?;
    if store::count_tokens(&mut tx, person.account).await? >= TOKENS_MAX {
        return Err(Error::limit_reached(format!(
            "An account has at most {TOKENS_MAX} tokens. Remove one that is not used any more."
        )));
    }
    store::insert_token(&mut tx, person.account, &token, secret.hash()).await?;
    for (organization, _) in &person.roles {
        let details = json!({ "name": token.name, "expires_at": token.expires_at });
        tx.audit(*organization, Action::TokenCreate, &token.id, details);
    }
    tx.commit().await?;
    Ok(TokenCreated {
        token,
        secret: secret.expose().to_owned(),
    })
}

/// Removes a token of the own account; it stops working at once.
pub(super) async fn delete_token(ctx: &Ctx, id: TokenId) -> Result<()> {
    ctx.authorize(Action::TokenDelete, &Resource::Own)?;
    let person = ctx.person()?;
    let mut tx = ctx.begin().await?;
    let Some(name) = store::delete_token(&mut tx, person.account, id).await? else {
        return Err(Error::not_found("token"));
    };
    for (organization, _) in &person.roles {
        tx.audit(
            *organization,
            Action::TokenDelete,
            &id,
            json!({ "name": name }),
        );
    }
    tx.commit().await
}
