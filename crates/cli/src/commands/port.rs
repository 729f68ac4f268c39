//! `atelier port …`: what listens in a workspace, and who may see it.

use atelier_api::v1::ports::{
    Port, PortAddressing, PortList, PortOpen, PortOpened, PortSettings, PortUpdate, PortVisibility,
};
use clap::{Args, Subcommand, ValueEnum};

use crate::client::Client;
use crate::output::Output;

/// The ports that a workspace's programs listen on.
#[derive(Debug, Subcommand)]
pub(crate) enum PortCommand {
    /// Lists the ports that something listens on, and those that are named or shared.
    List {
        /// The workspace's name or id.
        workspace: String,
    },
    /// Prints an address that opens a port for you. It is good for a minute.
    Open {
        #[command(flatten)]
        which: Which,
        /// By path, on the platform's own address, rather than by host name.
        #[arg(long)]
        by_path: bool,
        /// Which page of the application.
        #[arg(long, default_value = "/")]
        path: String,
    },
    /// Sets who may see a port.
    Share {
        #[command(flatten)]
        which: Which,
        /// Who.
        with: With,
    },
    /// Names a port; an empty name takes it away.
    Rename {
        #[command(flatten)]
        which: Which,
        /// Its name.
        name: String,
    },
}

/// A port of a workspace.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The workspace's name or id.
    workspace: String,
    /// The port's number.
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

/// Who may see it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum With {
    /// Whoever may work in the workspace.
    Private,
    /// Every member of the organization.
    Organization,
    /// Everybody who has the address.
    Public,
}

impl Which {
    async fn find(&self, client: &Client) -> anyhow::Result<String> {
        let workspace = client.workspace(&self.workspace).await?;
        Ok(format!("/workspaces/{}/ports/{}", workspace.id, self.port))
    }
}

/// Runs it.
pub(crate) async fn run(command: PortCommand, output: Output) -> anyhow::Result<()> {
    let client = &Client::open()?;
    match command {
        PortCommand::List { workspace } => {
            let workspace = client.workspace(&workspace).await?;
            let list: PortList = client
                .get(&format!("/workspaces/{}/ports", workspace.id))
                .await?;
            let rows: Vec<_> = list.items.iter().map(row).collect();
            output.table(
                &list,
                &["port", "name", "process", "visible to", "address"],
                &rows,
            )
        }
        PortCommand::Open {
            which,
            by_path,
            path,
        } => {
            let port = which.find(client).await?;
            let body = PortOpen {
                addressing: by_path.then_some(PortAddressing::Path),
                path: Some(path),
            };
            let opened: PortOpened = client.post(&format!("{port}/open"), &body).await?;
            output.line(&opened, &opened.url)
        }
        PortCommand::Share { which, with } => {
            let port = which.find(client).await?;
            let visibility = match with {
                With::Private => PortVisibility::Private,
                With::Organization => PortVisibility::Organization,
                With::Public => PortVisibility::Public,
            };
            let body = PortUpdate {
                visibility: Some(visibility),
                name: None,
            };
            let set: PortSettings = client.patch(&port, &body).await?;
            let line = format!(
                "Port {} is visible to {}.",
                set.port,
                seen_by(set.visibility)
            );
            output.line(&set, &line)
        }
        PortCommand::Rename { which, name } => {
            let port = which.find(client).await?;
            let body = PortUpdate {
                name: Some(name),
                visibility: None,
            };
            let set: PortSettings = client.patch(&port, &body).await?;
            let line = match &set.name {
                Some(name) => format!("Port {} is called “{name}”.", set.port),
                None => format!("Port {} has no name.", set.port),
            };
            output.line(&set, &line)
        }
    }
}

fn row(port: &Port) -> Vec<String> {
    let process = match (&port.process, port.listening) {
        (Some(process), true) => format!("{} ({})", process.name, process.pid),
        _ => "-".to_owned(),
    };
    vec![
        port.port.to_string(),
        port.name.clone().unwrap_or_default(),
        process,
        seen_by(port.visibility).to_owned(),
        port.url.clone().unwrap_or_default(),
    ]
}

fn seen_by(visibility: PortVisibility) -> &'static str {
    match visibility {
        PortVisibility::Private => "the workspace's own",
        PortVisibility::Organization => "the organization",
        PortVisibility::Public => "everybody",
    }
}
