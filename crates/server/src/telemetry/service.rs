//! Decisions about what is shown of the measurements.

use std::sync::Arc;

use atelier_api::Timestamp;
use atelier_api::ids::{NodeId, WorkspaceId};
use atelier_api::node::TelemetrySample;
use atelier_api::v1::telemetry::{
    TELEMETRY_POINTS_MAX, TelemetryHistory, TelemetryHistoryQuery, TelemetryMetric,
    WorkspaceReading, WorkspaceTelemetry,
};
use tokio::sync::watch;

use super::block::Block;
use super::history::{self, Points};
use super::keep::Kept;
use super::rollup::HOUR_MS;
use super::store::Resolution;
use super::{collector, live, metrics, store};
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::{nodes, workspaces};

/// How many points there are when nobody says.
const POINTS: u32 = 300;

/// A time that ends less long ago includes what was measured just now.
const NOW_MS: i64 = 60_000;

/// No history is longer: ten years.
const RANGE_MAX_MS: i64 = 10 * 366 * 24 * HOUR_MS;

/// What a server used.
pub(super) async fn of_node(
    ctx: &Ctx,
    id: NodeId,
    query: &TelemetryHistoryQuery,
) -> Result<TelemetryHistory> {
    nodes::authorized(ctx, Action::NodeTelemetryView, id).await?;
    let range = Range::new(query, ctx.now())?;
    let wanted = |metric, _: &str| !metrics::is_of_workspace(metric);
    let (points, step_ms) = read(ctx, id, &range, wanted).await?;
    Ok(TelemetryHistory {
        from: range.from,
        to: range.to,
        step_ms,
        times: points.times,
        series: points.series,
        latest: ctx
            .app()
            .telemetry()
            .latest(id)
            .map(|sample| (*sample).clone()),
    })
}

/// What a workspace used.
pub(super) async fn of_workspace(
    ctx: &Ctx,
    id: WorkspaceId,
    query: &TelemetryHistoryQuery,
) -> Result<WorkspaceTelemetry> {
    let node = workspaces::node_of(ctx, Action::WorkspaceTelemetryView, id).await?;
    let range = Range::new(query, ctx.now())?;
    let name = id.to_string();
    let wanted = |metric: TelemetryMetric, of: &str| metrics::is_of_workspace(metric) && of == name;
    let (points, step_ms) = read(ctx, node, &range, wanted).await?;
    let latest = ctx.app().telemetry().latest(node);
    let latest = latest.map(|sample| reading(&sample, id));
    Ok(WorkspaceTelemetry {
        from: range.from,
        to: range.to,
        step_ms,
        times: points.times,
        series: points.series,
        latest: latest.filter(|reading| reading.usage.is_some()),
    })
}

/// What of a measurement is of a workspace.
pub(super) fn reading(sample: &TelemetrySample, id: WorkspaceId) -> WorkspaceReading {
    let usage = sample
        .workspaces
        .iter()
        .find(|workspace| workspace.id == id);
    WorkspaceReading {
        at: sample.at,
        usage: usage.cloned(),
    }
}

/// What comes of a server from now on.
pub(super) type Following = watch::Receiver<Option<Arc<TelemetrySample>>>;

/// Follows a server.
pub(super) async fn follow_node(ctx: &Ctx, id: NodeId) -> Result<Following> {
    nodes::authorized(ctx, Action::NodeTelemetryFollow, id).await?;
    Ok(live::watch(ctx, id))
}

/// Follows the server that a workspace is on.
pub(super) async fn follow_workspace(ctx: &Ctx, id: WorkspaceId) -> Result<Following> {
    let node = workspaces::node_of(ctx, Action::WorkspaceTelemetryFollow, id).await?;
    Ok(live::watch(ctx, node))
}

/// The time that is asked for.
struct Range {
    from: Timestamp,
    to: Timestamp,
    points: u32,
    now: Timestamp,
}

impl Range {
    fn new(query: &TelemetryHistoryQuery, now: Timestamp) -> Result<Self> {
        let to = query.to.unwrap_or(now);
        let from = query.from.unwrap_or_else(|| to.plus_ms(-HOUR_MS));
        if from >= to {
            return Err(Error::invalid("from", "It must be before `to`."));
        }
        if to.ms_since(from) > RANGE_MAX_MS {
            return Err(Error::invalid("from", "More than ten years are too many."));
        }
        let points = query.points.unwrap_or(POINTS);
        if !(1..=TELEMETRY_POINTS_MAX).contains(&points) {
            return Err(Error::invalid(
                "points",
                format!("There can be 1 to {TELEMETRY_POINTS_MAX}."),
            ));
        }
        Ok(Self {
            from,
            to,
            points,
            now,
        })
    }

    fn is_recent(&self) -> bool {
        self.now.ms_since(self.to) < NOW_MS
    }
}

async fn read(
    ctx: &Ctx,
    node: NodeId,
    range: &Range,
    wanted: impl Fn(TelemetryMetric, &str) -> bool,
) -> Result<(Points, i64)> {
    if range.is_recent() {
        collector::refresh(ctx, node).await;
    }
    let kept = Kept::new(&ctx.app().config().telemetry, range.now);
    let plan = history::plan(range.from, range.to, range.points, kept);
    // Before the database is read: what is written meanwhile is in both then, and in none else.
    let pending = ctx.app().telemetry().pending(node);
    let mut all = Block::default();
    let mut conn = ctx.read().await?;
    let end = range.to.0.saturating_add(1);
    for block in store::spans(&mut conn, node, plan.resolution, range.from.0, end).await? {
        all.append(block);
    }
    drop(conn);
    match plan.resolution {
        Resolution::Raw => all.merge(&pending),
        // The last minutes are not summed up yet.
        Resolution::Minute => all.fill(&super::rollup::rows(&pending, super::rollup::MINUTE_MS)),
        Resolution::Hour => all.fill(&super::rollup::rows(&pending, HOUR_MS)),
    }
    let points = history::points(&all, range.from, range.to, plan, wanted);
    Ok((points, plan.step_ms))
}
