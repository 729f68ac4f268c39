//! What people do with the audit log: read it.

use atelier_api::Page;
use atelier_api::ids::OrganizationId;
use atelier_api::v1::audit::{AuditEvent, AuditEventListQuery};

use super::store;
use crate::authz::{Action, Resource};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::paging;

pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &AuditEventListQuery,
) -> Result<Page<AuditEvent>> {
    ctx.authorize(
        Action::AuditEventList,
        &Resource::Organization(organization),
    )?;
    let limit = paging::limit(query.limit)?;
    let before = match query.cursor.as_deref() {
        None => i64::MAX,
        Some(text) => text
            .parse()
            .map_err(|_| Error::invalid("cursor", "Pass the next_cursor of the page before."))?,
    };
    let mut conn = ctx.read().await?;
    let rows = store::list(
        &mut conn,
        organization,
        query.resource.as_deref(),
        before,
        limit + 1,
    )
    .await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.event.sequence.to_string());
    Ok(Page {
        items: rows.into_iter().map(|row| row.event).collect(),
        next_cursor,
    })
}
