//! `atelier nodes schedule …`: commands that are run on servers again and again.

use anyhow::{Context as _, bail, ensure};
use atelier_api::ids::{NodeId, OrganizationId, ScheduleId};
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate};
use atelier_api::v1::schedules::{
    Schedule, ScheduleCreate, ScheduleMissed, ScheduleOverlap, ScheduleUpdate,
};
use atelier_api::{Page, Timestamp};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::json;

use super::nodes::{find, labels};
use super::nodes_run::line;
use crate::client::Client;
use crate::output::Output;
use crate::status;

/// Runs commands on servers at times that a cron expression names.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Lists the schedules of your organization.
    List {
        /// The organization's name or id, when you are in several.
        #[arg(long)]
        organization: Option<String>,
    },
    Create(Create),
    /// Shows a schedule and its next times.
    View {
        /// Its name or id.
        schedule: String,
    },
    Update(Update),
    /// Pauses a schedule. What it misses stays undone.
    Pause {
        /// Its name or id.
        schedule: String,
    },
    /// Lets a paused schedule go on.
    Resume {
        /// Its name or id.
        schedule: String,
    },
    /// Makes a schedule's job now.
    Run {
        /// Its name or id.
        schedule: String,
    },
    /// Deletes a schedule. The jobs that it has made stay.
    Delete {
        /// Its name or id.
        schedule: String,
    },
}

/// Makes a schedule.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name.
    #[arg(long)]
    name: String,
    /// Minute, hour, day of the month, month, day of the week: `30 2 * * MON-FRI`.
    #[arg(long)]
    cron: String,
    /// In which the expression is read, such as Europe/Berlin; UTC when absent.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// A server's name or id; may be given many times.
    #[arg(long = "node", value_name = "NODE")]
    nodes: Vec<String>,
    /// On all servers that have this label at the time, `key=value`; may be given many times.
    #[arg(long = "label", value_name = "KEY=VALUE", conflicts_with = "nodes")]
    labels: Vec<String>,
    /// Where it runs: absolute, or below the home of the server's user.
    #[arg(long)]
    cwd: Option<String>,
    /// End it after so many seconds on each server.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Do not begin later than so many seconds after its time.
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u64>,
    /// On at most so many servers at once.
    #[arg(long)]
    concurrency: Option<u32>,
    /// Try again so often where it fails.
    #[arg(long, default_value_t = 0)]
    retries: u32,
    /// Make the job once when the control plane was down at its time, however late.
    #[arg(long)]
    run_missed: bool,
    /// Make the job also while the last one has not ended.
    #[arg(long)]
    allow_overlap: bool,
    /// Do not run it yet.
    #[arg(long)]
    paused: bool,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    organization: Option<String>,
    /// After `--`: a line for the shell in one argument, or a command and its arguments.
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

/// Changes when a schedule runs. What it runs is changed by making another one.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Its name or id.
    schedule: String,
    /// A new name.
    #[arg(long)]
    name: Option<String>,
    /// Another expression.
    #[arg(long)]
    cron: Option<String>,
    /// Another time zone.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

pub(super) async fn run(
    client: &Client,
    command: ScheduleCommand,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ScheduleCommand::List { organization } => {
            let organization = client.organization(organization.as_deref()).await?;
            let all = all(client, organization).await?;
            show(output, &all, &all)
        }
        ScheduleCommand::Create(arguments) => create(client, arguments, output).await,
        ScheduleCommand::View { schedule } => {
            let found = named(client, &schedule).await?;
            show(output, &found, std::slice::from_ref(&found))?;
            more(output, &found);
            Ok(())
        }
        ScheduleCommand::Update(arguments) => {
            let Update {
                schedule,
                name,
                cron,
                time_zone,
            } = arguments;
            ensure!(
                name.is_some() || cron.is_some() || time_zone.is_some(),
                "Say what is to change: --name, --cron or --time-zone."
            );
            let change = ScheduleUpdate {
                name,
                cron,
                time_zone,
                ..ScheduleUpdate::default()
            };
            update(client, &schedule, &change, output).await
        }
        ScheduleCommand::Pause { schedule } => enable(client, &schedule, false, output).await,
        ScheduleCommand::Resume { schedule } => enable(client, &schedule, true, output).await,
        ScheduleCommand::Run { schedule } => {
            let found = named(client, &schedule).await?;
            let path = format!("/schedules/{}/run", found.id);
            let job: NodeJob = client.post(&path, &json!({})).await?;
            output.line(&job, &format!("Made the job {}.", job.id))
        }
        ScheduleCommand::Delete { schedule } => {
            let found = named(client, &schedule).await?;
            let path = format!("/schedules/{}", found.id);
            client.send(Method::DELETE, &path, None::<&()>).await?;
            output.line(&found, &format!("Deleted {}.", found.name))
        }
    }
}

