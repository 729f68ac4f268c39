//! `atelier nodes update`: servers get the control plane's program, in stages.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::ensure;
use atelier_api::Page;
use atelier_api::ids::{NodeId, NodeRolloutId, NodeUpdateId, OrganizationId};
use atelier_api::v1::node_rollouts::{
    NodeRollout, NodeRolloutCreate, NodeRolloutState, NodeUpdateRun, NodeUpdateState,
};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::Client;
use crate::output::Output;
use crate::status;

/// How often the servers are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// Updates servers to the program of the control plane: first a canary, then batches. Terminals and
/// workspaces go on. A server on which the new program is not healthy goes back by itself, and stops the
/// rollout.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Servers, by name or id.
    #[arg(value_name = "NODE")]
    pub(super) nodes: Vec<String>,
    /// All servers with this label, `key=value`; with all of them, when given many times.
    #[arg(long = "label", value_name = "KEY=VALUE", conflicts_with = "nodes")]
    pub(super) labels: Vec<String>,
    /// All servers.
    #[arg(long, conflicts_with_all = ["nodes", "labels"])]
    all: bool,
    /// So many come first, by themselves.
    #[arg(long, default_value_t = 1)]
    canary: u32,
    /// So many at once after them.
    #[arg(long, default_value_t = 10)]
    batch: u32,
    /// So many seconds between one stage and the next.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pause: u32,
    /// Wait for servers that are not connected, instead of passing them over.
    #[arg(long)]
    wait_for_offline: bool,
    /// A new program has so many seconds to become healthy.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    healthy_within: u32,
    /// Do not follow it: it goes on by itself anyway.
    #[arg(long)]
    detach: bool,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    pub(super) organization: Option<String>,
}

/// Looks after updates of servers.
#[derive(Debug, Subcommand)]
pub(crate) enum RolloutCommand {
    /// Lists the rollouts, newest first.
    List {
        /// The organization's name or id, when you are in several.
        #[arg(long)]
        organization: Option<String>,
    },
    /// Shows a rollout and how far each of its servers is.
    View {
        /// Its id.
        rollout: NodeRolloutId,
    },
    /// Lets no further stage begin.
    Pause {
        /// Its id.
        rollout: NodeRolloutId,
    },
    /// Lets the next stage begin, at once.
    Resume {
        /// Its id.
        rollout: NodeRolloutId,
    },
    /// Ends it: servers whose turn has not come are not touched.
    Abort {
        /// Its id.
        rollout: NodeRolloutId,
    },
    /// Follows it to its end.
    Follow {
        /// Its id.
        rollout: NodeRolloutId,
    },
}

pub(super) async fn run(
    client: &Client,
    organization: OrganizationId,
    nodes: Vec<NodeId>,
    labels: BTreeMap<String, String>,
    arguments: Update,
    output: Output,
) -> anyhow::Result<i32> {
    ensure!(
        arguments.all || !nodes.is_empty() || !labels.is_empty(),
        "Say which servers: their names, --label or --all."
    );
    let request = NodeRolloutCreate {
        nodes,
        labels,
        all: arguments.all,
        canary: Some(arguments.canary),
        batch: Some(arguments.batch),
        pause_s: Some(arguments.pause),
        wait_for_offline: arguments.wait_for_offline,
        healthy_within_s: Some(arguments.healthy_within),
    };
    let path = format!("/organizations/{organization}/node-rollouts");
    let rollout: NodeRollout = client.post(&path, &request).await?;
    if arguments.detach {
        output.line(&rollout, &format!("Started {}.", rollout.id))?;
        return Ok(0);
    }
    follow(client, rollout.id, output).await
}

