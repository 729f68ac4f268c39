//! Decisions about members.

use atelier_api::Page;
use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::organizations::{Member, MemberCreate, MemberUpdate, Role};
use serde_json::json;

use super::store::{self, role_text};
use crate::authz::{Action, Resource};
use crate::ctx::{Actor, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::identity::NewAccount;

/// The members, oldest account first.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<Member>> {
    ctx.authorize(Action::MemberList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let after = query.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| {
        Error::invalid(
            "cursor",
            "Pass the next_cursor of the page before, unchanged.",
        )
    })?;
    let mut conn = ctx.read().await?;
    let rows = store::members(&mut conn, organization, after, limit + 1).await?;
    let (items, next_cursor) = paging::cut(rows, limit, |member| member.account_id.to_string());
    Ok(Page { items, next_cursor })
}

/// Adds a person, with a new account.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    input: MemberCreate,
) -> Result<Member> {
    let action = Action::MemberCreate;
    ctx.authorize(action, &Resource::Organization(organization))?;
    let account = NewAccount::prepare(ctx, &input.email, &input.name, &input.password).await?;
    let (mut tx, own) = begin(ctx, organization).await?;
    refuse_above(own, input.role)?;
    let id = account.insert(ctx, &mut tx).await?;
    store::insert_member(&mut tx, organization, id, input.role, ctx.now()).await?;
    let member = find(&mut tx, organization, id).await?;
    let details = json!({ "email": member.email, "role": role_text(member.role) });
    finish(tx, organization, action, id, details).await?;
    Ok(member)
}

/// Changes a member's role.
pub(super) async fn update(
    ctx: &Ctx,
    organization: OrganizationId,
    account: AccountId,
    input: MemberUpdate,
) -> Result<Member> {
    let action = Action::MemberUpdate;
    ctx.authorize(action, &Resource::Organization(organization))?;
    let (mut tx, own) = begin(ctx, organization).await?;
    let member = find(&mut tx, organization, account).await?;
    refuse_above(own, member.role.max(input.role))?;
    if input.role == member.role {
        return Ok(member);
    }
    refuse_last_owner(&mut tx, organization, &member).await?;
    store::set_role(&mut tx, organization, account, input.role).await?;
    let details = json!({ "from": role_text(member.role), "to": role_text(input.role) });
    finish(tx, organization, action, account, details).await?;
    Ok(Member {
        role: input.role,
        ..member
    })
}

/// Removes a member. The account stays, without access to the organization from this moment.
pub(super) async fn delete(
    ctx: &Ctx,
    organization: OrganizationId,
    account: AccountId,
) -> Result<()> {
    let action = Action::MemberDelete;
    ctx.authorize(action, &Resource::Organization(organization))?;
    let (mut tx, own) = begin(ctx, organization).await?;
    let member = find(&mut tx, organization, account).await?;
    refuse_above(own, member.role)?;
    refuse_last_owner(&mut tx, organization, &member).await?;
    let owned = store::count_workspaces_of(&mut tx, organization, account).await?;
    if owned > 0 {
        return Err(Error::conflict(format!(
            "{} still owns {owned} workspace(s) here. Delete them first, or change the role to \
             viewer to end the access to them.",
            member.name
        )));
    }
    store::delete_member(&mut tx, organization, account).await?;
    let details = json!({ "email": member.email, "role": role_text(member.role) });
    finish(tx, organization, action, account, details).await
}

/// Begins a change of members, with the actor's role as it is now.
async fn begin(ctx: &Ctx, organization: OrganizationId) -> Result<(CtxTx, Role)> {
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("organization:{organization}")).await?;
    let role = match ctx.actor() {
        Actor::System(_) => Role::Owner,
        Actor::Person(person) => find(&mut tx, organization, person.account).await?.role,
        Actor::Anonymous => return Err(Error::unauthenticated()),
    };
    Ok((tx, role))
}

async fn finish(
    mut tx: CtxTx,
    organization: OrganizationId,
    action: Action,
    account: AccountId,
    details: serde_json::Value,
) -> Result<()> {
    tx.audit(organization, action, &account, details);
    tx.publish(organization, EventBody::OrganizationChanged);
    tx.commit().await
}

async fn find(tx: &mut CtxTx, organization: OrganizationId, account: AccountId) -> Result<Member> {
    store::member(tx, organization, account)
        .await?
        .ok_or_else(|| Error::not_found("member"))
}

fn refuse_above(own: Role, role: Role) -> Result<()> {
    if role <= own {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "The role {} is above yours, {}. Ask somebody who has it.",
        role_text(role),
        role_text(own),
    )))
}

/// Refuses to take the role from the only owner.
async fn refuse_last_owner(
    tx: &mut CtxTx,
    organization: OrganizationId,
    member: &Member,
) -> Result<()> {
    if member.role != Role::Owner || store::count_owners(tx, organization).await? > 1 {
        return Ok(());
    }
    Err(Error::conflict(
        "This is the organization's last owner. Make somebody else an owner first.",
    ))
}
