//! Decisions about organizations.

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::organizations::{Organization, OrganizationList, OrganizationUpdate, Role};
use serde_json::json;

use super::store;
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::identity;

/// Makes an organization with its first owner, in the caller's transaction.
pub(crate) async fn insert(
    ctx: &Ctx,
    tx: &mut CtxTx,
    id: OrganizationId,
    name: &str,
    owner: AccountId,
) -> Result<()> {
    let now = ctx.now();
    store::insert_organization(tx, id, name, now).await?;
    store::insert_member(tx, id, owner, Role::Owner, now).await
}

/// The caller's organizations.
pub(super) async fn list(ctx: &Ctx) -> Result<OrganizationList> {
    ctx.authorize(Action::OrganizationList, &Resource::Own)?;
    let account = ctx.person()?.account;
    let mut items = store::organizations_of(&mut *ctx.read().await?, account).await?;
    // Here and not in SQL: the two engines collate differently.
    items.sort_by_cached_key(|organization| organization.name.to_lowercase());
    Ok(OrganizationList { items })
}

/// One of the caller's organizations.
pub(super) async fn view(ctx: &Ctx, id: OrganizationId) -> Result<Organization> {
    ctx.authorize(Action::OrganizationView, &Resource::Organization(id))?;
    find(ctx, &mut *ctx.read().await?, id).await
}

/// Changes the name.
pub(super) async fn update(
    ctx: &Ctx,
    id: OrganizationId,
    input: OrganizationUpdate,
) -> Result<Organization> {
    ctx.authorize(Action::OrganizationUpdate, &Resource::Organization(id))?;
    if let Some(name) = input.name {
        let name = identity::valid_name("name", &name)?;
        let mut tx = ctx.begin().await?;
        store::set_name(&mut tx, id, &name).await?;
        let details = json!({ "name": name });
        tx.audit(id, Action::OrganizationUpdate, &id, details);
        tx.publish(id, EventBody::OrganizationChanged);
        tx.commit().await?;
    }
    find(ctx, &mut *ctx.read().await?, id).await
}

async fn find(ctx: &Ctx, conn: &mut Conn, id: OrganizationId) -> Result<Organization> {
    store::organizations_of(conn, ctx.person()?.account)
        .await?
        .into_iter()
        .find(|organization| organization.id == id)
        .ok_or_else(|| Error::not_found("organization"))
}
