//! `atelier workspace …`.

use anyhow::bail;
use atelier_api::node::WorkspaceLimits;
use atelier_api::v1::workspaces::{Workspace, WorkspaceCreate, WorkspaceSource, WorkspaceState};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::Client;
use crate::output::Output;

/// How often a waiting command looks.
const POLL: std::time::Duration = std::time::Duration::from_millis(200);

/// Manages workspaces.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Lists the workspaces of your organization.
    List {
        /// The organization's name or id, when you are in several.
        #[arg(long)]
        organization: Option<String>,
    },
    /// Shows a workspace.
    View {
        /// Its name or id.
        workspace: String,
    },
    /// Creates a workspace and starts it.
    Create(Create),
    /// Starts a workspace.
    Start(Change),
    /// Stops a workspace: its processes end, its files stay.
    Stop(Change),
    /// Deletes a workspace; it can be restored for 7 days.
    Delete {
        /// Its name or id.
        workspace: String,
    },
}

/// A workspace, and whether to wait.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its name or id.
    workspace: String,
    /// Return at once, not when it is done.
    #[arg(long)]
    no_wait: bool,
}

/// What a new workspace is made of.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name.
    name: String,
    /// A template; `atelier` knows `empty`, `rust`, … (the dashboard shows all).
    #[arg(long, default_value = "empty", conflicts_with = "git")]
    template: String,
    /// A Git address to clone.
    #[arg(long)]
    git: Option<String>,
    /// The branch or tag to clone.
    #[arg(long, requires = "git")]
    reference: Option<String>,
    /// The limit on memory, in MiB.
    #[arg(long)]
    memory_mib: Option<u64>,
    /// The limit on CPU, in CPUs, e.g. 1.5.
    #[arg(long)]
    cpus: Option<f64>,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    organization: Option<String>,
    /// Return at once, not when it runs.
    #[arg(long)]
    no_wait: bool,
}

pub(crate) async fn run(command: WorkspaceCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    match command {
        WorkspaceCommand::List { organization } => {
            let organization = client.organization(organization.as_deref()).await?;
            let all = client.workspaces(organization).await?;
            show(output, &all, &all)
        }
        WorkspaceCommand::View { workspace } => {
            let workspace = client.workspace(&workspace).await?;
            show(output, &workspace, std::slice::from_ref(&workspace))
        }
        WorkspaceCommand::Create(create) => {
            let no_wait = create.no_wait;
            let made = self::create(&client, create).await?;
            finish(&client, made, WorkspaceState::Running, no_wait, output).await
        }
        WorkspaceCommand::Start(Change { workspace, no_wait }) => {
            let changed = change(&client, &workspace, "start").await?;
            finish(&client, changed, WorkspaceState::Running, no_wait, output).await
        }
        WorkspaceCommand::Stop(Change { workspace, no_wait }) => {
            let changed = change(&client, &workspace, "stop").await?;
            finish(&client, changed, WorkspaceState::Stopped, no_wait, output).await
        }
        WorkspaceCommand::Delete { workspace } => {
            let workspace = client.workspace(&workspace).await?;
            let deleted: Workspace = client
                .delete(&format!("/workspaces/{}", workspace.id))
                .await?;
            let sentence = format!("Deleted {}. It can be restored for 7 days.", deleted.name);
            output.line(&deleted, &sentence)
        }
    }
}

async fn create(client: &Client, create: Create) -> anyhow::Result<Workspace> {
    let organization = client.organization(create.organization.as_deref()).await?;
    let source = match create.git {
        Some(url) => WorkspaceSource::Git {
            url,
            reference: create.reference,
        },
        None => WorkspaceSource::Template {
            template: create.template,
        },
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of CPUs; the server checks its range"
    )]
    let cpu_millis = create.cpus.map(|cpus| (cpus * 1000.0) as u32);
    let request = WorkspaceCreate {
        name: create.name,
        source,
        node_id: None,
        limits: WorkspaceLimits {
            memory_bytes: create.memory_mib.map(|mib| mib * 1024 * 1024),
            cpu_millis,
            processes: None,
        },
    };
    client
        .post(
            &format!("/organizations/{organization}/workspaces"),
            &request,
        )
        .await
}

async fn change(client: &Client, workspace: &str, verb: &str) -> anyhow::Result<Workspace> {
    let workspace = client.workspace(workspace).await?;
    client
        .post(&format!("/workspaces/{}/{verb}", workspace.id), &json!({}))
        .await
}

/// Waits until the workspace is as wanted, and says so; or why it is not.
async fn finish(
    client: &Client,
    mut workspace: Workspace,
    wanted: WorkspaceState,
    no_wait: bool,
    output: Output,
) -> anyhow::Result<()> {
    while !no_wait
        && matches!(
            workspace.state,
            WorkspaceState::Starting | WorkspaceState::Stopping
        )
    {
        tokio::time::sleep(POLL).await;
        workspace = client.get(&format!("/workspaces/{}", workspace.id)).await?;
    }
    if !no_wait && workspace.state != wanted {
        let reason = workspace
            .state_reason
            .as_deref()
            .unwrap_or("It gave no reason.");
        bail!("{} is {}: {reason}", workspace.name, word(workspace.state));
    }
    output.line(
        &workspace,
        &format!("{} is {}.", workspace.name, word(workspace.state)),
    )
}

fn show<T: serde::Serialize>(output: Output, value: &T, list: &[Workspace]) -> anyhow::Result<()> {
    let rows: Vec<_> = list
        .iter()
        .map(|workspace| {
            let source = match &workspace.source {
                WorkspaceSource::Template { template } => template.clone(),
                WorkspaceSource::Git { url, .. } => url.clone(),
            };
            vec![
                workspace.name.clone(),
                word(workspace.state).to_owned(),
                source,
                workspace.owner_name.clone(),
                workspace.node_name.clone(),
                workspace.id.to_string(),
            ]
        })
        .collect();
    output.table(
        value,
        &["name", "state", "source", "owner", "server", "id"],
        &rows,
    )
}

fn word(state: WorkspaceState) -> &'static str {
    match state {
        WorkspaceState::Stopped => "stopped",
        WorkspaceState::Starting => "starting",
        WorkspaceState::Running => "running",
        WorkspaceState::Stopping => "stopping",
        WorkspaceState::Failed => "failed",
        WorkspaceState::Deleted => "deleted",
    }
}
