//! `atelier nodes …`: the servers of an organization.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use atelier_api::Page;
use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::v1::nodes::{Node, NodeState, NodeTokenCreate, NodeTokenCreated, NodeUpdate};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::{Method, Url};
use serde_json::json;

use super::{nodes_figures, nodes_run, nodes_schedule, nodes_update};
use crate::client::Client;
use crate::output::Output;

/// Manages servers.
#[derive(Debug, Subcommand)]
pub(crate) enum NodesCommand {
    /// Lists the servers of your organization.
    List(List),
    /// Shows a server.
    View {
        /// Its name or id.
        node: String,
    },
    /// Makes a join token and prints the command that adds a server with it.
    #[command(alias = "create")]
    CreateToken(CreateToken),
    /// Renames or labels a server, or keeps new workspaces away from it.
    Edit(Edit),
    Update(nodes_update::Update),
    /// Looks after updates of servers.
    #[command(subcommand)]
    Rollout(nodes_update::RolloutCommand),
    Run(nodes_run::Run),
    #[command(subcommand)]
    Schedule(nodes_schedule::ScheduleCommand),
    /// Forgets a server's key and ends its connection at once; it has to join again.
    Revoke {
        /// Its name or id.
        node: String,
    },
    /// Removes a server that no workspaces are left on.
    Remove {
        /// Its name or id.
        node: String,
    },
}

/// Which servers.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those with this in their name.
    #[arg(long)]
    search: Option<String>,
    /// Only those with this label: `key` or `key=value`.
    #[arg(long)]
    label: Option<String>,
    /// Only those in this state.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    organization: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Online,
    Offline,
}

/// What the server gets that joins.
#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// Its name; its host name when absent.
    #[arg(long)]
    name: Option<String>,
    /// A label, `key=value`; may be given many times.
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<String>,
    /// The name or id of a server that joins again with a new key.
    #[arg(long, conflicts_with_all = ["name", "labels"])]
    rejoin: Option<String>,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    organization: Option<String>,
}

/// What is to change.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The server's name or id.
    node: String,
    /// A new name.
    #[arg(long)]
    name: Option<String>,
    /// Sets a label, `key=value`; may be given many times.
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<String>,
    /// Takes a label away; may be given many times.
    #[arg(long = "unlabel", value_name = "KEY")]
    unlabel: Vec<String>,
    /// Keeps new workspaces away.
    #[arg(long)]
    drain: bool,
    /// Lets new workspaces in again.
    #[arg(long, conflicts_with = "drain")]
    undrain: bool,
}

pub(crate) async fn run(command: NodesCommand, output: Output) -> anyhow::Result<i32> {
    let client = Client::open()?;
    let done = match command {
        NodesCommand::Run(arguments) => return start_run(&client, arguments).await,
        NodesCommand::Schedule(command) => nodes_schedule::run(&client, command, output).await,
        NodesCommand::List(list) => {
            let organization = client.organization(list.organization.as_deref()).await?;
            let all = nodes(&client, organization, &list).await?;
            show(output, &all, &all)
        }
        NodesCommand::View { node } => {
            let node = find(&client, &node).await?;
            show(output, &node, std::slice::from_ref(&node))?;
            // As JSON, the node has them in short.
            if let Output::Table = output {
                output.lines(&nodes_figures::of(&client, node.id).await?);
            }
            Ok(())
        }
        NodesCommand::CreateToken(create) => create_token(&client, create, output).await,
        NodesCommand::Edit(change) => edit(&client, change, output).await,
        NodesCommand::Update(arguments) => return start_update(&client, arguments, output).await,
        NodesCommand::Rollout(command) => {
            return nodes_update::rollout(&client, command, output).await;
        }
        NodesCommand::Revoke { node } => {
            let node = find(&client, &node).await?;
            let path = format!("/nodes/{}/revoke", node.id);
            let revoked: Node = client.post(&path, &json!({})).await?;
            let sentence = format!(
                "Revoked {name}. To bring it back: atelier nodes create-token --rejoin {name}",
                name = revoked.name
            );
            output.line(&revoked, &sentence)
        }
        NodesCommand::Remove { node } => {
            let node = find(&client, &node).await?;
            let path = format!("/nodes/{}", node.id);
            client.send(Method::DELETE, &path, None::<&()>).await?;
            output.line(&node, &format!("Removed {}.", node.name))
        }
    };
    done.map(|()| 0)
}

async fn start_run(client: &Client, arguments: nodes_run::Run) -> anyhow::Result<i32> {
    let organization = client
        .organization(arguments.organization.as_deref())
        .await?;
    let mut nodes = Vec::new();
    for node in &arguments.nodes {
        nodes.push(find(client, node).await?.id);
    }
    let labels = labels(&arguments.labels)?;
    nodes_run::run(client, organization, nodes, labels, arguments).await
}

async fn start_update(
    client: &Client,
    arguments: nodes_update::Update,
    output: Output,
) -> anyhow::Result<i32> {
    let organization = client
        .organization(arguments.organization.as_deref())
        .await?;
    let mut nodes = Vec::new();
    for node in &arguments.nodes {
        nodes.push(find(client, node).await?.id);
    }
    let labels = labels(&arguments.labels)?;
    nodes_update::run(client, organization, nodes, labels, arguments, output).await
}