async fn create(client: &Client, arguments: Create, output: Output) -> anyhow::Result<()> {
    let organization = client
        .organization(arguments.organization.as_deref())
        .await?;
    let mut nodes: Vec<NodeId> = Vec::new();
    for node in &arguments.nodes {
        nodes.push(find(client, node).await?.id);
    }
    ensure!(
        !(nodes.is_empty() && arguments.labels.is_empty()),
        "Say on which servers: --node or --label."
    );
    let ms = |seconds: Option<u64>| seconds.map(|it| it.saturating_mul(1_000));
    let request = ScheduleCreate {
        name: arguments.name,
        cron: arguments.cron,
        time_zone: arguments.time_zone,
        job: NodeJobCreate {
            nodes,
            labels: labels(&arguments.labels)?,
            command: line(&arguments.command),
            cwd: arguments.cwd,
            timeout_ms: ms(arguments.timeout),
            ttl_ms: ms(arguments.ttl),
            concurrency: arguments.concurrency,
            retries: arguments.retries,
            ..NodeJobCreate::default()
        },
        enabled: Some(!arguments.paused),
        missed: if arguments.run_missed {
            ScheduleMissed::RunOnce
        } else {
            ScheduleMissed::Skip
        },
        overlap: if arguments.allow_overlap {
            ScheduleOverlap::Allow
        } else {
            ScheduleOverlap::Skip
        },
    };
    let path = format!("/organizations/{organization}/schedules");
    let made: Schedule = client.post(&path, &request).await?;
    show(output, &made, std::slice::from_ref(&made))?;
    more(output, &made);
    Ok(())
}

async fn enable(client: &Client, wanted: &str, on: bool, output: Output) -> anyhow::Result<()> {
    let change = ScheduleUpdate {
        enabled: Some(on),
        ..ScheduleUpdate::default()
    };
    update(client, wanted, &change, output).await
}

async fn update(
    client: &Client,
    wanted: &str,
    change: &ScheduleUpdate,
    output: Output,
) -> anyhow::Result<()> {
    let path = format!("/schedules/{}", named(client, wanted).await?.id);
    client.send(Method::PATCH, &path, Some(change)).await?;
    let changed: Schedule = client.get(&path).await?;
    show(output, &changed, std::slice::from_ref(&changed))
}

/// A schedule, by its id or name.
async fn named(client: &Client, wanted: &str) -> anyhow::Result<Schedule> {
    if let Ok(id) = wanted.parse::<ScheduleId>() {
        return client.get(&format!("/schedules/{id}")).await;
    }
    let organization = client.organization(None).await?;
    let mut fitting = all(client, organization).await?;
    fitting.retain(|schedule| schedule.name == wanted);
    if fitting.len() > 1 {
        bail!("Several schedules are named “{wanted}”: give the id of the one you mean.");
    }
    fitting.pop().with_context(|| {
        format!(
            "There is no schedule “{wanted}”. `atelier nodes schedule list` shows those that there are."
        )
    })
}

async fn all(client: &Client, organization: OrganizationId) -> anyhow::Result<Vec<Schedule>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/organizations/{organization}/schedules?limit=200{cursor}");
        let page: Page<Schedule> = client.get(&path).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

fn show<T: serde::Serialize>(output: Output, value: &T, list: &[Schedule]) -> anyhow::Result<()> {
    let rows: Vec<_> = list
        .iter()
        .map(|schedule| {
            let next = schedule.next_runs.first();
            vec![
                schedule.name.clone(),
                if schedule.enabled { "on" } else { "paused" }.to_owned(),
                schedule.cron.clone(),
                schedule.time_zone.clone(),
                next.map_or_else(|| "-".to_owned(), |at| local(*at, &schedule.time_zone)),
                schedule.job.command.lines().next().unwrap_or("").to_owned(),
                schedule.id.to_string(),
            ]
        })
        .collect();
    let heading = [
        "name",
        "state",
        "cron",
        "time zone",
        "next",
        "command",
        "id",
    ];
    output.table(value, &heading, &rows)
}

/// What a table has no room for.
fn more(output: Output, schedule: &Schedule) {
    let Output::Table = output else {
        return;
    };
    for at in schedule.next_runs.iter().skip(1) {
        status::say(&format!("then {}", local(*at, &schedule.time_zone)));
    }
    if let Some(outcome) = &schedule.last_outcome {
        status::say(&format!("last: {outcome}"));
    }
}

/// A time as the clocks of a time zone show it.
fn local(at: Timestamp, zone: &str) -> String {
    let Ok(at) = jiff::Timestamp::from_millisecond(at.0) else {
        return "-".to_owned();
    };
    match at.in_tz(zone) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
}
