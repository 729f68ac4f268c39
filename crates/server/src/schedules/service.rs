//! Decisions about schedules.

use atelier_api::ids::{OrganizationId, ScheduleId};
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::NodeJob;
use atelier_api::v1::schedules::{
    Schedule, ScheduleCreate, SchedulePreview, SchedulePreviewQuery, ScheduleUpdate,
};
use atelier_api::{ErrorCode, Page};
use serde_json::json;

use super::cron::Times;
use super::jobs::{forget, lock_scope, plan};
use super::store::{self, ScheduleRow};
use super::{fields, wire};
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::node_jobs;

/// In which an expression is read that names no time zone.
const UTC: &str = "UTC";

pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: ScheduleCreate,
) -> Result<Schedule> {
    ctx.authorize(
        Action::ScheduleCreate,
        &Resource::Organization(organization),
    )?;
    let person = ctx.person()?;
    let times = times(&request.cron, request.time_zone.as_deref(), ctx)?;
    fields::job(ctx.app(), &request.job)?;
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("schedules:{organization}")).await?;
    if store::count(&mut tx, organization).await? >= fields::SCHEDULES_MAX {
        return Err(Error::limit_reached(format!(
            "An organization has at most {} schedules.",
            fields::SCHEDULES_MAX
        )));
    }
    let mut row = ScheduleRow {
        id: ScheduleId::from_uuid(ctx.next_id()),
        organization_id: organization,
        name: fields::name(&request.name)?,
        cron: request.cron,
        time_zone: times.zone_name().to_owned(),
        job: request.job,
        enabled: request.enabled.unwrap_or(true),
        missed: request.missed,
        overlap: request.overlap,
        revision: 1,
        next_at: None,
        last_at: None,
        last_outcome: None,
        last_job: None,
        created_by: person.account,
        created_by_name: person.name.clone(),
        created_at: ctx.now(),
    };
    plan(&mut tx, &mut row, &times, ctx.now()).await?;
    save(ctx, tx, Action::ScheduleCreate, row).await
}

/// Reads an expression that comes to a time at all.
fn times(cron: &str, zone: Option<&str>, ctx: &Ctx) -> Result<Times> {
    let times = Times::read(cron, zone.unwrap_or(UTC))?;
    if times.next_after(ctx.now()).is_none() {
        return Err(Error::invalid(
            "cron",
            "The cron expression names no time that will ever come.",
        ));
    }
    Ok(times)
}

pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<Schedule>> {
    ctx.authorize(Action::ScheduleList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let after = match &query.cursor {
        None => String::new(),
        Some(cursor) => cursor.parse::<ScheduleId>().map_or_else(
            |_| {
                Err(Error::invalid(
                    "cursor",
                    "Pass the next_cursor of the page before.",
                ))
            },
            |id| Ok(id.to_string()),
        )?,
    };
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, organization, &after, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let now = ctx.now();
    let items = rows.into_iter().map(|row| wire::schedule(row, now));
    Ok(Page {
        items: items.collect(),
        next_cursor,
    })
}

pub(super) async fn view(ctx: &Ctx, id: ScheduleId) -> Result<Schedule> {
    let row = load(ctx, &mut *ctx.read().await?, Action::ScheduleView, id).await?;
    Ok(wire::schedule(row, ctx.now()))
}

pub(super) async fn update(ctx: &Ctx, id: ScheduleId, request: ScheduleUpdate) -> Result<Schedule> {
    let (mut tx, mut row) = begin(ctx, Action::ScheduleUpdate, id).await?;
    let person = ctx.person()?;
    if let Some(name) = &request.name {
        row.name = fields::name(name)?;
    }
    if let Some(mut job) = request.job {
        if request.keep_env {
            job.env = std::mem::take(&mut row.job.env);
        }
        fields::job(ctx.app(), &job)?;
        row.job = job;
        row.created_by = person.account;
        row.created_by_name.clone_from(&person.name);
    }
    row.cron = request.cron.unwrap_or(row.cron);
    row.enabled = request.enabled.unwrap_or(row.enabled);
    row.missed = request.missed.unwrap_or(row.missed);
    row.overlap = request.overlap.unwrap_or(row.overlap);
    let zone = request.time_zone.as_deref().unwrap_or(&row.time_zone);
    let times = times(&row.cron, Some(zone), ctx)?;
    times.zone_name().clone_into(&mut row.time_zone);
    row.revision += 1;
    forget(&mut tx, id).await?;
    plan(&mut tx, &mut row, &times, ctx.now()).await?;
    save(ctx, tx, Action::ScheduleUpdate, row).await
}

pub(super) async fn delete(ctx: &Ctx, id: ScheduleId) -> Result<()> {
    let (mut tx, row) = begin(ctx, Action::ScheduleDelete, id).await?;
    store::delete(&mut tx, id).await?;
    forget(&mut tx, id).await?;
    let details = json!({ "name": row.name });
    tx.audit(row.organization_id, Action::ScheduleDelete, &id, details);
    tx.publish(
        row.organization_id,
        EventBody::ScheduleDeleted { schedule_id: id },
    );
    tx.commit().await
}

/// Makes its job now, in the name of whoever asks.
pub(super) async fn run_now(ctx: &Ctx, id: ScheduleId) -> Result<NodeJob> {
    let (mut tx, mut row) = begin(ctx, Action::ScheduleRun, id).await?;
    let person = ctx.person()?;
    let request = row.job.clone();
    let asked = node_jobs::Asked {
        organization: row.organization_id,
        request: &request,
        account: person.account,
        name: &person.name,
        schedule: Some(id),
        action: Action::ScheduleRun,
    };
    let (job, _) = node_jobs::create(ctx, &mut tx, &asked).await?;
    row.last_job = Some(job.id);
    row.last_at = Some(ctx.now());
    row.last_outcome = Some(format!("Run by {}.", person.name));
    store::save(&mut tx, &row).await?;
    tx.publish(
        row.organization_id,
        EventBody::ScheduleChanged { schedule_id: id },
    );
    tx.commit().await?;
    ctx.app().node_jobs().wake();
    Ok(job)
}

/// When an expression would be due.
pub(super) fn preview(ctx: &Ctx, query: &SchedulePreviewQuery) -> Result<SchedulePreview> {
    ctx.authorize(Action::SchedulePreview, &Resource::Own)?;
    let times = times(&query.cron, query.time_zone.as_deref(), ctx)?;
    Ok(SchedulePreview {
        next_runs: times.next_few(ctx.now()),
    })
}

async fn save(ctx: &Ctx, mut tx: CtxTx, action: Action, row: ScheduleRow) -> Result<Schedule> {
    store::save(&mut tx, &row).await?;
    let details = json!({
        "name": row.name, "cron": row.cron, "time_zone": row.time_zone, "enabled": row.enabled,
    });
    tx.audit(row.organization_id, action, &row.id, details);
    let schedule_id = row.id;
    tx.publish(
        row.organization_id,
        EventBody::ScheduleChanged { schedule_id },
    );
    tx.commit().await?;
    Ok(wire::schedule(row, ctx.now()))
}

/// A transaction in which the schedule is held, authorized.
async fn begin(ctx: &Ctx, action: Action, id: ScheduleId) -> Result<(CtxTx, ScheduleRow)> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(id)).await?;
    let row = load(ctx, &mut tx, action, id).await?;
    Ok((tx, row))
}

async fn load(ctx: &Ctx, conn: &mut Conn, action: Action, id: ScheduleId) -> Result<ScheduleRow> {
    let not_found = || Error::not_found("schedule");
    let row = store::find(conn, id).await?.ok_or_else(not_found)?;
    ctx.authorize(action, &Resource::Organization(row.organization_id))
        .map_err(|error| match error.code() {
            // A refusal because of the organization is worded for the thing that was asked for.
            ErrorCode::NotFound => not_found(),
            _ => error,
        })?;
    Ok(row)
}
