//! The first set-up: a one-time token, printed at the server's start, makes the first account.

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::organizations::Role;
use atelier_api::v1::system::{ServerInfo, SetupComplete};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::accounts::NewAccount;
use super::fields;
use super::limits::{Key, network};
use super::secret::Secret;
use super::sign_in::{Opening, SignedIn};
use super::store::{self, ServerRow};
use crate::app::App;
use crate::authz::{Action, Resource};
use crate::ctx::{Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::{nodes, organizations};

/// Transactions on the set-up run one after the other.
const SETUP_SCOPE: &str = "setup";

/// The organization's name when none is chosen.
const ORGANIZATION_NAME: &str = "Workshop";

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

/// What anybody may know of the server.
pub(super) async fn info(ctx: &Ctx) -> Result<ServerInfo> {
    ctx.authorize(Action::InfoView, &Resource::Own)?;
    let server = store::server(&mut *ctx.read().await?).await?;
    Ok(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        setup_required: server.is_none_or(|server| server.setup_completed_at.is_none()),
    })
}

/// Makes the first account, its organization with the local node, and signs it in, all at once.
pub(super) async fn complete(ctx: &Ctx, input: SetupComplete) -> Result<SignedIn> {
    ctx.authorize(Action::SetupComplete, &Resource::Own)?;
    let key = Key::Setup(network(ctx.origin().address.as_deref()));
    ctx.app().identity().limits.take(key, ctx.now())?;
    let name = fields::name(
        "organization",
        input.organization.as_deref().unwrap_or(ORGANIZATION_NAME),
    )?;
    // Before the costly hashing, and once more inside the transaction.
    let server = store::server(&mut *ctx.read().await?).await?;
    check_token(server, &input.token)?;
    let owner = NewAccount::prepare(ctx, &input.email, &input.name, &input.password).await?;

    let organization = OrganizationId::from_uuid(ctx.next_id());
    let roles = vec![(organization, Role::Owner)];
    let session = Opening::new(ctx, owner.id(), owner.name().to_owned(), roles)?;
    let ctx = &session.ctx;
    let mut tx = ctx.begin().await?;
    tx.lock(SETUP_SCOPE).await?;
    check_token(store::server(&mut tx).await?, &input.token)?;
    found(ctx, &mut tx, organization, &name, owner).await?;
    nodes::join_local(ctx, &mut tx, organization).await?;
    session.insert(&mut tx).await?;
    store::complete_setup(&mut tx, ctx.now()).await?;
    let details = json!({ "name": name });
    tx.audit(organization, Action::SetupComplete, &organization, details);
    tx.commit().await?;
    Ok(session.into_signed_in())
}

fn check_token(server: Option<ServerRow>, token: &str) -> Result<()> {
    let server = server.unwrap_or_default();
    if server.setup_completed_at.is_some() {
        return Err(Error::conflict(
            "This server is set up already. Sign in, or ask an owner for an account.",
        ));
    }
    let expected = server.setup_token_hash.unwrap_or_default();
    let given = Secret::parse("", token).map(|secret| secret.hash().to_hex());
    let right = given.is_some_and(|given| given.as_bytes().ct_eq(expected.as_bytes()).into());
    if right {
        Ok(())
    } else {
        Err(Error::forbidden(
            "This set-up link is not valid. Use the newest one that the server printed: each start \
             of the server makes a new one.",
        ))
    }
}

/// Makes an organization with its first owner.
async fn found(
    ctx: &Ctx,
    tx: &mut CtxTx,
    organization: OrganizationId,
    name: &str,
    owner: NewAccount,
) -> Result<AccountId> {
    let account = owner.insert(ctx, tx).await?;
    organizations::insert(ctx, tx, organization, name, account).await?;
    Ok(account)
}

/// Makes one more organization, with an owner who has a new account. The API has no operation for
/// it yet; tests need a stranger to try what strangers may not.
///
/// # Errors
/// When a field is not acceptable, or the address has an account.
pub async fn found_organization(
    app: &App,
    name: &str,
    owner_email: &str,
    owner_password: &str,
) -> Result<OrganizationId> {
    let ctx = Ctx::system(app, "organization_found");
    let name = fields::name("organization", name)?;
    let owner = NewAccount::prepare(&ctx, owner_email, &name, owner_password).await?;
    let organization = OrganizationId::from_uuid(ctx.next_id());
    let mut tx = ctx.begin().await?;
    found(&ctx, &mut tx, organization, &name, owner).await?;
    tx.commit().await?;
    Ok(organization)
}
