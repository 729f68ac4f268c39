//! `atelier trash …`: what was deleted from a workspace.

use atelier_api::agent::files::Root;
use atelier_api::agent::transfers::EntryOutcomes;
use atelier_api::agent::trash::{TrashList, TrashRestore};
use atelier_api::ids::TrashId;
use clap::Subcommand;
use reqwest::Method;

use super::file::{Conflict, tell};
use crate::client::Client;
use crate::output::Output;

/// Manages what was deleted from a workspace.
#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
    /// Lists what is in the trash, newest first.
    List {
        /// The workspace's name or id.
        workspace: String,
    },
    /// Brings entries back to where they were.
    Restore {
        /// The workspace's name or id.
        workspace: String,
        /// The entries, as `list` names them.
        #[arg(required = true)]
        entries: Vec<TrashId>,
        /// What happens where something stands by the old name.
        #[arg(long, value_enum, default_value_t)]
        conflict: Conflict,
    },
    /// Deletes an entry for good.
    Delete {
        /// The workspace's name or id.
        workspace: String,
        /// The entry, as `list` names it.
        entry: TrashId,
    },
    /// Deletes all that is in the trash for good.
    Empty {
        /// The workspace's name or id.
        workspace: String,
    },
}

pub(crate) async fn run(command: TrashCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    let route = async |workspace: &str| -> anyhow::Result<String> {
        let workspace = client.workspace(workspace).await?;
        Ok(format!("/workspaces/{}/files/trash", workspace.id))
    };
    match command {
        TrashCommand::List { workspace } => {
            let list: TrashList = client.get(&route(&workspace).await?).await?;
            let rows: Vec<_> = list
                .items
                .iter()
                .map(|entry| {
                    let size = entry.size.map(|size| size.to_string()).unwrap_or_default();
                    vec![entry.id.to_string(), entry.path.clone(), size]
                })
                .collect();
            output.table(&list, &["id", "path", "bytes"], &rows)
        }
        TrashCommand::Restore {
            workspace,
            entries,
            conflict,
        } => {
            let request = TrashRestore {
                root: Root::Workspace,
                ids: entries,
                conflict: conflict.into(),
            };
            let path = format!("{}/restore", route(&workspace).await?);
            let outcomes: EntryOutcomes = client.post(&path, &request).await?;
            tell(output, &outcomes)
        }
        TrashCommand::Delete { workspace, entry } => {
            let path = format!("{}/{entry}", route(&workspace).await?);
            client.send::<()>(Method::DELETE, &path, None).await?;
            output.line(&serde_json::json!({ "id": entry }), "Deleted for good.")
        }
        TrashCommand::Empty { workspace } => {
            let path = route(&workspace).await?;
            client.send::<()>(Method::DELETE, &path, None).await?;
            output.line(&serde_json::json!({}), "The trash is empty.")
        }
    }
}
