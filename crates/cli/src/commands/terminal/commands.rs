//! `atelier terminal command …`.

use atelier_api::agent::commands::{TerminalCommand, TerminalCommandList};
use clap::Subcommand;

use super::{Which, time};
use crate::client::Client;
use crate::output::Output;

/// Commands that the terminals' shells have run, as the shells tell of them.
#[derive(Debug, Subcommand)]
pub(crate) enum CommandCommand {
    /// Lists the commands of a terminal, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Searches the commands of all terminals of a workspace, newest first.
    Search {
        /// The workspace's name or id.
        workspace: String,
        /// Words that the command line must hold; all commands without any.
        words: Vec<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Each command line once.
        #[arg(long)]
        distinct: bool,
    },
}

pub(super) async fn run(
    command: CommandCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let path = match command {
        CommandCommand::List { which, limit } => {
            let (path, _) = which.find(client).await?;
            format!("{path}/commands?limit={limit}")
        }
        CommandCommand::Search {
            workspace,
            words,
            limit,
            distinct,
        } => {
            let workspace = client.workspace(&workspace).await?;
            let words = words.join(" ");
            let query =
                percent_encoding::utf8_percent_encode(&words, percent_encoding::NON_ALPHANUMERIC);
            format!(
                "/workspaces/{}/terminal-commands?limit={limit}&distinct={distinct}&query={query}",
                workspace.id
            )
        }
    };
    let list: TerminalCommandList = client.get(&path).await?;
    let rows: Vec<_> = list.items.iter().map(row).collect();
    output.table(
        &list,
        &["started", "exit", "terminal", "directory", "command"],
        &rows,
    )
}

fn row(command: &TerminalCommand) -> Vec<String> {
    let exit = match (command.exit_code, command.ended_at) {
        (Some(code), _) => code.to_string(),
        (None, Some(_)) => "?".to_owned(),
        (None, None) => "running".to_owned(),
    };
    vec![
        time(command.started_at),
        exit,
        command.terminal_name.clone(),
        command.directory.clone().unwrap_or_default(),
        command.text.clone(),
    ]
}
