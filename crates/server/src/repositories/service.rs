//! What is done with the registry.

use atelier_api::Page;
use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::organizations::Role;
use atelier_api::v1::repositories::{Repository, RepositoryListQuery, RepositoryRefresh};
use futures_util::StreamExt as _;

use super::look;
use super::store::{self, Place, Wanted};
use crate::authz::{Action, Resource, allows};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::paging;

/// How many workspaces are looked at in one go.
const WORKSPACES_MAX: u32 = 200;

/// How many are looked at at once, over all of their servers.
const AT_ONCE: usize = 4;

/// The longest text that is searched for, in characters.
const SEARCH_MAX: usize = 200;

/// A page of the registry.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &RepositoryListQuery,
) -> Result<Page<Repository>> {
    ctx.authorize(
        Action::RepositoryList,
        &Resource::Organization(organization),
    )?;
    let limit = paging::limit(query.limit)?;
    let after = match query.cursor.as_deref() {
        Some(cursor) => Some(Place::parse(cursor).ok_or_else(|| {
            Error::malformed("This cursor was given by nobody. Begin with the first page.")
        })?),
        None => None,
    };
    let search = query.search.as_deref().unwrap_or_default().trim();
    if search.chars().count() > SEARCH_MAX {
        let detail = format!("Search for at most {SEARCH_MAX} characters.");
        return Err(Error::invalid("search", detail));
    }
    let wanted = Wanted {
        organization,
        owner: only_of(ctx, organization)?,
        workspace: query.workspace,
        search: search.to_lowercase(),
        after,
    };
    let rows = store::repositories(&mut *ctx.read().await?, &wanted, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.place.to_string());
    let items = rows.into_iter().map(|row| row.repository).collect();
    Ok(Page { items, next_cursor })
}

/// Looks at all running workspaces that the person may use Git in.
pub(super) async fn refresh(ctx: &Ctx, organization: OrganizationId) -> Result<RepositoryRefresh> {
    ctx.authorize(
        Action::RepositoryRefresh,
        &Resource::Organization(organization),
    )?;
    let owner = only_of(ctx, organization)?;
    let mut running = store::running(
        &mut *ctx.read().await?,
        organization,
        owner,
        WORKSPACES_MAX + 1,
    )
    .await?;
    let more = running.len() > WORKSPACES_MAX as usize;
    running.truncate(WORKSPACES_MAX as usize);
    let looked: Vec<Option<bool>> = futures_util::stream::iter(running)
        .map(|id| look::look(ctx, id))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let count = |wanted: fn(&Option<bool>) -> bool| {
        u32::try_from(looked.iter().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
    };
    Ok(RepositoryRefresh {
        workspaces: count(Option::is_some),
        failed: count(Option::is_none),
        truncated: count(|it| *it == Some(true)),
        more,
    })
}

/// Whose workspaces alone the person may use Git in; nothing where they may in all.
fn only_of(ctx: &Ctx, organization: OrganizationId) -> Result<Option<AccountId>> {
    let person = ctx.person()?;
    let role = person.role_in(organization).unwrap_or(Role::Viewer);
    let may_all = allows(Action::GitStatus, role, false);
    Ok((!may_all).then_some(person.account))
}