pub(super) async fn rollout(
    client: &Client,
    command: RolloutCommand,
    output: Output,
) -> anyhow::Result<i32> {
    let (rollout, verb) = match command {
        RolloutCommand::List { organization } => {
            let organization = client.organization(organization.as_deref()).await?;
            let path = format!("/organizations/{organization}/node-rollouts");
            let page: Page<NodeRollout> = client.get(&path).await?;
            let rows: Vec<_> = page.items.iter().map(row).collect();
            output.table(
                &page.items,
                &["id", "state", "servers", "by", "reason"],
                &rows,
            )?;
            return Ok(0);
        }
        RolloutCommand::View { rollout } => {
            let runs = runs(client, rollout).await?;
            let rows: Vec<_> = runs.iter().map(run_row).collect();
            output.table(&runs, &["server", "stage", "state", "reason"], &rows)?;
            return Ok(0);
        }
        RolloutCommand::Follow { rollout } => return follow(client, rollout, output).await,
        RolloutCommand::Pause { rollout } => (rollout, "pause"),
        RolloutCommand::Resume { rollout } => (rollout, "resume"),
        RolloutCommand::Abort { rollout } => (rollout, "abort"),
    };
    let path = format!("/node-rollouts/{rollout}/{verb}");
    let changed: NodeRollout = client.post(&path, &json!({})).await?;
    output.table(
        &changed,
        &["id", "state", "servers", "by", "reason"],
        &[row(&changed)],
    )?;
    Ok(0)
}

/// Says what happens until it has ended. Interrupted, the rollout goes on.
async fn follow(client: &Client, id: NodeRolloutId, output: Output) -> anyhow::Result<i32> {
    let mut shown: HashMap<NodeUpdateId, NodeUpdateState> = HashMap::new();
    let mut said = None;
    loop {
        // In this order: what has ended when the rollout had is shown.
        let rollout: NodeRollout = client.get(&format!("/node-rollouts/{id}")).await?;
        for run in runs(client, id).await? {
            let before = shown.insert(run.id, run.state);
            if run.state != NodeUpdateState::Waiting && before != Some(run.state) {
                let reason = run.reason.as_deref().unwrap_or_default();
                let line = format!("{}: {}. {reason}", run.node_name, state(run.state));
                status::say(line.trim_end());
            }
        }
        let over = rollout.state.has_ended() && rollout.counts.running == 0;
        if rollout.reason != said && !over {
            if let Some(reason) = &rollout.reason {
                status::say(reason);
            }
            said.clone_from(&rollout.reason);
        }
        if over {
            let reason = rollout.reason.as_deref().unwrap_or_default();
            let line = format!("{} {} {reason}", rollout.id, whole(rollout.state));
            output.line(&rollout, line.trim_end())?;
            return Ok(i32::from(rollout.state != NodeRolloutState::Succeeded));
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                status::say(&format!("It goes on. End it with: atelier nodes rollout abort {id}"));
                return Ok(130);
            }
        }
    }
}

async fn runs(client: &Client, id: NodeRolloutId) -> anyhow::Result<Vec<NodeUpdateRun>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/node-rollouts/{id}/nodes?limit=200{cursor}");
        let page: Page<NodeUpdateRun> = client.get(&path).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

fn row(rollout: &NodeRollout) -> Vec<String> {
    let counts = rollout.counts;
    let ended = counts.succeeded + counts.failed + counts.skipped + counts.aborted;
    let all = ended + counts.waiting + counts.running;
    vec![
        rollout.id.to_string(),
        whole(rollout.state).to_owned(),
        format!("{} of {all}", counts.succeeded),
        rollout.created_by_name.clone(),
        rollout.reason.clone().unwrap_or_default(),
    ]
}

fn run_row(run: &NodeUpdateRun) -> Vec<String> {
    let stage = match run.stage {
        0 => "canary".to_owned(),
        stage => stage.to_string(),
    };
    vec![
        run.node_name.clone(),
        stage,
        state(run.state).to_owned(),
        run.reason.clone().unwrap_or_default(),
    ]
}

const fn whole(state: NodeRolloutState) -> &'static str {
    match state {
        NodeRolloutState::Running => "running",
        NodeRolloutState::Paused => "paused",
        NodeRolloutState::Succeeded => "succeeded",
        NodeRolloutState::Failed => "failed",
        NodeRolloutState::Aborted => "aborted",
    }
}

const fn state(state: NodeUpdateState) -> &'static str {
    match state {
        NodeUpdateState::Waiting => "waiting",
        NodeUpdateState::Running => "updating",
        NodeUpdateState::Succeeded => "updated",
        NodeUpdateState::Failed => "failed",
        NodeUpdateState::Skipped => "passed over",
        NodeUpdateState::Aborted => "not touched",
    }
}