async fn create_token(client: &Client, create: CreateToken, output: Output) -> anyhow::Result<()> {
    let organization = client.organization(create.organization.as_deref()).await?;
    let node_id = match &create.rejoin {
        Some(node) => Some(find(client, node).await?.id),
        None => None,
    };
    let request = NodeTokenCreate {
        name: create.name,
        labels: labels(&create.labels)?,
        node_id,
    };
    let path = format!("/organizations/{organization}/node-tokens");
    let created: NodeTokenCreated = client.post(&path, &request).await?;
    let sentence = format!(
        "Run this on the server, within an hour:\n\n  {}\n\nAs an ordinary user, add --user at \
         its end; as root on a machine where you are not, put sudo before sh.",
        created.command
    );
    output.line(&created, &sentence)
}

async fn edit(client: &Client, change: Edit, output: Output) -> anyhow::Result<()> {
    let node = find(client, &change.node).await?;
    let relabelled = !(change.labels.is_empty() && change.unlabel.is_empty());
    let draining = match (change.drain, change.undrain) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    ensure!(
        change.name.is_some() || relabelled || draining.is_some(),
        "Say what is to change: --name, --label, --unlabel, --drain or --undrain."
    );
    let mut all = node.labels;
    all.extend(labels(&change.labels)?);
    for key in &change.unlabel {
        ensure!(
            all.remove(key).is_some(),
            "{} has no label “{key}”.",
            node.name
        );
    }
    let request = NodeUpdate {
        name: change.name,
        labels: relabelled.then_some(all),
        draining,
    };
    let path = format!("/nodes/{}", node.id);
    client.send(Method::PATCH, &path, Some(&request)).await?;
    let changed: Node = client.get(&path).await?;
    show(output, &changed, std::slice::from_ref(&changed))
}

/// Reads `key=value`; `key` alone has an empty value.
pub(super) fn labels(texts: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    for text in texts {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if labels.insert(key.to_owned(), value.to_owned()).is_some() {
            bail!("The label “{key}” is given twice.");
        }
    }
    Ok(labels)
}

/// A server, by its id or name.
pub(super) async fn find(client: &Client, wanted: &str) -> anyhow::Result<Node> {
    if let Ok(id) = wanted.parse::<NodeId>() {
        return client.get(&format!("/nodes/{id}")).await;
    }
    let organization = client.organization(None).await?;
    let list = List {
        search: Some(wanted.to_owned()),
        label: None,
        state: None,
        organization: None,
    };
    nodes(client, organization, &list)
        .await?
        .into_iter()
        .find(|node| node.name == wanted)
        .with_context(|| {
            format!(
                "There is no server “{wanted}”. `atelier nodes list` shows those that there are."
            )
        })
}

async fn nodes(
    client: &Client,
    organization: OrganizationId,
    list: &List,
) -> anyhow::Result<Vec<Node>> {
    let mut query = vec![("limit", "200")];
    query.extend(list.search.as_deref().map(|search| ("search", search)));
    query.extend(list.label.as_deref().map(|label| ("label", label)));
    query.extend(list.state.map(|state| match state {
        State::Online => ("state", "online"),
        State::Offline => ("state", "offline"),
    }));
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = query.clone();
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        // Only for its encoding of the query.
        let url = Url::parse_with_params("http://localhost", &query)?;
        let query = url.query().unwrap_or_default();
        let path = format!("/organizations/{organization}/nodes?{query}");
        let page: Page<Node> = client.get(&path).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return Ok(all),
        }
    }
}

fn show<T: serde::Serialize>(output: Output, value: &T, list: &[Node]) -> anyhow::Result<()> {
    let rows: Vec<_> = list
        .iter()
        .map(|node| {
            let labels = node.labels.iter().map(|(key, value)| match value.as_str() {
                "" => key.clone(),
                value => format!("{key}={value}"),
            });
            let version = node.info.as_ref().map(|info| info.version.clone());
            vec![
                node.name.clone(),
                state(node),
                node.address.clone().unwrap_or_else(|| "-".to_owned()),
                version.unwrap_or_else(|| "-".to_owned()),
                labels.collect::<Vec<_>>().join(","),
                node.id.to_string(),
            ]
        })
        .collect();
    output.table(
        value,
        &["name", "state", "address", "version", "labels", "id"],
        &rows,
    )?;
    for node in list {
        if let (Some(warning), Output::Table) = (&node.warning, output) {
            crate::status::say(&format!("{}: {warning}", node.name));
        }
    }
    Ok(())
}

/// In words: what matters most comes first.
fn state(node: &Node) -> String {
    let mut words = vec![match node.state {
        NodeState::Online => "online",
        NodeState::Offline => "offline",
    }];
    words.extend(node.revoked.then_some("revoked"));
    words.extend(node.draining.then_some("draining"));
    words.extend(node.warning.is_some().then_some("warning"));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read() {
        let read =
            |texts: &[&str]| labels(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        let expected = BTreeMap::from([
            ("a".to_owned(), "b=c".to_owned()),
            ("gpu".to_owned(), String::new()),
        ]);
        assert_eq!(read(&["a=b=c", "gpu"]).unwrap(), expected);
        assert!(read(&["a=1", "a=2"]).is_err());
    }
}
