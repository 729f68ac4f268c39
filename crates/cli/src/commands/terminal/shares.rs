//! `atelier terminal share …`.

use atelier_api::v1::terminal_shares::{
    ShareAccess, ShareState, TerminalShare, TerminalShareCreate, TerminalShareCreated,
    TerminalShareList,
};
use clap::Subcommand;
use serde_json::json;

use super::{Which, time};
use crate::client::Client;
use crate::output::Output;

/// Links by which a terminal is shared with people who need no account.
#[derive(Debug, Subcommand)]
pub(crate) enum ShareCommand {
    /// Lists the links to a terminal.
    List(Which),
    /// Makes a link to a terminal, to watch it. It is shown once.
    Create {
        #[command(flatten)]
        which: Which,
        /// Whoever has the link may type, too: do whatever you could do there.
        #[arg(long)]
        write: bool,
        /// For how many hours it is good, at most 168.
        #[arg(long, default_value_t = 24)]
        hours: u32,
    },
    /// Revokes a link, and cuts off whoever is there by it.
    Revoke {
        /// The workspace's name or id.
        workspace: String,
        /// The link's id.
        share: String,
    },
}

pub(super) async fn run(
    command: ShareCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ShareCommand::List(which) => {
            let (path, _) = which.find(client).await?;
            let list: TerminalShareList = client.get(&format!("{path}/shares")).await?;
            let rows: Vec<_> = list.items.iter().map(row).collect();
            output.table(
                &list,
                &["access", "state", "by", "until", "uses", "last use", "id"],
                &rows,
            )
        }
        ShareCommand::Create {
            which,
            write,
            hours,
        } => {
            let (path, _) = which.find(client).await?;
            let body = TerminalShareCreate {
                access: if write {
                    ShareAccess::Write
                } else {
                    ShareAccess::Read
                },
                expires_in_s: Some(hours.saturating_mul(60 * 60)),
            };
            let created: TerminalShareCreated =
                client.post(&format!("{path}/shares"), &body).await?;
            let link = client.address(&created.path);
            output.line(&created, &link)
        }
        ShareCommand::Revoke { workspace, share } => {
            let workspace = client.workspace(&workspace).await?;
            let path = format!(
                "/workspaces/{}/terminal-shares/{share}/revoke",
                workspace.id
            );
            let revoked: TerminalShare = client.post(&path, &json!({})).await?;
            output.line(&revoked, "The link is revoked.")
        }
    }
}

fn row(share: &TerminalShare) -> Vec<String> {
    let access = match share.access {
        ShareAccess::Read => "watch",
        ShareAccess::Write => "type",
    };
    let state = match share.state {
        ShareState::Active => "good",
        ShareState::Expired => "expired",
        ShareState::Revoked => "revoked",
    };
    vec![
        access.to_owned(),
        state.to_owned(),
        share.created_by.clone(),
        time(share.expires_at),
        share.uses.to_string(),
        share.last_used_at.map(time).unwrap_or_default(),
        share.id.to_string(),
    ]
}
