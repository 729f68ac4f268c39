//! Servers: the list, changes, join tokens, and the tunnel that they come in through.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails like the test itself"
)]

mod changes;
mod connected;
mod connections;
mod daemon;
mod install;
mod jobs;
mod jobs_load;
mod joining;
mod list;
mod machine;
mod reasons;
mod relay;
mod remote;
mod stayed_away;
mod telemetry;
mod tokens;
mod updates;

use atelier_api::Page;
use atelier_api::ids::{NodeId, NodeTokenId, OrganizationId};
use atelier_api::v1::nodes::{Node, NodeState, NodeTokenCreated};
use atelier_testkit::{TestActor, TestApp, wait_until};
use serde_json::Value;

fn nodes_path(organization: OrganizationId) -> String {
    format!("/api/v1/organizations/{organization}/nodes")
}

fn tokens_path(organization: OrganizationId) -> String {
    format!("/api/v1/organizations/{organization}/node-tokens")
}

fn node_path(node: NodeId) -> String {
    format!("/api/v1/nodes/{node}")
}

fn token_path(token: NodeTokenId) -> String {
    format!("/api/v1/node-tokens/{token}")
}

/// The server that is embedded in the control plane.
async fn embedded(app: &TestApp) -> Node {
    let path = nodes_path(app.organization().await);
    let page: Page<Node> = app.owner().await.get(&path).send().await.ok();
    let embedded = page.items.into_iter().find(|node| node.local);
    embedded.expect("the first organization has it")
}

/// A new join token.
async fn token(app: &TestApp, body: &Value) -> NodeTokenCreated {
    let path = tokens_path(app.organization().await);
    let request = app.owner().await.post(&path).json(body);
    request.send().await.expect_status(201).ok()
}

/// A server as the owner sees it.
async fn view(app: &TestApp, node: NodeId) -> Node {
    app.owner().await.get(&node_path(node)).send().await.ok()
}

/// Waits until the control plane counts a server as there.
async fn seen(app: &TestApp, node: NodeId) {
    wait_until("the server is seen", || async {
        view(app, node).await.state == NodeState::Online
    })
    .await;
}

/// All pages of a list of servers.
async fn all(actor: &TestActor, path: &str, query: &[(&str, &str)]) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = query.to_vec();
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        let page: Page<Node> = actor.get(path).query(&query).send().await.ok();
        nodes.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return nodes,
        }
    }
}
