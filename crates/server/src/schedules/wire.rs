//! Rows → what people see.

use atelier_api::Timestamp;
use atelier_api::v1::schedules::{Schedule, ScheduleJob};

use super::cron::Times;
use super::store::ScheduleRow;

pub(super) fn schedule(row: ScheduleRow, now: Timestamp) -> Schedule {
    let times = Times::read(&row.cron, &row.time_zone).ok();
    // One that is due this very moment is the first of them.
    let first = row.next_at.filter(|_| row.enabled);
    let next_runs = match (first, times) {
        (Some(first), Some(times)) => times.next_few(first.plus_ms(-1).min(now)),
        _ => Vec::new(),
    };
    let job = row.job;
    Schedule {
        id: row.id,
        organization_id: row.organization_id,
        name: row.name,
        cron: row.cron,
        time_zone: row.time_zone,
        job: ScheduleJob {
            nodes: job.nodes,
            labels: job.labels,
            command: job.command,
            cwd: job.cwd,
            env: job.env.into_keys().collect(),
            timeout_ms: job.timeout_ms,
            ttl_ms: job.ttl_ms,
            priority: job.priority,
            concurrency: job.concurrency,
            retries: job.retries,
        },
        enabled: row.enabled,
        missed: row.missed,
        overlap: row.overlap,
        next_runs,
        last_at: row.last_at,
        last_outcome: row.last_outcome,
        last_job_id: row.last_job,
        created_by: row.created_by,
        created_by_name: row.created_by_name,
        created_at: row.created_at,
    }
}
