//! What people do with jobs: look at them, and cancel them.

use atelier_api::ids::{JobId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::jobs::Job;
use atelier_api::{ErrorCode, Page};
use serde_json::json;

use super::{status, store};
use crate::authz::{Action, Resource};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::paging;

pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<Job>> {
    ctx.authorize(Action::JobList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, organization, before, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let kinds = &ctx.app().jobs().0.kinds;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(status::to_wire(&mut conn, kinds, row, ctx.now()).await?);
    }
    Ok(Page { items, next_cursor })
}

fn cursor(text: &str) -> Result<JobId> {
    text.parse()
        .map_err(|_| Error::invalid("cursor", "Pass the next_cursor of the page before."))
}

pub(super) async fn view(ctx: &Ctx, job: JobId) -> Result<Job> {
    let mut conn = ctx.read().await?;
    let row = store::find(&mut conn, job).await?;
    let row = row.ok_or_else(|| Error::not_found("job"))?;
    authorize(ctx, Action::JobView, row.organization_id)?;
    status::to_wire(&mut conn, &ctx.app().jobs().0.kinds, row, ctx.now()).await
}

pub(super) async fn cancel(ctx: &Ctx, job: JobId) -> Result<Job> {
    let row = store::find(&mut *ctx.read().await?, job).await?;
    let row = row.ok_or_else(|| Error::not_found("job"))?;
    authorize(ctx, Action::JobCancel, row.organization_id)?;
    let mut tx = ctx.begin().await?;
    let row = store::find(&mut tx, job).await?;
    let row = row.ok_or_else(|| Error::not_found("job"))?;
    if row.finished_at.is_some() {
        return Err(Error::conflict("The job has already ended."));
    }
    let reason = format!("Cancelled by {}.", ctx.actor().name());
    // One that is being cancelled, or has failed and is being cleaned up, ends anyway.
    if store::cancel(&mut tx, job, &reason).await?
        && let Some(organization) = row.organization_id
    {
        let details = json!({ "kind": row.kind, "subject": row.subject });
        tx.audit(organization, Action::JobCancel, &job, details);
    }
    let row = store::find(&mut tx, job).await?;
    let row = row.ok_or_else(|| Error::not_found("job"))?;
    let kinds = &ctx.app().jobs().0.kinds;
    let job = status::to_wire(&mut tx, kinds, row, ctx.now()).await?;
    tx.commit().await?;
    ctx.app().jobs().wake();
    Ok(job)
}

/// The platform's own jobs are nobody's to see.
fn authorize(ctx: &Ctx, action: Action, organization: Option<OrganizationId>) -> Result<()> {
    let not_found = || Error::not_found("job");
    let organization = organization.ok_or_else(not_found)?;
    ctx.authorize(action, &Resource::Organization(organization))
        .map_err(|error| match error.code() {
            // A stranger is not told that it exists.
            ErrorCode::NotFound => not_found(),
            _ => error,
        })
}
