//! `atelier terminal …` and `atelier recording …`: what can be done with terminals beside sitting at them
//! (`atelier shell`).

mod commands;
mod recordings;
mod shares;

use anyhow::Context as _;
use atelier_api::agent::terminals::{Terminal, TerminalList, TerminalUpdate};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use crate::client::Client;
use crate::output::Output;

pub(crate) use recordings::{RecordingCommand, run as run_recording};

/// Manages terminals. `atelier shell` opens one.
#[derive(Debug, Subcommand)]
pub(crate) enum TerminalCommand {
    /// Lists the terminals of a workspace.
    List {
        /// The workspace's name or id.
        workspace: String,
    },
    /// Shows a terminal.
    View(Which),
    /// Renames a terminal, or gives it a colour and a picture.
    Update(Update),
    /// Ends a terminal and all that runs in it.
    Delete(Which),
    /// Commands that the terminals' shells have run.
    #[command(subcommand)]
    Command(commands::CommandCommand),
    /// Links by which a terminal is shared.
    #[command(subcommand)]
    Share(shares::ShareCommand),
}

/// A terminal of a workspace.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The workspace's name or id.
    workspace: String,
    /// The terminal's name or id.
    terminal: String,
}

/// What is to change.
#[derive(Debug, Args)]
pub(crate) struct Update {
    #[command(flatten)]
    which: Which,
    /// A new name.
    #[arg(long)]
    name: Option<String>,
    /// A colour: plain, red, orange, yellow, green, blue, violet or pink.
    #[arg(long)]
    color: Option<String>,
    /// A picture: terminal, server, database, bug, flask, hammer, rocket, globe, branch or scroll.
    #[arg(long)]
    icon: Option<String>,
}

pub(crate) async fn run(command: TerminalCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    match command {
        TerminalCommand::List { workspace } => {
            let workspace = client.workspace(&workspace).await?;
            let path = format!("/workspaces/{}/terminals", workspace.id);
            let list: TerminalList = client.get(&path).await?;
            show(output, &list, &list.items)
        }
        TerminalCommand::View(which) => {
            let (_, terminal) = which.find(&client).await?;
            show(output, &terminal, std::slice::from_ref(&terminal))
        }
        TerminalCommand::Update(update) => {
            let (path, _) = update.which.find(&client).await?;
            let body = TerminalUpdate {
                name: update.name,
                color: update.color.map(word).transpose()?,
                icon: update.icon.map(word).transpose()?,
                ..TerminalUpdate::default()
            };
            let changed: Terminal = client.patch(&path, &body).await?;
            output.line(&changed, &format!("Changed {}.", changed.name))
        }
        TerminalCommand::Delete(which) => {
            let (path, terminal) = which.find(&client).await?;
            client.send(Method::DELETE, &path, None::<&()>).await?;
            output.line(&terminal, &format!("Ended {}.", terminal.name))
        }
        TerminalCommand::Command(command) => commands::run(command, &client, output).await,
        TerminalCommand::Share(command) => shares::run(command, &client, output).await,
    }
}

impl Which {
    /// The terminal, and its path in the API.
    async fn find(&self, client: &Client) -> anyhow::Result<(String, Terminal)> {
        let workspace = client.workspace(&self.workspace).await?;
        let base = format!("/workspaces/{}/terminals", workspace.id);
        let list: TerminalList = client.get(&base).await?;
        let wanted = &self.terminal;
        let terminal = list
            .items
            .into_iter()
            .find(|terminal| terminal.name == *wanted || terminal.id.to_string() == *wanted)
            .with_context(|| format!("The workspace has no terminal “{wanted}”."))?;
        Ok((format!("{base}/{}", terminal.id), terminal))
    }
}

/// One of the API's words.
fn word<T: serde::de::DeserializeOwned>(text: String) -> anyhow::Result<T> {
    Ok(serde_json::from_value(Value::String(text))?)
}

fn show<T: serde::Serialize>(output: Output, value: &T, list: &[Terminal]) -> anyhow::Result<()> {
    let rows: Vec<_> = list
        .iter()
        .map(|terminal| {
            vec![
                terminal.name.clone(),
                terminal
                    .exit
                    .as_ref()
                    .map_or("running", |_| "ended")
                    .to_owned(),
                terminal.command.join(" "),
                terminal.directory.clone().unwrap_or_default(),
                terminal.viewers.to_string(),
                terminal.id.to_string(),
            ]
        })
        .collect();
    output.table(
        value,
        &["name", "state", "command", "directory", "viewers", "id"],
        &rows,
    )
}

/// A time for people.
fn time(at: atelier_api::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}
