//! Schedules: node jobs that are made at times that a cron expression names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AccountId, NodeId, NodeJobId, OrganizationId, ScheduleId};
use crate::v1::node_jobs::NodeJobCreate;

/// Asks for a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleCreate {
    /// Its name.
    pub name: String,
    /// Five fields: minute, hour, day of the month, month, day of the week; or `@daily` and its like.
    pub cron: String,
    /// In which the expression is read, by its name in the IANA database: `Europe/Berlin`. UTC when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What is run. Servers that are named by labels are looked for each time.
    pub job: NodeJobCreate,
    /// Whether it runs; `true` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What becomes of a time at which the control plane was down.
    #[serde(default)]
    pub missed: ScheduleMissed,
    /// What becomes of a time at which the last job has not ended.
    #[serde(default)]
    pub overlap: ScheduleOverlap,
}

/// What becomes of a time at which the control plane was down. Several missed times are one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScheduleMissed {
    /// The job is made late, unless that is later than its time to live.
    #[default]
    Skip,
    /// The job is made once, however late.
    RunOnce,
}

/// What becomes of a time at which the schedule's last job has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScheduleOverlap {
    /// No job is made.
    #[default]
    Skip,
    /// Another job is made beside it.
    Allow,
}

/// What is to change of a schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleUpdate {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Another time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What is run, as a whole. Whoever changes it answers for the jobs from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<NodeJobCreate>,
    /// With `job`: the variables stay as they are, since they are not shown.
    #[serde(default)]
    pub keep_env: bool,
    /// Pauses it, or lets it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What becomes of missed times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<ScheduleMissed>,
    /// What becomes of a time at which the last job has not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<ScheduleOverlap>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The cron expression.
    pub cron: String,
    /// In which it is read.
    pub time_zone: String,
    /// What is run.
    pub job: ScheduleJob,
    /// Whether it runs.
    pub enabled: bool,
    /// What becomes of missed times.
    pub missed: ScheduleMissed,
    /// What becomes of a time at which the last job has not ended.
    pub overlap: ScheduleOverlap,
    /// When it is due next, five times at most; none while it is paused.
    pub next_runs: Vec<Timestamp>,
    /// The last time at which it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// What became of that, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_outcome: Option<String>,
    /// The last job that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_job_id: Option<NodeJobId>,
    /// Who answers for its jobs: whoever made it, or last changed what is run.
    pub created_by: AccountId,
    /// Their name.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a schedule runs; of variables only the names are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleJob {
    /// On these servers.
    pub nodes: Vec<NodeId>,
    /// Or on those that have all these labels at the time.
    pub labels: BTreeMap<String, String>,
    /// The command.
    pub command: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The names of the variables.
    pub env: Vec<String>,
    /// On each server it is ended after so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What has not begun after so many milliseconds expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// Higher goes first.
    pub priority: i32,
    /// On at most so many servers at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How often it is tried again where it fails.
    pub retries: u32,
}

/// Asks when a schedule would be due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct SchedulePreviewQuery {
    /// The cron expression.
    pub cron: String,
    /// In which it is read; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// When a schedule would be due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulePreview {
    /// The next five times.
    pub next_runs: Vec<Timestamp>,
}
